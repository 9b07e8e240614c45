#include <chrono>

#include "scan/engine.h"

class SteadyClock : public bulwark::Clock {
 public:
  [[nodiscard]] std::chrono::nanoseconds monotonic() const override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
};

int main() {
  const SteadyClock clock;
  const bulwark::scan::Engine engine(bulwark::scan::builtin_inspectors(), {}, {}, clock);
  const auto report = engine.scan({.path = "sample",
                                   .origin = {},
                                   .bytes = bulwark::bytes_of("cos\nsystem\n(S'true'\ntR."),
                                   .keeps = nullptr});
  return report.findings.empty() ? 1 : 0;
}
