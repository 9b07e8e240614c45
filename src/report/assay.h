#pragma once
// How an assay of data sets is written. Writers know parts by their results (assay/part.h) only.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "assay/assay.h"
#include "report/run.h"

namespace bulwark::report {

struct AssayRun {
  const Run& run;  // findings and gaps of all data sets, judged
  const std::vector<assay::Assayed>& data;
  std::uint64_t seed = 0;
};

// Output is the same for the same run, byte by byte. docs/formats/assay.md. SARIF: write_sarif(run.run).
[[nodiscard]] std::string assay_text(const AssayRun& run);
[[nodiscard]] std::string assay_json(const AssayRun& run);
[[nodiscard]] std::string assay_markdown(const AssayRun& run);
[[nodiscard]] std::string assay_html(const AssayRun& run);

// "0.098 [0.084, 0.113]; at most 0.05" for people.
[[nodiscard]] std::string measure_text(const assay::Measure& measure);
// A number with as many digits as it needs, for people.
[[nodiscard]] std::string number_text(double value);

}  // namespace bulwark::report
