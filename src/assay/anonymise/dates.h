#pragma once
// Dates in cells, read and written back in the form that they had.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "assay/anonymise/plan.h"

namespace bulwark::assay::anonymise {

struct DateText {
  std::chrono::year_month_day date;
  std::string_view rest;  // behind the date: the time of day
  DateOrder order = DateOrder::YearMonthDay;
  char separator = '-';  // '-', '/', '.', or 0 for 20260131
  bool padded = true;    // "01" rather than "1"
};

// Four digits of a year; day and month of one or two digits. Empty for anything else, also for days that the
// calendar has not.
[[nodiscard]] std::optional<DateText> read_date(std::string_view text, DateOrder order);
// The same form with another date; the rest follows.
void write_date(const DateText& form, std::chrono::year_month_day date, std::string& out);

}  // namespace bulwark::assay::anonymise
