#include "assay/pii/scan.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "assay/pii/bytes.h"
#include "assay/pii/check_digits.h"
#include "assay/pii/find.h"
#include "assay/pii/names.h"
#include "assay/pii/phone.h"

namespace bulwark::assay::pii {
namespace {

constexpr std::size_t kLongWord = 26;  // wallets; codes with a layout are shorter, or are cut into groups
constexpr unsigned kStretch = 5;       // log2 of bytes
constexpr std::size_t kWords = 8;      // characters of a phrase without blanks

bool spaceless_script(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]) >= 0xE3;
}

// True if nothing is joined to the end of group `last`; `weak` if another number follows behind a blank.
bool ends_here(std::string_view text, const Groups& groups, std::size_t first, std::size_t last, bool& weak) {
  const Groups::Group& group = groups.list[last];
  const std::size_t end = group.offset + group.size;
  if (last + 1 < groups.count) {
    if (group.after != ' ') return false;
    if (last > first && groups.list[last - 1].after == ' ' && groups.list[last + 1].letters == 0) weak = true;
    return true;
  }
  if (end >= text.size()) return true;
  const char next = text[end];
  if ((class_of(next) & kWordClasses) != 0) return (class_of(next) & kHigh) != 0;
  if (next == '_' || next == '@') return false;
  const bool word_after = end + 1 < text.size() && (class_of(text[end + 1]) & kWordClasses) != 0;
  if (word_after && (next == '-' || next == '.' || next == '/')) return false;
  if (next == '%') weak = true;
  return true;
}

// Sizes of groups that no national plan is written in: dates, times, long identifiers.
bool may_be_phone(std::string_view text, const Groups& groups, std::size_t first) {
  const Groups::Group& group = groups.list[first];
  const bool zero = text[group.offset] == '0';
  const std::size_t next = group.after != 0 && first + 1 < groups.count ? groups.list[first + 1].size : 0;
  if (next == 0) return may_be_bare_phone(group.size, zero);
  if (zero) return group.size <= 5;
  if (group.size == 4) return next == 4;
  if (group.size == 5) return next == 5;
  return group.size < 4;
}

}  // namespace

Scanner::Scanner() : registry_(Registry::get()), lexicon_(Lexicon::all()), kinds_(recognisers()) {}

void Scanner::scan(std::string_view text, std::string_view country, const KindSet& named, Depth depth) {
  text_ = text;
  country_ = country;
  fax_named_ = named.has(registry_.fax);
  claims_.clear();
  hits_.clear();
  numbers_.clear();
  near_ = true;
  name_ = {};
  code_begin_ = 0;
  phone_until_ = domain_until_ = colons_until_ = zone_until_ = 0;
  std::size_t at = 0;
  while (at < text_.size()) {
    const unsigned classes = class_of(text_[at]);
    if ((classes & kWordClasses) == 0) {
      at = (classes & kTrigger) != 0 ? trigger(at) : at + 1;
      continue;
    }
    if (classes == kDigit) {
      if (const std::size_t end = digits_until(at); end != at) {
        at = end;
        continue;
      }
    }
    const Word word = word_at(at);
    if ((word.classes & kDigit) != 0) {
      mixed_word(word);
    } else {
      letters(word);
    }
    at = word.end;
  }
  finish_name();
  // Now that all phrases are known, the numbers: most of them have none near and need few checks.
  if (depth == Depth::Likely) mark_neighbourhood();
  std::size_t done = 0;
  for (const std::uint32_t begin : numbers_) {
    if (begin < done) continue;
    near_ =
        depth == Depth::All || stretches_[begin >> kStretch] != 0 || stretches_[(begin >> kStretch) + 1] != 0;
    if (!near_) {
      done = nobodys(begin);
      if (done != begin) continue;
    }
    done = codes(begin);
  }
  near_ = true;
}

void Scanner::mark_neighbourhood() {
  stretches_.assign((text_.size() >> kStretch) + 3, 0);
  for (const Hit& hit : hits_) {
    if (hit.phrase->kinds.empty()) continue;  // it could only lower a score
    const std::size_t from = hit.offset > kAfter ? hit.offset - kAfter : 0;
    const std::size_t to = std::min<std::size_t>(stretches_.size() - 1, (hit.end + kBefore) >> kStretch);
    for (std::size_t i = from >> kStretch; i <= to; ++i) stretches_[i] = 1;
  }
}

// A word of digits, the commonest one with a digit, and where it ends; `at` if it is more than that.
std::size_t Scanner::digits_until(std::size_t at) {
  const std::size_t stop = std::min(text_.size(), at + kLongWord);
  std::size_t end = at + 1;
  while (end < stop && class_of(text_[end]) == kDigit) ++end;
  if (end - at >= kLongWord) return at;
  if (end < text_.size() && (class_of(text_[end]) & (kLower | kUpper)) != 0) return at;
  if (name_.words != 0) finish_name();
  numbers_.push_back(static_cast<std::uint32_t>(at));
  return end;
}

// Few digits without a word near them that are no part of something longer: what codes() would find in them
// is not likely enough. Where they end; `begin` if they must be looked at.
std::size_t Scanner::nobodys(std::size_t begin) const {
  const char before = begin > 0 ? text_[begin - 1] : ' ';
  if (before == '+' || before == '(') return begin;
  std::size_t end = begin;
  while (end < text_.size() && class_of(text_[end]) == kDigit) ++end;
  const std::size_t digits = end - begin;
  if (digits == 0 || digits >= kShortestCard || registry_.likely_digits[digits]) return begin;
  if (text_[begin] == '0' && digits > 1 && text_[begin + 1] == '0') return begin;
  if (end == text_.size()) return end;
  const char after = text_[end];
  if ((class_of(after) & (kLower | kUpper)) != 0 || after == '(' || after == ')') return begin;
  if (LayoutTree::separator_index(after) > 3 || end + 1 == text_.size()) return end;
  const char next = text_[end + 1];
  if (after == ' ' && (class_of(next) == kLower || next == '\n')) return end;
  return (class_of(next) & (kDigit | kLower | kUpper)) != 0 || next == '(' ? begin : end;
}

Scanner::Word Scanner::word_at(std::size_t at) const {
  Word word{.begin = at, .end = at, .hash = 0, .classes = 0};
  const char* const bytes = text_.data();
  const std::size_t size = text_.size();
  // Letters and digits of ASCII always continue one another.
  while (word.end < size) {
    const auto byte = static_cast<unsigned char>(bytes[word.end]);
    if ((kByteClasses[byte] & (kDigit | kLower | kUpper)) == 0) break;
    word.classes |= kByteClasses[byte];
    word.hash = hash_step(word.hash, byte);
    ++word.end;
  }
  if (word.end == size) return word;
  do {
    const unsigned classes = class_of(bytes[word.end]);
    if ((classes & kWordClasses) == 0) break;
    if (!continues(word.classes, classes)) break;
    word.classes |= classes;
    word.hash = hash_step(word.hash, static_cast<unsigned char>(bytes[word.end]));
  } while (++word.end < size);
  return word;
}

void Scanner::claim(KindIndex kind, std::size_t begin, std::size_t end, float score) {
  claims_.push_back({.offset = static_cast<std::uint32_t>(begin),
                     .length = static_cast<std::uint32_t>(end - begin),
                     .kind = kind,
                     .match = true,
                     .score = score});
}

void Scanner::judge(KindIndex kind, const Code& code, std::size_t begin, std::size_t end, bool written,
                    bool weak) {
  const Recogniser& recogniser = *kinds_[kind];
  const Verdict verdict = recogniser.check == nullptr ? Verdict::Match : recogniser.check(code);
  if (verdict == Verdict::No) return;
  const bool whole = begin == 0 && end == text_.size();
  if (verdict == Verdict::Shape && !whole) return;
  float score = written ? recogniser.written : recogniser.bare;
  if (recogniser.plausible != nullptr && verdict == Verdict::Match && !recogniser.plausible(code))
    score *= kImplausible;
  if (weak) score *= 0.6F;
  claim(kind, begin, end, score);
  claims_.back().match = verdict == Verdict::Match;
}

// "tax" within "tax file number" has no voice of its own.
void Scanner::hit(std::size_t begin, std::size_t end, const Phrase* phrase) {
  while (!hits_.empty() && hits_.back().offset >= begin && hits_.back().end <= end) hits_.pop_back();
  if (!hits_.empty() && hits_.back().offset <= begin && hits_.back().end >= end) return;
  hits_.push_back({.offset = static_cast<std::uint32_t>(begin),
                   .end = static_cast<std::uint32_t>(end),
                   .phrase = phrase});
}

std::size_t Scanner::trigger(std::size_t at) {
  const char next = at + 1 < text_.size() ? text_[at + 1] : '\0';
  switch (text_[at]) {
    case '@':
      if (const auto found = email_around(text_, at))
        claim(registry_.email, found->begin, found->end, kinds_[registry_.email]->bare);
      break;
    case ':':
      if (next == '/') {
        if (const auto found = url_around(text_, at)) {
          claim(registry_.url, found->begin, found->end, kinds_[registry_.url]->bare);
          domain_until_ = found->end;
        }
      } else if (at >= colons_until_ && (next == ':' || (class_of(next) & kDigit) != 0 ||
                                         ((next | 0x20) >= 'a' && (next | 0x20) <= 'f'))) {
        const Colons found = colons_around(text_, at);
        colons_until_ = found.extent.end;
        if (found.ipv6)
          claim(registry_.ipv6, found.extent.begin, found.extent.end, kinds_[registry_.ipv6]->bare);
        if (found.mac)
          claim(registry_.mac, found.extent.begin, found.extent.end, kinds_[registry_.mac]->bare);
      }
      break;
    case '<':
      if (at >= zone_until_ && at > 0 && (class_of(text_[at - 1]) & (kUpper | kDigit)) != 0 &&
          (next == '<' || (class_of(next) & (kUpper | kDigit)) != 0)) {
        const auto found = mrz_around(text_, at);
        zone_until_ = found ? found->end : at + 2;
        if (found) claim(registry_.mrz, found->begin, found->end, kinds_[registry_.mrz]->bare);
      }
      break;
    default: break;
  }
  return at + 1;
}

// --- words
// ---------------------------------------------------------------------------------------------------

void Scanner::letters(const Word& word) {
  const Phrase* phrase = lexicon_.ending_at(text_, word.begin, word.end, word.hash);
  if (phrase != nullptr) {
    const auto begin = static_cast<std::uint32_t>(word.end - std::min(word.end, phrase->text.size()));
    if ((phrase->roles & (Phrase::Context | Phrase::Against)) != 0) hit(begin, word.end, phrase);
    if ((phrase->roles & Phrase::Special) != 0)
      claim(registry_.special, begin, word.end, kinds_[registry_.special]->bare);
  }
  if (name_.words != 0 || (word.classes & kUpper) != 0) name_word(word, phrase);
  if ((word.classes & kHigh) != 0 && spaceless_script(text_, word.begin)) spaceless(word);
  address_word(word, phrase);
  const std::size_t size = word.end - word.begin;
  const char next = word.end + 1 < text_.size() ? text_[word.end] : '\0';
  if (next == '\0' && size < 8) return;
  if (next == '.' && word.end >= domain_until_ && (class_of(text_[word.end + 1]) & kWordClasses) != 0) {
    const auto found = domain_from(text_, word.begin);
    domain_until_ = word.end + 1;
    if (found) {
      claim(registry_.url, found->begin, found->end, found->sure ? 0.8F : 0.6F);
      domain_until_ = found->end;
    }
  }
  // "fe-d2-04-…", "x-1234567-l"
  if (size <= 2 && next == '-' && (class_of(text_[word.end + 1]) & kWordClasses & ~kHigh) != 0)
    short_code(word);
  if (word.classes != kUpper) return;
  if (size > 2 - (next == ' ' ? 2U : 0U) && size <= 6 && LayoutTree::separator_index(next) < 2 &&
      (class_of(text_[word.end + 1]) & kDigit) != 0)
    short_code(word);
  if (size == 8 || size == 11)
    judge(registry_.bic, code_of(text_.substr(word.begin, size)), word.begin, word.end, false, false);
}

// Every stretch of two to eight characters that the lexicon knows.
void Scanner::spaceless(const Word& word) {
  for (std::size_t begin = word.begin; begin + 6 <= word.end; begin += 3) {
    std::uint64_t hash = 0;
    for (std::size_t size = 3; size <= 3 * kWords && begin + size <= word.end; size += 3) {
      for (std::size_t i = begin + size - 3; i < begin + size; ++i)
        hash = hash_step(hash, static_cast<unsigned char>(text_[i]));
      if (size < 6) continue;
      const Phrase* phrase = lexicon_.ending_at(text_, begin, begin + size, hash);
      if (phrase == nullptr || phrase->text.size() != size) continue;
      hit(begin, begin + size, phrase);
    }
  }
}

void Scanner::name_word(const Word& word, const Phrase* phrase) {
  constexpr unsigned kNameRoles = Phrase::Given | Phrase::Surname | Phrase::Title;
  const bool capital = (class_of(text_[word.begin]) & (kUpper | kHigh)) != 0;
  const unsigned roles = phrase == nullptr ? 0 : phrase->roles & kNameRoles;
  const bool one_word = phrase != nullptr && phrase->text.size() == word.end - word.begin;
  if (name_.words != 0) {
    const NameGap gap = gap_between(text_, name_.end, word.begin);
    const bool names_on =
        gap == NameGap::Joined || (gap == NameGap::Stopped && (name_.title || name_.end - name_.begin == 1 ||
                                                               ends_in_initial(text_, name_.end)));
    const bool particle = is_particle(text_.substr(word.begin, word.end - word.begin));
    const bool other = phrase != nullptr && roles == 0;
    if (names_on && (capital || particle) && !(other && !particle) && name_.words < 5) {
      if ((roles & Phrase::Title) != 0) {
        name_ = {.begin = word.end, .end = word.end, .words = 1, .title = true};
        return;
      }
      if (name_.title && name_.words == 1) name_.begin = word.begin;
      name_.end = word.end;
      ++name_.words;
      name_.given |= (roles & Phrase::Given) != 0;
      name_.surname |= (roles & Phrase::Surname) != 0;
      return;
    }
    finish_name();
  }
  if (roles == 0 || !one_word || !capital) return;
  const bool title = (roles & Phrase::Title) != 0;
  name_ = {.begin = title ? word.end : word.begin,
           .end = word.end,
           .words = 1,
           .title = title,
           .given = (roles & Phrase::Given) != 0,
           .surname = (roles & Phrase::Surname) != 0};
}

void Scanner::finish_name() {
  NameRun name = name_;
  name_ = {};
  if (name.words == 0) return;
  // A particle at the end belongs to what follows ("John de").
  const std::size_t last = text_.substr(0, name.end).find_last_of(" -'.");
  if (name.words > 1 && last != std::string_view::npos && last + 1 > name.begin &&
      is_particle(text_.substr(last + 1, name.end - last - 1))) {
    name.end = last;
    --name.words;
  }
  if (name.end <= name.begin) return;
  if (name.title) {
    if (name.words > 1) claim(registry_.person, name.begin, name.end, 0.75F);
    return;
  }
  if (name.words > 1 && name.given) {
    claim(registry_.person, name.begin, name.end, name.surname ? 0.75F : 0.55F);
  } else if (name.given || name.surname) {
    claim(registry_.person, name.begin, name.end, 0.2F);
  }
}

void Scanner::address_word(const Word& word, const Phrase* phrase) {
  const unsigned roles = phrase == nullptr ? 0U : phrase->roles;
  std::optional<Extent> found;
  if ((roles & Phrase::StreetAfter) != 0) found = street_ending(text_, word.begin, word.end);
  if (!found && (roles & Phrase::StreetBefore) != 0) found = street_beginning(text_, word.begin, word.end);
  if (!found && word.end + 1 < text_.size() && text_[word.end] <= '.' && (word.classes & kUpper) != 0)
    found = street_compound(text_, word.begin, word.end);
  if (found) claim(registry_.address, found->begin, found->end, found->sure ? 0.75F : 0.6F);
}

// --- codes
// ---------------------------------------------------------------------------------------------------

// A word with a digit: perhaps a phrase ("icd10"), a domain, a wallet; its number is looked at later.
void Scanner::mixed_word(const Word& word) {
  if ((word.classes & (kLower | kUpper)) != 0) {
    if (const Phrase* phrase = lexicon_.ending_at(text_, word.begin, word.end, word.hash); phrase != nullptr)
      hit(word.end - std::min(word.end, phrase->text.size()), word.end, phrase);
    if (word.end >= domain_until_ && word.end + 1 < text_.size() && text_[word.end] == '.' &&
        (class_of(text_[word.end + 1]) & (kLower | kUpper)) != 0) {
      domain_until_ = word.end + 1;
      if (const auto found = domain_from(text_, word.begin)) {
        claim(registry_.url, found->begin, found->end, found->sure ? 0.8F : 0.6F);
        domain_until_ = found->end;
      }
    }
  }
  if (name_.words != 0) finish_name();
  if (word.end - word.begin >= kLongWord) {
    long_word(word);
  } else {
    numbers_.push_back(static_cast<std::uint32_t>(word.begin));
  }
}

// The run of groups that starts at `begin`; where it ended.
std::size_t Scanner::codes(std::size_t begin) {
  read_groups(begin, groups_);
  const Groups& groups = groups_;
  // A full list may go on: look at its first half, and come back for the rest.
  const std::size_t looked = groups.count == Groups::kMost ? Groups::kMost / 2 : groups.count;
  std::size_t end = begin;
  for (std::size_t i = 0; i < looked; ++i) {
    const Groups::Group& group = groups.list[i];
    const std::uint32_t all = group.size >= 32 ? ~0U : (1U << group.size) - 1;
    // A word among the groups has a meaning of its own: stop in front of it.
    if (i > 0 && group.letters != 0) break;
    codes_from(groups, i);
    end = group.offset + group.size;
    if (group.letters == all) break;
  }
  return end;
}

// Letters in front of the digits: "AB 12 34 56 C".
void Scanner::short_code(const Word& word) {
  read_groups(word.begin, groups_);
  codes_from(groups_, 0);
}

void Scanner::long_word(const Word& word) {
  const std::string_view value = text_.substr(word.begin, word.end - word.begin);
  if (judge_ethereum(value) == Verdict::Match) {
    const bool checked = std::ranges::any_of(value.substr(2), [](char c) { return c >= 'A' && c <= 'F'; });
    const Recogniser& kind = *kinds_[registry_.ethereum];
    claim(registry_.ethereum, word.begin, word.end, checked ? kind.written : kind.bare);
  }
  if (judge_bitcoin(value) == Verdict::Match)
    claim(registry_.bitcoin, word.begin, word.end, kinds_[registry_.bitcoin]->bare);
  if (value.size() <= 34) account(word.begin);
}

void Scanner::read_groups(std::size_t begin, Groups& groups) const {
  groups.count = 0;
  std::size_t at = begin;
  const char* const bytes = text_.data();
  const std::size_t size = text_.size();
  while (groups.count < Groups::kMost) {
    Groups::Group& group = groups.list[groups.count];
    group.offset = static_cast<std::uint32_t>(at);
    group.letters = 0;
    std::size_t length = 0;
    for (; at < size && length < 32; ++at, ++length) {
      const unsigned classes = class_of(bytes[at]);
      if ((classes & (kDigit | kUpper | kLower)) == 0) break;
      if ((classes & kDigit) == 0) group.letters |= 1U << length;
    }
    group.size = static_cast<std::uint8_t>(length);
    group.after = 0;
    ++groups.count;
    if (at + 1 >= size || LayoutTree::separator_index(bytes[at]) > 3) break;
    const unsigned next = class_of(bytes[at + 1]);
    if ((next & (kDigit | kUpper | kLower)) == 0) break;
    // Behind a blank stands another word, unless it is short and in capitals.
    if (bytes[at] == ' ' && (next & kDigit) == 0) {
      if ((next & kUpper) == 0) break;
      std::size_t end = at + 1;
      while (end < size && end - at < 7 && (class_of(bytes[end]) & (kUpper | kDigit)) != 0) ++end;
      if (end - at >= 7 || (end < size && (class_of(bytes[end]) & kWordClasses) != 0)) break;
    }
    if (groups.count == Groups::kMost) break;
    group.after = bytes[at];
    ++at;
  }
}

// Where a code may begin or end: not inside a longer one ("AB-943-476-5919", "1.2.3.4").
void Scanner::codes_from(const Groups& groups, std::size_t first) {
  const Groups::Group& group = groups.list[first];
  const std::size_t begin = group.offset;
  bool weak = false;
  bool joined = false;
  if (first > 0) {
    const char before = groups.list[first - 1].after;
    joined = before != ' ';
    weak = before == ' ' && groups.list[first - 1].letters == 0;
  } else if (begin > 0) {
    const char before = text_[begin - 1];
    const bool word_before = begin > 1 && (class_of(text_[begin - 2]) & (kWordClasses & ~kHigh)) != 0;
    joined = before == '_' || before == '@' || before == '\\' || before == '$' ||
             (word_before && (before == '-' || before == '.' || before == '/'));
    weak = before == '#' || before == '+' || (before == '-' && !word_before);
  }
  if (group.letters == 0) numbers(groups, first);
  if (joined) return;
  if ((group.letters & 15U) == 3 && group.size >= 4) account(begin);
  if (group.letters == 0 && group.size >= 4) card_number(groups, first, weak);
  if (group.letters == 1 && group.size >= 13 && (text_[begin] | 0x20) == 'b')
    track(begin + 1, begin + group.size);
  walk_layouts(groups, first, weak);
}

// The code that starts with group `first`, as far as it fits; the caller sets its size.
Code& Scanner::code_from(const Groups& groups, std::size_t first) {
  if (code_begin_ == groups.list[first].offset + std::size_t{1}) return code_;
  code_begin_ = groups.list[first].offset + std::size_t{1};
  std::size_t size = 0;
  for (std::size_t i = first; i < groups.count; ++i) {
    const Groups::Group& group = groups.list[i];
    if (size + group.size > Code::kMost) break;
    for (std::size_t k = 0; k < group.size; ++k) {
      const char c = text_[group.offset + k];
      const bool letter = c > '9';
      const char upper = letter ? static_cast<char>(c & ~0x20) : c;
      code_.c[size] = upper;
      code_.v[size] = static_cast<std::int16_t>(letter ? upper - 'A' + 10 : upper - '0');
      ++size;
    }
    if (group.after == 0) break;
  }
  return code_;
}

void Scanner::walk_layouts(const Groups& groups, std::size_t first, bool weak) {
  const LayoutTree::Node* node = registry_.tree.start(groups.list[first].size);
  if (node == nullptr) return;
  std::uint64_t letters = groups.list[first].letters;
  std::size_t size = groups.list[first].size;
  const std::size_t begin = groups.list[first].offset;
  for (std::size_t last = first; node != nullptr; ++last) {
    bool unsure = weak;
    if (node->count != 0 && ends_here(text_, groups, first, last, unsure)) {
      for (const LayoutTree::Leaf& leaf : registry_.tree.leaves(*node)) {
        if (!near_ && !leaf.likely) continue;
        if ((letters & leaf.letters) != leaf.letters || (letters & leaf.digits) != 0) continue;
        Code& code = code_from(groups, first);
        code.size = static_cast<std::uint32_t>(size);
        code.letters = letters;
        judge(leaf.kind, code, begin, groups.list[last].offset + groups.list[last].size, last > first,
              unsure);
      }
    }
    const Groups::Group& group = groups.list[last];
    if (group.after == 0 || last + 1 >= groups.count) return;
    const Groups::Group& next = groups.list[last + 1];
    if (size + next.size > Code::kMost) return;
    node = registry_.tree.step(*node, group.after, next.size);
    letters |= std::uint64_t{next.letters} << size;
    size += next.size;
  }
}

// Twelve to nineteen digits with blanks or dashes wherever people put them; the longest that passes.
void Scanner::card_number(const Groups& groups, std::size_t first, bool weak) {
  std::size_t size = 0;
  std::size_t last = first;
  std::array<std::size_t, 20> ends{};  // group that completes that many digits, plus one
  for (;; ++last) {
    const Groups::Group& group = groups.list[last];
    if (group.letters != 0 || size + group.size > 19) break;
    size += group.size;
    ends[size] = last + 1;
    if ((group.after != ' ' && group.after != '-') || last + 1 >= groups.count) break;
    if (last > first && group.after != groups.list[first].after) break;
    if (groups.list[last + 1].size < 2 && size < 12) break;
  }
  for (std::size_t digits = std::min<std::size_t>(size, 19); digits >= 12; --digits) {
    if (ends[digits] == 0) continue;
    const std::size_t end_group = ends[digits] - 1;
    bool unsure = weak;
    if (!ends_here(text_, groups, first, end_group, unsure)) continue;
    Code& code = code_from(groups, first);
    code.size = static_cast<std::uint32_t>(digits);
    code.letters = 0;
    const std::size_t begin = groups.list[first].offset;
    const std::size_t end = groups.list[end_group].offset + groups.list[end_group].size;
    const std::size_t before = claims_.size();
    const bool fours = end_group > first && groups.list[first].size == 4 && groups.list[first + 1].size >= 4;
    judge(registry_.pan, code, begin, end, fours, weak);
    if (claims_.size() == before) continue;
    // Other 35xx are seen in the wild, though no scheme has announced them.
    const int start = code.v[0] * 1000 + code.v[1] * 100 + two(code, 2);
    if (start / 100 == 35 && (start < 3528 || start > 3589)) claims_.back().score *= kUnannounced;
    if (claims_.back().match) track(begin, end);
    return;
  }
}

void Scanner::track(std::size_t begin, std::size_t end) {
  if (end >= text_.size() || (text_[end] != '=' && text_[end] != '^')) return;
  const Code code = code_of(text_.substr(begin, end - begin));
  if (kinds_[registry_.pan]->check(code) != Verdict::Match) return;
  if (const auto found = track_around(text_, begin, end))
    claim(registry_.track, found->begin, found->end, kinds_[registry_.track]->bare);
}

// Four characters of country and check digits, then blanks or dashes anywhere.
void Scanner::account(std::size_t begin) {
  Code code;
  std::size_t at = begin;
  char last = 0;
  while (at < text_.size() && code.size < 34) {
    const char c = text_[at];
    if ((class_of(c) & (kDigit | kUpper | kLower)) != 0) {
      const bool letter = c > '9';
      const char upper = letter ? static_cast<char>(c & ~0x20) : c;
      if (letter) code.letters |= std::uint64_t{1} << code.size;
      code.c[code.size] = upper;
      code.v[code.size] = static_cast<std::int16_t>(letter ? upper - 'A' + 10 : upper - '0');
      ++code.size;
    } else if ((c != ' ' && c != '-') || last == ' ' || last == '-') {
      break;
    }
    last = c;
    ++at;
    if (code.size < 15 || (last == ' ' || last == '-')) continue;
    const bool ends = at == text_.size() || (class_of(text_[at]) & (kWordClasses & ~kHigh)) == 0;
    if (!ends || kinds_[registry_.iban]->check(code) == Verdict::No) continue;
    judge(registry_.iban, code, begin, at, at - begin > code.size, false);
    return;
  }
}

// What starts with digits and has a grammar of its own: network addresses, telephone numbers, coordinates.
void Scanner::numbers(const Groups& groups, std::size_t first) {
  const Groups::Group& group = groups.list[first];
  const std::size_t begin = group.offset;
  const char before = first > 0 ? groups.list[first - 1].after : ' ';
  const std::size_t end = begin + group.size;
  if (group.after == '.' && group.size <= 3 && before != '.' && before != '-' && first + 1 < groups.count) {
    const Groups::Group& next = groups.list[first + 1];
    if (next.size <= 3) {
      if (const auto found = ipv4_from(text_, begin)) {
        const bool version = begin > 0 && (text_[begin - 1] | 0x20) == 'v';
        if (!version) claim(registry_.ipv4, found->begin, found->end, kinds_[registry_.ipv4]->bare);
      }
    } else if (next.size >= 4 && next.letters == 0 && before != '/') {
      if (const auto found = coordinates_from(text_, begin))
        claim(registry_.coordinates, found->begin, found->end, kinds_[registry_.coordinates]->written);
    }
  }
  if (begin < phone_until_ || before != ' ') return;
  const bool marked = begin > 0 && (text_[begin - 1] == '+' || text_[begin - 1] == '(');
  const bool closes =
      end < text_.size() && (text_[end] == ')' || text_[end] == '(' ||
                             (text_[end] == ' ' && end + 1 < text_.size() && text_[end + 1] == '('));
  // Digits alone are a telephone number only beside a word that says so.
  const bool bare = group.after == 0 || group.size >= 7;
  if (!near_ && bare && !marked && !closes && !text_.substr(begin).starts_with("00")) return;
  if (!marked && !closes && !may_be_phone(text_, groups, first)) return;
  if (group.size > 17 || (group.after == 0 && !closes && group.size < 7)) return;
  if (group.size == 1 && !marked && text_[begin] != '1' && text_[begin] != '8' && text_[begin] != '0') return;
  const auto phone = phone_from(text_, begin, country_);
  if (!phone) return;
  phone_until_ = phone->extent.end;
  const bool goes_on = first > 0 && groups.list[first - 1].letters == 0;
  claim(registry_.phone, phone->extent.begin, phone->extent.end,
        goes_on ? phone->score * 0.6F : phone->score);
  // Whether a number is a fax is said in front of it.
  const auto behind = std::ranges::lower_bound(hits_, phone->extent.begin, {}, &Hit::offset);
  const bool said = behind != hits_.begin() && std::prev(behind)->end <= phone->extent.begin &&
                    phone->extent.begin - std::prev(behind)->end < 16 &&
                    std::prev(behind)->phrase->kinds.has(registry_.fax);
  if (said || fax_named_) claim(registry_.fax, phone->extent.begin, phone->extent.end, 0.92F);
}

// --- values beside their name
// --------------------------------------------------------------------------------

// The longest run of groups at `at` that one of these kinds knows.
bool Scanner::value_at(std::size_t at, const KindSet& kinds) {
  Groups groups;
  read_groups(at, groups);
  bool found = false;
  for (std::size_t count = std::min<std::size_t>(groups.count, 5); count > 0 && !found; --count) {
    bool unsure = false;
    if (!ends_here(text_, groups, 0, count - 1, unsure)) continue;
    const std::uint64_t shape = shape_of(groups, 0, count);
    std::uint64_t letters = 0;
    std::size_t size = 0;
    for (std::size_t i = 0; i < count && size < Code::kMost; ++i) {
      letters |= std::uint64_t{groups.list[i].letters} << size;
      size += groups.list[i].size;
    }
    if (shape == 0 || size > Code::kMost) continue;
    const std::size_t end = groups.list[count - 1].offset + groups.list[count - 1].size;
    for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
      if (!registry_.only_named.has(kind) || !kinds.has(kind)) continue;
      const auto& layouts = registry_.layouts[kind];
      if (std::ranges::none_of(layouts, [&](const Layout& layout) { return fits(layout, shape, letters); }))
        continue;
      const Code code = code_of(text_.substr(at, end - at));
      const Recogniser& recogniser = *kinds_[kind];
      if (recogniser.check != nullptr && recogniser.check(code) != Verdict::Match) continue;
      // A plate or a serial number of letters alone is a word.
      if (code.letters == (std::uint64_t{1} << code.size) - 1) continue;
      claim(static_cast<KindIndex>(kind), at, end, recogniser.named);
      found = true;
    }
  }
  return found;
}

bool Scanner::value_before(std::size_t end, const KindSet& kinds) {
  std::size_t at = end;
  while (at > 0 && end - at < 3 && (text_[at - 1] == ' ' || text_[at - 1] == '-')) --at;
  std::size_t begin = at;
  while (begin > 0 && at - begin < 24 && (class_of(text_[begin - 1]) & kDigit) != 0) --begin;
  return begin < at && value_at(begin, kinds);
}

void Scanner::claim_named_values() {
  constexpr std::size_t kReach = 40;  // "Passport number of the holder: "
  for (const Hit& hit : hits_) {
    if ((hit.phrase->roles & Phrase::Context) == 0 || !hit.phrase->kinds.overlaps(registry_.only_named))
      continue;
    if ((hit.phrase->roles & Phrase::ValueBefore) != 0) {
      value_before(hit.offset, hit.phrase->kinds);
      continue;
    }
    std::size_t at = hit.end;
    const std::size_t stop = std::min(text_.size(), at + kReach);
    while (at < stop && text_[at] != '\n') {
      const unsigned classes = class_of(text_[at]);
      if ((classes & kWordClasses) == 0) {
        ++at;
        continue;
      }
      if (value_at(at, hit.phrase->kinds)) break;
      const Word word = word_at(at);
      if ((word.classes & kDigit) != 0) break;
      at = word.end;
    }
  }
}

void Scanner::claim_whole(const KindSet& named) {
  if (!named.overlaps(registry_.only_named) || text_.empty() || (class_of(text_[0]) & kWordClasses) == 0)
    return;
  const std::size_t before = claims_.size();
  value_at(0, named);
  std::erase_if(claims_, [&](const Claim& claim) {
    return &claim >= claims_.data() + before && claim.length != text_.size();
  });
}

}  // namespace bulwark::assay::pii
