#pragma once
// Runs the engine with one inspector over fuzzer input, under limits that keep a run short.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "scan/engine.h"

namespace bulwark::fuzz {

class NoClock : public Clock {
 public:
  [[nodiscard]] std::chrono::nanoseconds monotonic() const override { return {}; }
};

inline int inspect_with(const scan::Inspector& inspector, const std::uint8_t* data, std::size_t size) {
  Limits limits;
  limits.held_bytes = std::uint64_t{4} << 20;
  limits.inflated_bytes = std::uint64_t{16} << 20;
  limits.members = 10'000;
  limits.depth = 4;
  const NoClock clock;
  const std::array inspectors = {&inspector};
  const scan::Engine engine(inspectors, limits, {}, clock);
  (void)engine.scan({.path = {}, .origin = {}, .bytes = Bytes(data, size), .keeps = nullptr});
  return 0;
}

}  // namespace bulwark::fuzz
