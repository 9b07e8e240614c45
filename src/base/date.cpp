#include "base/date.h"

#include <charconv>

namespace bulwark {

std::optional<std::chrono::year_month_day> date_from(std::string_view text) {
  const auto number = [&](std::size_t from, std::size_t size) {
    unsigned result = 0;
    const char* first = text.data() + from;
    const auto [end, error] = std::from_chars(first, first + size, result);
    return error == std::errc{} && end == first + size ? result : ~0U;
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return {};
  const unsigned year = number(0, 4);
  if (year > 9999) return {};
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(number(5, 2)), std::chrono::day(number(8, 2))};
  if (!date.ok()) return {};
  return date;
}

std::string date_text(std::chrono::year_month_day date) {
  const auto two = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())) +
         "-" + two(static_cast<unsigned>(date.day()));
}

}  // namespace bulwark
