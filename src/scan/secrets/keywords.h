#pragma once
// The table of detectors (data/secrets/detectors.tsv), as text, and its keywords: what the multi-string
// search looks for. The tool that compiles the search database at build time (tools/secret_database.cpp) uses
// this file, too, so that both number the keywords in the same way.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::scan::secrets {

struct Keyword {
  std::string text;  // lower case if `caseless`
  bool caseless = false;
  std::vector<std::uint16_t> rows;  // of the table, ascending

  friend bool operator==(const Keyword&, const Keyword&) = default;
};

// The rows below the heading, split into cells; views into `table`. Comments start with '#'.
[[nodiscard]] std::vector<std::vector<std::string_view>> table_rows(std::string_view table);
// Column 4 of the rows: each keyword once, in order of first appearance. The position is its number in the
// search database.
[[nodiscard]] std::vector<Keyword> keywords_of(const std::vector<std::vector<std::string_view>>& rows);

}  // namespace bulwark::scan::secrets
