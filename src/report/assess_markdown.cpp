#include "report/assess.h"
namespace bulwark::report {
std::string assess_markdown(const AssessRun&) {
  return {};
}
}  // namespace bulwark::report
