#pragma once
// Time as a parameter, so that tests can stop it and pure modules need not ask for it.

#include <chrono>

namespace bulwark {

class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes back; the zero point is arbitrary. Threads: safe from many at once.
  [[nodiscard]] virtual std::chrono::nanoseconds monotonic() const = 0;
};

}  // namespace bulwark
