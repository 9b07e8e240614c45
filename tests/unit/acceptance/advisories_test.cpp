// The advisories of shared/vectors/osv, read in place: wherever one enumerates versions, evaluating its
// ranges gives the same answer for each of them, and a compiled database gives it, too.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "scan/advisories/compiler.h"
#include "scan/advisories/database.h"
#include "scan/formats/versions/pep440.h"
#include "support/support.h"

namespace bulwark::scan {
namespace {

std::vector<Advisory> all_advisories() {
  std::vector<Advisory> advisories;
  const std::string shared = test::shared_folder();
  if (shared.empty()) return advisories;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(shared + "/vectors/osv/advisories-pypa-ml")) {
    if (entry.path().extension() != ".yaml") continue;
    auto advisory = read_advisory(test::read_file(entry.path().string()), Limits{});
    EXPECT_TRUE(advisory) << entry.path();
    if (advisory) advisories.push_back(std::move(*advisory));
  }
  return advisories;
}

TEST(AdvisoryVectors, RangesAgreeWithEveryEnumeratedVersion) {
  const auto advisories = all_advisories();
  if (advisories.empty()) GTEST_SKIP() << "no shared vectors beside the project";
  EXPECT_GE(advisories.size(), 700U);
  std::size_t versions = 0;
  for (const Advisory& advisory : advisories) {
    for (const AffectedPackage& package : advisory.affected) {
      AffectedPackage by_range = package;
      by_range.versions.clear();
      for (const std::string& version : package.versions) {
        ++versions;
        EXPECT_EQ(affects(by_range, version), Affects::Yes)
            << advisory.id << " " << package.name << " " << version;
      }
    }
  }
  EXPECT_GT(versions, 10'000U);
}

// Where a list leaves out versions that its ranges include, and why that is the list's doing.
bool is_exception(const AffectedPackage& package, std::string_view version) {
  const auto parsed = parse_pep440(version);
  if (!parsed || !parsed->is_prerelease()) return false;
  // 1. Advisories of TensorFlow from 2021 (PYSEC-2021-389 to -420 and -843): of the releases before 2.7 their
  // lists hold
  //    final ones only, while their ranges start at "0" and so include every alpha, beta and rc.
  const bool only_final =
      package.name == "tensorflow" && std::ranges::none_of(package.versions, [&](const std::string& each) {
        const auto listed = parse_pep440(each);
        return listed && listed->is_prerelease() && compare(listed->base(), parsed->base()) == 0;
      });
  // 2. PYSEC-2022-43063 (paddlepaddle): 2.0.0rc0 and 2.0.0rc1 had been taken back when its list was made; an
  // older
  //    advisory of the same package still enumerates them.
  const bool taken_back = package.name == "paddlepaddle" && version.starts_with("2.0.0rc");
  return only_final || taken_back;
}

// Versions that any advisory of the package enumerates exist; where this advisory does not enumerate them,
// its ranges must not include them either.
TEST(AdvisoryVectors, RangesIncludeNoVersionThatIsNotEnumerated) {
  const auto advisories = all_advisories();
  if (advisories.empty()) GTEST_SKIP() << "no shared vectors beside the project";
  std::map<std::string, std::map<std::string, bool>> known;
  for (const Advisory& advisory : advisories)
    for (const AffectedPackage& package : advisory.affected)
      for (const std::string& version : package.versions) known[package.name][version] = true;
  for (const Advisory& advisory : advisories) {
    for (const AffectedPackage& package : advisory.affected) {
      if (package.versions.empty()) continue;
      AffectedPackage by_range = package;
      by_range.versions.clear();
      AffectedPackage by_list = package;
      by_list.ranges.clear();
      for (const auto& [version, exists] : known[package.name]) {
        if (is_exception(package, version)) continue;
        EXPECT_EQ(affects(by_range, version), affects(by_list, version))
            << advisory.id << " " << package.name << " " << version;
      }
    }
  }
}

TEST(AdvisoryVectors, TheCompiledDatabaseFindsEveryAdvisory) {
  const auto advisories = all_advisories();
  if (advisories.empty()) GTEST_SKIP() << "no shared vectors beside the project";
  AdvisoryCompiler compiler;
  for (const Advisory& advisory : advisories) compiler.add(advisory);
  const auto file = compiler.finish(0);
  ASSERT_TRUE(file);
  const auto database = AdvisoryDatabase::open(*file);
  ASSERT_TRUE(database) << database.error().message;
  for (const Advisory& advisory : advisories) {
    if (advisory.withdrawn) continue;
    for (const AffectedPackage& package : advisory.affected) {
      if (package.versions.empty()) continue;
      const auto matches = database->matches("PyPI", package.name, package.versions.back());
      ASSERT_TRUE(matches);
      EXPECT_TRUE(std::ranges::any_of(*matches, [&](const AdvisoryMatch& match) {
        return std::ranges::find(match.ids, advisory.id) != match.ids.end();
      })) << advisory.id;
    }
  }
}

}  // namespace
}  // namespace bulwark::scan
