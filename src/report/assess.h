#pragma once
// How a threat assessment is written.

#include <string>
#include <string_view>

#include "assess/assessment.h"

namespace bulwark::report {

struct AssessRun {
  const assess::Assessment& assessment;
  std::string_view version;  // of Bulwark
  bool colour = false;       // text only
  unsigned columns = 100;    // text only
  bool verbose = false;      // text only: every technique with its details
};

// Output is the same for the same assessment, byte by byte. docs/formats/assess.md.
[[nodiscard]] std::string assess_text(const AssessRun& run);
[[nodiscard]] std::string assess_json(const AssessRun& run);
[[nodiscard]] std::string assess_markdown(const AssessRun& run);
[[nodiscard]] std::string assess_navigator(const AssessRun& run);
[[nodiscard]] std::string assess_html(const AssessRun& run);

}  // namespace bulwark::report
