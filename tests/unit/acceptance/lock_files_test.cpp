// Every lock file of shared/vectors/osv/lockfiles, read in place: parsed or refused as its table says, and
// the set of packages right.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "scan/formats/dependencies/kinds.h"
#include "scan/formats/dependencies/requirements.h"
#include "support/support.h"

namespace bulwark::scan {
namespace {

std::string folder() {
  const std::string shared = test::shared_folder();
  return shared.empty() ? shared : shared + "/vectors/osv/lockfiles/";
}

using Row = std::vector<std::string>;

std::vector<Row> table(const std::string& name) {
  const std::string text = test::read_file(folder() + name);
  std::vector<Row> rows;
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    Row& row = rows.emplace_back();
    for (const std::string_view cell : split(line, '\t')) row.emplace_back(cell);
    row.resize(8);
  }
  rows.erase(rows.begin());
  return rows;
}

struct Package {
  std::string name, version, line, groups, commit;
  friend auto operator<=>(const Package&, const Package&) = default;
};

std::ostream& operator<<(std::ostream& out, const Package& package) {
  return out << package.name << ' ' << package.version << " line " << package.line << " [" << package.groups
             << "] " << package.commit;
}

std::string joined(std::vector<std::string> words) {
  std::ranges::sort(words);
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

struct Expected {
  std::string file, format;
  std::vector<Row> rows;
};

// The packages of `list`, as far as the table says the same of each: lines only where it has them, versions
// of requirements only where they are pinned (the tools it was made with give ">=1.0" as 1.0).
std::vector<Package> found_packages(const DependencyList& list, const Expected& expected,
                                    std::string_view text) {
  const bool requirements = expected.format == "requirements.txt";
  const bool lines = std::ranges::any_of(expected.rows, [](const Row& row) { return !row[3].empty(); });
  std::vector<Package> packages;
  for (const Dependency& each : list.dependencies) {
    if (requirements && !each.source.empty()) continue;
    const std::uint32_t line =
        each.place.line != 0 ? each.place.line : line_column(text, each.place.offset).line;
    packages.push_back({each.name, requirements ? "" : each.version, lines ? std::to_string(line) : "",
                        requirements ? "" : joined(each.groups), each.commit});
  }
  std::ranges::sort(packages);
  return packages;
}

std::vector<Package> expected_packages(const Expected& expected) {
  const bool requirements = expected.format == "requirements.txt";
  std::vector<Package> packages;
  for (const Row& row : expected.rows) {
    std::vector<std::string> groups;
    for (const std::string_view each : split(row[5], ','))
      if (!each.empty()) groups.emplace_back(each);
    packages.push_back({row[1], requirements ? "" : row[2], row[3], joined(groups), row[6]});
  }
  std::ranges::sort(packages);
  return packages;
}

TEST(LockFileVectors, EveryFixtureIsReadAsItsTableSays) {
  if (folder().empty()) GTEST_SKIP() << "no shared vectors beside the project";
  std::map<std::string, std::vector<Row>> rows;
  for (Row& row : table("packages.tsv")) rows[row[0]].push_back(row);
  for (const Row& fixture : table("MANIFEST.tsv")) {
    SCOPED_TRACE(fixture[0]);
    const DependencyFile* file = dependency_file_of_format(fixture[1]);
    ASSERT_NE(file, nullptr) << fixture[1];
    const std::string text = test::read_file(folder() + fixture[0]);
    const auto list = file->read(text, Limits{});
    if (fixture[2] == "error") {
      EXPECT_FALSE(list);
      continue;
    }
    ASSERT_TRUE(list) << list.error().message;
    // npm ignores package-lock.json beside npm-shrinkwrap.json: who sees the folder knows (DependencyScan
    // tests).
    const bool shadowed = fixture[4].ends_with("npm-shrinkwrap.json");
    // The rows of uv.lock were lost when the table was restated: the files themselves hold the packages
    // below.
    if (fixture[2] == "unspecified" || shadowed || fixture[1] == "uv.lock") continue;
    const Expected expected{fixture[0], fixture[1], rows[fixture[0]]};
    EXPECT_EQ(std::to_string(expected.rows.size()), fixture[3]) << "the two tables disagree";
    EXPECT_EQ(found_packages(*list, expected, text), expected_packages(expected));
  }
}

TEST(LockFileVectors, UvLockHoldsWhatItsFilesSay) {
  if (folder().empty()) GTEST_SKIP() << "no shared vectors beside the project";
  const std::map<std::string, std::vector<std::string>> kPackages = {
      {"empty.lock", {}},
      {"names-outside-package-block.lock", {"first-pkg 1.0.0 5", "second-pkg 2.0.0 18"}},
      {"no-dependencies.lock", {}},
      {"one-package.lock", {"emoji 2.14.0 5"}},
      {"two-packages.lock", {"emoji 2.14.0 5", "protobuf 4.25.5 14"}},
  };
  for (const auto& [name, packages] : kPackages) {
    const auto list = dependency_file_of_format("uv.lock")->read(
        test::read_file(folder() + "python/uvlock/" + name), Limits{});
    ASSERT_TRUE(list) << name;
    std::vector<std::string> found;
    for (const Dependency& each : list->dependencies)
      found.push_back(each.name + " " + each.version + " " + std::to_string(each.place.line));
    EXPECT_EQ(found, packages) << name;
  }
}

TEST(LockFileVectors, PinnedRequirementsKeepTheirVersion) {
  if (folder().empty()) GTEST_SKIP() << "no shared vectors beside the project";
  for (const Row& row : table("packages.tsv")) {
    if (!row[0].starts_with("python/requirements/") || row[2].empty()) continue;
    const std::string text = test::read_file(folder() + row[0]);
    for (const Dependency& each : read_requirements(text).dependencies) {
      if (each.name != row[1] || std::to_string(each.place.line) != row[3] || !each.wanted.starts_with("=="))
        continue;
      EXPECT_EQ(each.version, row[2].substr(0, row[2].find(' '))) << row[0] << ": " << each.name;
    }
  }
}

}  // namespace
}  // namespace bulwark::scan
