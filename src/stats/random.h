#pragma once
// Repeatable random numbers: Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3",
// SC11), a counter-based generator. A stream is named by seed and key, so results do not depend on threads
// or on the order in which work is done. Not for secrets.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace bulwark::stats {

class Philox {
 public:
  using result_type = std::uint32_t;
  // Two streams differ if any of seed, key, sub-key differs.
  explicit Philox(std::uint64_t seed, std::uint32_t key = 0, std::uint64_t sub_key = 0);

  [[nodiscard]] static constexpr std::uint32_t min() { return 0; }
  [[nodiscard]] static constexpr std::uint32_t max() { return ~std::uint32_t{0}; }
  std::uint32_t operator()();
  std::uint64_t bits64() { return std::uint64_t{(*this)()} << 32 | (*this)(); }

  double uniform();                          // [0, 1) in steps of 2^-53
  std::uint64_t below(std::uint64_t bound);  // [0, bound) without bias; bound >= 1
  double normal();                           // mean 0, deviation 1
  template <class T>
  void shuffle(std::span<T> values) {  // Fisher-Yates
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  std::array<std::uint32_t, 4> counter_{};
  std::array<std::uint32_t, 2> key_{};
  std::array<std::uint32_t, 4> out_{};
  unsigned used_ = 4;
};

// A number for a stream's key out of a name, so that each use of randomness has a stream of its own.
[[nodiscard]] std::uint32_t stream_key(std::string_view name);

}  // namespace bulwark::stats
