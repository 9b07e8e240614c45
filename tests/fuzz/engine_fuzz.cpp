// Everything at once: whatever the bytes are, the whole engine ends, within its budgets, with the same answer
// twice.

#include <cstdint>
#include <cstdlib>

#include "base/clock.h"
#include "scan/engine.h"

namespace {

class StoppedClock : public bulwark::Clock {
 public:
  [[nodiscard]] std::chrono::nanoseconds monotonic() const override { return {}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const StoppedClock clock;
  bulwark::Limits limits;
  limits.held_bytes = std::uint64_t{16} << 20;
  limits.inflated_bytes = std::uint64_t{32} << 20;
  limits.evaluated_bytes = std::uint64_t{1} << 20;
  const bulwark::scan::Engine engine(bulwark::scan::builtin_inspectors(), limits,
                                     {.trace = true, .deep = true}, clock);
  const bulwark::scan::Artifact artifact{
      .path = "fuzz", .origin = {}, .bytes = bulwark::Bytes(data, size), .keeps = nullptr};
  const auto first = engine.scan(artifact);
  const auto second = engine.scan(artifact);
  if (first.findings.size() != second.findings.size() || first.gaps.size() != second.gaps.size())
    std::abort();
  return 0;
}
