#pragma once
// Patterns of words with gaps, read from a table: "ignore|disregard *3 previous|prior instruction%".
//
// a|b: either word. pre%: any word that starts so. *N: up to N other words (one digit). Nothing matches
// across the end of a sentence. The first place of a pattern takes whole words only.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scan/knowledge/folded_words.h"

namespace bulwark::scan {

class WordPatterns {
 public:
  // `table`: lines "kind<TAB>pattern", '#' starts a comment; it must outlive this. `kinds`: what the first
  // column may say; rows of any other kind are left out (a test reads every row of our tables).
  WordPatterns(std::string_view table, std::span<const std::string_view> kinds);

  struct Match {
    std::size_t kind = 0;  // place in `kinds`
    std::size_t end = 0;   // number of the word behind it
  };
  // What starts exactly at word `at`, in order of the table. Appends to `out`.
  void match(const std::vector<Word>& words, std::size_t at, std::vector<Match>& out) const;

  [[nodiscard]] std::size_t size() const { return all_.size(); }

 private:
  // One place in a pattern: which words fit after at most `gap` others.
  struct Slot {
    std::size_t gap = 0;
    std::vector<std::string_view> words;
    std::vector<std::string_view> prefixes;

    [[nodiscard]] bool fits(std::string_view word) const;
  };
  struct Pattern {
    std::size_t kind = 0;
    std::vector<Slot> slots;
  };

  static Pattern read(std::size_t kind, std::string_view text);
  static std::optional<std::size_t> match_rest(const Pattern& pattern, std::size_t slot,
                                               const std::vector<Word>& words, std::size_t at);

  std::vector<Pattern> all_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_first_;  // word -> patterns
};

}  // namespace bulwark::scan
