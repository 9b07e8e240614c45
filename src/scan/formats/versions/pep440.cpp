#include "scan/formats/versions/pep440.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/formats/versions/digits.h"

namespace bulwark::scan {
namespace {

constexpr bool is_separator(char c) {
  return c == '.' || c == '-' || c == '_';
}

// What Python's str.strip() takes away, as UTF-8.
constexpr std::string_view kBlanks[] = {
    " ",      "\t",     "\n",     "\v",     "\f",     "\r",     "\x1c",   "\x1d",   "\x1e",   "\x1f",
    "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
    "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

std::string_view strip(std::string_view text) {
  for (bool more = true; more;) {
    more = false;
    for (const std::string_view blank : kBlanks) {
      if (text.starts_with(blank)) {
        text.remove_prefix(blank.size());
        more = true;
      } else if (text.ends_with(blank)) {
        text.remove_suffix(blank.size());
        more = true;
      }
    }
  }
  return text;
}

bool same_letters(std::string_view text, std::string_view lower_case) {
  return text.size() == lower_case.size() && std::ranges::equal(text, lower_case, [](char a, char b) {
           return (is_letter(a) ? a | 32 : a) == b;
         });
}

// Reads the grammar of PEP 440, appendix B, from left to right; a part that does not fit moves nothing.
class VersionReader {
 public:
  explicit VersionReader(std::string_view text) : rest_(text) {}

  std::optional<Pep440Version> read() {
    if (!rest_.empty() && (rest_.front() == 'v' || rest_.front() == 'V')) rest_.remove_prefix(1);
    Pep440Version version;
    const std::string_view first = leading_digits(rest_);
    if (first.empty()) return std::nullopt;
    if (first.size() < rest_.size() && rest_[first.size()] == '!') {
      version.epoch = first;
      rest_.remove_prefix(first.size() + 1);
    }
    if (!read_release(version)) return std::nullopt;
    read_pre(version);
    read_post(version);
    version.has_dev = read_word({"dev"}, version.dev_number) != 0;
    if (!read_local(version) || !rest_.empty()) return std::nullopt;
    return version;
  }

 private:
  bool read_release(Pep440Version& version) {
    std::size_t end = leading_digits(rest_).size();
    if (end == 0) return false;
    while (end < rest_.size() && rest_[end] == '.') {
      const std::size_t digits = leading_digits(rest_.substr(end + 1)).size();
      if (digits == 0) break;
      end += 1 + digits;
    }
    version.release = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return true;
  }

  // [-_.]? word [-_.]? digits?; gives the first letter of the word that fits, longest words first.
  char read_word(std::initializer_list<std::string_view> words, std::string_view& number) {
    std::string_view text = rest_;
    if (!text.empty() && is_separator(text.front())) text.remove_prefix(1);
    for (const std::string_view word : words) {
      if (text.size() < word.size() || !same_letters(text.substr(0, word.size()), word)) continue;
      text.remove_prefix(word.size());
      const std::size_t skip = !text.empty() && is_separator(text.front()) ? 1 : 0;
      const std::string_view digits = leading_digits(text.substr(skip));
      // A separator without a number belongs to what follows: "1.0a.dev1".
      if (!digits.empty()) text.remove_prefix(skip + digits.size());
      number = digits;
      rest_ = text;
      return word.front();
    }
    return 0;
  }

  void read_pre(Pep440Version& version) {
    const char word = read_word({"alpha", "beta", "preview", "pre", "rc", "a", "b", "c"}, version.pre_number);
    if (word == 0) return;
    version.pre = word == 'p' || word == 'c' || word == 'r' ? 'r' : word;
  }

  void read_post(Pep440Version& version) {
    if (rest_.size() > 1 && rest_.front() == '-' && is_digit(rest_[1])) {
      version.has_post = true;
      version.post_number = leading_digits(rest_.substr(1));
      rest_.remove_prefix(1 + version.post_number.size());
      return;
    }
    version.has_post = read_word({"post", "rev", "r"}, version.post_number) != 0;
  }

  bool read_local(Pep440Version& version) {
    if (rest_.empty() || rest_.front() != '+') return true;
    version.local = rest_.substr(1);
    rest_ = {};
    bool at_start = true;
    for (const char c : version.local) {
      if (!is_digit(c) && !is_letter(c) && (at_start || !is_separator(c))) return false;
      at_start = is_separator(c);
    }
    return !at_start;
  }

  std::string_view rest_;
};

// "1.2.3" piece by piece; "" once it is over.
std::string_view take_piece(std::string_view& rest) {
  std::size_t end = 0;
  while (end < rest.size() && !is_separator(rest[end])) ++end;
  const std::string_view piece = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.size(), end + 1));
  return piece;
}

// Missing segments are zeros.
std::strong_ordering compare_releases(std::string_view left, std::string_view right) {
  while (!left.empty() || !right.empty()) {
    const auto order = compare_digits(take_piece(left), take_piece(right));
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

std::strong_ordering compare_locals(std::string_view left, std::string_view right) {
  while (!left.empty() && !right.empty()) {
    const std::string_view a = take_piece(left);
    const std::string_view b = take_piece(right);
    const bool numbers = all_digits(a);
    if (numbers != all_digits(b)) return numbers <=> !numbers;
    const auto order = numbers ? compare_digits(a, b) : lower(a).compare(lower(b)) <=> 0;
    if (order != 0) return order;
  }
  return !left.empty() <=> !right.empty();
}

// A development release comes before the first pre-release, a final release after the last.
int pre_rank(const Pep440Version& version) {
  if (version.pre != 0) return version.pre;
  return version.has_dev && !version.has_post ? 0 : 'z';
}

void append_release(std::string& out, std::string_view release) {
  for (bool first = true; !release.empty(); first = false) {
    if (!first) out += '.';
    out += without_zeros(take_piece(release));
  }
}

void append_local(std::string& out, std::string_view local) {
  for (char before = '+'; !local.empty(); before = '.') {
    const std::string_view piece = take_piece(local);
    out += before;
    out += all_digits(piece) ? std::string(without_zeros(piece)) : lower(piece);
  }
}

// What setuptools compared before PEP 440: numbers padded, words starred, "*final" at the end.
std::vector<std::string> legacy_key(std::string_view text) {
  const std::string small = lower(text);
  std::vector<std::string> parts;
  const auto add = [&](std::string part) {
    if (part.starts_with('*')) {
      if (part < "*final")
        while (!parts.empty() && parts.back() == "*final-") parts.pop_back();
      while (!parts.empty() && parts.back() == "00000000") parts.pop_back();
    }
    parts.push_back(std::move(part));
  };
  for (std::size_t at = 0; at < small.size();) {
    const char c = small[at];
    const auto kind = [](char x) {
      return is_digit(x) ? 0 : is_letter(x) ? 1 : x == '.' || x == '-' ? 2 : 3;
    };
    std::size_t end = at + 1;
    while (end < small.size() && kind(c) != 2 && kind(small[end]) == kind(c)) ++end;
    std::string part = small.substr(at, end - at);
    at = end;
    if (part == ".") continue;
    if (is_digit(c)) {
      if (part.size() < 8) part.insert(0, 8 - part.size(), '0');
      add(std::move(part));
      continue;
    }
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kRenamed = {
        {{"pre", "c"}, {"preview", "c"}, {"-", "final-"}, {"rc", "c"}, {"dev", "@"}}};
    for (const auto& [from, to] : kRenamed) {
      if (part != from) continue;
      part = to;
      break;
    }
    add("*" + part);
  }
  add("*final");
  return parts;
}

bool has_prefix(const Pep440Version& version, std::string_view epoch, std::string_view release) {
  if (compare_digits(version.epoch, epoch) != 0) return false;
  std::string_view own = version.release;
  while (!release.empty())
    if (compare_digits(take_piece(own), take_piece(release)) != 0) return false;
  return true;
}

bool matches_compatible(const Pep440Version& wanted, const Pep440Version& candidate) {
  const std::string_view family = wanted.release.substr(0, wanted.release.rfind('.'));
  return compare(candidate.without_local(), wanted) >= 0 && has_prefix(candidate, wanted.epoch, family);
}

bool equals(const Pep440Clause& clause, const Pep440Version& wanted, const Pep440Version& candidate) {
  if (clause.prefix) return has_prefix(candidate, wanted.epoch, wanted.release);
  return compare(wanted.local.empty() ? candidate.without_local() : candidate, wanted) == 0;
}

bool is_below(const Pep440Version& candidate, const Pep440Version& wanted) {
  if (compare(candidate, wanted) >= 0) return false;
  // "<3.1" does not mean the pre-releases of 3.1.
  return wanted.is_prerelease() || !candidate.is_prerelease() ||
         compare(candidate.base(), wanted.base()) != 0;
}

bool is_above(const Pep440Version& candidate, const Pep440Version& wanted) {
  // A local build of the version itself is not above it.
  if (compare(candidate.without_local(), wanted) <= 0) return false;
  // ">3.1" does not mean the post-releases of 3.1.
  return wanted.has_post || !candidate.has_post || compare(candidate.base(), wanted.base()) != 0;
}

std::optional<Pep440Clause> parse_clause(std::string_view text) {
  constexpr std::string_view kOperators[] = {"===", "~=", "==", "!=", "<=", ">=", "<", ">"};
  const auto op =
      std::ranges::find_if(kOperators, [&](std::string_view each) { return text.starts_with(each); });
  if (op == std::end(kOperators)) return std::nullopt;
  Pep440Clause clause{*op, trim(text.substr(op->size())), false};
  if (clause.version.empty()) return std::nullopt;
  if (*op == "===")
    return clause.version.find_first_of(" \t;)") == std::string_view::npos ? std::optional(clause)
                                                                           : std::nullopt;
  const bool equality = *op == "==" || *op == "!=";
  if (equality && clause.version.ends_with(".*")) {
    clause.prefix = true;
    clause.version.remove_suffix(2);
  }
  const auto version = parse_pep440(clause.version);
  if (!version) return std::nullopt;
  const bool plain = version->pre == 0 && !version->has_post && !version->has_dev && version->local.empty();
  if (clause.prefix && !plain) return std::nullopt;
  if (!equality && !version->local.empty()) return std::nullopt;
  if (*op == "~=" && version->release.find('.') == std::string_view::npos) return std::nullopt;
  return clause;
}

}  // namespace

Pep440Version Pep440Version::without_local() const {
  Pep440Version copy = *this;
  copy.local = {};
  return copy;
}

Pep440Version Pep440Version::base() const {
  Pep440Version copy;
  copy.epoch = epoch;
  copy.release = release;
  return copy;
}

std::string Pep440Version::normalised() const {
  std::string text;
  if (without_zeros(epoch) != "0") text.append(without_zeros(epoch)) += '!';
  append_release(text, release);
  if (pre != 0) text.append(pre == 'r' ? "rc" : std::string(1, pre)).append(without_zeros(pre_number));
  if (has_post) text.append(".post").append(without_zeros(post_number));
  if (has_dev) text.append(".dev").append(without_zeros(dev_number));
  append_local(text, local);
  return text;
}

std::optional<Pep440Version> parse_pep440(std::string_view text) {
  const bool plain = !text.empty() && (is_digit(text.front()) || is_letter(text.front())) &&
                     (is_digit(text.back()) || is_letter(text.back()));
  return VersionReader(plain ? text : strip(text)).read();
}

std::strong_ordering compare(const Pep440Version& left, const Pep440Version& right) {
  if (const auto order = compare_digits(left.epoch, right.epoch); order != 0) return order;
  if (const auto order = compare_releases(left.release, right.release); order != 0) return order;
  if (const auto order = pre_rank(left) <=> pre_rank(right); order != 0) return order;
  if (const auto order = compare_digits(left.pre_number, right.pre_number); order != 0) return order;
  if (left.has_post != right.has_post) return left.has_post <=> right.has_post;
  if (const auto order = compare_digits(left.post_number, right.post_number); order != 0) return order;
  if (left.has_dev != right.has_dev) return right.has_dev <=> left.has_dev;
  if (const auto order = compare_digits(left.dev_number, right.dev_number); order != 0) return order;
  return compare_locals(left.local, right.local);
}

std::strong_ordering compare_python(std::string_view left, std::string_view right) {
  const auto a = parse_pep440(left);
  const auto b = parse_pep440(right);
  if (a && b) return compare(*a, *b);
  if (a || b) return a.has_value() <=> b.has_value();
  return legacy_key(left) <=> legacy_key(right);
}

std::optional<std::vector<Pep440Clause>> parse_specifiers(std::string_view text) {
  std::vector<Pep440Clause> clauses;
  for (const std::string_view piece : split(text, ',')) {
    const std::string_view each = trim(piece);
    if (each.empty()) continue;
    const auto clause = parse_clause(each);
    if (!clause) return std::nullopt;
    clauses.push_back(*clause);
  }
  return clauses;
}

bool matches(const Pep440Clause& clause, std::string_view candidate) {
  if (clause.op == "===") return lower(trim(candidate)) == lower(clause.version);
  const auto version = parse_pep440(candidate);
  const auto wanted = parse_pep440(clause.version);
  if (!version || !wanted) return false;
  if (clause.op == "~=") return matches_compatible(*wanted, *version);
  if (clause.op == "==") return equals(clause, *wanted, *version);
  if (clause.op == "!=") return !equals(clause, *wanted, *version);
  if (clause.op == "<=") return compare(version->without_local(), *wanted) <= 0;
  if (clause.op == ">=") return compare(version->without_local(), *wanted) >= 0;
  return clause.op == "<" ? is_below(*version, *wanted) : is_above(*version, *wanted);
}

bool matches(const std::vector<Pep440Clause>& clauses, std::string_view candidate) {
  return std::ranges::all_of(clauses, [&](const Pep440Clause& clause) { return matches(clause, candidate); });
}

}  // namespace bulwark::scan
