#include "scan/formats/versions/semver.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "scan/formats/versions/digits.h"

namespace bulwark::scan {
namespace {

struct Semver {
  std::array<std::string_view, 3> numbers;  // digits; empty: not there
  std::string_view pre;                     // "rc.1"; empty: none
  std::size_t given = 0;                    // numbers that are written out
  bool wild = false;                        // "1.x", "*"
  bool broken = false;                      // no version at all
};

bool is_wildcard(char c) {
  return c == 'x' || c == 'X' || c == '*';
}

Semver parse(std::string_view text) {
  text = trim(text);
  while (!text.empty() &&
         (text.front() == '=' || text.front() == 'v' || text.front() == 'V' || text.front() == ' '))
    text.remove_prefix(1);
  text = text.substr(0, text.find('+'));
  Semver version;
  while (version.given < 3) {
    const std::string_view digits = leading_digits(text);
    if (digits.empty()) {
      version.wild = !text.empty() && is_wildcard(text.front());
      version.broken = !version.wild && version.given == 0 && !text.empty();
      break;
    }
    version.numbers[version.given++] = digits;
    text.remove_prefix(digits.size());
    if (text.empty() || text.front() != '.') break;
    text.remove_prefix(1);
  }
  if (text.starts_with('-')) version.pre = text.substr(1);
  return version;
}

// SemVer 11.4: numeric identifiers before others, by value; others by ASCII; fewer before more.
std::strong_ordering compare_pre(std::string_view left, std::string_view right) {
  if (left.empty() || right.empty()) return left.empty() <=> right.empty();
  const auto a = split(left, '.');
  const auto b = split(right, '.');
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const bool number = all_digits(a[i]);
    if (number != all_digits(b[i])) return !number <=> number;
    const auto order = number ? compare_digits(a[i], b[i]) : a[i].compare(b[i]) <=> 0;
    if (order != 0) return order;
  }
  return a.size() <=> b.size();
}

std::strong_ordering compare(const Semver& left, const Semver& right) {
  for (std::size_t i = 0; i < 3; ++i)
    if (const auto order = compare_digits(left.numbers[i], right.numbers[i]); order != 0) return order;
  return compare_pre(left.pre, right.pre);
}

bool same_numbers(const Semver& left, const Semver& right) {
  for (std::size_t i = 0; i < 3; ++i)
    if (compare_digits(left.numbers[i], right.numbers[i]) != 0) return false;
  return true;
}

// The leading `count` numbers are the same.
bool shares(const Semver& left, const Semver& right, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (compare_digits(left.numbers[i], right.numbers[i]) != 0) return false;
  return true;
}

struct Comparator {
  std::string_view op;  // "", "<", "<=", ">", ">=", "~", "^"
  Semver version;
};

// How many leading numbers "^" holds fast: all up to the first that is not zero.
std::size_t caret_width(const Semver& version) {
  for (std::size_t i = 0; i < version.given; ++i)
    if (without_zeros(version.numbers[i]) != "0") return i + 1;
  return version.given;
}

bool fulfils(const Comparator& wanted, const Semver& version) {
  const std::size_t given = wanted.version.given;
  const auto order = compare(version, wanted.version);
  if (wanted.op == "^") return order >= 0 && shares(version, wanted.version, caret_width(wanted.version));
  if (wanted.op == "~") return order >= 0 && shares(version, wanted.version, std::min<std::size_t>(given, 2));
  const bool partial = given < 3;
  // A partial version stands for all that start so: ">1.2" is from 1.3 on, "<=1.2" is up to 1.2.x.
  if (wanted.op == ">") return partial ? order > 0 && !shares(version, wanted.version, given) : order > 0;
  if (wanted.op == "<=") return order <= 0 || (partial && shares(version, wanted.version, given));
  if (wanted.op == ">=") return order >= 0;
  if (wanted.op == "<") return order < 0;
  return partial ? shares(version, wanted.version, given) : order == 0;
}

std::optional<Comparator> parse_comparator(std::string_view text) {
  constexpr std::string_view kOperators[] = {"<=", ">=", "~>", "<", ">", "~", "^", "="};
  Comparator comparator;
  for (const std::string_view op : kOperators) {
    if (!text.starts_with(op)) continue;
    comparator.op = op == "~>" ? "~" : op == "=" ? "" : op;
    text.remove_prefix(op.size());
    break;
  }
  comparator.version = parse(text);
  if (comparator.version.broken) return std::nullopt;
  return comparator;
}

// Blanks between an operator and its version are allowed: ">= 1.0".
std::vector<std::string> comparator_texts(std::string_view range) {
  std::vector<std::string> texts;
  bool glue = false;
  for (const std::string_view word : words(range)) {
    if (glue) {
      texts.back() += word;
    } else {
      texts.emplace_back(word);
    }
    glue = word.find_first_not_of("<>=~^") == std::string_view::npos;
  }
  return texts;
}

bool matches_one(std::string_view range, const Semver& version) {
  const std::size_t hyphen = range.find(" - ");
  std::string rewritten;
  if (hyphen != std::string_view::npos) {
    rewritten = ">=" + std::string(trim(range.substr(0, hyphen))) +
                " <=" + std::string(trim(range.substr(hyphen + 3)));
    range = rewritten;
  }
  bool names_this_pre = version.pre.empty();
  const std::vector<std::string> texts = comparator_texts(range);
  for (const std::string& text : texts) {
    const auto comparator = parse_comparator(text);
    if (!comparator || !fulfils(*comparator, version)) return false;
    if (!comparator->version.pre.empty() && same_numbers(comparator->version, version)) names_this_pre = true;
  }
  return names_this_pre;
}

}  // namespace

std::strong_ordering compare_semver(std::string_view left, std::string_view right) {
  return compare(parse(left), parse(right));
}

bool is_exact_semver(std::string_view text) {
  text = trim(text);
  if (text.find_first_of(" |<>~^*") != std::string_view::npos) return false;
  const Semver version = parse(text);
  return version.given == 3 && !version.wild && !version.broken;
}

bool matches_npm_range(std::string_view range, std::string_view version) {
  const Semver candidate = parse(version);
  if (candidate.given == 0) return false;
  while (true) {
    const std::size_t bar = range.find("||");
    if (matches_one(trim(range.substr(0, bar)), candidate)) return true;
    if (bar == std::string_view::npos) return false;
    range.remove_prefix(bar + 2);
  }
}

}  // namespace bulwark::scan
