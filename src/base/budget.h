#pragma once
// What one top-level artifact may still cost: bytes produced, bytes held, members, time. One thread at a
// time.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"

namespace bulwark {

class Budget {
 public:
  // Both references must outlive the budget. The time starts now.
  Budget(const Limits& limits, const Clock& clock)
      : limits_(limits), clock_(clock), deadline_(clock.monotonic() + limits.time) {}

  [[nodiscard]] const Limits& limits() const { return limits_; }

  // Decompression produced `bytes` more. LimitReached when the whole file has produced too much.
  [[nodiscard]] Result<void> charge_inflated(std::uint64_t bytes, std::string_view what) {
    inflated_ += bytes;
    if (inflated_ <= limits_.inflated_bytes) return {};
    return reached(what, "inflated bytes", limits_.inflated_bytes);
  }
  [[nodiscard]] Result<void> charge_member(std::string_view what) {
    if (++members_ <= limits_.members) return {};
    return reached(what, "archive members", limits_.members);
  }
  // A decompression bomb was met.
  void count_bomb() { ++bombs_; }
  // LimitReached once the time is over or too many bombs were met. Costs a clock call: ask every few thousand
  // steps.
  [[nodiscard]] Result<void> check_time(std::string_view what) const {
    if (bombs_ > limits_.bombs) return reached(what, "decompression bombs", limits_.bombs);
    if (clock_.monotonic() <= deadline_) return {};
    return fail(Code::LimitReached, std::string(what) + ": time limit of " +
                                        std::to_string(limits_.time.count()) + " ms reached");
  }
  // True if `bytes` may be searched byte by byte; the allowance of the top-level file shrinks by them.
  [[nodiscard]] bool take_search(std::uint64_t bytes) {
    if (bytes > limits_.searched_total - searched_) return false;
    searched_ += bytes;
    return true;
  }
  // Bytes that may still be allocated for decompressed content.
  [[nodiscard]] std::uint64_t holdable() const {
    const std::uint64_t left =
        limits_.inflated_bytes - (inflated_ < limits_.inflated_bytes ? inflated_ : limits_.inflated_bytes);
    const std::uint64_t room = limits_.held_bytes - (held_ < limits_.held_bytes ? held_ : limits_.held_bytes);
    return left < room ? left : room;
  }
  void hold(std::uint64_t bytes) { held_ += bytes; }
  void release(std::uint64_t bytes) { held_ -= bytes < held_ ? bytes : held_; }

 private:
  [[nodiscard]] static std::unexpected<Error> reached(std::string_view what, std::string_view unit,
                                                      std::uint64_t limit) {
    return fail(Code::LimitReached, std::string(what) + ": limit of " + std::to_string(limit) + " " +
                                        std::string(unit) + " reached");
  }

  const Limits& limits_;
  const Clock& clock_;
  std::chrono::nanoseconds deadline_;
  std::uint64_t inflated_ = 0;
  std::uint64_t held_ = 0;
  std::uint64_t members_ = 0;
  std::uint64_t searched_ = 0;  // never above limits_.searched_total
  std::uint32_t bombs_ = 0;
};

}  // namespace bulwark
