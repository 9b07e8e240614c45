#pragma once
// A run file by file, as the writers for people show it.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "report/run.h"

namespace bulwark::report {

enum class Standing : std::uint8_t {
  Accepted,
  Hold,        // nothing refuses, but something of severity medium or above stands
  Incomplete,  // something could not be looked at, and the policy refuses that
  Refused,
};
[[nodiscard]] std::string_view name_of(Standing standing);  // "accepted" …

struct FileGroup {
  std::string_view path;
  Standing standing = Standing::Accepted;
  std::vector<std::size_t> findings;  // indexes into the report, worst first
  std::vector<std::size_t> gaps;
  std::vector<const Inspected*> artifacts;  // the file itself first
};

// Sorted by path.
[[nodiscard]] std::vector<FileGroup> files_of(const Run& run);

struct Totals {
  std::array<std::size_t, 5> findings = {};  // by severity, suppressed ones left out
  std::size_t allowed = 0;                   // findings that policy, baseline or a note allows
  std::size_t gaps = 0;
  std::array<std::size_t, 4> files = {};  // by standing
  std::size_t artifacts = 0;
  std::uint64_t bytes = 0;  // of the files
};
[[nodiscard]] Totals totals_of(const Run& run);

// "archive/data.pkl > inner, byte 21", "line 3, column 7"; empty if nothing is known.
[[nodiscard]] std::string place_text(const std::vector<std::string>& origin, const Place& place);

}  // namespace bulwark::report
