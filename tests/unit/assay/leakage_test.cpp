#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "assay/leakage/columns.h"
#include "assay/leakage/overlap.h"
#include "assay/leakage/rules.h"
#include "assay/parts.h"
#include "base/json_text.h"
#include "stats/random.h"

namespace bulwark::assay {
namespace {

Frame table(std::size_t rows, std::size_t width, std::uint64_t seed) {
  stats::Philox random(seed, stats::stream_key("leakage test"));
  Frame frame;
  frame.rows = frame.rows_in_all = rows;
  for (std::size_t i = 0; i < width; ++i) frame.feature_names.push_back("x" + std::to_string(i));
  for (std::size_t i = 0; i < rows * width; ++i)
    frame.features.push_back(static_cast<float>(random.normal()));
  frame.classes = {"0", "1", "2"};
  for (std::size_t i = 0; i < rows; ++i) frame.labels.push_back(static_cast<std::int32_t>(random.below(3)));
  return frame;
}

void copy_row(const Frame& from, std::size_t source, Frame& to, std::size_t row, float change = 0) {
  const std::size_t width = from.feature_names.size();
  for (std::size_t i = 0; i < width; ++i)
    to.features[row * width + i] = from.features[source * width + i] + change;
}

bool raises(const PartResult& result, const Rule& rule) {
  return std::ranges::any_of(result.findings, [&](const Finding& finding) { return finding.rule == &rule; });
}

Settings settings_with(std::size_t jobs = 1) {
  return {.seed = 1, .jobs = jobs, .roles = {.label = "y"}};
}

TEST(Leakage, IndependentSplitsPass) {
  const Frame train = table(600, 6, 1);
  const Frame test = table(200, 6, 2);
  const PartResult result = assay_leakage(test, &train, {}, settings_with());
  EXPECT_EQ(result.outcome, Outcome::Passed) << result.why;
  EXPECT_TRUE(result.findings.empty());
}

TEST(Leakage, SharedRowsAreNamedOnBothSides) {
  const Frame train = table(600, 6, 1);
  Frame test = table(200, 6, 2);
  for (std::size_t i = 0; i < 7; ++i) copy_row(train, 100 + i, test, 10 * i);
  test.labels[20] = (train.labels[102] + 1) % 3;
  const PartResult result = assay_leakage(test, &train, {}, settings_with());
  EXPECT_EQ(result.outcome, Outcome::Failed);
  EXPECT_TRUE(raises(result, kSharedRows));
  EXPECT_TRUE(raises(result, kConflictAcrossSplits));
  EXPECT_EQ(result.rows, (std::vector<std::uint64_t>{0, 10, 20, 30, 40, 50, 60}));
  const Document& exact = result.details.find("overlap")->list.at(0);
  EXPECT_EQ(exact.find("shared")->integer, 7);
  EXPECT_EQ(exact.find("rows")->list[3].find("reference_row")->integer, 103);
}

TEST(Leakage, NearCopiesOfVectorsAreFoundAndNeighboursAreNot) {
  const Frame train = table(600, 6, 1);
  Frame test = table(200, 6, 2);
  for (std::size_t i = 0; i < 9; ++i) copy_row(train, 50 + i, test, 20 * i, 0.01F);
  const PartResult result = assay_leakage(test, &train, {}, settings_with());
  EXPECT_TRUE(raises(result, kNearRows)) << result.why;
  EXPECT_FALSE(raises(result, kSharedRows));
  EXPECT_EQ(result.rows.size(), 9U);
}

TEST(Leakage, EqualRowsOfCoarseTablesAreChance) {
  // Three binary columns: every row occurs on both sides.
  const auto coarse = [](std::uint64_t seed) {
    Frame frame = table(400, 3, seed);
    for (float& value : frame.features) value = value > 0 ? 1.0F : 0.0F;
    return frame;
  };
  const Frame train = coarse(1);
  const PartResult result = assay_leakage(coarse(2), &train, {}, settings_with());
  EXPECT_FALSE(raises(result, kSharedRows)) << result.why;
  EXPECT_FALSE(raises(result, kNearRows)) << result.why;
}

TEST(Leakage, EditedTextsAreNearCopies) {
  const auto corpus = [](std::uint64_t seed) {
    stats::Philox random(seed);
    Frame frame;
    frame.rows = 100;
    frame.texts = {{.name = "note", .values = {}}};
    for (int i = 0; i < 100; ++i) {
      std::string text;
      for (int word = 0; word < 20; ++word) {
        for (int letter = 0; letter < 6; ++letter) text += static_cast<char>('a' + random.below(26));
        text += ' ';
      }
      frame.texts[0].values.push_back(text);
    }
    return frame;
  };
  const Frame train = corpus(1);
  Frame test = corpus(2);
  for (std::size_t i = 0; i < 5; ++i) {
    test.texts[0].values[i * 3] = train.texts[0].values[i + 40];
    test.texts[0].values[i * 3].replace(30, 6, "edited");
  }
  const auto overlaps = near_text_overlap(test, train, settings_with());
  ASSERT_EQ(overlaps.size(), 1U);
  EXPECT_TRUE(overlaps[0].excessive);
  ASSERT_EQ(overlaps[0].pairs.size(), 5U);
  EXPECT_EQ(overlaps[0].pairs[1].row, 3U);
  EXPECT_EQ(overlaps[0].pairs[1].reference, 41U);
}

TEST(Leakage, LighterPicturesKeepTheirHash) {
  Images images{.height = 40, .width = 30, .channels = 1, .values = {}};
  const auto add = [&](double light, std::uint64_t kind) {
    stats::Philox noise(9);
    for (std::size_t y = 0; y < 40; ++y)
      for (std::size_t x = 0; x < 30; ++x)
        images.values.push_back(static_cast<float>(100 + light +
                                                   40 * std::sin(static_cast<double>(x * (1 + kind)) / 5) *
                                                       std::cos(static_cast<double>(y * kind) / 7) +
                                                   noise.normal()));
  };
  add(0, 1);
  add(12, 1);
  add(0, 2);
  EXPECT_LE(std::popcount(perceptual_hash(images, 0) ^ perceptual_hash(images, 1)), 4);
  EXPECT_GT(std::popcount(perceptual_hash(images, 0) ^ perceptual_hash(images, 2)), 8);
}

TEST(Leakage, GroupsOnBothSidesAreTold) {
  Frame train = table(300, 4, 1);
  Frame test = table(100, 4, 2);
  train.group_names = {"ann", "ben", "eve"};
  test.group_names = {"eve", "dan"};
  for (std::size_t i = 0; i < 300; ++i) train.group.push_back(static_cast<std::int32_t>(i % 3));
  for (std::size_t i = 0; i < 100; ++i) test.group.push_back(i < 30 ? 0 : 1);
  const PartResult result = assay_leakage(test, &train, {}, settings_with());
  EXPECT_TRUE(raises(result, kSharedGroups));
  test.group_names = {"pia", "dan"};
  EXPECT_FALSE(raises(assay_leakage(test, &train, {}, settings_with()), kSharedGroups));
}

TEST(Leakage, TrainingAfterTheTestIsTold) {
  Frame train = table(300, 4, 1);
  Frame test = table(100, 4, 2);
  for (std::size_t i = 0; i < 300; ++i) train.time.push_back(static_cast<double>(i));
  for (std::size_t i = 0; i < 100; ++i) test.time.push_back(static_cast<double>(300 + i));
  EXPECT_FALSE(raises(assay_leakage(test, &train, {}, settings_with()), kTimeOverlap));
  for (double& time : test.time) time -= 80;
  const PartResult result = assay_leakage(test, &train, {}, settings_with());
  EXPECT_TRUE(raises(result, kTimeOverlap));
  EXPECT_EQ(result.details.find("time")->find("younger")->integer, 79);
}

TEST(Leakage, AColumnThatIsTheLabelIsTold) {
  Frame frame = table(500, 5, 1);
  for (std::size_t i = 0; i < 500; ++i) {
    frame.features[i * 5 + 1] = static_cast<float>(frame.labels[i]);             // a copy
    frame.features[i * 5 + 2] = static_cast<float>(frame.labels[i]) * 7 + 0.5F;  // another coding
    frame.features[i * 5 + 3] += static_cast<float>(frame.labels[i]);            // an honest feature
    if (i % 8 == 0) frame.features[i * 5 + 1] = static_cast<float>((frame.labels[i] + 1) % 3);
  }
  const PartResult result = assay_leakage(frame, nullptr, {}, settings_with());
  EXPECT_EQ(result.outcome, Outcome::Failed);
  const std::vector<Document>& columns = result.details.find("columns")->list;
  EXPECT_FALSE(columns[0].find("leaks")->boolean);
  EXPECT_EQ(columns[1].text("leak"), "copy of the label");
  EXPECT_EQ(columns[2].text("leak"), "tells the label");
  EXPECT_FALSE(columns[3].find("leaks")->boolean);
  EXPECT_GT(columns[3].find("gain")->find("low")->number, 0.05);
  EXPECT_LT(columns[4].find("mutual_information")->number, 0.15);
}

TEST(Leakage, IdentifiersInOrderOfClassAreTold) {
  Frame frame = table(600, 2, 1);
  for (std::size_t i = 0; i < 600; ++i) {
    frame.features[i * 2] = static_cast<float>(i);
    frame.labels[i] = static_cast<std::int32_t>(i / 200);
  }
  const PartResult sorted = assay_leakage(frame, nullptr, {}, settings_with());
  EXPECT_TRUE(raises(sorted, kLabelInIdentifier));
  EXPECT_EQ(sorted.details.find("columns")->list[0].text("leak"), "identifier");
  for (std::size_t i = 0; i < 600; ++i) frame.labels[i] = static_cast<std::int32_t>(i * 2'654'435'761U % 3);
  EXPECT_FALSE(raises(assay_leakage(frame, nullptr, {}, settings_with()), kLabelInIdentifier));
}

TEST(Leakage, ColumnsNamedAfterTheAnswerAreSuspicious) {
  Frame frame = table(300, 2, 1);
  frame.feature_names[1] = "is_noise";
  const PartResult result = assay_leakage(frame, nullptr, {}, settings_with());
  EXPECT_EQ(result.outcome, Outcome::Undecided);
  EXPECT_TRUE(raises(result, kLabelInColumn));
}

TEST(Leakage, ResultsDoNotDependOnThreads) {
  const Frame train = table(300, 6, 1);
  Frame test = table(200, 6, 2);
  for (std::size_t i = 0; i < 9; ++i) copy_row(train, 50 + i, test, 20 * i, 0.01F);
  const auto text = [&](std::size_t jobs) {
    return pretty_json(assay_leakage(test, &train, {}, settings_with(jobs)).details);
  };
  EXPECT_EQ(text(1), text(2));
  EXPECT_EQ(text(1), text(3));
}

TEST(Leakage, WithoutSplitAndLabelNothingIsAssessed) {
  Frame frame = table(100, 2, 1);
  frame.labels.clear();
  EXPECT_EQ(assay_leakage(frame, nullptr, {}, settings_with()).outcome, Outcome::NotAssessed);
  EXPECT_EQ(assay_leakage(Frame{}, nullptr, {}, settings_with()).outcome, Outcome::NotAssessed);
  EXPECT_NE(assay_leakage(Frame{}, &frame, {}, settings_with()).outcome, Outcome::Failed);
}

}  // namespace
}  // namespace bulwark::assay
