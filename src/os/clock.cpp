#include "os/clock.h"

#include "os/interrupt.h"

namespace bulwark::os {

std::chrono::nanoseconds SteadyClock::monotonic() const {
  // Half of the range, so that a deadline computed from it does not overflow.
  if (interrupted()) return std::chrono::nanoseconds::max() / 2;
  return std::chrono::steady_clock::now().time_since_epoch();
}

std::chrono::sys_time<std::chrono::milliseconds> SystemWallClock::now() const {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::chrono::year_month_day today() {
  return {std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now())};
}

}  // namespace bulwark::os
