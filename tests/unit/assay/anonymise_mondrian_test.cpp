#include "assay/anonymise/mondrian.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "assay/anonymise/diversity.h"
#include "assay/anonymise/risk.h"
#include "support/world.h"

namespace bulwark::assay::anonymise {
namespace {

Ranked ranked(std::string name, const std::vector<std::string>& cells) {
  Ranker ranker(std::move(name));
  for (const std::string& cell : cells) {
    if (cell.empty()) {
      ranker.take_nothing();
    } else {
      ranker.take(cell);
    }
  }
  return ranker.finish();
}

struct People {
  Ranked age, city, zip, illness;
  std::vector<std::string> ages, cities, zips, illnesses;
  [[nodiscard]] std::vector<const Ranked*> quasi() const { return {&age, &city, &zip}; }
  [[nodiscard]] std::vector<const Ranked*> sensitive() const { return {&illness}; }
};

People people(std::size_t rows, std::uint64_t seed) {
  test::SeededRandom random(seed);
  People made;
  for (std::size_t i = 0; i < rows; ++i) {
    made.ages.push_back(i % 97 == 3 ? "" : std::to_string(18 + random.below(10) * random.below(8)));
    made.cities.push_back(std::string(1, static_cast<char>('A' + random.below(5) * random.below(4))));
    made.zips.push_back(std::to_string(10'000 + random.below(90'000)));
    made.illnesses.push_back(std::to_string(random.below(3) * random.below(3)));
  }
  made.age = ranked("age", made.ages);
  made.city = ranked("city", made.cities);
  made.zip = ranked("zip", made.zips);
  made.illness = ranked("illness", made.illnesses);
  return made;
}

// Whether a label stands for the value: read from the text alone, as a reader of the copy would.
bool covers(const std::string& label, const std::string& value) {
  if (label == "*" || label == value) return true;
  if (label.starts_with("{")) {
    const std::string inner = "|" + label.substr(1, label.size() - 2) + "|";
    return inner.contains("|" + value + "|");
  }
  if (!label.starts_with("[")) return false;
  const std::size_t dots = label.find("..");
  const std::string low = label.substr(1, dots - 1);
  const std::string high = label.substr(dots + 2, label.size() - dots - 3);
  const bool numbers = !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
  if (numbers) return std::stoi(low) <= std::stoi(value) && std::stoi(value) <= std::stoi(high);
  return low <= value && value <= high;
}

// By the labels only, not by the leaves.
std::map<std::vector<std::string>, std::vector<std::size_t>> classes_in(const Partition& partition) {
  std::map<std::vector<std::string>, std::vector<std::size_t>> classes;
  for (std::size_t row = 0; row < partition.leaf_of_row.size(); ++row)
    if (partition.leaf_of_row[row] != kSuppressedRow)
      classes[partition.labels[partition.leaf_of_row[row]]].push_back(row);
  return classes;
}

TEST(Mondrian, EveryClassHasKRowsAndEveryLabelCoversItsRows) {
  for (const bool relaxed : {false, true}) {
    for (const std::uint32_t k : {2U, 5U, 25U}) {
      const People data = people(1'500, k);
      const KAnonymity wanted{.k = k, .relaxed = relaxed};
      const auto made = mondrian(data.quasi(), {}, wanted);
      ASSERT_TRUE(made.has_value()) << made.error().message;
      EXPECT_EQ(made->suppressed, 0U);
      const auto classes = classes_in(*made);
      for (const auto& [labels, rows] : classes) {
        EXPECT_GE(rows.size(), k);
        for (const std::size_t row : rows) {
          EXPECT_TRUE(covers(labels[0], data.ages[row])) << labels[0] << " " << data.ages[row];
          EXPECT_TRUE(covers(labels[1], data.cities[row])) << labels[1] << " " << data.cities[row];
          EXPECT_TRUE(covers(labels[2], data.zips[row])) << labels[2] << " " << data.zips[row];
        }
      }
      // It is of use, too: no class is much larger than it must be, but for ties.
      EXPECT_GT(classes.size(), 1'500 / (k * 4));
    }
  }
}

TEST(Mondrian, IsTheSameEachTime) {
  const People data = people(800, 3);
  const KAnonymity wanted{.k = 4, .suppress_at_most = 0.02};
  const auto one = mondrian(data.quasi(), {}, wanted);
  const auto two = mondrian(data.quasi(), {}, wanted);
  EXPECT_EQ(one->leaf_of_row, two->leaf_of_row);
  EXPECT_EQ(one->labels, two->labels);
}

TEST(Mondrian, KeepsClassesDiverseAndClose) {
  const People data = people(2'000, 9);
  KAnonymity wanted{.k = 3};
  wanted.sensitive = {{.column = "illness", .distinct = 2, .entropy = 1.4, .closeness = 0.35}};
  const auto made = mondrian(data.quasi(), data.sensitive(), wanted);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_GT(made->leaves, 20U);
  std::map<std::string, double> whole;
  for (const std::string& value : data.illnesses) whole[value] += 1.0 / 2'000;
  for (const auto& [labels, rows] : classes_in(*made)) {
    std::map<std::string, double> part;
    for (const std::size_t row : rows) part[data.illnesses[row]] += 1.0 / static_cast<double>(rows.size());
    EXPECT_GE(part.size(), 2U);
    double entropy = 0;
    for (const auto& [value, share] : part) entropy -= share * std::log(share);
    EXPECT_GE(std::exp(entropy), 1.4 - 1e-6);
    // Earth mover's distance over the order 0, 1, 2, 4, written out.
    double moved = 0;
    double own = 0;
    double all = 0;
    for (const auto& [value, share] : whole) {
      own += part.contains(value) ? part[value] : 0;
      all += share;
      moved += std::abs(own - all);
    }
    EXPECT_LE(moved / static_cast<double>(whole.size() - 1), 0.35 + 1e-6);
  }
}

TEST(Mondrian, SpendsItsBudgetOnOutliers) {
  std::vector<std::string> ages;
  for (int i = 0; i < 60; ++i) ages.push_back(std::to_string(20 + i % 10));
  ages.push_back("109");
  const Ranked age = ranked("age", ages);
  const std::vector<const Ranked*> quasi = {&age};
  const auto without = mondrian(quasi, {}, {.k = 5});
  EXPECT_TRUE(without->labels.back()[0].ends_with("109]"));
  const auto with = mondrian(quasi, {}, {.k = 5, .suppress_at_most = 0.05});
  EXPECT_EQ(with->suppressed, 1U);
  EXPECT_EQ(with->leaf_of_row.back(), kSuppressedRow);
  EXPECT_FALSE(with->labels.back()[0].contains("109"));
}

TEST(Mondrian, SaysWhenItCannotBeDone) {
  const People few = people(4, 1);
  EXPECT_FALSE(mondrian(few.quasi(), {}, {.k = 5}).has_value());
  const Ranked same = ranked("illness", {"x", "x", "x", "x"});
  KAnonymity diverse{.k = 2};
  diverse.sensitive = {{.column = "illness", .distinct = 2}};
  const std::vector<const Ranked*> sensitive = {&same};
  EXPECT_FALSE(mondrian(few.quasi(), sensitive, diverse).has_value());
}

TEST(SmallClasses, AreSuppressedUpToTheBudget) {
  const Ranked city = ranked("city", {"A", "A", "A", "B", "B", "C", "", ""});
  const std::vector<const Ranked*> quasi = {&city};
  const KAnonymity wanted{.k = 2, .method = Method::Suppress, .suppress_at_most = 0.2};
  const auto made = suppress_small_classes(quasi, {}, wanted);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->suppressed, 1U);
  EXPECT_EQ(made->leaf_of_row[5], kSuppressedRow);
  EXPECT_EQ(made->labels[made->leaf_of_row[0]][0], "A");
  EXPECT_EQ(made->labels[made->leaf_of_row[7]][0], "");
  const KAnonymity strict{.k = 3, .method = Method::Suppress, .suppress_at_most = 0.2};
  const auto refused = suppress_small_classes(quasi, {}, strict);
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().message.starts_with("5 of 8 rows"));
}

TEST(Diversity, ClosenessIsTheEarthMoversDistance) {
  // Li, Li and Venkatasubramanian, section 5: salaries 3k to 11k; {3k,4k,5k} is 0.375 away, {6k,8k,11k}
  // 0.167.
  std::vector<std::string> salaries;
  for (int i = 3; i <= 11; ++i) salaries.push_back(std::to_string(i) + "000");
  const Ranked column = ranked("salary", salaries);
  DiversityMeter meter(column);
  EXPECT_NEAR(meter.measure(std::vector<std::uint32_t>{1, 2, 3}).closeness, 0.375, 1e-9);
  EXPECT_NEAR(meter.measure(std::vector<std::uint32_t>{4, 6, 9}).closeness, 1.0 / 6, 1e-9);
  const Ranked words = ranked("illness", {"flu", "flu", "cold", "ulcer"});
  DiversityMeter categories(words);
  const auto flu = categories.measure(std::vector<std::uint32_t>{2, 2});
  EXPECT_NEAR(flu.closeness, 0.5, 1e-9);
  EXPECT_EQ(flu.distinct, 1U);
  EXPECT_NEAR(flu.entropy, 1, 1e-9);
}

TEST(Ranker, OrdersNumbersByValueAndTextsByBytes) {
  const Ranked numbers = ranked("n", {"10", "9", "", "9.0", "-1"});
  EXPECT_TRUE(numbers.numeric);
  EXPECT_EQ(numbers.codes, (std::vector<std::uint32_t>{3, 2, 0, 2, 1}));
  const Ranked words = ranked("w", {"10", "9", "x"});
  EXPECT_FALSE(words.numeric);
  EXPECT_EQ(words.codes, (std::vector<std::uint32_t>{1, 2, 3}));
}

TEST(Risk, CountsClassesAsTheAttackersDo) {
  const std::vector<std::uint32_t> sizes = {1, 1, 2, 6};
  const Risk risk = risk_of(sizes, 5, 0);
  EXPECT_EQ(risk.rows, 10U);
  EXPECT_EQ(risk.unique, 2U);
  EXPECT_EQ(risk.below_k, 4U);
  EXPECT_EQ(risk.classes_below_k, 3U);
  EXPECT_DOUBLE_EQ(risk.prosecutor_highest, 1);
  EXPECT_DOUBLE_EQ(risk.prosecutor_mean, 0.4);
  EXPECT_TRUE(risk.marketer_is_bound);
  EXPECT_FALSE(risk.population_unique.has_value());
  // The whole population was drawn: what is unique in the one is unique in the other.
  EXPECT_NEAR(*risk_of(sizes, 5, 10).population_unique, 0.2, 1e-12);
  const Risk sampled = risk_of(sizes, 5, 100);
  EXPECT_LT(*sampled.population_unique, 0.2);
  EXPECT_NEAR(sampled.marketer, 0.04, 1e-12);
  EXPECT_EQ(risk_of({}, 5, 0).smallest, 0U);
}

}  // namespace
}  // namespace bulwark::assay::anonymise
