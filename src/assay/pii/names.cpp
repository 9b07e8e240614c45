#include "assay/pii/names.h"

#include <algorithm>

#include "assay/pii/bytes.h"
#include "base/one_of.h"

namespace bulwark::assay::pii {
namespace {

constexpr std::size_t kStreetWords = 5;

bool is_digit(char c) {
  return (class_of(c) & kDigit) != 0;
}
bool is_word(char c) {
  return (class_of(c) & kWordClasses) != 0;
}

std::size_t word_end(std::string_view text, std::size_t at) {
  while (at < text.size() && (is_word(text[at]) || text[at] == '\'' || text[at] == '-')) ++at;
  return at;
}
std::size_t word_begin(std::string_view text, std::size_t at) {
  const std::size_t least = at > 32 ? at - 32 : 0;
  while (at > least && (is_word(text[at - 1]) || text[at - 1] == '\'' || text[at - 1] == '-')) --at;
  return at;
}

// "12", "12b", "12-14": a house number is short.
bool house_number(std::string_view word) {
  if (word.empty() || word.size() > 7 || !is_digit(word[0])) return false;
  std::size_t digits = 0;
  std::size_t letters = 0;
  for (const char c : word) {
    digits += is_digit(c) ? 1U : 0U;
    letters += (class_of(c) & (kLower | kUpper)) != 0 ? 1U : 0U;
  }
  return letters <= 1 && digits <= 6 && (class_of(word.back()) & kHigh) == 0;
}

// A house number at `at`, behind a blank or a comma and a blank; its end, or npos.
std::size_t number_after(std::string_view text, std::size_t at) {
  if (at < text.size() && (text[at] == ',' || text[at] == '.')) ++at;
  if (at >= text.size() || text[at] != ' ') return std::string_view::npos;
  ++at;
  if (text.substr(at).starts_with("n\xC2\xBA ") || text.substr(at).starts_with("nr. ")) at += 4;
  const std::size_t end = word_end(text, at);
  return house_number(text.substr(at, end - at)) ? end : std::string_view::npos;
}

}  // namespace

NameGap gap_between(std::string_view text, std::size_t end, std::size_t next) {
  const std::string_view gap = text.substr(end, next - end);
  if (gap == " " || gap == "-" || gap == "'") return NameGap::Joined;
  return gap == ". " || gap == "." ? NameGap::Stopped : NameGap::Apart;
}

bool is_particle(std::string_view word) {
  return is_one_of(word, {"van", "von", "der", "den", "de", "da", "di",  "del", "della", "dos", "du",
                          "la",  "le",  "bin", "ibn", "al", "el", "ter", "ten", "y",     "zu"});
}

bool ends_in_initial(std::string_view text, std::size_t end) {
  return end >= 2 && (class_of(text[end - 1]) & kUpper) != 0 && text[end - 2] == ' ';
}

std::optional<Extent> street_ending(std::string_view text, std::size_t begin, std::size_t end) {
  if ((class_of(text[begin]) & kUpper) == 0) return std::nullopt;
  std::size_t at = begin;
  for (std::size_t i = 0; i < kStreetWords; ++i) {
    if (at < 2 || text[at - 1] != ' ') return std::nullopt;
    std::size_t stop = at - 1;
    if (text[stop - 1] == '.') --stop;
    const std::size_t start = word_begin(text, stop);
    const std::string_view word = text.substr(start, stop - start);
    if (word.empty()) return std::nullopt;
    if (i > 0 && house_number(word)) return Extent{.begin = start, .end = end};
    const bool ordinal = is_digit(word[0]) && word.size() > 2 && (class_of(word.back()) & kLower) != 0;
    if (!ordinal && (class_of(word[0]) & (kUpper | kHigh)) == 0) return std::nullopt;
    at = start;
  }
  return std::nullopt;
}

std::optional<Extent> street_beginning(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t start = begin;
  bool number = false;
  if (begin > 2 && text[begin - 1] == ' ') {
    const std::size_t stop = text[begin - 2] == ',' ? begin - 2 : begin - 1;
    const std::size_t before = word_begin(text, stop);
    if (house_number(text.substr(before, stop - before))) {
      start = before;
      number = true;
    }
  }
  std::size_t at = end;
  std::size_t last_capital = end;
  for (std::size_t i = 0; i < kStreetWords; ++i) {
    if (i == 0 && at < text.size() && text[at] == '.') ++at;
    if (i > 0 && !number) {
      if (const std::size_t found = number_after(text, at); found != std::string_view::npos)
        return last_capital > end ? std::optional(Extent{.begin = start, .end = found}) : std::nullopt;
    }
    if (at >= text.size() || text[at] != ' ') break;
    const std::size_t stop = word_end(text, at + 1);
    const std::string_view word = text.substr(at + 1, stop - at - 1);
    if (word.empty()) break;
    const bool capital = (class_of(word[0]) & (kUpper | kHigh)) != 0;
    if (!capital && !is_particle(word) &&
        !is_one_of(word, {"des", "les", "las", "los", "d'", "delle", "dei"}))
      break;
    if (capital) last_capital = stop;
    at = stop;
  }
  if (!number || last_capital == end) return std::nullopt;
  return Extent{.begin = start, .end = last_capital};
}

std::optional<Extent> street_compound(std::string_view text, std::size_t begin, std::size_t end) {
  // A number must follow; that is rarer than the endings.
  const std::size_t at = end + (text[end] == ' ' ? 1 : 2);
  if (at >= text.size() || (!is_digit(text[at]) && text[at] != 'n')) return std::nullopt;
  const std::string_view word = text.substr(begin, end - begin);
  const bool compound = std::ranges::any_of(
      std::initializer_list<std::string_view>{"stra\xC3\x9F"
                                              "e",
                                              "strasse", "str", "weg", "gasse", "platz", "allee", "damm",
                                              "ufer", "straat", "laan", "gatan", "gade", "vej", "katu",
                                              "utca"},
      [&](std::string_view ending) { return word.size() >= ending.size() + 3 && word.ends_with(ending); });
  if (!compound) return std::nullopt;
  const std::size_t found = number_after(text, end);
  if (found == std::string_view::npos) return std::nullopt;
  return Extent{.begin = begin, .end = found};
}

}  // namespace bulwark::assay::pii
