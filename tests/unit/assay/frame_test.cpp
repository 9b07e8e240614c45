// Rows in memory: what becomes a feature, a label, a picture.

#include "assay/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/data_set.h"

namespace bulwark::assay {
namespace {

using test::MemoryData;
using testing::ElementsAre;
using testing::HasSubstr;

Frame frame_of(const tables::Dataset& data, const Settings& settings) {
  std::vector<Gap> gaps;
  auto frame = read_frame(data, settings, gaps);
  EXPECT_TRUE(frame) << frame.error().message;
  return frame ? std::move(*frame) : Frame{};
}

Settings labelled(std::string column) {
  Settings settings;
  settings.roles.label = std::move(column);
  return settings;
}

TEST(Frame, NumbersAreFeaturesAndWordsAreCategories) {
  const MemoryData data({"age", "town", "y"},
                        {{"40", "Bern", "yes"}, {"", "Genf", "no"}, {"2.5", "Bern", "yes"}});
  const Frame frame = frame_of(data, labelled("y"));
  EXPECT_THAT(frame.feature_names, ElementsAre("age"));
  EXPECT_EQ(frame.features[0], 40);
  EXPECT_TRUE(std::isnan(frame.features[1]));
  ASSERT_EQ(frame.categories.size(), 1U);
  EXPECT_THAT(frame.categories[0].codes, ElementsAre(0, 1, 0));
  EXPECT_THAT(frame.classes, ElementsAre("no", "yes"));
  EXPECT_THAT(frame.labels, ElementsAre(1, 0, 1));
  EXPECT_EQ(frame.line[2], 4U);
}

TEST(Frame, ClassesThatAreNumbersStandInTheOrderOfNumbers) {
  const MemoryData data({"x", "y"}, {{"1", "10"}, {"1", "9"}, {"1", "NA"}, {"1", "9.0"}});
  const Frame frame = frame_of(data, labelled("y"));
  EXPECT_THAT(frame.classes, ElementsAre("9", "10"));
  EXPECT_THAT(frame.labels, ElementsAre(1, 0, -1, 0));
}

TEST(Frame, ARoleWithoutItsColumnNamesTheNearest) {
  const MemoryData data({"label", "x"}, {{"a", "1"}});
  std::vector<Gap> gaps;
  const auto frame = read_frame(data, labelled("lable"), gaps);
  ASSERT_FALSE(frame);
  EXPECT_THAT(frame.error().message, HasSubstr("did you mean 'label'"));
}

TEST(Frame, DirtInAColumnOfNumbersIsMissing) {
  std::vector<std::vector<std::string>> rows(100, {"1.5"});
  rows[7] = {"#REF!"};
  const Frame frame = frame_of(MemoryData({"x"}, rows), {});
  ASSERT_THAT(frame.feature_names, ElementsAre("x"));
  EXPECT_TRUE(std::isnan(frame.features[7]));
}

TEST(Frame, ASampleIsDrawnBySeedWhateverTheBlocks) {
  std::vector<std::vector<std::string>> rows;
  for (int i = 0; i < 5000; ++i) rows.push_back({std::to_string(i)});
  Settings settings;
  settings.sample = 100;
  settings.seed = 7;
  MemoryData small({"x"}, rows);
  small.set_block(13);
  const Frame whole = frame_of(MemoryData({"x"}, rows), settings);
  const Frame pieces = frame_of(small, settings);
  EXPECT_EQ(whole.rows, 100U);
  EXPECT_EQ(whole.rows_in_all, 5000U);
  EXPECT_EQ(whole.row, pieces.row);
  EXPECT_EQ(whole.features, pieces.features);
  for (std::size_t i = 0; i < whole.rows; ++i) EXPECT_EQ(whole.features[i], static_cast<float>(whole.row[i]));
  settings.seed = 8;
  EXPECT_NE(frame_of(MemoryData({"x"}, rows), settings).row, whole.row);
}

TEST(Frame, NumberedColumnsOfBytesAreAPicture) {
  std::vector<std::string> names;
  std::vector<std::string> row;
  for (int i = 0; i < 64; ++i) {
    names.push_back("pixel" + std::to_string(i));
    row.push_back(std::to_string(i % 17));
  }
  names.emplace_back("y");
  row.emplace_back("3");
  const Frame frame = frame_of(MemoryData(names, {row, row}), labelled("y"));
  ASSERT_TRUE(frame.images);
  EXPECT_EQ(frame.images->height, 8U);
  EXPECT_EQ(frame.images->channels, 1U);
  EXPECT_EQ(frame.images->top, 16);
  EXPECT_EQ(frame.images->values[65], 1);
}

TEST(Frame, ColumnsThatAreNoPictureStayFeatures) {
  std::vector<std::string> names;
  std::vector<std::string> row;
  for (int i = 0; i < 64; ++i) {
    names.push_back("gene" + std::to_string(i));
    row.push_back("0.5");
  }
  EXPECT_FALSE(frame_of(MemoryData(names, {row, row}), {}).images);
}

TEST(Frame, ChannelsAreFoundFirstAndLast) {
  const std::vector<std::uint8_t> pixels = {
      1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
      26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50,
      51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75};
  MemoryData last({"y"}, {{"a"}});
  last.add_array("x", {1, 5, 5, 3}, pixels);
  const Frame frame = frame_of(last, labelled("y"));
  ASSERT_TRUE(frame.images);
  EXPECT_EQ(frame.images->channels, 3U);
  EXPECT_EQ(frame.images->values[1], 4);   // second pixel of the first channel
  EXPECT_EQ(frame.images->values[25], 2);  // first pixel of the second

  MemoryData first({"y"}, {{"a"}});
  first.add_array("x", {1, 3, 5, 5}, pixels);
  EXPECT_EQ(frame_of(first, labelled("y")).images->values[1], 2);
}

TEST(Frame, AnArrayOfTwoDimensionsIsFeatures) {
  MemoryData data({"y"}, {{"a"}, {"b"}});
  data.add_array("x", {2, 3}, {1, 2, 3, 4, 5, 6});
  data.add_array("weights", {3, 3}, std::vector<std::uint8_t>(9));  // of other rows
  const Frame frame = frame_of(data, labelled("y"));
  EXPECT_THAT(frame.feature_names, ElementsAre("x_0", "x_1", "x_2"));
  EXPECT_EQ(frame.features[3], 4);
}

TEST(DenseFeatures, FillNullsAndDropWhatIsConstant) {
  const MemoryData data({"a", "b", "c"}, {{"1", "5", "x"}, {"", "5", "y"}, {"3", "5", "x"}, {"3", "5", "z"}});
  const Features features = dense_features(frame_of(data, {}), Scaling::None);
  EXPECT_THAT(features.names, ElementsAre("a", "c=x", "c=y", "c=z"));
  EXPECT_EQ(features.values[4], 3);  // the median of 1, 3, 3
}

TEST(DenseFeatures, AreScaledToDeviationOne) {
  const MemoryData data({"a"}, {{"1"}, {"3"}, {"1"}, {"3"}});
  EXPECT_THAT(dense_features(frame_of(data, {}), Scaling::Deviation).values, ElementsAre(-1, 1, -1, 1));
}

}  // namespace
}  // namespace bulwark::assay
