#pragma once
// Cells of digits alone, the commonest ones of tables: what each is as a whole, by its length.
//
// The answers are those of Scanner, weigh() and nothing else; but no words are looked for where none can be,
// and no claims are stored: two bits for each kind.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "assay/pii/registry.h"
#include "assay/pii/weigh.h"

namespace bulwark::assay::pii {

class DigitKinds {
 public:
  static constexpr std::size_t kLongest = 25;  // longer ones may be wallets

  struct Entry {
    KindIndex kind = kNoKind;
    Verdict (*check)(const Code&) = nullptr;
    bool (*plausible)(const Code&) = nullptr;
    // Of a match: as it mostly is, and of an implausible one (of a telephone number: of an international
    // one).
    std::array<float, 2> score = {};
  };
  // Bit i: of entry i for that length.
  struct Found {
    std::uint32_t shapes = 0;   // well-formed, whatever the check digit says
    std::uint32_t matches = 0;  // a subset
    std::uint32_t other = 0;    // has the second score
  };

  // `surroundings` without a country: cells are from anywhere.
  explicit DigitKinds(const Surroundings& surroundings);

  // False: too long, something else than digits, or the column's name asks for more than is known here.
  [[nodiscard]] bool suits(std::string_view cell) const;
  [[nodiscard]] std::span<const Entry> entries(std::size_t digits) const {
    return std::span(entries_).subspan(lengths_[digits].first, lengths_[digits].count);
  }
  // Of a cell that suits(). Used by one thread at a time.
  [[nodiscard]] Found judge(std::string_view cell);

 private:
  struct Length {
    std::uint32_t first = 0, count = 0;                // of entries_
    std::uint32_t phone = 0, card = 0, plausible = 0;  // bits of entries that need more than a check
  };
  void add(KindIndex kind, float score, float other, const Surroundings& surroundings);

  bool usable_ = true;
  std::vector<Entry> entries_;  // by length, then by kind
  std::array<Length, kLongest + 1> lengths_ = {};
  Code code_;  // filled anew by each judge() up to its size
};

}  // namespace bulwark::assay::pii
