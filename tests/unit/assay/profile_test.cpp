#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "assay/profile/profile.h"
#include "base/json_text.h"
#include "base/text.h"
#include "stats/random.h"
#include "unit/assay/profile_table.h"

namespace bulwark::assay::profile {
namespace {

std::string two(std::uint64_t n) {
  return (n < 10 ? "0" : "") + std::to_string(n);
}

// Names, numbers, dates, codes, categories, with some nulls.
TextTable people(std::size_t rows, std::uint64_t seed) {
  stats::Philox random(seed, stats::stream_key("profile test"));
  TextTable table;
  table.names = {"id", "age", "income", "joined", "code", "colour", "note"};
  table.columns.resize(table.names.size());
  constexpr std::array<std::string_view, 3> kColours = {"red", "green", "blue"};
  for (std::size_t i = 0; i < rows; ++i) {
    table.columns[0].push_back(std::to_string(1000 + i));
    table.columns[1].push_back(std::to_string(18 + random.below(70)));
    const double income = std::round(std::exp(10 + random.normal()) * 100) / 100;
    table.columns[2].push_back(random.below(20) == 0 ? "" : std::to_string(income));
    table.columns[3].push_back("20" + two(10 + random.below(14)) + "-" + two(1 + random.below(12)) + "-" +
                               two(1 + random.below(28)));
    table.columns[4].push_back(std::string(1, static_cast<char>('A' + random.below(26))) +
                               two(random.below(100)) + "-" + std::to_string(100 + random.below(900)));
    table.columns[5].push_back(std::string(kColours[random.below(3)]));
    table.columns[6].push_back("text number " + std::to_string(random.below(1'000'000)) +
                               " and some more words");
  }
  return table;
}

TEST(Profile, KnowsTypesCountsAndFlags) {
  const Profile profile = people(3000, 1).profile();
  ASSERT_EQ(profile.rows, 3000U);
  const auto type = [&](std::string_view name) { return profile.find(name)->type(); };
  EXPECT_EQ(type("id"), ColumnType::Integer);
  EXPECT_EQ(type("age"), ColumnType::Integer);
  EXPECT_EQ(type("income"), ColumnType::Real);
  EXPECT_EQ(type("joined"), ColumnType::Date);
  EXPECT_EQ(type("code"), ColumnType::Text);
  EXPECT_EQ(type("colour"), ColumnType::Text);
  EXPECT_EQ(profile.find("id")->unique, Unique::Yes);
  EXPECT_TRUE(profile.find("id")->identifier());
  EXPECT_FALSE(profile.find("age")->identifier());
  EXPECT_EQ(profile.find("age")->distinct_count(), 70);
  EXPECT_TRUE(profile.find("colour")->category());
  EXPECT_EQ(profile.find("code")->patterns.at(0).classes, "A99-999");
  EXPECT_EQ(profile.find("code")->patterns.at(0).count, 3000U);
  EXPECT_NEAR(static_cast<double>(profile.find("income")->nulls()), 150, 50);
  EXPECT_EQ(profile.find("income")->nulls(), profile.find("income")->of(CellKind::Empty));
}

TEST(Profile, MomentsAndQuantilesAreThoseOfTheNumbers) {
  const TextTable table = people(20'000, 2);
  const Profile profile = table.profile();
  for (const std::size_t column : {1U, 2U}) {
    std::vector<double> values;
    for (const std::string& text : table.columns[column])
      if (!text.empty()) values.push_back(std::stod(text));
    double mean = 0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    double square = 0;
    for (const double value : values) square += (value - mean) * (value - mean);
    const ColumnProfile& is = profile.columns[column];
    EXPECT_EQ(is.moments.count, values.size());
    EXPECT_NEAR(is.moments.mean, mean, 1e-9 * mean);
    EXPECT_NEAR(is.moments.deviation(), std::sqrt(square / static_cast<double>(values.size() - 1)),
                1e-6 * mean);
    EXPECT_EQ(is.quantiles.count(), values.size());
    std::ranges::sort(values);
    EXPECT_EQ(is.quantiles.least(), values.front());
    EXPECT_EQ(is.quantiles.most(), values.back());
    const double median = is.quantiles.quantile(0.5);
    const double rank = static_cast<double>(std::ranges::upper_bound(values, median) - values.begin());
    EXPECT_NEAR(rank / static_cast<double>(values.size()), 0.5, 0.035);
  }
}

TEST(Profile, IsTheSameWhateverTheThreads) {
  const TextTable table = people(5000, 3);
  std::string first;
  for (const std::size_t jobs : {1U, 2U, 3U}) {
    Options options;
    options.settings.jobs = jobs;
    options.settings.seed = 7;
    const PartResult result = table.assayed(options);
    const std::string text = pretty_json(result.details) + write_profile(table.profile(options));
    if (first.empty()) first = text;
    EXPECT_EQ(text, first) << jobs;
  }
}

TEST(Profile, CountsManyDifferentValuesWithinTheirError) {
  TextTable table{.names = {"x", "y"}, .columns = std::vector<std::vector<std::string>>(2)};
  stats::Philox random(4, stats::stream_key("profile test"));
  for (int i = 0; i < 60'000; ++i) {
    table.columns[0].push_back(std::to_string(random.below(20'000)));
    // One value in ten is "hot", the others are all different.
    table.columns[1].push_back(i % 10 == 0 ? "hot" : "v" + std::to_string(i));
  }
  const Profile profile = table.profile();
  EXPECT_NEAR(profile.columns[0].distinct_count(), 20'000 * (1 - std::exp(-3)), 0.035 * 20'000);
  EXPECT_EQ(profile.columns[0].unique, Unique::No);
  const auto top = profile.columns[1].frequent.ordered();
  ASSERT_FALSE(top.empty());
  EXPECT_EQ(top[0].second->note, "hot");
  EXPECT_NEAR(static_cast<double>(top[0].second->count), 6000, 900);  // counted on a sample
  EXPECT_EQ(profile.columns[1].of(CellKind::Text), 60'000U);
}

TEST(Profile, SamplingOfFrequentValuesLosesNoCell) {
  TextTable table{.names = {"x"}, .columns = std::vector<std::vector<std::string>>(1)};
  for (int i = 0; i < 30'000; ++i) table.columns[0].push_back(std::to_string(i * 7919 % 1'000'003));
  const Profile profile = table.profile();
  EXPECT_TRUE(profile.columns[0].sampled);
  EXPECT_EQ(profile.columns[0].of(CellKind::Integer), 30'000U);
  EXPECT_EQ(profile.columns[0].moments.count, 30'000U);
  EXPECT_EQ(profile.columns[0].quantiles.count(), 30'000U);
  EXPECT_EQ(profile.columns[0].lengths.count, 30'000U);
}

TEST(Profile, TypedCellsAreProfiledToo) {
  const std::vector<tables::Column> columns = {{.name = "i", .kind = tables::Kind::Integer, .declared = {}},
                                               {.name = "r", .kind = tables::Kind::Real, .declared = {}},
                                               {.name = "b", .kind = tables::Kind::Boolean, .declared = {}}};
  const std::vector<std::int64_t> integers = {1, 2, 2, 4};
  const std::vector<double> reals = {0.5, NAN, INFINITY, -0.0};
  const std::vector<std::uint8_t> booleans = {0, 1, 1, 1};
  const std::vector<std::uint64_t> valid = {0b1011};
  tables::Block block;
  block.rows = 4;
  block.columns.resize(3);
  block.columns[0].kind = tables::Kind::Integer;
  block.columns[0].integers = integers;
  block.columns[0].valid = valid;
  block.columns[1].kind = tables::Kind::Real;
  block.columns[1].reals = reals;
  block.columns[2].kind = tables::Kind::Boolean;
  block.columns[2].booleans = booleans;
  const auto part = make_part(columns, {});
  part->take(block);
  const PartResult result = part->finish();
  const Profile& profile = part->profile();
  EXPECT_EQ(profile.columns[0].of(CellKind::Absent), 1U);
  EXPECT_EQ(profile.columns[0].moments.count, 3U);
  EXPECT_EQ(profile.columns[1].of(CellKind::NaN), 1U);
  EXPECT_EQ(profile.columns[1].infinite, 1U);
  EXPECT_EQ(profile.columns[1].moments.count, 2U);
  EXPECT_EQ(profile.columns[2].type(), ColumnType::Boolean);
  EXPECT_TRUE(raises(result, "BW-PROF-007", "r"));
}

TEST(Profile, FindingsNameWhatIsOddAndNothingElse) {
  TextTable odd{.names = {"mixed", "nulls", "latin", "nul", "empty", "same", "padded", "zip", "inf"},
                .columns = std::vector<std::vector<std::string>>(9)};
  for (int i = 0; i < 400; ++i) {
    const std::string n = std::to_string(i % 50);
    odd.columns[0].push_back(i == 17 ? "oops" : n);
    odd.columns[1].push_back(i == 3 ? "NA" : i == 4 ? "" : n);
    odd.columns[2].push_back(i == 5 ? "caf\xE9" : "caf\xC3\xA9");
    odd.columns[3].push_back(i == 6 ? std::string("a\0b", 3) : "ab");
    odd.columns[4].push_back("");
    odd.columns[5].push_back("x");
    odd.columns[6].push_back(i == 7 ? "yes " : "yes");
    odd.columns[7].push_back("0" + std::to_string(1000 + i % 90));
    odd.columns[8].push_back(i == 8 ? "inf" : "1." + n);
  }
  Options options;
  const PartResult result = odd.assayed(options);
  for (const auto& [rule, column] : {std::pair{"BW-PROF-003", "mixed"},
                                     {"BW-PROF-004", "nulls"},
                                     {"BW-PROF-005", "latin"},
                                     {"BW-PROF-006", "nul"},
                                     {"BW-PROF-008", "empty"},
                                     {"BW-PROF-009", "same"},
                                     {"BW-PROF-011", "padded"},
                                     {"BW-PROF-012", "zip"},
                                     {"BW-PROF-007", "inf"}})
    EXPECT_TRUE(raises(result, rule, column)) << rule;
  EXPECT_EQ(result.findings.size(), 9U);
  EXPECT_EQ(result.outcome, Outcome::Passed);
  const PartResult benign = people(500, 5).assayed(options);
  EXPECT_TRUE(raises(benign, "BW-PROF-010", "id"));
  EXPECT_FALSE(raises(benign, "BW-PROF-010", "age"));
  for (const Finding& finding : benign.findings)
    EXPECT_EQ(finding.rule->id, "BW-PROF-010") << finding.message;
}

TEST(Profile, RowsOfStraysAreNamed) {
  TextTable table{.names = {"n"}, .columns = std::vector<std::vector<std::string>>(1)};
  for (int i = 0; i < 3000; ++i)
    table.columns[0].push_back(i == 17 || i == 2050 ? "oops" : std::to_string(i % 40));
  const PartResult result = table.assayed({}, 1000);
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].evidence, "rows 17, 2050");
}

TEST(Profile, ShowsNoValueThatMayBePersonal) {
  TextTable table{.names = {"mail", "ssn", "name", "phone"},
                  .columns = std::vector<std::vector<std::string>>(4)};
  for (int i = 0; i < 600; ++i) {
    table.columns[0].push_back("person" + std::to_string(i % 20) + "@example.org");
    table.columns[1].push_back(std::to_string(100'000'000 + i * 7919));
    table.columns[2].push_back("Name" + std::to_string(i % 300));
    table.columns[3].push_back("+4930" + std::to_string(1'000'000 + i % 10));
  }
  Options options;
  const auto part = make_part(table.about(), options);
  table.feed(*part);
  const PartResult result = part->finish();
  std::string all =
      pretty_json(result.details) + write_profile(part->profile()) + write_contract(part->profile());
  for (const Plot& plot : result.plots)
    for (const std::string& category : plot.categories) all += category + "\n";
  for (const Listing& listing : result.listings)
    for (const auto& row : listing.rows)
      for (const std::string& cell : row) all += cell + "\n";
  EXPECT_EQ(all.find("@example"), std::string::npos);
  EXPECT_EQ(all.find("100007919"), std::string::npos);
  EXPECT_EQ(all.find("104743481"), std::string::npos);  // the largest
  EXPECT_EQ(all.find("Name1"), std::string::npos);
  EXPECT_EQ(all.find("49301000"), std::string::npos);
}

TEST(Profile, ManyColumnsStaySmall) {
  TextTable table;
  for (int i = 0; i < 3000; ++i) {
    table.names.push_back("c" + std::to_string(i));
    table.columns.push_back({"1", "2", "x" + std::to_string(i), ""});
  }
  Options options;
  options.limits.columns = 2900;
  const auto part = make_part(table.about(), options);
  table.feed(*part);
  const PartResult result = part->finish();
  EXPECT_EQ(part->profile().columns.size(), 2900U);
  ASSERT_EQ(result.gaps.size(), 1U);
  EXPECT_NE(result.gaps[0].why.find("100 columns"), std::string::npos);
  EXPECT_EQ(part->profile().columns[0].distinct.precision(), 11U);
  options.limits.findings_per_rule = 3;
  TextTable same;
  for (int i = 0; i < 10; ++i) {
    same.names.push_back("c" + std::to_string(i));
    same.columns.push_back({"x", "x"});
  }
  const PartResult capped = same.assayed(options);
  EXPECT_EQ(capped.findings.size(), 3U);
  EXPECT_NE(capped.why.find("7 are not"), std::string::npos) << capped.why;
}

TEST(Profile, NoRowsAreNotAssessed) {
  const TextTable table{.names = {"a"}, .columns = {{}}};
  EXPECT_EQ(table.assayed({}).outcome, Outcome::NotAssessed);
}

TEST(ProfileDocument, ReadsBackWhatWasWritten) {
  const Profile profile = people(4000, 6).profile();
  const std::string text = write_profile(profile);
  const auto again = read_profile(text);
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_TRUE(write_profile(*again) == text);  // too long to be printed
  EXPECT_EQ(again->find("colour")->distinct_count(), 3);
  EXPECT_NEAR(again->find("age")->distinct_count(), 70, 0.5);
}

TEST(ProfileDocument, MergedPartsSayWhatTheWholeSays) {
  const TextTable whole = people(9000, 7);
  std::vector<Profile> parts;
  for (std::size_t i = 0; i < 3; ++i) {
    TextTable part{.names = whole.names, .columns = {}};
    for (const auto& column : whole.columns)
      part.columns.emplace_back(column.begin() + static_cast<std::ptrdiff_t>(i * 3000),
                                column.begin() + static_cast<std::ptrdiff_t>((i + 1) * 3000));
    const auto read = read_profile(write_profile(part.profile()));
    ASSERT_TRUE(read.has_value()) << read.error().message;
    parts.push_back(*read);
  }
  Profile left = parts[0];
  ASSERT_TRUE(merge_profiles(left, parts[1]).has_value());
  ASSERT_TRUE(merge_profiles(left, parts[2]).has_value());
  Profile right = parts[1];
  ASSERT_TRUE(merge_profiles(right, parts[2]).has_value());
  Profile other = parts[0];
  ASSERT_TRUE(merge_profiles(other, right).has_value());
  const Profile all = whole.profile();
  for (const Profile* merged : {&left, &other}) {
    EXPECT_EQ(merged->rows, all.rows);
    for (std::size_t i = 0; i < all.columns.size(); ++i) {
      const ColumnProfile& a = merged->columns[i];
      const ColumnProfile& b = all.columns[i];
      EXPECT_EQ(a.cells, b.cells) << b.name;
      EXPECT_EQ(a.type(), b.type()) << b.name;
      EXPECT_NEAR(a.distinct.estimate(), b.distinct.estimate(), 1e-6 * b.distinct.estimate()) << b.name;
      EXPECT_NEAR(a.moments.mean, b.moments.mean, 1e-9 * std::abs(b.moments.mean));
      EXPECT_NEAR(a.moments.m4, b.moments.m4, 1e-6 * b.moments.m4);
      EXPECT_EQ(a.lengths.histogram, b.lengths.histogram) << b.name;
      if (b.quantiles.count() != 0) {
        EXPECT_EQ(a.quantiles.count(), b.quantiles.count());
        EXPECT_EQ(a.quantiles.least(), b.quantiles.least());
        EXPECT_NEAR(a.quantiles.rank(b.quantiles.quantile(0.5)), 0.5, 0.04) << b.name;
      }
    }
    EXPECT_EQ(merged->find("colour")->frequent.ordered()[0].second->count,
              all.find("colour")->frequent.ordered()[0].second->count);
  }
}

TEST(ProfileDocument, OtherColumnsAreNotMerged) {
  Profile a = people(50, 8).profile();
  TextTable table = people(50, 8);
  table.names[2] = "earnings";
  EXPECT_FALSE(merge_profiles(a, table.profile()).has_value());
  table.names.pop_back();
  table.columns.pop_back();
  EXPECT_FALSE(merge_profiles(a, table.profile()).has_value());
  EXPECT_EQ(a.rows, 50U);
}

TEST(ProfileDocument, BrokenOnesAreRefusedAndNothingCrashes) {
  EXPECT_FALSE(read_profile("").has_value());
  EXPECT_FALSE(read_profile("{}").has_value());
  EXPECT_FALSE(read_profile(R"({"format":"bulwark.profile/2","columns":[]})").has_value());
  EXPECT_FALSE(read_profile(R"({"format":"bulwark.profile/1","format":"bulwark.profile/1","columns":[]})"));
  EXPECT_TRUE(read_profile(R"({"format":"bulwark.profile/1","columns":[]})").has_value());
  const std::string text = write_profile(people(60, 9).profile());
  for (std::size_t cut = 0; cut < text.size(); cut += 97)
    EXPECT_FALSE(read_profile(std::string_view(text).substr(0, cut)).has_value());
  stats::Philox random(1, stats::stream_key("profile test"));
  for (int i = 0; i < 100; ++i) {
    std::string broken = text;
    broken[random.below(broken.size())] = "0-{[\"x"[random.below(6)];
    if (const auto read = read_profile(broken)) (void)write_profile(*read);
  }
}

std::vector<std::string> codes(const Profile& reference, const Profile& now) {
  std::vector<std::string> out;
  for (const Anomaly& anomaly : diff_profiles(reference, now)) out.emplace_back(anomaly.code);
  return out;
}

TEST(ProfileDiff, TwoSamplesOfOneSourcePass) {
  for (std::uint64_t seed = 20; seed < 26; ++seed) {
    TextTable before = people(4000, seed);
    TextTable now = people(1500 + 700 * (seed % 3), seed + 100);
    EXPECT_EQ(codes(before.profile(), now.profile()), std::vector<std::string>()) << seed;
  }
}

TEST(ProfileDiff, EveryDepartureHasItsCode) {
  const TextTable before = people(2000, 30);
  const Profile reference = before.profile();
  const auto changed = [&](auto&& change) {
    TextTable now = people(2000, 31);
    change(now);
    return codes(reference, now.profile());
  };
  using Codes = std::vector<std::string>;
  EXPECT_EQ(changed([](TextTable& t) { t.names[1] = "years"; }),
            (Codes{"SCHEMA_MISSING_COLUMN", "SCHEMA_NEW_COLUMN"}));
  EXPECT_EQ(changed([](TextTable& t) { t.columns[5][9] = "mauve"; }),
            Codes{"ENUM_TYPE_UNEXPECTED_STRING_VALUES"});
  EXPECT_EQ(changed([](TextTable& t) { t.columns[1][9] = "900"; }), Codes{"INT_TYPE_BIG_INT"});
  EXPECT_EQ(changed([](TextTable& t) { t.columns[1][9] = "-900"; }), Codes{"INT_TYPE_SMALL_INT"});
  EXPECT_EQ(changed([](TextTable& t) { t.columns[1][9] = ""; }), Codes{"FEATURE_TYPE_LOW_FRACTION_PRESENT"});
  EXPECT_EQ(changed([](TextTable& t) { t.columns[1][9] = "old"; }), Codes{"INT_TYPE_NOT_INT_STRING"});
  EXPECT_EQ(changed([](TextTable& t) { t.columns[2][9] = "inf"; }), Codes{"FLOAT_TYPE_HAS_INF"});
  EXPECT_EQ(changed([](TextTable& t) { t.columns[2].assign(2000, ""); }), Codes{"FEATURE_TYPE_NOT_PRESENT"});
  EXPECT_EQ(changed([](TextTable& t) {
              for (int i = 0; i < 1200; ++i) t.columns[5][static_cast<std::size_t>(i)] = "red";
            }),
            Codes{"COMPARATOR_L_INFTY_HIGH"});
  EXPECT_EQ(changed([](TextTable& t) {
              for (std::size_t i = 0; i < 2000; ++i)
                t.columns[1][i] = std::to_string(18 + (std::stoi(t.columns[1][i]) - 18) / 2);
            }),
            Codes{"COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH"});
}

TEST(ProfileDiff, ThroughTheDocumentIsTheSame) {
  const TextTable before = people(2000, 40);
  TextTable now = people(2000, 41);
  now.columns[5][3] = "mauve";
  const auto read = read_profile(write_profile(before.profile()));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(codes(*read, now.profile()), std::vector<std::string>{"ENUM_TYPE_UNEXPECTED_STRING_VALUES"});
  Options options;
  options.reference = &*read;
  const PartResult result = now.assayed(options);
  EXPECT_EQ(result.outcome, Outcome::Failed);
  EXPECT_TRUE(raises(result, "BW-PROF-014", "colour"));
  EXPECT_EQ(result.details.find("diff")->list.size(), 1U);
  TextTable renamed = people(2000, 41);
  renamed.names[0] = "key";
  EXPECT_TRUE(raises(renamed.assayed(options), "BW-PROF-013", "id"));
}

}  // namespace
}  // namespace bulwark::assay::profile
