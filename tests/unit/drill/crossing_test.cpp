// The gate of the drills, and its switch. That nothing else reaches it:
// tests/unit/house/drill_switch_test.cpp.

#include "drill/crossing.h"

#include <gtest/gtest.h>

#include "base/byte_reader.h"
#include "os/clock.h"

namespace bulwark::drill {
namespace {

Crosser file(std::string name, std::string_view content) {
  const Bytes bytes = bytes_of(content);
  return {.name = std::move(name), .bytes = {bytes.begin(), bytes.end()}};
}

Crossing crossed(const std::vector<Crosser>& files, std::string_view off = {}) {
  const os::SteadyClock clock;
  return cross({}, files, {}, {.off = off}, clock, os::today());
}

const std::string_view kRuns(
    "\x80\x02"
    "cos\nsystem\nX\2\0\0\0id\x85R.",
    24);

TEST(Crossing, RefusesAndNamesRuleAndFile) {
  const Crossing crossing = crossed({file("README.md", "# model\n"), file("sub/model.pkl", kRuns)});
  EXPECT_EQ(crossing.outcome, policy::Outcome::Refused);
  EXPECT_EQ(crossing.rules, std::vector<std::string>{"BW-PKL-001"});
  EXPECT_EQ(crossing.paths, std::vector<std::string>{"sub/model.pkl"});
}

TEST(Crossing, LooksAtDirectoriesAsTheScannerDoes) {
  const std::vector<Crosser> model = {
      file("m/MLmodel", "flavors:\n  python_function:\n    loader_module: runpy\n    data: payload.py\n"),
      file("m/payload.py", "import os\nos.system('id')\n")};
  EXPECT_FALSE(crossed(model).allowed());
}

TEST(Crossing, LetsThroughWhatTheSwitchedOffControlWouldHaveStopped) {
  EXPECT_TRUE(crossed({file("model.pkl", kRuns)}, "SC-MODEL").allowed());
  EXPECT_FALSE(crossed({file("model.pkl", kRuns)}, "SC-ARCH").allowed());
  EXPECT_FALSE(crossed({file("model.pkl", kRuns)}, "GW-OUT").allowed());
}

TEST(ControlSwitches, SilenceARuleOnlyIfItImplementsNothingElse) {
  Rule rule{.id = "BW-X-001", .title = {}, .severity = Severity::High, .atlas = {}, .why = {}, .fix = {}};
  rule.controls = "SC-MODEL SC-CODE";
  EXPECT_FALSE(silenced(rule, {.off = "SC-MODEL"}));
  rule.controls = "SC-MODEL";
  EXPECT_TRUE(silenced(rule, {.off = "SC-MODEL"}));
  EXPECT_FALSE(silenced(rule, {}));
}

}  // namespace
}  // namespace bulwark::drill
