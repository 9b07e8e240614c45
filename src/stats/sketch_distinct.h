#pragma once
// How many different values there are, from their hashes: HyperLogLog++ (Heule, Nunkesser and Hall, EDBT
// 2013) with the estimator of Ertl (arXiv:1702.01284, section 3), which needs no table of biases.
//
// Few values are kept one by one at a higher precision (exact but for 2^-25), many in 2^precision registers.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::stats {

class DistinctSketch {
 public:
  static constexpr unsigned kLeastPrecision = 4;
  static constexpr unsigned kMostPrecision = 16;
  // Precision 14: 16 KiB at most, standard error 0.81 %. Clipped to the range above.
  explicit DistinctSketch(unsigned precision = 14);

  void add(std::uint64_t hash) {
    if (registers_.empty()) {
      add_sparse(hash);
      return;
    }
    const std::size_t index = hash >> (64 - precision_);
    // The bit set keeps the rank within 64 - precision + 1.
    const std::uint64_t rest = hash << precision_ | std::uint64_t{1} << (precision_ - 1);
    const auto rank = static_cast<std::uint8_t>(__builtin_clzll(rest) + 1);
    if (registers_[index] < rank) registers_[index] = rank;
  }
  void add(std::span<const std::uint64_t> hashes);
  // The sketch of the values of both. With another precision the coarser of the two is the result.
  void merge(const DistinctSketch& other);

  [[nodiscard]] double estimate() const;
  [[nodiscard]] double standard_error() const;  // relative: 1.04 / sqrt(registers), about 0 while sparse
  [[nodiscard]] unsigned precision() const { return precision_; }
  [[nodiscard]] std::size_t bytes() const { return registers_.size() + 4 * sparse_.size(); }

  // Bytes: precision, form, then the registers or the sorted single values (4 bytes each, little endian).
  [[nodiscard]] std::string write() const;
  // Errors: InvalidInput.
  [[nodiscard]] static Result<DistinctSketch> read(std::string_view bytes);

 private:
  void add_sparse(std::uint64_t hash);
  void add_key(std::uint32_t key);
  bool put_sparse(std::uint32_t key);  // true if it is new
  void grow();
  void make_dense();
  void raise(std::uint32_t key);  // into the registers
  void coarsen(unsigned precision);
  [[nodiscard]] std::vector<std::uint32_t> sparse_keys() const;  // sorted

  unsigned precision_;
  // Open addressing; a key is index (25 bits) << 6 | rank, never 0.
  std::vector<std::uint32_t> sparse_;
  std::size_t kept_ = 0;
  std::vector<std::uint8_t> registers_;  // empty: sparse
};

}  // namespace bulwark::stats
