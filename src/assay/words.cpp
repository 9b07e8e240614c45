#include "assay/words.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "base/json_text.h"
#include "base/text.h"

namespace bulwark::assay {

std::string number_text(double value) {
  std::array<char, 32> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.3g", value);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string interval_text(const stats::Interval& interval) {
  return number_text(interval.estimate) + " [" + number_text(interval.low) + ", " +
         number_text(interval.high) + "]";
}

Document interval_json(const stats::Interval& interval) {
  return json_map({{"estimate", json_finite(interval.estimate)},
                   {"low", json_finite(interval.low)},
                   {"high", json_finite(interval.high)},
                   {"level", json_number(interval.level)}});
}

Document json_text_list(const std::vector<std::string>& values) {
  Document list = json_list();
  for (const std::string& value : values) list.list.push_back(json_string(printable(value)));
  return list;
}

Document json_finite(double value) {
  return std::isfinite(value) ? json_number(value) : json_null();
}

Document json_rows(std::span<const std::uint64_t> rows) {
  Document list = json_list();
  for (const std::uint64_t row : rows) list.list.push_back(json_integer(static_cast<std::int64_t>(row)));
  return list;
}

Document json_rows(const Frame& frame, std::span<const std::uint32_t> rows) {
  Document list = json_list();
  for (const std::uint32_t row : rows)
    list.list.push_back(json_integer(static_cast<std::int64_t>(frame.row_number(row))));
  return list;
}

std::string rows_text(std::span<const std::uint64_t> rows, std::size_t most) {
  std::string text = rows.size() == 1 ? "row" : "rows";
  for (std::size_t i = 0; i < std::min(most, rows.size()); ++i)
    text += (i == 0 ? " " : ", ") + std::to_string(rows[i]);
  if (rows.size() > most) text += " and " + std::to_string(rows.size() - most) + " more";
  return text;
}

Finding finding_of(const Rule& rule, std::string message, std::string_view evidence,
                   std::string_view subject) {
  return {.rule = &rule,
          .severity = rule.severity,
          .path = {},
          .origin = {},
          .place = {},
          .message = std::move(message),
          .evidence = printable(evidence),
          .subject = printable(subject)};
}

}  // namespace bulwark::assay
