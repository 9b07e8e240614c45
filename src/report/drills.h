#pragma once
// How a run of drills is written.

#include <string>
#include <string_view>
#include <vector>

#include "atlas/coverage.h"
#include "drill/run.h"

namespace bulwark::report {

struct DrillRun {
  const std::vector<drill::Record>& records;
  std::string_view version;  // of Bulwark
  std::string build;         // SHA-256 of the program
  std::string_view atlas;    // version of the catalogue
  std::uint64_t seed = 1;
  std::string started;                // ISO 8601, UTC; empty: not told
  std::chrono::milliseconds took{0};  // the whole run
};

// docs/formats/drill-results.md, with what an earlier run of this build has left for drills that were not run
// now: `kept` is a document of the same form, or empty.
[[nodiscard]] std::string drills_json(const DrillRun& run, std::string_view kept = {});
// For people; `columns` wide.
[[nodiscard]] std::string drills_text(const DrillRun& run, bool colour, bool verbose);
[[nodiscard]] std::string drills_junit(const DrillRun& run);

// Without running anything.
[[nodiscard]] std::string drill_list(const std::vector<const drill::Drill*>& drills,
                                     const std::vector<std::string_view>& implemented);
[[nodiscard]] std::string drill_list_json(const std::vector<const drill::Drill*>& drills,
                                          const std::vector<std::string_view>& implemented);
[[nodiscard]] std::string drill_page(const drill::Drill& drill);

// "12 attacks stopped, 12 reached the goal without SC-MODEL, 9 benign twins passed", of a proven drill.
[[nodiscard]] std::string evidence_of(const drill::Record& record);

// docs/coverage.md: what these drills prove of the pinned catalogue, and what nobody can prove. No times and
// no digests, so that equal runs give equal pages.
[[nodiscard]] std::string drills_coverage(const std::vector<drill::Record>& records);

}  // namespace bulwark::report
