// The advisories of shared/vectors/osv, read in place: wherever one enumerates versions, evaluating its
// ranges gives the same answer for each of them, and a compiled database gives it, too.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "scan/advisories/compiler.h"
#include "scan/advisories/database.h"
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

// Versions whose enumeration and ranges disagree, with the reason. Anything else is our mistake.
const std::map<std::string, std::string>& exceptions() {
  static const std::map<std::string, std::string> kExceptions = {};
  return kExceptions;
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
        if (exceptions().contains(advisory.id + " " + version)) continue;
        EXPECT_EQ(affects(by_range, version), Affects::Yes)
            << advisory.id << " " << package.name << " " << version;
      }
    }
  }
  EXPECT_GT(versions, 10'000U);
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
        if (exceptions().contains(advisory.id + " " + version)) continue;
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
