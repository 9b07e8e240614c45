#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "assay/drift/columns.h"
#include "assay/drift/rules.h"
#include "assay/parts.h"
#include "base/json_text.h"
#include "stats/random.h"

namespace bulwark::assay {
namespace {

using Columns = std::vector<std::vector<float>>;

Frame frame_of(const Columns& columns) {
  Frame frame;
  frame.rows = frame.rows_in_all = columns.at(0).size();
  for (std::size_t c = 0; c < columns.size(); ++c) frame.feature_names.push_back("x" + std::to_string(c));
  for (std::size_t row = 0; row < frame.rows; ++row)
    for (const std::vector<float>& column : columns) frame.features.push_back(column[row]);
  return frame;
}

std::vector<float> normals(std::size_t rows, std::uint64_t seed, double mean = 0, double deviation = 1) {
  stats::Philox random(seed, stats::stream_key("drift test"));
  std::vector<float> out;
  for (std::size_t i = 0; i < rows; ++i)
    out.push_back(static_cast<float>(mean + deviation * random.normal()));
  return out;
}

Category coded(std::size_t rows, std::uint64_t seed, const std::vector<double>& shares,
               const std::string& prefix = "v") {
  stats::Philox random(seed, stats::stream_key("drift test"));
  Category out{.name = "kind", .codes = {}, .values = {}};
  for (std::size_t i = 0; i < shares.size(); ++i) out.values.push_back(prefix + std::to_string(i));
  for (std::size_t row = 0; row < rows; ++row) {
    double at = random.uniform();
    std::size_t code = 0;
    while (code + 1 < shares.size() && at >= shares[code]) at -= shares[code++];
    out.codes.push_back(static_cast<std::int32_t>(code));
  }
  return out;
}

const Document& column_at(const PartResult& result, std::size_t i) {
  return result.details.find("columns")->list.at(i);
}

Settings settings_with(std::uint64_t seed = 1, std::size_t jobs = 1) {
  return {.seed = seed, .jobs = jobs, .roles = {}};
}

TEST(Drift, AShiftOfHalfADeviationIsSeen) {
  const PartResult result = assay_drift(frame_of({normals(2000, 1), normals(2000, 2)}),
                                        frame_of({normals(2000, 3, 0.5), normals(2000, 4)}), settings_with());
  EXPECT_EQ(result.outcome, Outcome::Failed) << result.why;
  EXPECT_TRUE(column_at(result, 0).find("drifted")->boolean);
  EXPECT_FALSE(column_at(result, 1).find("drifted")->boolean);
  EXPECT_EQ(column_at(result, 1).text("outcome"), "passed");
  EXPECT_NEAR(column_at(result, 0).find("wasserstein")->number, 0.5, 0.08);
  ASSERT_FALSE(result.findings.empty());
  EXPECT_EQ(result.findings[0].rule, &kColumnDrift);
  EXPECT_EQ(result.findings[0].subject, "x0");
}

TEST(Drift, ANegligibleShiftOfManyRowsPasses) {
  // 0.03 deviations: every test rejects at this size, nobody should care.
  const PartResult result =
      assay_drift(frame_of({normals(100'000, 1)}), frame_of({normals(100'000, 2, 0.03)}), settings_with());
  EXPECT_LT(column_at(result, 0).find("p")->number, 1e-4);
  EXPECT_EQ(result.outcome, Outcome::Passed) << result.why;
}

TEST(Drift, ThirtyRowsNeverPassInSilence) {
  int false_alarms = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const PartResult large = assay_drift(frame_of({normals(30, 100 + seed)}),
                                         frame_of({normals(30, 200 + seed, 2)}), settings_with());
    EXPECT_EQ(large.outcome, Outcome::Failed) << large.why;
    const PartResult some = assay_drift(frame_of({normals(30, 100 + seed)}),
                                        frame_of({normals(30, 200 + seed, 0.5)}), settings_with());
    EXPECT_NE(some.outcome, Outcome::Passed) << some.why;
    const PartResult none = assay_drift(frame_of({normals(30, 100 + seed)}),
                                        frame_of({normals(30, 200 + seed)}), settings_with());
    EXPECT_NE(none.outcome, Outcome::Passed) << none.why;
    false_alarms += none.outcome == Outcome::Failed ? 1 : 0;
  }
  EXPECT_LE(false_alarms, 1);
}

TEST(Drift, SaysHowManyRowsWouldDecide) {
  const PartResult few =
      assay_drift(frame_of({normals(100, 1)}), frame_of({normals(100, 2)}), settings_with());
  const Document* rows = column_at(few, 0).find("effect")->find("rows_that_would_decide");
  ASSERT_NE(rows, nullptr);
  const auto needed = static_cast<std::size_t>(rows->integer) * 2;
  const PartResult enough =
      assay_drift(frame_of({normals(needed, 1)}), frame_of({normals(needed, 2)}), settings_with());
  EXPECT_EQ(enough.outcome, Outcome::Passed) << needed << ": " << enough.why;
}

TEST(Drift, ManyColumnsWithoutDriftRaiseNoFinding) {
  for (const std::size_t rows : {50U, 600U}) {
    Columns before;
    Columns after;
    for (std::uint64_t c = 0; c < 30; ++c) {
      before.push_back(normals(rows, 1000 + c));
      after.push_back(normals(rows, 2000 + c));
    }
    std::size_t drifted = 0;
    const PartResult result = assay_drift(frame_of(before), frame_of(after), settings_with());
    for (const Document& column : result.details.find("columns")->list)
      drifted += column.find("drifted")->boolean ? 1U : 0U;
    EXPECT_EQ(drifted, 0U) << rows;
  }
}

TEST(Drift, MoreSpreadAndAnotherShapeAreSeen) {
  std::vector<float> split = normals(3000, 5, 0, 0.3);
  for (std::size_t i = 0; i < split.size(); ++i) split[i] += i % 2 == 0 ? 0.95F : -0.95F;
  const PartResult result = assay_drift(frame_of({normals(3000, 1), normals(3000, 2)}),
                                        frame_of({normals(3000, 3, 0, 1.6), split}), settings_with());
  EXPECT_TRUE(column_at(result, 0).find("drifted")->boolean);
  EXPECT_TRUE(column_at(result, 1).find("drifted")->boolean);
}

TEST(Drift, HeavyTailsDoNotHideAShiftOfTheBulk) {
  std::vector<float> before = normals(4000, 1);
  std::vector<float> after = normals(4000, 2, 1);
  before[0] = after[0] = 1e6F;  // one outlier makes the deviation useless as a unit
  const PartResult result = assay_drift(frame_of({before}), frame_of({after}), settings_with());
  EXPECT_TRUE(column_at(result, 0).find("drifted")->boolean);
  EXPECT_EQ(column_at(result, 0).find("effect")->text("name"), "js");
}

TEST(Drift, ConstantColumnsAreCompared) {
  const std::vector<float> ones(500, 1.0F);
  const std::vector<float> twos(500, 2.0F);
  EXPECT_EQ(assay_drift(frame_of({ones}), frame_of({ones}), settings_with()).outcome, Outcome::Passed);
  EXPECT_EQ(assay_drift(frame_of({ones}), frame_of({twos}), settings_with()).outcome, Outcome::Failed);
}

TEST(Drift, NullsThatAppearAreDrift) {
  std::vector<float> before = normals(2000, 1);
  std::vector<float> after = normals(2000, 2);
  for (std::size_t i = 0; i < 2000; i += 4) after[i] = std::nanf("");
  const PartResult result = assay_drift(frame_of({before}), frame_of({after}), settings_with());
  EXPECT_TRUE(column_at(result, 0).find("drifted")->boolean);
  EXPECT_EQ(column_at(result, 0).find("effect")->text("name"), "null share");
}

TEST(Drift, CountersAreNoFeatures) {
  std::vector<float> before;
  std::vector<float> after;
  for (int i = 0; i < 500; ++i) {
    before.push_back(static_cast<float>(i));
    after.push_back(static_cast<float>(i + 500));
  }
  const PartResult result = assay_drift(frame_of({before}), frame_of({after}), settings_with());
  EXPECT_EQ(column_at(result, 0).text("type"), "identifier");
  EXPECT_FALSE(column_at(result, 0).find("drifted")->boolean);
  EXPECT_EQ(result.outcome, Outcome::NotAssessed);
}

TEST(Drift, CategoriesAreComparedByShares) {
  Frame before{.path = {}};
  before.rows = 3000;
  before.categories = {coded(3000, 1, {0.5, 0.3, 0.2})};
  Frame same = before;
  same.categories = {coded(3000, 2, {0.5, 0.3, 0.2})};
  Frame moved = before;
  moved.categories = {coded(3000, 3, {0.2, 0.3, 0.5})};
  EXPECT_EQ(assay_drift(before, same, settings_with()).outcome, Outcome::Passed);
  const PartResult result = assay_drift(before, moved, settings_with());
  EXPECT_TRUE(column_at(result, 0).find("drifted")->boolean);
  EXPECT_GT(column_at(result, 0).find("cramers_v")->number, 0.2);
}

TEST(Drift, UnseenValuesAreToldEvenIfEachIsRare) {
  const std::vector<double> flat(400, 1.0 / 400);
  Frame before{.path = {}};
  before.rows = 4000;
  before.categories = {coded(4000, 1, flat)};
  Frame other = before;
  other.categories = {coded(4000, 2, flat, "w")};
  const PartResult result = assay_drift(before, other, settings_with());
  EXPECT_TRUE(column_at(result, 0).find("drifted")->boolean);
  EXPECT_EQ(column_at(result, 0).find("unseen_rows")->integer, 4000);
}

TEST(Drift, OpenEndedValuesAreNoDrift) {
  // Every value occurs about once on either side, as names do.
  const std::vector<double> flat(20'000, 1.0 / 20'000);
  Frame before{.path = {}};
  before.rows = 1000;
  before.categories = {coded(1000, 1, flat)};
  Frame after = before;
  after.categories = {coded(1000, 2, flat)};
  const PartResult result = assay_drift(before, after, settings_with());
  EXPECT_FALSE(column_at(result, 0).find("drifted")->boolean) << result.why;
}

TEST(Drift, DependenceThatChangesIsSeenJointly) {
  const std::vector<float> a = normals(1500, 1);
  std::vector<float> along;
  std::vector<float> against;
  const std::vector<float> noise = normals(1500, 2);
  for (std::size_t i = 0; i < a.size(); ++i) {
    along.push_back(0.8F * a[i] + 0.6F * noise[i]);
    against.push_back(-0.8F * a[i] + 0.6F * noise[i]);
  }
  const PartResult result = assay_drift(frame_of({a, along}), frame_of({a, against}), settings_with());
  EXPECT_FALSE(column_at(result, 0).find("drifted")->boolean);
  EXPECT_FALSE(column_at(result, 1).find("drifted")->boolean);
  EXPECT_TRUE(result.details.find("joint")->find("drifted")->boolean) << result.why;
  EXPECT_LT(result.details.find("joint")->find("p")->number, 0.02);
}

TEST(Drift, LabelsThatShiftAreTold) {
  Frame before = frame_of({normals(2000, 1)});
  Frame after = frame_of({normals(2000, 2)});
  before.classes = after.classes = {"0", "1"};
  for (std::size_t i = 0; i < 2000; ++i) {
    before.labels.push_back(i % 2 == 0 ? 1 : 0);
    after.labels.push_back(i % 5 == 0 ? 1 : 0);
  }
  const PartResult result = assay_drift(before, after, settings_with());
  EXPECT_EQ(result.outcome, Outcome::Failed);
  EXPECT_TRUE(result.details.find("label_shift")->find("drifted")->boolean);
  EXPECT_EQ(assay_drift(before, before, settings_with()).details.find("label_shift")->text("outcome"),
            "passed");
}

TEST(Drift, ClassesWrittenInTwoFormsAreTheSame) {
  Frame before = frame_of({normals(600, 1)});
  Frame after = frame_of({normals(600, 2)});
  before.classes = {"0", "1"};
  after.classes = {"0.0", "1.0"};
  for (std::int32_t i = 0; i < 600; ++i) before.labels.push_back(i % 2);
  after.labels = before.labels;
  EXPECT_FALSE(
      assay_drift(before, after, settings_with()).details.find("label_shift")->find("drifted")->boolean);
}

TEST(Drift, TextsOfAnotherSubjectAreTold) {
  const auto corpus = [](std::vector<std::string> subjects, std::uint64_t seed) {
    stats::Philox random(seed);
    Frame frame;
    frame.rows = 300;
    frame.texts = {{.name = "note", .values = {}}};
    for (int i = 0; i < 300; ++i) {
      std::string text;
      for (int word = 0; word < 12; ++word) text += subjects[random.below(subjects.size())] + " ";
      frame.texts[0].values.push_back(text);
    }
    return frame;
  };
  const std::vector<std::string> medical = {"patient", "dose", "blood", "nurse",
                                            "ward",    "the",  "was",   "given"};
  const std::vector<std::string> legal = {"court", "claim", "party", "clause",
                                          "judge", "the",   "was",   "given"};
  EXPECT_EQ(assay_drift(corpus(medical, 1), corpus(medical, 2), settings_with()).outcome, Outcome::Passed);
  EXPECT_EQ(assay_drift(corpus(medical, 1), corpus(legal, 2), settings_with()).outcome, Outcome::Failed);
}

TEST(Drift, ColumnsThatCameOrWentAreTold) {
  Frame before = frame_of({normals(500, 1), normals(500, 2)});
  Frame after = frame_of({normals(500, 3), normals(500, 4)});
  after.feature_names[1] = "new";
  const PartResult result = assay_drift(before, after, settings_with());
  EXPECT_EQ(result.outcome, Outcome::Failed);
  EXPECT_EQ(result.details.find("schema")->list.size(), 2U);
  EXPECT_EQ(result.findings.back().rule, &kSchemaDrift);
}

TEST(Drift, DarkerImagesAreTold) {
  const auto images = [](double mean, std::uint64_t seed) {
    Frame frame;
    frame.rows = 400;
    frame.images = Images{.height = 10, .width = 10, .channels = 1, .values = {}};
    stats::Philox random(seed);
    for (int i = 0; i < 400; ++i) {
      const double light = mean + 10 * random.normal();
      for (int p = 0; p < 100; ++p)
        frame.images->values.push_back(static_cast<float>(light + 20 * random.normal()));
    }
    return frame;
  };
  const PartResult result = assay_drift(images(120, 1), images(90, 2), settings_with());
  EXPECT_EQ(result.outcome, Outcome::Failed);
  EXPECT_TRUE(column_at(result, 0).find("drifted")->boolean);
  EXPECT_TRUE(result.details.find("joint")->find("drifted")->boolean);
}

TEST(Drift, ResultsDoNotDependOnThreads) {
  Columns before;
  Columns after;
  for (std::uint64_t c = 0; c < 10; ++c) {
    before.push_back(normals(400, c));
    after.push_back(normals(400, 100 + c, c % 3 == 0 ? 0.4 : 0));
  }
  const auto text = [&](std::size_t jobs) {
    return pretty_json(assay_drift(frame_of(before), frame_of(after), settings_with(7, jobs)).details);
  };
  const std::string one = text(1);
  EXPECT_EQ(one, text(2));
  EXPECT_EQ(one, text(3));
}

TEST(Drift, EmptyAndDegenerateFramesAreNotAssessed) {
  EXPECT_EQ(assay_drift(Frame{}, Frame{}, settings_with()).outcome, Outcome::NotAssessed);
  Frame nothing = frame_of({std::vector<float>(5, std::nanf(""))});
  EXPECT_NE(assay_drift(nothing, nothing, settings_with()).outcome, Outcome::Failed);
  Frame one = frame_of({{1.0F}});
  EXPECT_NE(assay_drift(one, one, settings_with()).outcome, Outcome::Failed);
}

}  // namespace
}  // namespace bulwark::assay
