#pragma once
// Unpredictable bytes as a parameter, so that tests and the crash simulation can repeat a run.

#include <cstdint>
#include <span>

namespace bulwark {

class Random {
 public:
  virtual ~Random() = default;
  // Fit for keys and nonces. Never fails: without randomness the process ends. Threads: safe from many at
  // once.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

}  // namespace bulwark
