#include "store/size_class.h"

#include <algorithm>
#include <bit>

namespace bulwark::store {

std::uint64_t size_class(std::uint64_t size) {
  constexpr std::uint64_t kLeast = 1024;
  size = std::max(size, kLeast);
  const int exponent = static_cast<int>(std::bit_width(size)) - 1;
  const int significant = static_cast<int>(std::bit_width(static_cast<unsigned>(exponent)));
  const std::uint64_t mask = (std::uint64_t{1} << (exponent - significant)) - 1;
  return (size + mask) & ~mask;
}

}  // namespace bulwark::store
