#pragma once
// The shared misconfiguration fixtures: tables and scans, for the tests that compare our findings with
// theirs.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "support/support.h"

namespace bulwark::test {

// Folder of a set below vectors/misconfig, or empty.
inline std::string misconfig_folder(std::string_view set) {
  const std::string shared = shared_folder();
  return shared.empty() ? std::string() : shared + "/vectors/misconfig/" + std::string(set) + "/";
}

inline std::vector<std::vector<std::string>> rows_of(const std::string& path) {
  std::vector<std::vector<std::string>> rows;
  const std::string text = read_file(path);
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    std::vector<std::string> cells;
    for (const std::string_view cell : split(line, '\t')) cells.emplace_back(cell);
    rows.push_back(std::move(cells));
  }
  if (!rows.empty()) rows.erase(rows.begin());
  return rows;
}

inline Report scan_vector(const std::string& folder, const std::string& name) {
  const std::string text = read_file(folder + name);
  return scan_named(name, bytes_of(text));
}

// Lines at which a rule was raised.
inline std::set<std::uint32_t> lines_of(const Report& report, std::string_view rule) {
  std::set<std::uint32_t> lines;
  for (const Finding& finding : report.findings)
    if (finding.rule->id == rule) lines.insert(finding.place.line);
  return lines;
}

}  // namespace bulwark::test
