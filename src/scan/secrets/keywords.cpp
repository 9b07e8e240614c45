#include "scan/secrets/keywords.h"

#include <algorithm>

#include "base/text.h"

namespace bulwark::scan::secrets {
namespace {

constexpr std::size_t kKeywordColumn = 4;

}  // namespace

std::vector<std::vector<std::string_view>> table_rows(std::string_view table) {
  std::vector<std::vector<std::string_view>> rows;
  bool heading = true;
  for (const std::string_view line : split(table, '\n')) {
    if (line.empty() || line.front() == '#') continue;
    if (!heading) rows.push_back(split(line, '\t'));
    heading = false;
  }
  return rows;
}

std::vector<Keyword> keywords_of(const std::vector<std::vector<std::string_view>>& rows) {
  std::vector<Keyword> keywords;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows[row].size() <= kKeywordColumn) continue;
    for (const std::string_view word : words(rows[row][kKeywordColumn])) {
      Keyword keyword;
      keyword.caseless = word.front() != '=';
      keyword.text = keyword.caseless ? lower(word) : std::string(word.substr(1));
      const auto same = std::ranges::find_if(keywords, [&](const Keyword& known) {
        return known.text == keyword.text && known.caseless == keyword.caseless;
      });
      auto& target = same == keywords.end() ? keywords.emplace_back(std::move(keyword)) : *same;
      target.rows.push_back(static_cast<std::uint16_t>(row));
    }
  }
  return keywords;
}

}  // namespace bulwark::scan::secrets
