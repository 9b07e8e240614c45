// How an assay is written: every kind of content once, with hostile text where text can stand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/document.h"
#include "report/assay.h"
#include "report/svg.h"
#include "support/golden.h"

namespace bulwark::test {
namespace {

using assay::Assayed;
using assay::Outcome;
using assay::PartResult;
using assay::Plot;
using testing::HasSubstr;
using testing::Not;

constexpr Rule kNoisy{
    .id = "BW-TEST-011",
    .title = "labels contradict what the rows say",
    .severity = Severity::High,
    .atlas = "AML.T0020",
    .why = "A model learns the wrong answers.",
    .fix = "Look at the rows, and correct or drop them.",
    .controls = "DA-LABEL",
};

Assayed example() {
  Assayed data;
  data.path = "data/train<b>.csv";
  data.format = "csv";
  data.bytes = 272'166;
  data.rows = 1'797;
  data.columns = 67;
  data.sampled = 1'000;
  data.roles = {{"label", "given"}};
  data.notes = {"Column 'given' was taken for the label (--label)."};
  PartResult labels;
  labels.part = "labels";
  labels.outcome = Outcome::Failed;
  labels.why = "180 of 1,797 labels look wrong";
  labels.measures = {
      {.name = "noise rate", .interval = {.estimate = 0.1, .low = 0.0866, .high = 0.115}, .threshold = 0.05}};
  labels.details = json_map({{"issues", json_list({json_integer(3), json_integer(17)})},
                             {"scores", json_map({{"kind", json_string("self-confidence")}})}});
  labels.numbers = {{.path = "scores.values", .values = {0.5, 0.25, 1e-9}}};
  labels.listings = {{.title = "Worst rows",
                      .header = {"row", "given", "suggested"},
                      .rows = {{"3", "4", "9"}, {"17", "<script>", "1"}},
                      .note = ""}};
  labels.plots = {
      {.title = "Class balance",
       .kind = Plot::Kind::Bars,
       .x_label = "class",
       .y_label = "rows",
       .categories = {"a", "b"},
       .series = {{.name = "given", .x = {}, .y = {3, 4}}, {.name = "suggested", .x = {}, .y = {4, 3}}},
       .says = "Class a has 3 rows & b has 4."}};
  PartResult poison;
  poison.part = "poison";
  poison.outcome = Outcome::Passed;
  poison.why = "nothing found";
  poison.blind = {"Blended triggers are not covered."};
  poison.rasters = {{.title = "Trigger",
                     .height = 2,
                     .width = 2,
                     .channels = 1,
                     .values = {0, 255, 255, 0},
                     .mask = {0, 1, 1, 0},
                     .says = "A checker."}};
  PartResult drift;
  drift.part = "drift";
  drift.why = "needs a data set to compare with (--against)";
  data.parts = {labels, poison, drift};
  data.report.findings = {{&kNoisy,
                           Severity::High,
                           data.path,
                           {},
                           {},
                           "180 of 1,797 labels look wrong [0.087, 0.115]",
                           "rows 3, 17",
                           "given"}};
  data.report.gaps = {{GapReason::Malformed, data.path, {}, {.line = 12}, "3 cells where 67 are expected"}};
  return data;
}

class AssayWriters : public testing::Test {
 protected:
  report::AssayRun run() const { return {.run = judged_, .data = data_, .seed = 7}; }

  std::vector<Assayed> data_ = {example()};
  Report report_ = data_.front().report;
  policy::Verdict verdict_ = policy::decide({}, report_, std::chrono::year(2026) / 11 / 20);
  report::Run judged_{.report = report_, .verdict = verdict_, .version = "1.2.3", .files = 1};
};

TEST_F(AssayWriters, TextSaysWhatWasFoundAndWhatWasNotSeen) {
  expect_golden("report/assay.txt", report::assay_text(run()));
}

TEST_F(AssayWriters, MarkdownIsSafeInAComment) {
  expect_golden("report/assay.md", report::assay_markdown(run()));
}

TEST_F(AssayWriters, JsonHasOneObjectForEachPart) {
  const std::string text = report::assay_json(run());
  expect_golden("report/assay.json", text);
  const auto read = parse_json(text, Limits{});
  ASSERT_TRUE(read) << read.error().message;
  const Document* labels = read->root.find("labels");
  ASSERT_NE(labels, nullptr);
  EXPECT_EQ(labels->text("verdict"), "failed");
  EXPECT_EQ(labels->find("issues")->list.at(1).integer, 17);
  EXPECT_EQ(labels->find("scores")->find("values")->list.size(), 3U);
}

TEST_F(AssayWriters, TextOfTheDataCannotTakeThePlaceOfALongList) {
  data_.front().notes = {"long list 0/0", "\"long list 1/0\""};
  const auto read = parse_json(report::assay_json(run()), Limits{});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->root.find("data")->find("notes")->list.front().string, "long list 0/0");
  EXPECT_EQ(read->root.find("labels")->find("scores")->find("values")->list.size(), 3U);
}

TEST_F(AssayWriters, SeveralDataSetsAreAList) {
  data_.push_back(data_.front());
  const auto read = parse_json(report::assay_json(run()), Limits{});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->root.find("data_sets")->list.size(), 2U);
  EXPECT_EQ(read->root.find("labels"), nullptr);
}

TEST_F(AssayWriters, PageHoldsPicturesAndNoMarkupOfTheData) {
  const std::string page = report::assay_html(run());
  EXPECT_THAT(page, HasSubstr("aria-label=\"Class a has 3 rows &amp; b has 4.\""));
  EXPECT_THAT(page, HasSubstr("class=\"mask\""));
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, Not(HasSubstr("train<b>")));
  EXPECT_THAT(page, Not(HasSubstr("style=\"")));
}

TEST(PlotSvg, SurvivesWhatCannotBeDrawn) {
  Plot plot{.title = "t", .kind = Plot::Kind::Line};
  EXPECT_THAT(report::plot_svg(plot), HasSubstr("nothing to show"));
  plot.series = {{.name = "a", .x = {0, 1}, .y = {std::numeric_limits<double>::quiet_NaN(), HUGE_VAL}}};
  EXPECT_THAT(report::plot_svg(plot), HasSubstr("nothing to show"));
  plot.series = {{.name = "a", .x = {1, 1}, .y = {2, 2}}};
  EXPECT_THAT(report::plot_svg(plot), HasSubstr("<path"));
  plot.kind = Plot::Kind::Bars;
  EXPECT_THAT(report::plot_svg(plot), Not(HasSubstr("nan")));
  EXPECT_EQ(report::raster_svg({.title = "t", .height = 3, .width = 3}), "");
}

}  // namespace
}  // namespace bulwark::test
