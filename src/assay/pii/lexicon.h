#pragma once
// The words that say what stands beside them ("credit card", "Steuernummer"), names of people, streets, and
// words about special categories: data/pii/*.tsv in one table, looked up once for each word of a text.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bulwark::assay::pii {

// A set of recognisers, by index.
class KindSet {
 public:
  static constexpr std::size_t kMost = 192;
  void add(std::size_t kind) { words_[kind / 64] |= std::uint64_t{1} << kind % 64; }
  void add(const KindSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  [[nodiscard]] bool has(std::size_t kind) const { return (words_[kind / 64] >> kind % 64 & 1) != 0; }
  [[nodiscard]] bool overlaps(const KindSet& other) const {
    std::uint64_t common = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) common |= words_[i] & other.words_[i];
    return common != 0;
  }
  [[nodiscard]] bool empty() const { return (words_[0] | words_[1] | words_[2]) == 0; }

 private:
  std::array<std::uint64_t, kMost / 64> words_ = {};
};

struct Phrase {
  // Roles besides being context.
  enum Role : std::uint16_t {
    Context = 1,
    Against = 2,      // "order", "version": numbers beside it are nobody's
    ValueBefore = 4,  // "42 years old"
    Given = 8,        // given name
    Surname = 16,
    Title = 32,          // "Mrs", "Dr": a name follows
    StreetAfter = 64,    // "… Street"
    StreetBefore = 128,  // "rue …", "via …"
    Special = 256,       // GDPR art. 9
  };
  std::string text;  // folded, words separated by single blanks
  std::uint16_t roles = 0;
  KindSet kinds;
};

// One byte of a word, without case: ASCII, and the second byte of accented and Cyrillic capitals (coarse, but
// the same for table and text).
[[nodiscard]] constexpr unsigned char folded(unsigned char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<unsigned char>(c | 0x20);
  if (c >= 0x80 && c <= 0x9F) return static_cast<unsigned char>(c | 0x20);
  return c;
}
[[nodiscard]] constexpr std::uint64_t hash_step(std::uint64_t hash, unsigned char c) {
  return (hash << 7 | hash >> 57) ^ folded(c);
}

class Lexicon {
 public:
  // Built when it is needed for the first time; never written afterwards.
  [[nodiscard]] static const Lexicon& all();

  // The longest phrase that ends with the word [begin, end) of `text`, whose hash is given; null: none.
  [[nodiscard]] const Phrase* ending_at(std::string_view text, std::size_t begin, std::size_t end,
                                        std::uint64_t hash) const {
    const std::uint64_t mixed = mix(hash);
    const std::uint32_t bit = static_cast<std::uint32_t>(mixed >> 48);
    if ((filter_[bit / 64] >> bit % 64 & 1) == 0) return nullptr;
    return look_up(text, begin, end, mixed);
  }
  [[nodiscard]] const Phrase* word(std::string_view word) const;

 private:
  Lexicon();
  void read(std::string_view table);
  void add(std::string_view phrase, std::uint16_t roles, const KindSet& kinds);
  [[nodiscard]] static std::uint64_t mix(std::uint64_t hash) {
    return (hash ^ hash >> 29) * 0x9E37'79B9'7F4A'7C15;
  }
  [[nodiscard]] const Phrase* look_up(std::string_view text, std::size_t begin, std::size_t end,
                                      std::uint64_t mixed) const;

  std::vector<std::uint64_t> filter_ = std::vector<std::uint64_t>(1024);  // 65,536 bits: stays in the cache
  // Phrases by their last word, the longest first; those of one word side by side.
  struct Entry {
    std::uint64_t mixed = 0;  // hash of the last word
    char before = 0;          // last letter of the word in front of it; 0: there is none
    std::uint16_t size = 0;
    std::uint32_t phrase = 0;
  };
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;  // by hash: index of its first entry
  std::vector<Phrase> phrases_;
  std::unordered_map<std::string, std::uint32_t> known_;  // index of a phrase, while the table is read
};

}  // namespace bulwark::assay::pii
