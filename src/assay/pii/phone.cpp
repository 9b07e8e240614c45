#include "assay/pii/phone.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/one_of.h"
#include "base/text.h"

extern "C" const char bw_pii_phones[], bw_pii_phones_end[];

namespace bulwark::assay::pii {
namespace {

constexpr std::size_t kMostDigits = 15;  // E.164
constexpr std::size_t kMostGroups = 7;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A national plan: which lengths follow which first digits.
struct Plan {
  struct Range {
    std::string from, to;  // first digits, of equal length
    std::size_t least = 0, most = 0;
  };
  std::string_view country, code, trunk;
  std::vector<Range> ranges;

  [[nodiscard]] bool has(std::string_view national) const {
    return std::ranges::any_of(ranges, [&](const Range& range) {
      const std::string_view start = national.substr(0, range.from.size());
      return national.size() >= range.least && national.size() <= range.most && start >= range.from &&
             start <= range.to;
    });
  }
};

// "3", "9-10"
std::pair<std::string_view, std::string_view> ends_of(std::string_view range) {
  const std::size_t dash = range.find('-');
  return dash == std::string_view::npos ? std::pair(range, range)
                                        : std::pair(range.substr(0, dash), range.substr(dash + 1));
}
std::size_t small_number(std::string_view text) {
  std::size_t value = 0;
  for (const char c : text) value = value * 10 + static_cast<std::size_t>(c - '0');
  return value;
}

const std::vector<Plan>& plans() {
  static const std::vector<Plan> kPlans = [] {
    std::vector<Plan> all;
    const std::string_view table(bw_pii_phones, static_cast<std::size_t>(bw_pii_phones_end - bw_pii_phones));
    for (const std::string_view line : split(table, '\n')) {
      const std::vector<std::string_view> fields = split(line, '\t');
      if (line.starts_with('#') || fields.size() != 4) continue;
      Plan plan{
          .country = fields[0], .code = fields[1], .trunk = fields[2] == "-" ? "" : fields[2], .ranges = {}};
      for (const std::string_view entry : words(fields[3])) {
        const std::size_t colon = entry.find(':');
        const auto [from, to] = ends_of(entry.substr(0, colon));
        const auto [least, most] = ends_of(entry.substr(colon + 1));
        plan.ranges.push_back({.from = std::string(from),
                               .to = std::string(to),
                               .least = small_number(least),
                               .most = small_number(most)});
      }
      all.push_back(std::move(plan));
    }
    return all;
  }();
  return kPlans;
}

// The same for all plans at once: bit n of entry abc: a national number of n digits may start with abc, trunk
// prefix included. Two digits of a plan and one of the prefix are all that they look at.
const std::array<std::uint32_t, 1000>& national_lengths() {
  static const std::array<std::uint32_t, 1000> kLengths = [] {
    std::array<std::uint32_t, 1000> table{};
    for (const Plan& plan : plans()) {
      if (plan.country == "us") continue;  // area and exchange codes have rules of their own
      for (std::size_t start = 0; start < table.size(); ++start) {
        const std::string first = {static_cast<char>('0' + start / 100),
                                   static_cast<char>('0' + start / 10 % 10),
                                   static_cast<char>('0' + start % 10)};
        if (!first.starts_with(plan.trunk)) continue;
        for (std::size_t size = 7; size <= kMostDigits + 2; ++size) {
          const std::string digits = first + std::string(size - 3, '5');
          if (plan.has(std::string_view(digits).substr(plan.trunk.size()))) table[start] |= 1U << size;
        }
      }
    }
    return table;
  }();
  return kLengths;
}
bool in_any_plan(std::string_view digits) {
  static const std::array<std::uint32_t, 1000>& kLengths = national_lengths();
  if (digits.size() < 7 || digits.size() > 20) return false;
  const auto start =
      static_cast<std::size_t>((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + digits[2] - '0');
  return (kLengths[start] >> digits.size() & 1U) != 0;
}

// Sizes of groups as one number, so that they are compared at once; none is 0 or above 31.
constexpr unsigned kGroupBits = 5;
constexpr std::uint64_t packed(std::initializer_list<std::uint64_t> sizes) {
  std::uint64_t all = 0;
  unsigned shift = 0;
  for (const std::uint64_t size : sizes) {
    all |= size << shift;
    shift += kGroupBits;
  }
  return all;
}

// The digits of a number as written, with the sizes of their groups.
struct Written {
  std::array<char, kMostDigits + 4> digits{};
  std::size_t size = 0;
  std::uint64_t sizes = 0;                      // of the groups, as packed()
  std::array<std::size_t, kMostGroups> ends{};  // of the groups, in the text
  std::size_t count = 0;
  std::size_t end = 0;
  bool plus = false;
  bool parenthesis = false;
  bool dotted = true;  // every separator is a dot
  char separator = 0;  // the last one

  [[nodiscard]] std::string_view text() const { return {digits.data(), size}; }
  [[nodiscard]] std::size_t group(std::size_t i) const { return sizes >> (kGroupBits * i) & 31; }
};

// Signs behind which no number starts, some of them only behind a digit: "12:30", "$12".
bool never_before(char sign, char before_it) {
  switch (sign) {
    case '$':
    case '#':
    case '*':
    case '@':
    case '_':
    case '.':
    case ',': return true;
    case '-':
    case ':':
    case '=':
    case '/': return is_digit(before_it);
    default: return false;
  }
}

bool separates(char c) {
  return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')';
}

// At most two characters between groups: blank, '-', '.', '/', and parentheses around an area code.
std::size_t separator_at(std::string_view text, std::size_t at) {
  std::size_t size = 0;
  while (at + size < text.size() && size < 3 && separates(text[at + size])) ++size;
  if (size == 0 || at + size >= text.size() || !is_digit(text[at + size])) return 0;
  if (size == 1) return text[at] == '(' ? 0 : 1;
  const std::string_view between = text.substr(at, size);
  return is_one_of(between, {" (", ") ", ")-", "-(", ") (", "(", " -", ")."}) ? size : 0;
}

Written read_groups(std::string_view text, std::size_t begin, bool open) {
  Written written;
  std::size_t at = begin;
  while (written.count <= kMostGroups) {
    const std::size_t start = at;
    while (at < text.size() && is_digit(text[at])) {
      if (written.size == written.digits.size()) return {};
      written.digits[written.size++] = text[at++];
    }
    if (written.count == kMostGroups) return {};
    written.sizes |= std::uint64_t{at - start} << (kGroupBits * written.count);
    written.ends[written.count++] = at;
    written.end = at;
    const std::size_t gap = separator_at(text, at);
    if (gap == 0) break;
    const std::string_view between = text.substr(at, gap);
    if (gap > 1 || between[0] == ')')
      written.parenthesis |= open ? between.contains(')') : between.contains('(');
    written.dotted &= gap == 1 && between[0] == '.';
    written.separator = between.back();
    at += gap;
  }
  written.dotted &= written.count > 1;
  return written;
}

// Drops groups at the end: what follows a number with a blank is often the next number.
void drop_last_group(Written& written) {
  written.size -= written.group(--written.count);
  written.sizes &= ~(std::uint64_t{31} << (kGroupBits * written.count));
  written.end = written.ends[written.count - 1];
}

// "+44 (0)20 …" repeats the trunk prefix.
std::string without_trunk(std::string_view national, const Plan& plan) {
  if (plan.trunk == "0" && national.starts_with('0')) national.remove_prefix(1);
  return std::string(national);
}

bool international(std::string_view digits) {
  return std::ranges::any_of(plans(), [&](const Plan& plan) {
    return digits.starts_with(plan.code) && plan.has(without_trunk(digits.substr(plan.code.size()), plan));
  });
}

bool north_american(std::string_view digits) {
  if (digits.size() == 11 && digits[0] == '1') digits.remove_prefix(1);
  return digits.size() == 10 && digits[0] >= '2' && digits[3] >= '2' &&
         (digits[1] != '1' || digits[2] != '1') && (digits[4] != '1' || digits[5] != '1');
}

bool national(std::string_view digits, std::string_view country) {
  if (country.empty()) return in_any_plan(digits);
  return std::ranges::any_of(plans(), [&](const Plan& plan) {
    if (plan.country != country) return false;
    if (plan.country == "us") return country == "us" && north_american(digits);
    return digits.starts_with(plan.trunk) && plan.has(digits.substr(plan.trunk.size()));
  });
}

// With a trunk prefix and an area code first: groups of two to four digits, the last up to eight.
bool trunk_grouping(const Written& written) {
  if (written.text()[0] != '0' || written.count < 2 || written.group(0) < 2 || written.group(0) > 5 ||
      written.text()[1] == '0')
    return false;
  for (std::size_t i = 1; i < written.count; ++i)
    if (written.group(i) < 2 || written.group(i) > (i + 1 == written.count ? 8U : 5U)) return false;
  const bool pairs = written.count >= 4;
  return !written.dotted || pairs || written.group(0) > 2;
}

float national_score(const Written& written, std::string_view country) {
  const std::string_view digits = written.text();
  const bool bare = written.count == 1;
  const std::uint64_t sizes = written.sizes;
  const bool expected = !country.empty() && national(digits, country);
  if (north_american(digits) &&
      (sizes == packed({3, 3, 4}) || sizes == packed({1, 3, 3, 4}) || sizes == packed({3, 7}))) {
    if (written.parenthesis) return 0.7F;
    if (written.group(0) == 1) return 0.65F;
    return written.separator == ' ' ? 0.5F : 0.55F;
  }
  if (trunk_grouping(written) && digits.size() >= 9 && digits.size() <= 12 && national(digits, ""))
    return written.parenthesis || expected ? 0.7F : 0.55F;
  // An area code in parentheses needs no trunk prefix.
  if (written.parenthesis && digits.size() >= 9 &&
      (national(digits, "") || national("0" + std::string(digits), "")))
    return 0.6F;
  if (expected && !bare) return 0.55F;
  if (digits.size() == 11 && digits[0] == '1' && digits[1] >= '3' && sizes == packed({3, 4, 4})) return 0.5F;
  if (digits.size() == 10 && digits[0] >= '6' && sizes == packed({5, 5})) return 0.45F;
  const bool nine = sizes == packed({3, 3, 3}) || sizes == packed({3, 2, 2, 2});
  const bool eight = sizes == packed({2, 2, 2, 2}) || sizes == packed({4, 4});
  const bool more = sizes == packed({2, 4, 4}) || sizes == packed({2, 5, 4}) || sizes == packed({1, 4, 4}) ||
                    sizes == packed({1, 3, 3, 2, 2}) || sizes == packed({3, 3, 2, 2}) ||
                    sizes == packed({3, 7}) || sizes == packed({2, 3, 4}) || sizes == packed({2, 3, 2, 2}) ||
                    sizes == packed({3, 4});
  if ((nine || eight || more || bare) && (national(digits, "") || north_american(digits)))
    return bare ? kBarePhone : 0.3F;
  return 0;
}

}  // namespace

float bare_phone_score(std::string_view digits) {
  if (!may_be_bare_phone(digits.size(), digits.starts_with('0'))) return 0;
  if (digits.starts_with("00") && international(digits.substr(2))) return kBareInternational;
  return in_any_plan(digits) || north_american(digits) ? kBarePhone : 0;
}

std::optional<Phone> phone_from(std::string_view text, std::size_t begin, std::string_view country) {
  std::size_t start = begin;
  bool plus = false;
  bool open = false;
  if (start > 0 && text[start - 1] == '(') {
    open = true;
    --start;
  }
  if (start > 0 && text[start - 1] == '+') {
    plus = true;
    --start;
    if (start > 0 && text[start - 1] == '(') --start;
  }
  if (start > 1 && !plus && never_before(text[start - 1], text[start - 2])) return std::nullopt;
  Written written = read_groups(text, begin, open);
  if (written.count == 0) return std::nullopt;
  const bool zero_zero = !plus && written.text().starts_with("00");
  // From the longest run of groups to the shortest: the first that a plan knows.
  for (;; drop_last_group(written)) {
    const std::string_view digits = written.text();
    if (digits.size() < 7) return std::nullopt;
    const std::size_t end = written.end;
    const bool cut =
        end < text.size() && ((text[end] | 0x20) >= 'a' && (text[end] | 0x20) <= 'z' && text[end] != 'x');
    const char next = end < text.size() ? text[end] : ' ';
    const bool joined = end + 1 < text.size() && (next == '-' || next == '_' || next == '/' || next == '.') &&
                        text[end + 1] > ' ' && text[end + 1] != '"' && text[end + 1] != '\n';
    if (digits.size() <= kMostDigits + 2 && !cut && !joined) {
      const Extent extent{.begin = start, .end = end};
      if (plus && international(digits)) return Phone{.extent = extent, .score = 0.85F};
      if (zero_zero && international(digits.substr(2)))
        return Phone{.extent = extent, .score = written.count > 1 ? 0.75F : kBareInternational};
      const float score = plus ? 0 : national_score(written, country);
      if (score > 0) return Phone{.extent = extent, .score = score};
    }
    if (written.count == 1) return std::nullopt;
  }
}

}  // namespace bulwark::assay::pii
