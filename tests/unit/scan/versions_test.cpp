#include <gtest/gtest.h>

#include "scan/formats/versions/debian.h"
#include "scan/formats/versions/order.h"
#include "scan/formats/versions/pep440.h"
#include "scan/formats/versions/semver.h"

namespace bulwark::scan {
namespace {

TEST(Pep440, OrdersEveryKindOfRelease) {
  const std::vector<std::string_view> ascending = {
      "not-a-version", "0.9",   "1.0.dev1",       "1.0a1.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0",
      "1.0+local",     "1.0+1", "1.0.post1.dev0", "1.0-1",      "1.0.1", "10.0",  "1!0.1"};
  for (std::size_t i = 0; i < ascending.size(); ++i)
    for (std::size_t j = 0; j < ascending.size(); ++j)
      EXPECT_EQ(compare_python(ascending[i], ascending[j]) <=> 0, i <=> j)
          << ascending[i] << " " << ascending[j];
}

TEST(Pep440, TrailingZerosDoNotCount) {
  EXPECT_EQ(compare_python("1", "1.0.0.0"), std::strong_ordering::equal);
  EXPECT_EQ(compare_python("v1.00", " 1.0 "), std::strong_ordering::equal);
}

TEST(Pep440, NumbersOfAnyLengthAreNumbers) {
  EXPECT_TRUE(compare_python("1." + std::string(400, '9'), "2") < 0);
  EXPECT_TRUE(compare_python(std::string(400, '9'), std::string(399, '9')) > 0);
}

TEST(Pep440, ASeparatorBeforeTheNextPartIsNotEaten) {
  const auto version = parse_pep440("1.0a.dev1");
  ASSERT_TRUE(version);
  EXPECT_EQ(version->normalised(), "1.0a0.dev1");
}

TEST(Pep440, SeveralClausesMustAllHold) {
  const auto clauses = parse_specifiers(" >=1.0, !=1.3.*,<2 ");
  ASSERT_TRUE(clauses);
  EXPECT_TRUE(matches(*clauses, "1.2"));
  EXPECT_FALSE(matches(*clauses, "1.3.7"));
  EXPECT_FALSE(matches(*clauses, "2.0rc1"));
}

TEST(Semver, IgnoresBuildsAndReadsShortForms) {
  EXPECT_EQ(compare_semver("1.2.3+a", "v1.2.3+b"), std::strong_ordering::equal);
  EXPECT_EQ(compare_semver("1.2", "1.2.0"), std::strong_ordering::equal);
  EXPECT_TRUE(compare_semver("1.2.3-rc.2", "1.2.3-rc.10") < 0);
}

TEST(Semver, KnowsWhatIsExact) {
  for (const std::string_view exact : {"1.2.3", "v1.2.3", "=1.2.3", "1.2.3-rc.1+x"})
    EXPECT_TRUE(is_exact_semver(exact)) << exact;
  for (const std::string_view loose :
       {"^1.2.3", "1.2", "1.x", "*", "", "latest", ">=1.2.3", "1.2.3 || 2.0.0"})
    EXPECT_FALSE(is_exact_semver(loose)) << loose;
}

TEST(NpmRange, HoldsWhatNpmHolds) {
  struct Row {
    std::string_view range, version;
    bool holds;
  };
  constexpr Row kRows[] = {
      {"^1.2.3", "1.9.0", true},
      {"^1.2.3", "2.0.0", false},
      {"^0.2.3", "0.2.9", true},
      {"^0.2.3", "0.3.0", false},
      {"^0.0.3", "0.0.4", false},
      {"^0.x", "0.9.1", true},
      {"^1.x", "1.9.9", true},
      {"~1.2.3", "1.2.9", true},
      {"~1.2", "1.3.0", false},
      {"~1", "1.9.0", true},
      {"1.x", "1.5.0", true},
      {"1.x", "2.0.0", false},
      {"*", "9.9.9", true},
      {"", "1.0.0", true},
      {">=1.0 <2", "1.5.0", true},
      {">= 1.0 < 2", "2.0.0", false},
      {"1.0 - 2.0", "2.0.9", true},
      {"1.0 - 2.0", "2.1.0", false},
      {"1.2.3 || 3", "3.1.0", true},
      {">1.2", "1.2.9", false},
      {">1.2", "1.3.0", true},
      {"<=1.2", "1.2.9", true},
      {"^1.0.0", "1.5.0-rc.1", false},
      {"^1.5.0-rc.0", "1.5.0-rc.1", true},
      {"=1.2.3", "1.2.3", true},
      {"latest", "1.2.3", false},
      {"git+ssh://x", "1.2.3", false},
      {"^0.0", "0.0.7", true},
      {"^0.0", "0.1.0", false},
  };
  for (const Row& row : kRows)
    EXPECT_EQ(matches_npm_range(row.range, row.version), row.holds) << row.range << " " << row.version;
}

TEST(Debian, TildeSortsFirst) {
  EXPECT_TRUE(compare_debian("1.0~rc1-1", "1.0-1") < 0);
  EXPECT_TRUE(compare_debian("1:0.1", "2.0") > 0);
}

TEST(Ecosystems, NamesAndOrdersAreThoseOfTheEcosystem) {
  EXPECT_EQ(normalised_name("PyPI", "Foo._-Bar"), "foo-bar");
  EXPECT_EQ(normalised_name("npm", "Foo_Bar"), "Foo_Bar");
  EXPECT_EQ(order_of("Debian:12"), VersionOrder::Debian);
  EXPECT_EQ(order_of("Maven"), VersionOrder::Unknown);
  EXPECT_FALSE(compare_versions(VersionOrder::Unknown, "1", "2"));
}

}  // namespace
}  // namespace bulwark::scan
