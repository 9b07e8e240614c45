#pragma once
// Helpers that tests of more than one module share.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "scan/engine.h"

namespace bulwark::test {

// Time stands still unless a test moves it.
class StoppedClock : public Clock {
 public:
  [[nodiscard]] std::chrono::nanoseconds monotonic() const override { return now; }
  std::chrono::nanoseconds now{0};
};

// Scans bytes with all built-in inspectors (or the given ones) and default limits.
[[nodiscard]] Report scan(Bytes bytes, const scan::Options& options = {}, const Limits& limits = {});
[[nodiscard]] Report scan(std::string_view bytes, const scan::Options& options = {},
                          const Limits& limits = {});
// The same for a file of that name, which matters to formats that are found by name.
[[nodiscard]] Report scan_named(const std::string& name, Bytes bytes, const Limits& limits = {});

// "BW-PKL-001@12" for every finding, sorted; offsets left out where there is none.
[[nodiscard]] std::vector<std::string> rules_of(const Report& report);
// True if the report holds that rule (at any place).
[[nodiscard]] bool has_rule(const Report& report, std::string_view id);
[[nodiscard]] Severity worst(const Report& report);  // Info if there are no findings

// "../shared" seen from the project's root, or empty if it is not there (then the test skips with a message).
[[nodiscard]] std::string shared_folder();
[[nodiscard]] std::string read_file(const std::string& path);  // fails the test if unreadable

}  // namespace bulwark::test
