#pragma once
// A look at a code whose other carriers may not vote: for patterns that no mask of columns can hide.

#include <optional>
#include <vector>

#include "assay/poison/trigger.h"

namespace bulwark::assay {

// One for each thread.
class BarredLook {
 public:
  explicit BarredLook(const MaskedSpace& space) : space_(space) {}

  // `places`: all rows with the code, ascending. Empty unless those of the class `label` disagree with
  // certainty and look like several classes.
  [[nodiscard]] std::optional<Trigger> at(std::span<const std::uint32_t> places, std::int32_t label);

 private:
  const MaskedSpace& space_;
  MaskedSpace::Scratch scratch_;
  std::vector<std::uint32_t> carriers_;
  std::vector<float> barred_;
};

// The same of a code that columns can hide: everybody votes, by the other columns.
class HiddenLook {
 public:
  explicit HiddenLook(const MaskedSpace& space) : space_(space) {}
  // `columns`: ascending.
  [[nodiscard]] std::optional<Trigger> at(std::span<const std::uint32_t> places, std::int32_t label,
                                          std::span<const std::uint32_t> columns);

 private:
  const MaskedSpace& space_;
  MaskedSpace::Scratch scratch_;
  std::vector<std::uint32_t> carriers_;
};

}  // namespace bulwark::assay
