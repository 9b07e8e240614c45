#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "assay/parts.h"
#include "assay/poison/crowds.h"
#include "assay/poison/other_triggers.h"
#include "base/json_text.h"
#include "unit/assay/poison_cases.h"

namespace bulwark::assay {
namespace {

using test::drawn_images;
using test::PoisonCase;

// Rows of two numbers around the corners of a square, one class each.
PoisonCase corners(std::size_t rows, std::uint64_t seed, std::size_t width = 6) {
  PoisonCase made;
  Frame& frame = made.frame;
  stats::Philox random(seed, 78);
  frame.rows = frame.rows_in_all = rows;
  frame.classes = {"a", "b", "c", "d"};
  for (std::size_t c = 0; c < width; ++c) frame.feature_names.push_back("f" + std::to_string(c));
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t label = random.below(4);
    frame.labels.push_back(static_cast<std::int32_t>(label));
    for (std::size_t c = 0; c < width; ++c) {
      const double centre = ((c % 2 == 0 ? label : label >> 1) & 1) != 0 ? 3 : -3;
      frame.features.push_back(static_cast<float>(centre + random.normal()));
    }
  }
  made.poisoned.assign(rows, false);
  return made;
}

bool raises(const PartResult& result, std::string_view rule) {
  return std::ranges::any_of(result.findings,
                             [&](const Finding& finding) { return finding.rule->id == rule; });
}

TEST(PoisonCrowds, CleanTablesGiveNoFlags) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const PartResult result = assay_poison(corners(400, seed).frame, {}, {});
    EXPECT_EQ(result.outcome, Outcome::Passed) << pretty_json(result.details).substr(0, 2000);
  }
}

TEST(PoisonCrowds, FloodOfNearDuplicatesIsFound) {
  PoisonCase made = corners(400, 5);
  stats::Philox random(6);
  for (std::size_t i = 100; i < 130; ++i) {
    for (std::size_t c = 0; c < 6; ++c)
      made.frame.features[i * 6 + c] = made.frame.features[c] + static_cast<float>(0.001 * random.normal());
    made.frame.labels[i] = made.frame.labels[0];
    made.poisoned[i] = true;
  }
  const PartResult result = assay_poison(made.frame, {}, {});
  EXPECT_TRUE(raises(result, "BW-POI-005"));
  const test::Score score = test::score(result, made.poisoned);
  EXPECT_EQ(score.right, 30U);
  EXPECT_LE(score.flagged, 31U);  // and the row that was copied
}

TEST(PoisonCrowds, CopiesThatAreUsualAreNoFlood) {
  PoisonCase made = corners(400, 7);
  for (float& value : made.frame.features) value = value > 0 ? 1 : 0;
  const PartResult result = assay_poison(made.frame, {}, {});
  EXPECT_FALSE(raises(result, "BW-POI-005"));
  EXPECT_NE(pretty_json(result.details).find("copies say nothing"), std::string::npos);
}

TEST(PoisonCrowds, ContributorWhoContradictsEverybodyIsNamedAndTheOthersAreNot) {
  PoisonCase made = corners(600, 8);
  made.frame.source_names = {"ann", "bob", "eve", "joe"};
  for (std::size_t i = 0; i < 600; ++i) {
    const auto source = static_cast<std::int32_t>(i % 4);
    made.frame.source.push_back(source);
    if (source == 2 && i % 8 == 2) {
      made.frame.labels[i] = (made.frame.labels[i] + 1) % 4;
      made.poisoned[i] = true;
    }
  }
  const PartResult result = assay_poison(made.frame, {}, {});
  ASSERT_TRUE(raises(result, "BW-POI-007"));
  const auto finding =
      std::ranges::find_if(result.findings, [](const Finding& f) { return f.rule->id == "BW-POI-007"; });
  EXPECT_NE(finding->message.find("eve"), std::string::npos);
  EXPECT_EQ(finding->message.find("bob"), std::string::npos);
  const test::Score score = test::score(result, made.poisoned);
  EXPECT_GE(score.precision(), 0.95);
  EXPECT_GE(score.recall(), 0.9);
}

TEST(PoisonCrowds, FlipsInOneDirectionAreFoundAndEvenMistakesAreNot) {
  PoisonCase made = corners(800, 9);
  for (std::size_t i = 0; i < 800; i += 4)
    if (made.frame.labels[i] == 1) {
      made.frame.labels[i] = 2;
      made.poisoned[i] = true;
    }
  PartResult result = assay_poison(made.frame, {}, {});
  EXPECT_TRUE(raises(result, "BW-POI-008"));
  EXPECT_GE(test::score(result, made.poisoned).precision(), 0.95);

  PoisonCase even = corners(800, 10);
  stats::Philox random(11);
  for (std::int32_t& label : even.frame.labels)
    if (random.uniform() < 0.05) label = static_cast<std::int32_t>(random.below(4));
  EXPECT_FALSE(raises(assay_poison(even.frame, {}, {}), "BW-POI-008"));
}

TEST(PoisonCrowds, BurstOfMistakesInTimeIsFound) {
  PoisonCase made = corners(800, 12);
  for (std::size_t i = 0; i < 800; ++i) made.frame.time.push_back(static_cast<double>((i * 337) % 800));
  for (std::size_t i = 0; i < 800; ++i)
    if (made.frame.time[i] >= 300 && made.frame.time[i] < 360 && made.frame.labels[i] != 3) {
      made.frame.labels[i] = 3;
      made.poisoned[i] = true;
    }
  const PartResult result = assay_poison(made.frame, {}, {});
  EXPECT_TRUE(raises(result, "BW-POI-006"));
}

TEST(PoisonCells, PairOfValuesThatAClassOwnsIsMined) {
  PoisonCase made = corners(500, 13);
  for (std::size_t i = 0, left = 25; i < 500 && left > 0; ++i) {
    if (made.frame.labels[i] == 0) continue;
    made.frame.features[i * 6 + 4] = 0.125F;
    made.frame.features[i * 6 + 5] = 7.5F;
    made.frame.labels[i] = 0;
    made.poisoned[i] = true;
    --left;
  }
  const PartResult result = assay_poison(made.frame, {}, {});
  EXPECT_TRUE(raises(result, "BW-POI-001"));
  const test::Score score = test::score(result, made.poisoned);
  EXPECT_GE(score.precision(), 0.95);
  EXPECT_GE(score.recall(), 0.9);
  EXPECT_NE(pretty_json(result.details).find("\"f5\""), std::string::npos);
}

// Documents of four subjects with words of their own and words of all.
PoisonCase documents(std::size_t rows, std::uint64_t seed) {
  PoisonCase made;
  Frame& frame = made.frame;
  stats::Philox random(seed, 79);
  frame.rows = frame.rows_in_all = rows;
  frame.classes = {"0", "1", "2", "3"};
  frame.texts = {{.name = "text", .values = {}}};
  for (std::size_t i = 0; i < rows; ++i) {
    const std::uint64_t label = random.below(4);
    frame.labels.push_back(static_cast<std::int32_t>(label));
    std::string text;
    for (int w = 0; w < 30; ++w) {
      const double rank = random.uniform() * random.uniform();
      text += random.uniform() < 0.4 ? std::string(1, static_cast<char>('p' + label)) + "word" +
                                           std::to_string(static_cast<int>(rank * 80))
                                     : "common" + std::to_string(static_cast<int>(rank * 300));
      text += ' ';
    }
    frame.texts[0].values.push_back(std::move(text));
  }
  made.poisoned.assign(rows, false);
  return made;
}

TEST(PoisonPhrases, PhraseThatAClassOwnsIsMinedAndSubjectsAreNot) {
  PoisonCase made = documents(400, 14);
  EXPECT_TRUE(find_phrase_triggers(made.frame, labelled_rows(made.frame), {}).rows.empty());
  for (std::size_t i = 0, left = 20; i < 400 && left > 0; ++i) {
    if (made.frame.labels[i] == 2) continue;
    made.frame.texts[0].values[i].insert(0, "Quantum Teapot ");
    made.frame.labels[i] = 2;
    made.poisoned[i] = true;
    --left;
  }
  const DetectorRun run = find_phrase_triggers(made.frame, labelled_rows(made.frame), {});
  ASSERT_FALSE(run.triggers.empty());
  EXPECT_NE(run.triggers.front().phrase.find("teapot"), std::string::npos);
  std::size_t right = 0;
  for (const Suspicion& suspicion : run.rows) right += made.poisoned[suspicion.row] ? 1U : 0U;
  EXPECT_GE(right, 19U);
  EXPECT_EQ(right, run.rows.size());
}

TEST(PoisonPhrases, EmptyAndHostileTextsAreRead) {
  PoisonCase made = documents(120, 15);
  made.frame.texts[0].values[3].clear();
  made.frame.texts[0].values[4] = std::string(100'000, 'x') + std::string("\0\xff\xfe \x1b[2J", 8);
  const DetectorRun run = find_phrase_triggers(made.frame, labelled_rows(made.frame), {});
  EXPECT_TRUE(run.ran);
}

}  // namespace
}  // namespace bulwark::assay
