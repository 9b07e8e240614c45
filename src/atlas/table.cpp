#include "atlas/table.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/text.h"

namespace bulwark::atlas {

Result<Table> Table::read(std::string_view name, std::string_view text,
                          const std::vector<std::string_view>& columns) {
  std::vector<std::string_view> lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (lines.empty())
    return fail(Code::InvalidInput, std::string(name) + ": is empty, expected a header line");
  const std::vector<std::string_view> header = split(lines[0], '\t');
  std::vector<std::size_t> wanted;
  for (const std::string_view column : columns) {
    const auto found = std::ranges::find(header, column);
    if (found == header.end())
      return fail(Code::InvalidInput, std::string(name) + ": has no column '" + std::string(column) + "'");
    wanted.push_back(static_cast<std::size_t>(found - header.begin()));
  }
  Table table;
  table.name_ = name;
  table.columns_ = columns.size();
  table.cells_.reserve(columns.size() * lines.size());
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string_view> cells = split(lines[i], '\t');
    if (cells.size() != header.size())
      return fail(Code::InvalidInput, std::string(name) + ": line " + std::to_string(i + 1) + " has " +
                                          std::to_string(cells.size()) + " cells, expected " +
                                          std::to_string(header.size()));
    for (const std::size_t column : wanted) table.cells_.push_back(cells[column]);
  }
  return table;
}

std::vector<std::string_view> Table::list(std::size_t row, std::size_t column) const {
  const std::string_view cell = at(row, column);
  return cell.empty() ? std::vector<std::string_view>() : split(cell, ';');
}

Result<int> Table::number(std::size_t row, std::size_t column) const {
  const std::string_view cell = at(row, column);
  int value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error == std::errc() && end == cell.data() + cell.size()) return value;
  return fail(Code::InvalidInput, std::string(name_) + ": line " + std::to_string(row + 2) + ": '" +
                                      printable(cell, 40) + "' is no number");
}

}  // namespace bulwark::atlas
