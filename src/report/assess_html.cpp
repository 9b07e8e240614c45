#include "report/assess.h"
namespace bulwark::report {
std::string assess_html(const AssessRun&) {
  return {};
}
}  // namespace bulwark::report
