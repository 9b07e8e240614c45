#pragma once
// From claims to scores: the words around a value, the name of its column, where the data are from.

#include <cstdint>
#include <string_view>
#include <vector>

#include "assay/pii/lexicon.h"
#include "assay/pii/registry.h"
#include "assay/pii/scan.h"

namespace bulwark::assay::pii {

struct Surroundings {
  KindSet named;         // kinds that the column's name speaks of
  bool against = false;  // it speaks of orders, versions or the like
  std::string_view country;
};

struct Weighed {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  KindIndex kind = kNoKind;
  float score = 0;
  bool match = true;
  [[nodiscard]] std::uint32_t end() const { return offset + length; }
};

// One entry for each claim, in order of offset.
void weigh(const Scanner& scanner, const Surroundings& surroundings, std::vector<Weighed>& out);
// The score that weigh() gives a match of a text in which no phrase stands.
[[nodiscard]] float score_without_words(KindIndex kind, float score, const Surroundings& surroundings);
// Scores within a hundredth are equal.
[[nodiscard]] inline int hundredths(float score) {
  return static_cast<int>(score * 100);
}
// Leaves entries from `least` on that do not overlap: the surest first, then the longest.
void keep_best(std::vector<Weighed>& entries, double least);

}  // namespace bulwark::assay::pii
