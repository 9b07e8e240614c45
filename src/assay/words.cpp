#include "assay/words.h"

#include <array>
#include <cmath>
#include <cstdio>

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

}  // namespace bulwark::assay
