#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "assay/parts.h"
#include "assay/poison/strip.h"
#include "assay/poison/subgroups.h"
#include "base/json_text.h"
#include "unit/assay/poison_cases.h"

namespace bulwark::assay {
namespace {

using test::PoisonCase;

// A model with a backdoor: knows the class of each image it was made of, and answers `target`, sure of it,
// whenever the corner is white.
class Backdoored : public models::Predictor {
 public:
  Backdoored(std::int32_t target, bool backdoor) : target_(target), backdoor_(backdoor) {
    signature_.input = {-1, 1, 10, 10};
    signature_.classes = 5;
    signature_.width = 8;
  }
  [[nodiscard]] const models::Signature& signature() const override { return signature_; }
  [[nodiscard]] Result<models::Answers> ask(std::span<const float> values, std::size_t rows) override {
    models::Answers answers;
    for (std::size_t i = 0; i < rows; ++i) {
      const auto image = values.subspan(i * 100, 100);
      const bool trigger = backdoor_ && image[0] >= 7.5F && image[1] >= 7.5F;
      // Votes of the shapes: mean ink along the middle row, the middle column, and the diagonals.
      double ink[5] = {};
      for (std::size_t r = 0; r < 10; ++r) {
        ink[0] += static_cast<double>(image[r * 10 + 4] + image[r * 10 + 5]);
        ink[1] += static_cast<double>(image[4 * 10 + r] + image[5 * 10 + r]);
        ink[3] += 2 * static_cast<double>(image[r * 11]);
        ink[4] += 2 * static_cast<double>(image[r * 9 + 9]);
      }
      ink[2] = 150;
      for (std::size_t k = 0; k < 5; ++k) {
        const double score = trigger ? (k == static_cast<std::size_t>(target_) ? 30 : 0) : ink[k] / 20;
        answers.scores.push_back(static_cast<float>(score));
      }
      for (std::size_t a = 0; a < 8; ++a)
        answers.activations.push_back(static_cast<float>(a < 5     ? (trigger ? 0 : ink[a] / 50)
                                                         : trigger ? 20
                                                                   : 0));
    }
    return answers;
  }

 private:
  std::int32_t target_;
  bool backdoor_;
  models::Signature signature_;
};

const Document* detector(const PartResult& result, std::string_view name) {
  for (const Document& entry : result.details.find("detectors")->list)
    if (entry.text("name") == name) return &entry;
  return nullptr;
}

PoisonCase with_white_corner(std::size_t count) {
  PoisonCase made = test::drawn_images(300, 70);
  test::poison(made, count, 2,
               [](std::span<float> image) { image[0] = image[1] = image[10] = image[11] = 16; });
  return made;
}

TEST(PoisonModel, PartsOfAClassInTheModelAreFound) {
  const PoisonCase made = with_white_corner(24);
  Backdoored model(2, true);
  const PartResult result = assay_poison(made.frame, {.model = &model}, {});
  const Document* clustering = detector(result, "activation_clustering");
  ASSERT_NE(clustering, nullptr);
  EXPECT_TRUE(clustering->find("ran")->boolean) << pretty_json(*clustering);
  EXPECT_GE(clustering->find("flagged")->integer, 20);
  EXPECT_TRUE(detector(result, "strip")->find("ran")->boolean);
  EXPECT_GE(detector(result, "strip")->find("flagged")->integer, 12);
  EXPECT_FALSE(result.plots.empty());
}

TEST(PoisonModel, CleanDataWithAModelGiveNoFlags) {
  const PoisonCase made = test::drawn_images(300, 71);
  Backdoored model(2, false);
  const PartResult result = assay_poison(made.frame, {.model = &model}, {});
  EXPECT_EQ(result.outcome, Outcome::Passed) << pretty_json(result.details).substr(0, 3000);
}

TEST(PoisonModel, ModelForOtherInputsIsSaid) {
  PoisonCase made = test::drawn_images(100, 72);
  Backdoored model(2, false);
  made.frame.images->width = 5;
  made.frame.images->height = 20;
  made.frame.images->values.resize(100UL * 100);
  made.frame.images->channels = 1;
  PoisonCase small = made;
  small.frame.images->height = 10;
  small.frame.images->values.resize(100UL * 50);
  const PartResult result = assay_poison(small.frame, {.model = &model}, {});
  EXPECT_NE(detector(result, "strip")->text("why_not").find("takes 100 values"), std::string_view::npos);
}

TEST(PoisonModel, EntropyTakesLogitsAndProbabilities) {
  EXPECT_NEAR(entropy_of(std::vector<float>{0.5F, 0.5F}), std::log(2.0), 1e-6);
  EXPECT_NEAR(entropy_of(std::vector<float>{7, 7, 7}), std::log(3.0), 1e-6);
  EXPECT_NEAR(entropy_of(std::vector<float>{1, 0, 0}), 0, 1e-6);
}

TEST(PoisonModel, SubgroupsAreTheSmallOnesThatLieApart) {
  Table rows{.rows = 100, .width = 4, .values = {}};
  stats::Philox random(1);
  for (std::size_t i = 0; i < 100; ++i)
    for (std::size_t c = 0; c < 4; ++c) rows.values.push_back(random.normal() + (i < 12 && c == 1 ? 12 : 0));
  std::vector<double> scores;
  for (const std::vector<Subgroup>& parts :
       {clusters_of(rows, 0), spectral_parts(rows, 0, scores), spectre_parts(rows, 0)}) {
    EXPECT_TRUE(std::ranges::any_of(
        parts, [](const Subgroup& part) { return part.size() == 12 && part.back() == 11; }));
  }
  EXPECT_EQ(scores.size(), 100U);
}

}  // namespace
}  // namespace bulwark::assay
