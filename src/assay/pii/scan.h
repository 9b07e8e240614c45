#pragma once
// The one pass over a text: words and codes, what they claim to be, and the words that speak for or against.
//
// Bytes are classed by a table; a word of letters costs one look-up in the lexicon, a code one walk through
// the tree of layouts. Nothing is decided here: find.cpp weighs claims against the words around them.

#include <cstdint>
#include <string_view>
#include <vector>

#include "assay/pii/free.h"
#include "assay/pii/layout.h"
#include "assay/pii/lexicon.h"
#include "assay/pii/registry.h"

namespace bulwark::assay::pii {

struct Claim {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  KindIndex kind = kNoKind;
  bool match = true;  // false: well-formed, but the check digit says no; only of whole texts
  float score = 0;    // by itself
  [[nodiscard]] std::uint32_t end() const { return offset + length; }
};
// A phrase of the lexicon in the text.
struct Hit {
  std::uint32_t offset = 0;
  std::uint32_t end = 0;
  const Phrase* phrase = nullptr;
};

// How near a phrase must stand to speak for a value, in bytes: a line before it, half of one behind.
inline constexpr std::uint32_t kBefore = 80;
inline constexpr std::uint32_t kAfter = 40;

inline constexpr std::size_t kShortestCard = 12;  // digits of a payment card
inline constexpr std::size_t kLongestCard = 19;
inline constexpr float kImplausible = 0.5F;  // what is left of the score of an implausible match
inline constexpr float kUnannounced = 0.6F;  // of a card number whose prefix no scheme has announced

// Which codes are looked at: those that are likely by themselves or have a phrase near them, or all.
enum class Depth : std::uint8_t { Likely, All };

// Reusable, so that cells cost no allocation. Used by one thread at a time.
class Scanner {
 public:
  Scanner();
  // `text`: below 4 GiB. `country` as in Context. Results stay until the next call.
  // `named`: kinds that the column's name speaks of.
  void scan(std::string_view text, std::string_view country, const KindSet& named, Depth depth);
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] const std::vector<Claim>& claims() const { return claims_; }  // in no order
  [[nodiscard]] const std::vector<Hit>& hits() const { return hits_; }        // in order of offset
  // What only counts beside its name: values of such a kind behind (or before) each hit, added to claims().
  void claim_named_values();
  // The same for a text that is a value as a whole, in a column of these kinds.
  void claim_whole(const KindSet& named);

 private:
  struct Word {
    std::size_t begin, end;
    std::uint64_t hash;
    unsigned classes;
  };
  struct NameRun {  // words that may be a person's name
    std::size_t begin = 0, end = 0;
    int words = 0;
    bool title = false, given = false, surname = false;
  };

  [[nodiscard]] Word word_at(std::size_t at) const;
  std::size_t digits_until(std::size_t at);
  [[nodiscard]] std::size_t nobodys(std::size_t begin) const;
  void letters(const Word& word);
  void name_word(const Word& word, const Phrase* phrase);
  void finish_name();
  void address_word(const Word& word, const Phrase* phrase);
  void spaceless(const Word& word);
  std::size_t trigger(std::size_t at);
  void mixed_word(const Word& word);
  std::size_t codes(std::size_t begin);
  void mark_neighbourhood();
  void long_word(const Word& word);
  void read_groups(std::size_t begin, Groups& groups) const;
  void codes_from(const Groups& groups, std::size_t first);
  void short_code(const Word& word);
  Code& code_from(const Groups& groups, std::size_t first);
  void walk_layouts(const Groups& groups, std::size_t first, bool weak);
  void card_number(const Groups& groups, std::size_t first, bool weak);
  void numbers(const Groups& groups, std::size_t first);
  void account(std::size_t begin);
  void track(std::size_t begin, std::size_t end);
  bool value_at(std::size_t at, const KindSet& kinds);
  bool value_before(std::size_t end, const KindSet& kinds);
  void hit(std::size_t begin, std::size_t end, const Phrase* phrase);
  void claim(KindIndex kind, std::size_t begin, std::size_t end, float score);
  void judge(KindIndex kind, const Code& code, std::size_t begin, std::size_t end, bool written, bool weak);

  const Registry& registry_;
  const Lexicon& lexicon_;
  const std::vector<const Recogniser*>& kinds_;
  std::string_view text_;
  std::string_view country_;
  bool fax_named_ = false;
  std::vector<std::uint32_t>
      numbers_;  // words that start with or hold a digit: looked at when all hits are known
  std::vector<std::uint8_t> stretches_;  // of 32 bytes: whether a phrase is near
  bool near_ = true;                     // of the run of groups at hand
  std::vector<Claim> claims_;
  std::vector<Hit> hits_;
  NameRun name_;
  // Filled anew for each run of groups; members, because clearing them would cost more than filling them.
  Groups groups_;
  Code code_;
  std::size_t code_begin_ = 0;  // where code_ starts in the text, plus one; 0: it holds nothing
  std::size_t phone_until_ = 0;
  std::size_t domain_until_ = 0;
  std::size_t colons_until_ = 0;
  std::size_t zone_until_ = 0;
};

}  // namespace bulwark::assay::pii
