#pragma once
// How the values of one tensor changed between two versions of a model.

#include <cstdint>

#include "scan/model_graph.h"

namespace bulwark::scan {

struct Moments {
  double mean = 0;
  double deviation = 0;
  double largest = 0;            // magnitude
  std::uint64_t not_finite = 0;  // NaN and infinities, left out of the others
};

struct WeightChange {
  std::uint64_t values = 0;    // compared; a regular sample of large tensors
  std::uint64_t changed = 0;   // of those
  std::uint64_t flipped = 0;   // changed to exactly their negative
  std::uint64_t exploded = 0;  // magnitude grew beyond 2^16 times the old maximum: a flipped exponent bit
  Moments before;
  Moments after;
  // Rank of the change of a matrix, on a sample of rows and columns; 0 if the tensor is no matrix or the rank
  // is beyond eight: a training step changes every direction, an edit of one fact (ROME) changes one.
  std::uint32_t rank = 0;
};

// Both tensors must have the same type and shape and both contents; all zero if the type cannot be read.
[[nodiscard]] WeightChange weight_change(const Tensor& before, const Tensor& after);

}  // namespace bulwark::scan
