#include "scan/formats/github_expression.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace bulwark::scan {
namespace {

constexpr std::size_t kMost = 1000;
constexpr int kDeepest = 40;
// A value with more alternatives than this says nothing more.
constexpr std::size_t kMostSources = 64;

using Sources = std::vector<std::string>;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

void add(Sources& to, Sources&& more) {
  for (std::string& source : more)
    if (to.size() < kMostSources && std::ranges::find(to, source) == to.end())
      to.push_back(std::move(source));
}

// Recursive descent over the grammar of GitHub's documentation: `||`, `&&`, comparison, `!`, then values with
// `.name`, `[index]` and calls behind them. Each function returns what its value may consist of.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Sources read() {
    Sources sources = either(0);
    blanks();
    failed_ = failed_ || at_ < text_.size();
    return sources;
  }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  void blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool take(std::string_view token) {
    blanks();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  Sources either(int depth) {
    if (depth > kDeepest) {
      failed_ = true;
      return {};
    }
    Sources all = both(depth);
    while (take("||")) add(all, both(depth));
    return all;
  }
  // The right side is the result, unless the left one is empty or false.
  Sources both(int depth) {
    Sources last = compared(depth);
    while (take("&&")) last = compared(depth);
    return last;
  }
  Sources compared(int depth) {
    Sources value = negated(depth);
    for (const std::string_view sign : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (!take(sign)) continue;
      (void)negated(depth);
      return {};
    }
    return value;
  }
  Sources negated(int depth) {
    blanks();
    bool boolean = false;
    while (at_ < text_.size() && text_[at_] == '!' && !text_.substr(at_).starts_with("!=")) {
      ++at_;
      boolean = true;
      blanks();
    }
    Sources value = primary(depth);
    return boolean ? Sources{} : value;
  }
  Sources primary(int depth) {
    blanks();
    if (failed_ || at_ >= text_.size()) {
      failed_ = true;
      return {};
    }
    if (take("(")) {
      Sources inner = either(depth + 1);
      failed_ = failed_ || !take(")");
      return followed(std::move(inner), true, depth);
    }
    if (text_[at_] == '\'') return literal();
    const std::size_t start = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    if (at_ == start) {
      // A number with a sign or a fraction.
      if (text_[at_] != '+' && text_[at_] != '.') failed_ = true;
      ++at_;
      return {};
    }
    std::string name = lower(text_.substr(start, at_ - start));
    if (take("(")) return called(name, depth);
    const bool number = (name.front() >= '0' && name.front() <= '9') || name.front() == '-';
    if (number) {
      while (at_ < text_.size() && (is_name(text_[at_]) || text_[at_] == '.')) ++at_;
      return {};
    }
    if (name == "true" || name == "false" || name == "null" || name == "nan" || name == "infinity") return {};
    return followed({std::move(name)}, true, depth);
  }
  Sources literal() {
    ++at_;
    while (at_ < text_.size()) {
      if (text_[at_] != '\'') {
        ++at_;
      } else if (text_.substr(at_).starts_with("''")) {
        at_ += 2;
      } else {
        ++at_;
        return {};
      }
    }
    failed_ = true;
    return {};
  }
  Sources called(const std::string& name, int depth) {
    Sources all;
    if (!take(")")) {
      do {
        add(all, either(depth + 1));
      } while (take(","));
      failed_ = failed_ || !take(")");
    }
    constexpr std::array<std::string_view, 8> kTests = {"contains", "startswith", "endswith", "hashfiles",
                                                        "success",  "failure",    "always",   "cancelled"};
    if (std::ranges::find(kTests, name) != kTests.end()) all.clear();
    // What is behind fromJSON(…) is a part of it: the source stays.
    return followed(std::move(all), false, depth);
  }
  // `.name`, `.*`, `['name']`, `[0]`.
  Sources followed(Sources value, bool extends, int depth) {
    while (!failed_) {
      std::string part;
      if (at_ < text_.size() && text_[at_] == '.') {
        ++at_;
        const std::size_t start = at_;
        if (at_ < text_.size() && text_[at_] == '*') {
          ++at_;
        } else {
          while (at_ < text_.size() && is_name(text_[at_])) ++at_;
        }
        failed_ = failed_ || at_ == start;
        part = lower(text_.substr(start, at_ - start));
      } else if (at_ < text_.size() && text_[at_] == '[') {
        ++at_;
        blanks();
        const std::size_t start = at_;
        (void)either(depth + 1);
        const std::string_view index = trim(text_.substr(start, at_ - start));
        failed_ = failed_ || !take("]");
        const bool name =
            index.size() > 2 && index.front() == '\'' && index.find('\'', 1) == index.size() - 1;
        part = name ? lower(index.substr(1, index.size() - 2)) : "*";
      } else {
        return value;
      }
      if (!extends) continue;
      for (std::string& source : value)
        if (source.size() < 512) source.append(".").append(part);
    }
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

// Every dotted name of a text that is no expression.
Sources names_in(std::string_view text) {
  Sources names;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && (is_name(text[end]) || text[end] == '.' || text[end] == '*')) ++end;
    if (end > i) add(names, {lower(text.substr(i, std::min<std::size_t>(end - i, 512)))});
    i = end + 1;
  }
  return names;
}

// Behind the closing braces; quotes hide braces.
std::size_t end_of(std::string_view scalar, std::size_t from) {
  bool quoted = false;
  for (std::size_t i = from; i + 1 < scalar.size(); ++i) {
    if (scalar[i] == '\'') quoted = !quoted;
    if (!quoted && scalar[i] == '}' && scalar[i + 1] == '}') return i + 2;
  }
  return std::string_view::npos;
}

}  // namespace

Interpolation read_expression(std::string_view expression) {
  Interpolation out{.text = expression, .sources = {}};
  Reader reader(expression);
  out.sources = reader.read();
  out.readable = !reader.failed();
  if (!out.readable) out.sources = names_in(expression);
  return out;
}

std::vector<Interpolation> interpolations_of(std::string_view scalar) {
  std::vector<Interpolation> found;
  std::size_t open = scalar.find("${{");
  while (open != std::string_view::npos && found.size() < kMost) {
    const std::size_t end = end_of(scalar, open + 3);
    if (end == std::string_view::npos) break;
    Interpolation one = read_expression(scalar.substr(open + 3, end - open - 5));
    one.text = scalar.substr(open, end - open);
    found.push_back(std::move(one));
    open = scalar.find("${{", end);
  }
  return found;
}

}  // namespace bulwark::scan
