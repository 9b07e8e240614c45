#include "assay/anonymise/dates.h"

#include <array>

namespace bulwark::assay::anonymise {
namespace {

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

// Takes up to `most` digits off the text; -1 if there is none.
int take_digits(std::string_view& text, std::size_t most, std::size_t& taken) {
  int value = 0;
  for (taken = 0; taken < most && !text.empty() && is_digit(text.front()); ++taken) {
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  return taken == 0 ? -1 : value;
}

bool may_follow(std::string_view rest) {
  return rest.empty() || rest.front() == 'T' || rest.front() == ' ';
}

std::optional<DateText> checked(DateText form, int year, int month, int day) {
  if (year < 1 || month < 1 || day < 1 || !may_follow(form.rest)) return {};
  form.date = {std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
               std::chrono::day(static_cast<unsigned>(day))};
  if (!form.date.ok()) return {};
  return form;
}

void append(std::string& out, unsigned value, std::size_t width) {
  const std::string digits = std::to_string(value);
  out.append(digits.size() < width ? width - digits.size() : 0, '0');
  out += digits;
}

}  // namespace

std::optional<DateText> read_date(std::string_view text, DateOrder order) {
  DateText form{.order = order};
  const std::array<std::size_t, 3> most = order == DateOrder::YearMonthDay
                                              ? std::array<std::size_t, 3>{4, 2, 2}
                                              : std::array<std::size_t, 3>{2, 2, 4};
  std::array<int, 3> parts{};
  for (std::size_t i = 0; i < 3; ++i) {
    std::size_t taken = 0;
    parts[i] = take_digits(text, most[i], taken);
    if (parts[i] < 0 || (most[i] == 4 && taken != 4)) return {};
    if (most[i] == 2 && taken == 1) form.padded = false;
    if (i == 2) break;
    const char next = text.empty() ? '\0' : text.front();
    const bool separated = next == '-' || next == '/' || next == '.';
    if (i == 0) form.separator = separated ? next : '\0';
    if (separated != (form.separator != '\0') || (separated && next != form.separator)) return {};
    if (separated) text.remove_prefix(1);
  }
  if (form.separator == '\0' && !form.padded) return {};
  form.rest = text;
  switch (order) {
    case DateOrder::YearMonthDay: return checked(form, parts[0], parts[1], parts[2]);
    case DateOrder::DayMonthYear: return checked(form, parts[2], parts[1], parts[0]);
    case DateOrder::MonthDayYear: return checked(form, parts[2], parts[0], parts[1]);
  }
  return {};
}

void write_date(const DateText& form, std::chrono::year_month_day date, std::string& out) {
  const std::size_t width = form.padded ? 2 : 1;
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  const auto month = static_cast<unsigned>(date.month());
  const auto day = static_cast<unsigned>(date.day());
  const auto separate = [&] {
    if (form.separator != '\0') out += form.separator;
  };
  if (form.order == DateOrder::YearMonthDay) {
    append(out, year, 4);
    separate();
    append(out, month, width);
    separate();
    append(out, day, width);
  } else {
    const bool day_first = form.order == DateOrder::DayMonthYear;
    append(out, day_first ? day : month, width);
    separate();
    append(out, day_first ? month : day, width);
    separate();
    append(out, year, 4);
  }
  out += form.rest;
}

}  // namespace bulwark::assay::anonymise
