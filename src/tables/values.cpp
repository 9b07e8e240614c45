// Cells are read by the billion, so the common shapes (short decimals, empty cells) are decided without a
// library call; everything else goes to std::from_chars, which rounds correctly and knows no locale.

#include "tables/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <system_error>

#include "base/date.h"
#include "base/text.h"

namespace bulwark::tables {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
constexpr char lower_of(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
// `word` in lower case.
bool is_word(std::string_view text, std::string_view word) {
  return std::ranges::equal(text, word, {}, lower_of);
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// What pandas, R, SQL dumps, Excel, Matlab and people write. "Na" and "nA" are not among them: sodium,
// nanoampere.
constexpr std::array<std::string_view, 18> kNullWords = {
    "n/a", "null", "none",   "nil", "-",       "--",       "?",    ".",   "#n/a",
    "#na", "<na>", "(null)", "\\n", "missing", "#n/a n/a", "n.a.", "---", "<null>"};
constexpr std::array<std::string_view, 7> kNaNWords = {"nan",     "+nan",    "-nan",    "1.#ind",
                                                       "-1.#ind", "1.#qnan", "-1.#qnan"};
constexpr std::size_t kLongestWord = 8;

// Powers of ten that a double holds exactly.
constexpr std::array<double, 23> kPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                            1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                            1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::uint64_t kExactInteger = std::uint64_t{1} << 53;
// Any more digits could not fit into 64 bits.
constexpr int kDigits = 19;
// Beyond this an exponent only says "infinite" or "zero", whatever the digits of a cell.
constexpr std::int64_t kFarExponent = 1'000'000'000;

// A decimal number taken apart: (-1)^negative * mantissa * 10^exponent if `exact`.
struct Decimal {
  bool negative = false;
  bool exact = true;  // all significant digits are in the mantissa
  std::uint64_t mantissa = 0;
  std::int64_t exponent = 0;
  std::int64_t magnitude = 0;    // the first significant digit stands for that power of ten
  const char* digits = nullptr;  // where from_chars may start: behind a plus sign
};

class DecimalReader {
 public:
  explicit DecimalReader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  [[nodiscard]] std::optional<Decimal> read() {
    if (at_ == end_) return {};
    value_.digits = at_;
    if (*at_ == '-' || *at_ == '+') {
      value_.negative = *at_++ == '-';
      if (!value_.negative) value_.digits = at_;
    }
    bool any = take_digits(false);
    if (at_ != end_ && *at_ == '.') {
      ++at_;
      any = take_digits(true) || any;
    }
    if (!any || !take_exponent() || at_ != end_) return {};
    return value_;
  }

 private:
  bool take_digits(bool fraction) {
    const char* first = at_;
    for (; at_ != end_ && is_digit(*at_); ++at_) {
      const auto digit = static_cast<std::uint64_t>(*at_ - '0');
      if (value_.mantissa == 0 && digit == 0) {
        value_.exponent -= fraction ? 1 : 0;
      } else if (taken_ < kDigits) {
        value_.mantissa = value_.mantissa * 10 + digit;
        ++taken_;
        value_.exponent -= fraction ? 1 : 0;
      } else {
        value_.exact = false;
        value_.exponent += fraction ? 0 : 1;
      }
    }
    return at_ != first;
  }
  bool take_exponent() {
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      ++at_;
      bool negative = false;
      if (at_ != end_ && (*at_ == '-' || *at_ == '+')) negative = *at_++ == '-';
      if (at_ == end_ || !is_digit(*at_)) return false;
      std::int64_t exponent = 0;
      for (; at_ != end_ && is_digit(*at_); ++at_)
        exponent = std::min(exponent * 10 + (*at_ - '0'), kFarExponent);
      value_.exponent += negative ? -exponent : exponent;
    }
    value_.magnitude = value_.exponent + taken_ - 1;
    return true;
  }

  const char* at_;
  const char* end_;
  Decimal value_;
  int taken_ = 0;
};

std::optional<double> rounded(const Decimal& decimal, const char* end) {
  // Clinger's fast path: both operands are exact, so the one operation rounds correctly.
  if (decimal.exact && decimal.mantissa <= kExactInteger && decimal.exponent >= -22 &&
      decimal.exponent <= 22) {
    const auto whole = static_cast<double>(decimal.mantissa);
    const double value = decimal.exponent < 0 ? whole / kPowers[static_cast<std::size_t>(-decimal.exponent)]
                                              : whole * kPowers[static_cast<std::size_t>(decimal.exponent)];
    return decimal.negative ? -value : value;
  }
  double value = 0;
  const auto [stop, error] = std::from_chars(decimal.digits, end, value);
  if (error == std::errc::result_out_of_range || std::isinf(value)) {
    if (decimal.magnitude > 0 && decimal.mantissa != 0) return {};  // infinite
    return decimal.negative ? -0.0 : 0.0;
  }
  if (error != std::errc{} || stop != end) return {};
  return value;
}

std::optional<double> double_of(std::string_view text) {
  const auto decimal = DecimalReader(text).read();
  if (!decimal) return {};
  return rounded(*decimal, text.data() + text.size());
}

// Reads fixed-width decimal fields front to back.
class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] char next() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char c) {
    if (next() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<int> two_digits(int most) {
    if (rest_.size() < 2 || !is_digit(rest_[0]) || !is_digit(rest_[1])) return {};
    const int value = (rest_[0] - '0') * 10 + (rest_[1] - '0');
    if (value > most) return {};
    rest_.remove_prefix(2);
    return value;
  }
  // "123…" behind a point, as parts of one.
  std::optional<double> fraction() {
    double value = 0;
    double unit = 0.1;
    if (!is_digit(next())) return {};
    for (; is_digit(next()); unit /= 10, rest_.remove_prefix(1)) value += unit * (rest_.front() - '0');
    return value;
  }

 private:
  std::string_view rest_;
};

// "10:30", "10:30:05", "10:30:05.25" in seconds; "24:00:00" is the end of the day, ":60" a leap second.
std::optional<double> time_of_day(Fields& fields) {
  const auto hour = fields.two_digits(24);
  if (!hour || !fields.take(':')) return {};
  const auto minute = fields.two_digits(59);
  if (!minute) return {};
  int second = 0;
  double fraction = 0;
  if (fields.take(':')) {
    const auto read = fields.two_digits(60);
    if (!read) return {};
    second = *read;
    if (fields.take('.') || fields.take(',')) {
      const auto parts = fields.fraction();
      if (!parts) return {};
      fraction = *parts;
    }
  }
  const double seconds = *hour * 3600 + *minute * 60 + second + fraction;
  if (*hour == 24 && seconds > 86'400) return {};
  return seconds;
}

// "Z", "+02", "+0200", "-07:30", or nothing: seconds to take off.
std::optional<double> zone_of(Fields& fields) {
  if (fields.at_end() || fields.take('Z') || fields.take('z')) return 0;
  const bool west = fields.next() == '-';
  if (!fields.take('+') && !fields.take('-')) return {};
  const auto hours = fields.two_digits(23);
  if (!hours) return {};
  int minutes = 0;
  const bool colon = fields.take(':');
  if (colon || !fields.at_end()) {
    const auto read = fields.two_digits(59);
    if (!read) return {};
    minutes = *read;
  }
  const double seconds = *hours * 3600 + minutes * 60;
  return west ? -seconds : seconds;
}

template <class T>
std::string_view written(T value, std::string& scratch) {
  scratch.resize(32);  // the longest double has 24 characters
  const auto [end, error] = std::to_chars(scratch.data(), scratch.data() + scratch.size(), value);
  scratch.resize(error == std::errc{} ? static_cast<std::size_t>(end - scratch.data()) : 0);
  return scratch;
}

}  // namespace

Null null_of(std::string_view text) {
  text = without_blanks(text);
  if (text.empty()) return Null::Empty;
  // Most cells are decided by their length or first character.
  constexpr std::string_view kFirst = "nN-?.#<(\\mM+1";
  if (text.size() > kLongestWord || kFirst.find(text.front()) == std::string_view::npos) return Null::None;
  if (text == "NA" || text == "na") return Null::Word;
  if (std::ranges::any_of(kNullWords, [&](std::string_view word) { return is_word(text, word); }))
    return Null::Word;
  if (std::ranges::any_of(kNaNWords, [&](std::string_view word) { return is_word(text, word); }))
    return Null::NaN;
  return Null::None;
}

Null null_of(const Cells& cells, std::size_t row) {
  if (!cells.present(row)) return Null::Absent;
  if (cells.kind == Kind::Text) return null_of(cells.texts[row]);
  if (cells.kind == Kind::Real && std::isnan(cells.reals[row])) return Null::NaN;
  return Null::None;
}

std::optional<std::int64_t> integer_of(std::string_view text) {
  text = without_blanks(text);
  if (text.starts_with('+') && text.size() > 1 && is_digit(text[1])) text.remove_prefix(1);
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return {};
  return value;
}

std::optional<double> number_of(std::string_view text) {
  return double_of(without_blanks(text));
}

std::optional<double> number_of(const Cells& cells, std::size_t row) {
  if (!cells.present(row)) return {};
  switch (cells.kind) {
    case Kind::Text: return number_of(cells.texts[row]);
    case Kind::Integer: return static_cast<double>(cells.integers[row]);
    case Kind::Real:
      if (!std::isfinite(cells.reals[row])) return {};
      return cells.reals[row];
    case Kind::Boolean: return cells.booleans[row] != 0 ? 1 : 0;
  }
  return {};
}

std::optional<bool> truth_of(std::string_view text) {
  text = without_blanks(text);
  if (text.empty() || text.size() > 5) return {};
  if (is_word(text, "true") || is_word(text, "yes") || is_word(text, "t") || is_word(text, "y")) return true;
  if (is_word(text, "false") || is_word(text, "no") || is_word(text, "f") || is_word(text, "n")) return false;
  return {};
}

std::optional<double> instant_of(std::string_view text) {
  text = without_blanks(text);
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return {};
  const auto date = date_from(text.substr(0, 10));
  if (!date) return {};
  double seconds =
      static_cast<double>(std::chrono::sys_days(*date).time_since_epoch() / std::chrono::seconds(1));
  if (text.size() == 10) return seconds;
  Fields fields(text.substr(10));
  if (!fields.take('T') && !fields.take(' ') && !fields.take('t')) return {};
  const auto time = time_of_day(fields);
  if (!time) return {};
  (void)fields.take(' ');  // "10:30:00 +02:00" of Ruby and git
  const auto zone = zone_of(fields);
  if (!zone || !fields.at_end()) return {};
  seconds += *time;
  return seconds - *zone;
}

std::string_view text_of(const Cells& cells, std::size_t row, std::string& scratch) {
  if (!cells.present(row)) return {};
  switch (cells.kind) {
    case Kind::Text: return cells.texts[row];
    case Kind::Integer: return written(cells.integers[row], scratch);
    case Kind::Real: return written(cells.reals[row], scratch);
    case Kind::Boolean: return cells.booleans[row] != 0 ? "true" : "false";
  }
  return {};
}

}  // namespace bulwark::tables
