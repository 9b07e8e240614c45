// The models and answers of the shared reference cases: scores and activations as the reference has them.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "models/onnx.h"
#include "native/library.h"
#include "support/support.h"

namespace bulwark::models {
namespace {

constexpr float kParity = 1e-4F;

class ReferenceModels : public testing::Test {
 protected:
  void SetUp() override {
    const auto library =
        std::filesystem::path(BULWARK_PROGRAM).parent_path() / "lib" / native::kOnnxRuntime.file;
    if (!std::filesystem::exists(library))
      GTEST_SKIP() << "not there: " << library << ", see script/bootstrap";
    if (test::shared_folder().empty()) GTEST_SKIP() << "no reference cases beside the project";
    folder_ = test::shared_folder() + "/reference/";
  }

  // The float32 of an .npy file.
  std::vector<float> numbers(const std::string& file) const {
    const std::string npy = test::read_file(folder_ + file);
    ByteReader in(bytes_of(npy), 8);
    const std::size_t start = 10 + std::size_t{in.little_endian<std::uint16_t>("header").value_or(0)};
    std::vector<float> values((npy.size() - start) / sizeof(float));
    std::memcpy(values.data(), npy.data() + start, values.size() * sizeof(float));
    return values;
  }

  std::unique_ptr<Predictor> model(const std::string& file) const {
    auto opened = open_onnx(folder_ + file, {.limits = {}, .activations = true, .program = BULWARK_PROGRAM});
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }

  std::string folder_;
};

float largest_difference(const std::vector<float>& left, const std::vector<float>& right) {
  EXPECT_EQ(left.size(), right.size());
  float largest = 0;
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i)
    largest = std::max(largest, std::abs(left[i] - right[i]));
  return largest;
}

TEST_F(ReferenceModels, LogitsAreThoseOfTheReference) {
  const auto digits = model("robustness/digits_cnn_plain.onnx");
  ASSERT_NE(digits, nullptr);
  EXPECT_EQ(digits->signature().input, (std::vector<std::int64_t>{-1, 1, 8, 8}));
  EXPECT_EQ(digits->signature().classes, 10U);
  const auto answers = digits->ask(numbers("robustness/x_test.npy"), 500);
  ASSERT_TRUE(answers.has_value()) << answers.error().message;
  EXPECT_LE(largest_difference(answers->scores, numbers("robustness/logits_test_plain.npy")), kParity);
}

// Training images without poison are those of the robustness cases; of the poisoned set 65 differ.
TEST_F(ReferenceModels, ActivationsAreThoseOfTheReference) {
  const std::vector<float> images = numbers("robustness/x_train.npy");
  const std::size_t rows = images.size() / 64;
  for (const auto& [name, poisoned] :
       {std::pair<std::string, std::size_t>("poison/badnets_00", 0), {"poison/badnets_05", 65}}) {
    const auto trained = model(name + ".onnx");
    ASSERT_NE(trained, nullptr);
    EXPECT_EQ(trained->signature().width, 64U);
    const auto answers = trained->ask(images, rows);
    ASSERT_TRUE(answers.has_value()) << answers.error().message;
    const std::vector<float> expected = numbers(name + "_acts.npy");
    ASSERT_EQ(answers->activations.size(), expected.size());
    std::size_t different = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      const auto at = static_cast<std::ptrdiff_t>(row * 64);
      const bool same =
          std::equal(expected.begin() + at, expected.begin() + at + 64, answers->activations.begin() + at,
                     [](float left, float right) { return std::abs(left - right) <= kParity; });
      different += same ? 0U : 1U;
    }
    EXPECT_EQ(different, poisoned) << name;
  }
}

TEST_F(ReferenceModels, TargetsOfMembershipCasesAnswer) {
  for (const std::string name : {"membership/digits_target.onnx", "membership/synth4_target.onnx"}) {
    const auto target = model(name);
    ASSERT_NE(target, nullptr);
    EXPECT_GT(target->signature().classes, 1U);
    EXPECT_GT(target->signature().width, 0U);
  }
}

}  // namespace
}  // namespace bulwark::models
