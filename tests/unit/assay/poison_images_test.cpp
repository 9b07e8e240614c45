#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "assay/parts.h"
#include "assay/poison/distance_kernels.h"
#include "assay/poison/image_triggers.h"
#include "base/json_text.h"
#include "unit/assay/poison_cases.h"

namespace bulwark::assay {
namespace {

using test::drawn_images;
using test::poison;
using test::PoisonCase;

PartResult assayed(const PoisonCase& made, std::size_t jobs = 1) {
  Settings settings;
  settings.jobs = jobs;
  return assay_poison(made.frame, {}, settings);
}

void patch(std::span<float> image, std::size_t side, std::size_t row, std::size_t column, std::size_t size,
           float value) {
  for (std::size_t r = 0; r < size; ++r)
    for (std::size_t c = 0; c < size; ++c)
      image[(row + r) * side + column + c] = (r + c) % 2 == 0 || size == 3 ? value : 0;
}

TEST(PoisonImages, CleanImagesGiveNoFlags) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const PoisonCase made = drawn_images(400, seed);
    const PartResult result = assayed(made);
    EXPECT_EQ(result.outcome, Outcome::Passed) << pretty_json(result.details);
    EXPECT_TRUE(result.findings.empty());
  }
}

TEST(PoisonImages, PatchesOfAllSizesAreMined) {
  for (const std::size_t size : {1U, 2U, 3U, 4U}) {
    PoisonCase made = drawn_images(400, 10 + size);
    poison(made, 20, 2, [&](std::span<float> image) { patch(image, 10, 1, 6 - size, size, 16); });
    const PartResult result = assayed(made);
    EXPECT_EQ(result.outcome, Outcome::Failed);
    const test::Score score = test::score(result, made.poisoned);
    EXPECT_GE(score.precision(), 0.95) << size;
    EXPECT_GE(score.recall(), size == 1 ? 0.8 : 0.95) << size;
    ASSERT_FALSE(result.findings.empty());
    EXPECT_EQ(result.findings.front().rule->id, "BW-POI-001");
    EXPECT_FALSE(result.rasters.empty());
  }
}

TEST(PoisonImages, BlendOnAConstantBackgroundIsFoundByItsValues) {
  PoisonCase made = drawn_images(400, 20);
  std::vector<float> pattern(100);
  stats::Philox random(5);
  for (float& value : pattern) value = static_cast<float>(random.below(17));
  poison(made, 24, 1, [&](std::span<float> image) {
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = std::round(0.8F * image[i] + 0.2F * pattern[i]);
  });
  const PartResult result = assayed(made);
  const test::Score score = test::score(result, made.poisoned);
  EXPECT_GE(score.precision(), 0.95);
  EXPECT_GE(score.recall(), 0.95);
  EXPECT_TRUE(
      std::ranges::any_of(result.findings, [](const Finding& f) { return f.rule->id == "BW-POI-002"; }));
}

TEST(PoisonImages, FloatsAndChannelsAreMinedAsWell) {
  PoisonCase made = drawn_images(300, 30, 5, 1.0F);
  Images colour{.height = 10, .width = 10, .channels = 3, .top = 1, .values = {}};
  for (std::size_t i = 0; i < 300; ++i)
    for (std::size_t channel = 0; channel < 3; ++channel)
      for (std::size_t p = 0; p < 100; ++p)
        colour.values.push_back(made.frame.images->values[i * 100 + p] *
                                (0.5F + 0.2F * static_cast<float>(channel)));
  made.frame.images = colour;
  poison(made, 18, 3, [&](std::span<float> image) {
    patch(image.subspan(100, 100), 10, 7, 7, 2, 1.0F);
    patch(image.subspan(200, 100), 10, 7, 7, 2, 0.6F);
  });
  const test::Score score = test::score(assayed(made), made.poisoned);
  EXPECT_GE(score.precision(), 0.95);
  EXPECT_GE(score.recall(), 0.95);
}

TEST(PoisonImages, ResultsDoNotDependOnThreads) {
  PoisonCase made = drawn_images(300, 40);
  poison(made, 15, 0, [&](std::span<float> image) { patch(image, 10, 0, 0, 2, 16); });
  const std::string one = pretty_json(assayed(made, 1).details);
  EXPECT_EQ(one, pretty_json(assayed(made, 2).details));
  EXPECT_EQ(one, pretty_json(assayed(made, 3).details));
}

TEST(PoisonImages, LargeSetsAreMinedInASampleAndFlaggedWhole) {
  PoisonCase made = drawn_images(600, 50);
  poison(made, 60, 4, [&](std::span<float> image) { patch(image, 10, 8, 0, 2, 16); });
  const LabelledRows labelled = labelled_rows(made.frame);
  const ImageTriggers found = find_image_triggers(made.frame, labelled, {}, {.rows = 500, .work = 1e12});
  EXPECT_EQ(found.mined_rows, 500U);
  std::size_t right = 0;
  for (const Suspicion& suspicion : found.windows.rows) right += made.poisoned[suspicion.row] ? 1U : 0U;
  EXPECT_GE(right, 57U);
  EXPECT_LE(found.windows.rows.size(), right + 3);
}

TEST(PoisonImages, WithoutLabelsNothingIsAssessed) {
  PoisonCase made = drawn_images(100, 60);
  made.frame.labels.clear();
  made.frame.classes.clear();
  EXPECT_EQ(assayed(made).outcome, Outcome::NotAssessed);
}

TEST(PoisonImages, OneClassOrBrokenValuesAreSaid) {
  PoisonCase made = drawn_images(100, 61, 1);
  EXPECT_EQ(assayed(made).outcome, Outcome::NotAssessed);
  made = drawn_images(100, 62);
  made.frame.images->values[5] = std::nanf("");
  EXPECT_NE(pretty_json(assayed(made).details).find("not numbers"), std::string::npos);
}

TEST(DistanceKernels, PlainAndWideInstructionsAgreeToTheLastBit) {
  constexpr std::size_t kRows = 64;
  constexpr std::size_t kWidth = 7;
  stats::Philox random(3);
  std::vector<float> columns(kRows * kWidth);
  for (float& value : columns) value = static_cast<float>(random.normal());
  std::vector<float> best(4 * kRows);
  std::vector<float> plain(4 * kRows);
  squared_distances(columns.data(), kWidth, kRows, 8, 0, kRows, best.data(), Instructions::Best);
  squared_distances(columns.data(), kWidth, kRows, 8, 0, kRows, plain.data(), Instructions::Plain);
  EXPECT_EQ(best, plain);
  const std::vector<std::uint32_t> which = {0, 3, 6};
  const HiddenColumns hidden{
      .columns = columns.data(), .stride = kRows, .which = which.data(), .count = 3, .row = 9};
  std::vector<float> hidden_best(kRows);
  std::vector<float> hidden_plain(kRows);
  hide_columns(hidden, best.data(), kRows, hidden_best.data(), Instructions::Best);
  hide_columns(hidden, best.data(), kRows, hidden_plain.data(), Instructions::Plain);
  EXPECT_EQ(hidden_best, hidden_plain);
  EXPECT_NEAR(hidden_best[9], best[9], 1e-5);
  add_column(columns.data(), 0.5F, kRows, best.data(), Instructions::Best);
  add_column(columns.data(), 0.5F, kRows, plain.data(), Instructions::Plain);
  EXPECT_EQ(best, plain);
  EXPECT_EQ(count_below(best.data(), 37, 1.0F, Instructions::Best),
            count_below(best.data(), 37, 1.0F, Instructions::Plain));
}

}  // namespace
}  // namespace bulwark::assay
