#pragma once
// The time of day as a parameter: what is signed, logged or expires depends on it.

#include <chrono>

namespace bulwark {

class WallClock {
 public:
  virtual ~WallClock() = default;
  // UTC. May jump, also backwards. Threads: safe from many at once.
  [[nodiscard]] virtual std::chrono::sys_time<std::chrono::milliseconds> now() const = 0;
};

}  // namespace bulwark
