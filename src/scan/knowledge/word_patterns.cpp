#include "scan/knowledge/word_patterns.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace bulwark::scan {

bool WordPatterns::Slot::fits(std::string_view word) const {
  return std::ranges::find(words, word) != words.end() ||
         std::ranges::any_of(prefixes, [&](std::string_view prefix) { return word.starts_with(prefix); });
}

WordPatterns::Pattern WordPatterns::read(std::size_t kind, std::string_view text) {
  Pattern pattern{kind, {}};
  std::size_t gap = 0;
  for (const std::string_view piece : words(text)) {
    if (piece.size() > 1 && piece[0] == '*') {
      gap = static_cast<std::size_t>(piece[1] - '0');
      continue;
    }
    Slot slot{gap, {}, {}};
    for (const std::string_view word : split(piece, '|')) {
      if (word.ends_with('%')) {
        slot.prefixes.push_back(word.substr(0, word.size() - 1));
      } else {
        slot.words.push_back(word);
      }
    }
    pattern.slots.push_back(std::move(slot));
    gap = 0;
  }
  return pattern;
}

WordPatterns::WordPatterns(std::string_view table, std::span<const std::string_view> kinds) {
  for (const std::string_view line : split(table, '\n')) {
    const std::size_t tab = line.find('\t');
    if (line.starts_with('#') || tab == std::string_view::npos) continue;
    const auto kind = std::ranges::find(kinds, line.substr(0, tab));
    if (kind == kinds.end()) continue;
    const std::size_t number = all_.size();
    all_.push_back(read(static_cast<std::size_t>(kind - kinds.begin()), line.substr(tab + 1)));
    for (const std::string_view word : all_.back().slots.front().words) by_first_[word].push_back(number);
  }
}

// The word behind the match of all slots from `slot` on, or nothing. Slots and gaps are few, so trying every
// way costs a bounded number of steps.
std::optional<std::size_t> WordPatterns::match_rest(const Pattern& pattern, std::size_t slot,
                                                    const std::vector<Word>& words, std::size_t at) {
  if (slot == pattern.slots.size()) return at;
  const Slot& wanted = pattern.slots[slot];
  for (std::size_t skip = 0; skip <= wanted.gap && at + skip < words.size(); ++skip) {
    if (words[at + skip].starts_sentence) return {};
    if (!wanted.fits(words[at + skip].text)) continue;
    if (const auto end = match_rest(pattern, slot + 1, words, at + skip + 1)) return end;
  }
  return {};
}

void WordPatterns::match(const std::vector<Word>& words, std::size_t at, std::vector<Match>& out) const {
  const auto candidates = by_first_.find(words[at].text);
  if (candidates == by_first_.end()) return;
  for (const std::size_t number : candidates->second)
    if (const auto end = match_rest(all_[number], 1, words, at + 1))
      out.push_back({.kind = all_[number].kind, .end = *end});
}

}  // namespace bulwark::scan
