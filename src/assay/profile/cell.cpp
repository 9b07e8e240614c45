#include "assay/profile/cell.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "assay/profile/decimal.h"
#include "base/text.h"
#include "tables/values.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace bulwark::assay::profile {
namespace {

using stats::Leading;

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_infinite(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.size() != 3 && text.size() != 8) return false;
  const std::string word = lower(text);
  return word == "inf" || word == "infinity";
}

bool only_digits(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool beyond_ascii(std::string_view text) {
  std::size_t at = 0;
  std::uint64_t seen = 0;
  for (; at + 8 <= text.size(); at += 8) seen |= stats::little_endian<std::uint64_t>(text.data() + at);
  for (; at < text.size(); ++at) seen |= static_cast<unsigned char>(text[at]);
  return (seen & 0x8080808080808080) != 0;
}

void measure(std::string_view text, Cell& cell) {
  cell.length = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), ~std::uint32_t{0}));
  if (std::memchr(text.data(), 0, text.size()) != nullptr) cell.marks |= kControl;
  if (!beyond_ascii(text)) return;
  cell.marks |= kBeyondAscii;
  if (!is_utf8(text)) {
    cell.marks |= kNotUtf8;
    return;
  }
  cell.length -= static_cast<std::uint32_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }));
}

void read_number(std::string_view text, Cell& cell) {
  const auto number = tables::number_of(text);
  if (!number) return;
  cell.number = *number;
  cell.kind = tables::integer_of(text) || only_digits(trim(text)) ? CellKind::Integer : CellKind::Real;
  const std::string_view digits = trim(text);
  if (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')
    cell.marks |= kLeadingZero;
}

constexpr std::array<char, 256> kClasses = [] {
  std::array<char, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    char to = static_cast<char>(c);
    if (c >= 'A' && c <= 'Z') to = 'A';
    if (c >= 'a' && c <= 'z') to = 'a';
    if (c >= '0' && c <= '9') to = '9';
    if (c >= 0x80) to = 'w';
    classes[c] = to;
  }
  return classes;
}();

#ifdef __SSE2__
__m128i chosen(__m128i mask, char yes, __m128i no) {
  return _mm_or_si128(_mm_and_si128(mask, _mm_set1_epi8(yes)), _mm_andnot_si128(mask, no));
}
__m128i within(__m128i bytes, char low, char high) {
  return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8(static_cast<char>(low - 1))),
                       _mm_cmplt_epi8(bytes, _mm_set1_epi8(static_cast<char>(high + 1))));
}
Leading classes_of(const Leading& words) {
  const __m128i bytes = vector_of(words);
  __m128i to = chosen(within(bytes, 'A', 'Z'), 'A', bytes);
  to = chosen(within(bytes, 'a', 'z'), 'a', to);
  to = chosen(within(bytes, '0', '9'), '9', to);
  to = chosen(_mm_cmplt_epi8(bytes, _mm_setzero_si128()), 'w', to);
  return {.low = static_cast<std::uint64_t>(_mm_cvtsi128_si64(to)),
          .high = static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(to, to)))};
}
#else
Leading classes_of(const Leading& words) {
  Leading to;
  for (unsigned i = 0; i < 8; ++i) {
    const auto place = 8 * i;
    to.low |= std::uint64_t{static_cast<unsigned char>(kClasses[words.low >> place & 0xFF])} << place;
    to.high |= std::uint64_t{static_cast<unsigned char>(kClasses[words.high >> place & 0xFF])} << place;
  }
  return to;
}
#endif

// More would not fit into 64 bits.
constexpr unsigned kSafeDigits = 19;

// The number that all digits of a decimal make; at most eight of them are before the point.
std::uint64_t whole_of(std::string_view text, const Leading& first, const Leading& last, unsigned sign,
                       unsigned before, unsigned after) {
  const unsigned counted = std::min(after, 16U);
  const stats::Wide tail = (static_cast<stats::Wide>(last.high) << 64 | last.low) >> (8 * (16 - counted));
  std::uint64_t fraction = 0;
  for (const char c : text.substr(text.size() - after, after - counted))
    fraction = fraction * 10 + static_cast<std::uint64_t>(c - '0');
  if (counted == 16) fraction *= 10'000'000'000'000'000;
  fraction += digits_of(tail, counted);
  const stats::Wide head = (static_cast<stats::Wide>(first.high) << 64 | first.low) >> (8 * sign);
  return digits_of(head, before) * static_cast<std::uint64_t>(kPowers[after]) + fraction;
}

}  // namespace

std::string_view name_of(CellKind kind) {
  constexpr std::array<std::string_view, kCellKinds> kNames = {
      "value", "absent", "empty", "word", "nan", "integer", "real", "boolean", "date", "instant", "text"};
  return kNames[static_cast<std::size_t>(kind)];
}

Cell examine_other(std::string_view text) {
  Cell cell;
  if (text.empty()) {
    cell.kind = CellKind::Empty;
    return cell;
  }
  measure(text, cell);
  if (is_blank(text.front()) || is_blank(text.back())) cell.marks |= kPadded;
  if (const tables::Null null = tables::null_of(text); null != tables::Null::None) {
    cell.kind = static_cast<CellKind>(null);
    return cell;
  }
  const char first = (cell.marks & kPadded) != 0 ? trim(text).front() : text.front();
  if ((first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.') {
    if (text.size() >= 10 && text.size() <= 48) {
      if (const auto instant = tables::instant_of(text)) {
        cell.number = *instant;
        cell.kind = trim(text).size() == 10 ? CellKind::Date : CellKind::Instant;
        return cell;
      }
    }
    read_number(text, cell);
  } else if (text.size() <= 16) {
    if (const auto truth = tables::truth_of(text)) {
      cell.kind = CellKind::Boolean;
      cell.number = *truth ? 1 : 0;
    }
  }
  if (cell.kind == CellKind::Text && text.size() <= 12 && is_infinite(trim(text))) {
    cell.kind = CellKind::Real;
    cell.marks |= kInfinite;
  }
  return cell;
}

bool read_long_decimal(std::string_view text, Cell& cell) {
  if (text.size() <= 16 || text.size() >= 32) return false;
  const Leading first = stats::leading(text);
  const Leading last = stats::leading(text.substr(text.size() - 16));
  const Masks front = masks_of(first);
  const Masks back = masks_of(last);
  const auto over = static_cast<unsigned>(text.size() - 16);
  const unsigned points = front.points | back.points << over;
  const unsigned sign = text.front() == '-' ? 1 : 0;
  const auto all = static_cast<unsigned>((std::uint64_t{1} << text.size()) - 1);
  if ((front.digits | back.digits << over | points | sign) != all || !std::has_single_bit(points))
    return false;
  const unsigned before = static_cast<unsigned>(std::countr_zero(points)) - sign;
  const auto after = static_cast<unsigned>(text.size()) - sign - before - 1;
  const std::uint64_t mantissa = before + after <= kSafeDigits && before <= 8
                                     ? whole_of(text, first, last, sign, before, after)
                                     : ~std::uint64_t{0};
  if (mantissa <= kExactInteger) {
    const double value = static_cast<double>(static_cast<std::int64_t>(mantissa)) / kPowers[after];
    cell.number = sign != 0 ? -value : value;
  } else {
    const auto number = tables::number_of(text);
    if (!number) return false;
    cell.number = *number;
  }
  cell.kind = CellKind::Real;
  cell.length = static_cast<std::uint32_t>(text.size());
  cell.shape = 1U << 31 | sign << 16 | 1U << 17 | before << 8 | after;
  if (before > 1 && text[sign] == '0') cell.marks |= kLeadingZero;
  return true;
}

Cell examine(std::string_view text, const Leading& words) {
  Cell cell;
  if (text.size() - 1 < 16 && read_decimal(text.size(), words, masks_of(words), cell)) return cell;
  if (read_long_decimal(text, cell)) return cell;
  return examine_other(text);
}

Cell examine_plainly(std::string_view text, const Leading& words) {
  Cell cell;
  if (text.size() - 1 < 16 && read_decimal(text.size(), words, masks_plainly(words), cell)) return cell;
  if (read_long_decimal(text, cell)) return cell;
  return examine_other(text);
}

std::string pattern_of(std::string_view text) {
  std::string pattern;
  for (const char c : text.substr(0, kPatternBytes)) pattern += kClasses[static_cast<unsigned char>(c)];
  return pattern;
}

std::uint64_t pattern_hash(std::string_view text) {
  std::uint64_t hash = text.size();
  for (std::size_t at = 0; at < text.size(); at += 16)
    hash = stats::folded(hash ^ 0x8EBC6AF09C88C6E3,
                         stats::hash_of(classes_of(stats::leading(text.substr(at))), at));
  return hash;
}

std::string expression_of(std::string_view pattern) {
  std::string out = "^";
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c == 'w' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return {};
    const std::size_t next = pattern.find_first_not_of(c, at);
    const std::size_t run = (next == std::string_view::npos ? pattern.size() : next) - at;
    if (c == 'A') {
      out += "[A-Z]";
    } else if (c == 'a') {
      out += "[a-z]";
    } else if (c == '9') {
      out += "[0-9]";
    } else {
      if (std::string_view("\\.^$|()[]{}*+?/").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
    if (run > 1) out += "{" + std::to_string(run) + "}";
    at += run;
  }
  return out + "$";
}

}  // namespace bulwark::assay::profile
