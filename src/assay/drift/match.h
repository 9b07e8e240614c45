#pragma once
// Which column of one data set is which of the other, and what all of a row looks like to a classifier.

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assay/drift/columns.h"
#include "assay/drift/domain.h"
#include "assay/frame.h"

namespace bulwark::assay {

// A value as both data sets would write it: "1" and "1.0" are one class, one group.
[[nodiscard]] std::string plain_value(std::string_view value);
// The labels as a category with such values.
[[nodiscard]] Category label_category(const Frame& frame, const std::string& name);

struct ColumnChange {
  std::string name;
  std::string before;  // type: "number", "category", "text"; empty: not there
  std::string after;
};

struct MatchedColumns {
  std::vector<std::pair<std::size_t, std::size_t>> numbers;  // places among the features of both frames
  std::vector<std::pair<std::size_t, std::size_t>> categories;
  std::vector<std::pair<std::size_t, std::size_t>> texts;
  // Text in one frame, category in the other: the number of different values decided. As categories.
  std::vector<std::pair<Category, Category>> mixed;
  std::vector<ColumnChange> changes;
};
[[nodiscard]] MatchedColumns match_columns(const Frame& reference, const Frame& current);

// Values of some feature columns of a frame, without nulls; one pass over the rows for all of them.
[[nodiscard]] std::vector<NumberColumn> gather_numbers(const Frame& frame,
                                                       std::span<const std::size_t> features);

// Brightness and contrast of every image: columns that a change of camera or of preparation moves.
[[nodiscard]] std::vector<NumberColumn> image_columns(const Images& images, std::uint64_t rows);

// Numbers, the frequent values of categories and images averaged to 8 × 8, standardised over both sides; at
// most `most` rows of each.
[[nodiscard]] Standardised joint_features(const Frame& reference, const Frame& current,
                                          const MatchedColumns& columns, std::size_t most,
                                          std::uint64_t seed);

}  // namespace bulwark::assay
