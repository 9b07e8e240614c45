// The contract that a profile keeps, for people to read and mend.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "assay/profile/describe.h"
#include "assay/profile/profile.h"
#include "base/document_checks.h"
#include "base/text.h"

namespace bulwark::assay::profile {
namespace {

constexpr std::size_t kDomain = 50;          // values of an `in` list
constexpr std::size_t kPatterns = 5;         // alternatives of a regex
constexpr std::uint64_t kRowsForForm = 100;  // before forms and orders are promised
constexpr std::size_t kNameBytes = 200;

// As it reads back: shortest digits.
std::string digits(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? std::string(text.data(), end) : std::string("0");
}

bool writable(std::string_view text, std::size_t limit) {
  return text.size() <= limit && printable(text, limit) == text;
}

// All values, if they are few, each seen often, and may be shown.
std::vector<std::string> domain(const ColumnProfile& column) {
  std::vector<std::string> out;
  if (!column.category() || column.frequent.size() > kDomain) return out;
  const ColumnType type = column.type();
  if (type != ColumnType::Text && type != ColumnType::Boolean) return out;
  for (const auto& [hash, item] : column.frequent.ordered()) {
    if (item->count < 5 || shown_value(item->note) != item->note) return {};
    out.push_back(item->note);
  }
  std::ranges::sort(out);
  return out;
}

std::string expression(const ColumnProfile& column) {
  if (column.type() != ColumnType::Text || column.rows < kRowsForForm || column.other_patterns != 0 ||
      column.patterns.empty() || column.patterns.size() > kPatterns)
    return {};
  std::string out;
  for (const Pattern& pattern : column.patterns) {
    const std::string one = expression_of(pattern.classes);
    if (one.empty()) return {};
    out += (out.empty() ? "" : "|") + one;
  }
  return out;
}

std::string_view order(const ColumnProfile& column) {
  if (!column.order.known || column.rows < kRowsForForm || column.order.rises == column.order.falls)
    return {};
  if (column.order.rises)
    return name_of(column.order.repeats ? Ordering::NonDecreasing : Ordering::Increasing);
  return name_of(column.order.repeats ? Ordering::NonIncreasing : Ordering::Decreasing);
}

void promise(const ColumnProfile& column, std::string& out) {
  const auto line = [&](std::string_view key, const std::string& value) {
    out += "    " + std::string(key) + ": " + value + "\n";
  };
  const ColumnType type = column.type();
  if (type == ColumnType::Mixed) {
    line("type", "text  # values of several types: mend them and promise the main one");
  } else if (type != ColumnType::Empty) {
    line("type", std::string(name_of(type)));
  }
  if (column.values() == 0) {
    line("required", "true  # without any value so far");
    return;
  }
  if (column.nulls() == 0) line("not_null", "true");
  if (column.unique == Unique::Yes && column.identifier()) line("unique", "true");
  const std::vector<std::string> values = domain(column);
  if (!values.empty()) {
    std::string list;
    for (const std::string& value : values) list += (list.empty() ? "" : ", ") + quoted(value, kNameBytes);
    line("in", "[" + list + "]");
  }
  const bool number = type == ColumnType::Integer || type == ColumnType::Real;
  if (number && column.quantiles.count() != 0 && column.infinite == 0 && !column.confidential()) {
    line("min", digits(column.quantiles.least()));
    line("max", digits(column.quantiles.most()));
  }
  if (type == ColumnType::Text && values.empty() && column.lengths.count != 0) {
    const std::string regex = expression(column);
    if (!regex.empty()) line("regex", quoted(regex, 2'000));
    line("min_length", std::to_string(column.lengths.least));
    line("max_length", std::to_string(column.lengths.most));
  }
  if (column.confidential() || (type == ColumnType::Text && values.empty())) line("personal", "true");
  if (const std::string_view ordered = order(column); !ordered.empty()) line("order", std::string(ordered));
}

}  // namespace

std::string write_contract(const Profile& profile) {
  std::string out =
      "# What these data kept when they were profiled. Loosen what only happened to be so (ranges, orders),\n"
      "# tighten what you know. Keys: docs/howto/contract.md.\n"
      "version: 1\n"
      "rows: {min: " +
      std::to_string(profile.rows == 0 ? 0 : 1) + "}\nother_columns: accept\n";
  if (profile.columns.empty()) return out;
  out += "columns:\n";
  bool any = false;
  for (const ColumnProfile& column : profile.columns) {
    if (column.name.empty() || !writable(column.name, kNameBytes)) {
      out += "  # a column whose name cannot be written is left out: " + printable(column.name, 60) + "\n";
      continue;
    }
    any = true;
    out += "  " + quoted(column.name, kNameBytes) + ":\n";
    promise(column, out);
  }
  if (!any) out += "  {}\n";
  return out;
}

}  // namespace bulwark::assay::profile
