#pragma once
// Principal directions of a few rows, by orthogonal iteration: enough for spectra of one class.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bulwark::assay {

// Row-major rows × width, in double.
struct Table {
  std::size_t rows = 0;
  std::size_t width = 0;
  std::vector<double> values;
  [[nodiscard]] const double* row(std::size_t i) const { return values.data() + i * width; }
  [[nodiscard]] double* row(std::size_t i) { return values.data() + i * width; }
};

void centre(Table& table);                             // subtracts the mean of each column
[[nodiscard]] Table covariance(const Table& centred);  // width × width

struct Principal {
  std::vector<double> variances;  // largest first
  Table directions;               // as many × width, orthonormal
};
// The `count` largest (fewer if the width is smaller) of a symmetric matrix that is not negative.
[[nodiscard]] Principal principal(const Table& symmetric, std::size_t count, std::uint64_t seed);

// rows × directions of the centred table.
[[nodiscard]] Table projected(const Table& centred, const Table& directions);

}  // namespace bulwark::assay
