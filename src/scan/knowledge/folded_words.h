#pragma once
// Text as a reader understands it, in words: folded so that disguises of spelling fall away.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::scan {

struct Word {
  std::string text;          // lower case, folded
  std::uint64_t offset = 0;  // of its first byte in the source
  std::uint64_t end = 0;     // behind its last byte
  bool starts_sentence = false;
};

// Folds full-width and mathematical letters, Cyrillic and Greek letters that look Latin within Latin words,
// HTML character references and \u escapes; drops invisible characters and marks of emphasis; reads
// "i g n o r e" and "1gn0r3" as the word. Words keep the characters of paths and addresses.
[[nodiscard]] std::vector<Word> folded_words(std::string_view text);

}  // namespace bulwark::scan
