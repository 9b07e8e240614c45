#pragma once
// The kernel's random numbers.

#include "base/random.h"

namespace bulwark::os {

// getrandom(2): waits until the kernel has been seeded once, keeps no state that a fork could copy.
class SystemRandom : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace bulwark::os
