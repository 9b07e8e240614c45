#pragma once
// Rows that two splits share, exactly or nearly.

#include <cstdint>
#include <string>
#include <vector>

#include "assay/frame.h"
#include "stats/interval.h"

namespace bulwark::assay {

struct RowPair {
  std::uint64_t row = 0;        // of the data set that is judged
  std::uint64_t reference = 0;  // of the other one
  double similarity = 1;        // 1: equal
};

struct Overlap {
  std::string kind;            // "exact", "near text", "near image", "near vector", "group"
  std::string column;          // of texts; else empty
  std::uint64_t compared = 0;  // rows of the data set that is judged
  std::vector<RowPair> pairs;  // ascending by row
  stats::Interval share;       // of the compared rows
  // Share that chance brings: where rows have few different values, independent rows are equal, too.
  stats::Interval expected;
  std::vector<RowPair> conflicts;  // equal rows with different labels
  bool excessive = false;          // more than chance, and more than one in a thousand
};

// Equal in all columns that both have, label and other roles left out. Rows without any value do not count.
[[nodiscard]] Overlap exact_overlap(const Frame& frame, const Frame& reference);
// For every text column that both have.
[[nodiscard]] std::vector<Overlap> near_text_overlap(const Frame& frame, const Frame& reference,
                                                     const Settings& settings);
// By perceptual hash (64 bits of a discrete cosine transform, at most 4 different); none if there are no
// images of at least 16 × 16.
[[nodiscard]] std::vector<Overlap> near_image_overlap(const Frame& frame, const Frame& reference,
                                                      const Settings& settings);
// Nearest neighbour closer than 0.13 of the median distance between neighbours of the reference, equal rows
// left out. None for tables in which neighbours are often equal. `gaps` says what a sample left out.
[[nodiscard]] std::vector<Overlap> near_vector_overlap(const Frame& frame, const Frame& reference,
                                                       const Settings& settings, std::vector<Gap>& gaps);
// Groups that have rows on both sides: one pair for each row of such a group, with the group's first row in
// the reference.
[[nodiscard]] std::vector<Overlap> group_overlap(const Frame& frame, const Frame& reference);

// 64 bits that change little when a picture is scaled, compressed or made lighter.
[[nodiscard]] std::uint64_t perceptual_hash(const Images& images, std::size_t row);

}  // namespace bulwark::assay
