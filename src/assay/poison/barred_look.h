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

}  // namespace bulwark::assay
