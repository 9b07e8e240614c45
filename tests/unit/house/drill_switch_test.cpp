// A control can be switched off in the harness of the drills, and nowhere else.

#include <gtest/gtest.h>

#include "unit/house/source_files.h"

namespace bulwark::test {
namespace {

// No verb, no policy, no configuration and no other module knows the switch.
TEST(ControlSwitches, AreKnownInTheHarnessOnly) {
  for (const SourceFile& source : source_files("src")) {
    if (source.path.starts_with("src/drill/")) continue;
    for (const std::string& line : source.lines)
      EXPECT_EQ(line.find("ControlSwitches"), std::string::npos) << source.path;
  }
}

}  // namespace
}  // namespace bulwark::test
