#include "base/instant.h"

#include <cstdint>

#include "base/date.h"

namespace bulwark {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Two digits at `from` that are at most `most`, or nothing.
std::optional<int> two_digits(std::string_view text, std::size_t from, int most) {
  if (from + 2 > text.size() || !is_digit(text[from]) || !is_digit(text[from + 1])) return {};
  const int value = (text[from] - '0') * 10 + (text[from + 1] - '0');
  if (value > most) return {};
  return value;
}

std::string padded(std::int64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
}

// "Z", "+02:00", "-07:30": what has to be taken off to get UTC.
std::optional<std::chrono::minutes> offset_from(std::string_view text) {
  if (text == "Z" || text == "z") return std::chrono::minutes(0);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return {};
  const auto hours = two_digits(text, 1, 23);
  const auto minutes = two_digits(text, 4, 59);
  if (!hours || !minutes) return {};
  const std::chrono::minutes offset(*hours * 60 + *minutes);
  return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::string instant_text(Instant time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::int64_t ms = (time - day).count();
  std::string text = padded(static_cast<int>(date.year()), 4) + "-" +
                     padded(static_cast<unsigned>(date.month()), 2) + "-" +
                     padded(static_cast<unsigned>(date.day()), 2) + "T" + padded(ms / 3'600'000, 2) + ":" +
                     padded(ms / 60'000 % 60, 2) + ":" + padded(ms / 1000 % 60, 2);
  if (ms % 1000 != 0) text += "." + padded(ms % 1000, 3);
  return text + "Z";
}

std::optional<Instant> instant_from(std::string_view text) {
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':')
    return {};
  const auto date = date_from(text.substr(0, 10));
  const auto hour = two_digits(text, 11, 23);
  const auto minute = two_digits(text, 14, 59);
  const auto second = two_digits(text, 17, 59);
  if (!date || !hour || !minute || !second) return {};
  std::size_t at = 19;
  int ms = 0;
  if (text[at] == '.') {
    const std::size_t first = ++at;
    for (int unit = 100; at < text.size() && is_digit(text[at]); ++at, unit /= 10)
      ms += (text[at] - '0') * unit;
    if (at == first) return {};
  }
  const auto offset = offset_from(text.substr(at));
  if (!offset) return {};
  return Instant(std::chrono::sys_days(*date).time_since_epoch()) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second) + std::chrono::milliseconds(ms) -
         *offset;
}

}  // namespace bulwark
