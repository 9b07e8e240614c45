#include <gtest/gtest.h>

#include "scan/advisories/advisory.h"
#include "scan/advisories/compiler.h"
#include "scan/advisories/database.h"

namespace bulwark::scan {
namespace {

Advisory advisory(std::string_view json) {
  auto read = read_advisory(json, Limits{});
  EXPECT_TRUE(read) << (read ? "" : read.error().message);
  return read ? *read : Advisory{};
}

std::string python(std::string_view id, std::string_view affected, std::string_view more = "") {
  return R"({"id": ")" + std::string(id) + R"(", "modified": "2026-01-02T03:04:05Z", )" + std::string(more) +
         R"("affected": [{"package": {"ecosystem": "PyPI", "name": "Some_Tool"}, )" + std::string(affected) +
         "}]}";
}

Affects answer(std::string_view affected, std::string_view version) {
  return affects(advisory(python("X-1", affected)).affected.at(0), version);
}

TEST(Advisory, EvaluatesRangesAsTheSchemaDoes) {
  const std::string_view two =
      R"("ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"},
      {"introduced": "2.0"}, {"last_affected": "2.3"}]}])";
  EXPECT_EQ(answer(two, "0.1.dev0"), Affects::Yes);
  EXPECT_EQ(answer(two, "1.2"), Affects::No);
  EXPECT_EQ(answer(two, "2.3"), Affects::Yes);
  EXPECT_EQ(answer(two, "2.3.post1"), Affects::No);
}

TEST(Advisory, EventsMayComeInAnyOrder) {
  const std::string_view turned =
      R"("ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "1.2"}, {"fixed": "2.5"}, {"introduced": "2.0"}, {"introduced": "0"}]}])";
  EXPECT_EQ(answer(turned, "1.0"), Affects::Yes);
  EXPECT_EQ(answer(turned, "1.5"), Affects::No);
  EXPECT_EQ(answer(turned, "2.1"), Affects::Yes);
}

TEST(Advisory, LimitsBoundARange) {
  const std::string_view limited =
      R"("ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1"}, {"limit": "2"}, {"limit": "1.5"}]}])";
  EXPECT_EQ(answer(limited, "1.9"), Affects::Yes);
  EXPECT_EQ(answer(limited, "2"), Affects::No);
  EXPECT_EQ(
      answer(R"("ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1"}, {"limit": "*"}]}])", "9"),
      Affects::Yes);
}

TEST(Advisory, EnumeratedVersionsCountBesideRanges) {
  const std::string_view both =
      R"("versions": ["3.0"], "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1"}]}])";
  EXPECT_EQ(answer(both, "3.0.0"), Affects::Yes);
  EXPECT_EQ(answer(both, "2.0"), Affects::No);
}

TEST(Advisory, GitRangesAloneAreNotEvaluated) {
  const std::string_view git = R"("ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}])";
  EXPECT_EQ(answer(git, "1.0"), Affects::Unknown);
}

TEST(Advisory, ScoresCvssVectors) {
  EXPECT_DOUBLE_EQ(cvss_score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H").value_or(-1), 9.8);
  EXPECT_DOUBLE_EQ(cvss_score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H").value_or(-1), 10.0);
  EXPECT_DOUBLE_EQ(cvss_score("CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:C/C:H/I:N/A:N").value_or(-1), 6.8);
  EXPECT_DOUBLE_EQ(cvss_score("CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N").value_or(-1), 0.0);
  EXPECT_DOUBLE_EQ(cvss_score("AV:L/AC:M/Au:N/C:N/I:P/A:C").value_or(-1), 5.4);
  EXPECT_FALSE(cvss_score("CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N"));
  EXPECT_FALSE(cvss_score("CVSS:3.1/AV:N"));
  EXPECT_FALSE(cvss_score("CVSS:3.1/////"));
}

TEST(Advisory, TimesAreSecondsAndDates) {
  EXPECT_EQ(seconds_of("1970-01-02T00:00:01Z"), 86401);
  EXPECT_EQ(date_of(seconds_of("2026-11-20T12:00:00.5Z")), "2026-11-20");
  EXPECT_EQ(seconds_of("soon"), 0);
  EXPECT_EQ(date_of(-5), "unknown date");
}

std::vector<std::uint8_t> compiled(const std::vector<std::string>& texts) {
  AdvisoryCompiler compiler;
  for (const std::string& text : texts) compiler.add(advisory(text));
  auto file = compiler.finish(1'800'000'000);
  EXPECT_TRUE(file);
  return file ? *file : std::vector<std::uint8_t>();
}

constexpr std::string_view kBelowTwo =
    R"("ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}])";

TEST(AdvisoryDatabase, GroupsAliasesIntoOneMatch) {
  const auto bytes = compiled(
      {python("PYSEC-1", kBelowTwo, R"("aliases": ["CVE-2026-1"], )"),
       python("GHSA-a", kBelowTwo, R"("aliases": ["CVE-2026-1"], "summary": "eats files",
                                      "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}], )"),
       python("GHSA-b", kBelowTwo), python("GHSA-w", kBelowTwo, R"("withdrawn": "2026-02-01T00:00:00Z", )")});
  const auto database = AdvisoryDatabase::open(bytes);
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(database->advisories(), 3U);
  EXPECT_EQ(database->imported(), 1'800'000'000);
  EXPECT_EQ(date_of(database->newest()), "2026-01-02");
  const auto matches = database->matches("PyPI", "some.TOOL", "1.0");
  ASSERT_TRUE(matches) << matches.error().message;
  ASSERT_EQ(matches->size(), 2U);
  const AdvisoryMatch& joined = (*matches)[1].ids.size() == 3 ? (*matches)[1] : (*matches)[0];
  EXPECT_EQ(joined.ids, (std::vector<std::string>{"CVE-2026-1", "GHSA-a", "PYSEC-1"}));
  EXPECT_EQ(joined.severity, Severity::Critical);
  EXPECT_EQ(joined.fixed, "2.0");
  EXPECT_EQ(joined.summary, "eats files");
  EXPECT_TRUE(database->matches("PyPI", "some-tool", "2.0")->empty());
  EXPECT_TRUE(database->matches("PyPI", "other", "1.0")->empty());
  EXPECT_TRUE(database->matches("npm", "some-tool", "1.0")->empty());
}

TEST(AdvisoryDatabase, MaliciousPackagesMatchWithoutAVersion) {
  const auto bytes = compiled(
      {python("MAL-2026-1", R"("ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}])")});
  const auto database = AdvisoryDatabase::open(bytes);
  ASSERT_TRUE(database);
  const auto matches = database->matches("PyPI", "some-tool", "");
  ASSERT_TRUE(matches && matches->size() == 1);
  EXPECT_TRUE(matches->front().malicious);
  EXPECT_FALSE(database->is_legitimate("PyPI", "some-tool"));
}

TEST(AdvisoryDatabase, TheSameAdvisoryTwiceIsTheNewerOne) {
  AdvisoryCompiler compiler;
  compiler.add(advisory(python("X-1", kBelowTwo)));
  Advisory older = advisory(python("X-1", R"("versions": ["9"])"));
  older.modified = 1;
  compiler.add(older);
  const auto file = compiler.finish(1);
  const auto database = AdvisoryDatabase::open(*file);
  EXPECT_TRUE(database->matches("PyPI", "some-tool", "9")->empty());
}

TEST(AdvisoryDatabase, DamageIsFoundWhenItIsOpened) {
  const auto good = compiled({python("X-1", kBelowTwo)});
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= 0x10;
    EXPECT_FALSE(AdvisoryDatabase::open(bad)) << "byte " << i;
    EXPECT_FALSE(AdvisoryDatabase::open(Bytes(good).first(i))) << "cut at " << i;
  }
}

TEST(AdvisoryDatabase, AnEmptyOneHoldsNothing) {
  const auto file = AdvisoryCompiler().finish(0);
  ASSERT_TRUE(file);
  const auto database = AdvisoryDatabase::open(*file);
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_TRUE(database->matches("PyPI", "a", "1")->empty());
}

}  // namespace
}  // namespace bulwark::scan
