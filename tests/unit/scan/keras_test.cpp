#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/support.h"

namespace bulwark {
namespace {

Report config(const std::string& layer) {
  return test::scan("{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": [" + layer +
                    "]}}");
}

TEST(Keras, LambdaWithBytecodeHandsItsCodeOver) {
  // base64 of a marshalled code object's first bytes.
  const Report report = config(
      "{\"class_name\": \"Lambda\", \"config\": {\"function\": "
      "[\"4wEAAAAAAAAAAAAAAAEAAAABAAAAQwAAAHMIAAAAfABkARQAUwA=\", null, null]}}");
  EXPECT_TRUE(test::has_rule(report, "BW-KERAS-001"));
  const bool handed = std::ranges::any_of(report.inspected, [](const Inspected& about) {
    return !about.origin.empty() && about.origin.back() == "lambda code";
  });
  EXPECT_TRUE(handed);
}

TEST(Keras, FunctionsOfKerasThatActAreNoLayers) {
  EXPECT_EQ(test::worst(config("{\"module\": \"keras.saving\", \"class_name\": \"function\", \"config\": "
                               "\"load_model\", \"registered_name\": null}")),
            Severity::High);
  EXPECT_LT(
      test::worst(config("{\"module\": \"keras.activations\", \"class_name\": \"function\", \"config\": "
                         "\"relu\", \"registered_name\": null}")),
      Severity::Low);
}

TEST(Keras, SwitchAndNameInDifferentObjectsMeanNothing) {
  EXPECT_TRUE(config("{\"class_name\": \"Dense\", \"config\": {\"fn\": \"enable_unsafe_deserialization\"}}, "
                     "{\"class_name\": \"Dense\", \"module\": \"keras.config\", \"config\": {\"units\": 1}}")
                  .findings.empty());
}

TEST(Keras, BuiltinsThatRunCodeAreFoundWhateverTheyAreCalled) {
  EXPECT_TRUE(
      test::has_rule(config("{\"module\": \"builtins\", \"class_name\": \"function\", \"config\": \"eval\"}"),
                     "BW-KERAS-003"));
  EXPECT_TRUE(
      test::has_rule(config("{\"class_name\": \"os.system\", \"config\": {\"a\": 1}}"), "BW-KERAS-003"));
}

TEST(Keras, OtherJsonIsNotClaimed) {
  const Report report = test::scan("{\"class_name\": \"a\", \"other\": {\"config\": 1}}");
  EXPECT_THAT(report.inspected.front().formats, testing::Not(testing::Contains("keras")));
  EXPECT_TRUE(report.gaps.empty());
}

}  // namespace
}  // namespace bulwark
