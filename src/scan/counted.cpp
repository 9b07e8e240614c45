#include "scan/counted.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace bulwark::scan {

std::string counted(const std::map<std::string, std::uint64_t>& counts, std::size_t most) {
  std::vector<std::pair<std::string, std::uint64_t>> rows(counts.begin(), counts.end());
  std::ranges::sort(rows, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  std::string text;
  for (std::size_t i = 0; i < std::min(rows.size(), most); ++i)
    text += (text.empty() ? "" : ", ") + rows[i].first + " " + std::to_string(rows[i].second);
  if (rows.size() > most) text += " and " + std::to_string(rows.size() - most) + " more";
  return text;
}

}  // namespace bulwark::scan
