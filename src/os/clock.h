#pragma once
// The real time.

#include <chrono>

#include "base/clock.h"
#include "base/wall_clock.h"

namespace bulwark::os {

// Once the user has interrupted the process, the end of time is reached: every budget runs out and work stops
// tidily.
class SteadyClock : public Clock {
 public:
  [[nodiscard]] std::chrono::nanoseconds monotonic() const override;
};

class SystemWallClock : public WallClock {
 public:
  [[nodiscard]] std::chrono::sys_time<std::chrono::milliseconds> now() const override;
};

// The date in UTC.
[[nodiscard]] std::chrono::year_month_day today();

}  // namespace bulwark::os
