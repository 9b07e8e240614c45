// House rules for rules and inspectors: texts, ids, samples, fuzz targets.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
#include "report/areas.h"
#include "scan/diff.h"
#include "scan/waivers.h"
#include "support/recipe.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

bool is_well_formed(std::string_view id) {
  const std::vector<std::string_view> parts = split(id, '-');
  return parts.size() == 3 && parts[0] == "BW" && !parts[1].empty() && parts[1].size() <= 8 &&
         parts[2].size() == 3 &&
         std::ranges::all_of(parts[1],
                             [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }) &&
         std::ranges::all_of(parts[2], [](char c) { return c >= '0' && c <= '9'; });
}

std::map<std::string, std::string> techniques(const std::string& path) {
  const std::string text = read_file(path);
  std::map<std::string, std::string> names;
  for (const std::string_view line : split(text, '\n')) {
    const auto columns = split(line, '\t');
    if (columns.size() >= 2 && columns[0] != "id") names.emplace(columns[0], trim(columns[1]));
  }
  return names;
}

std::map<std::string, std::string> shipped_techniques() {
  return techniques(std::string(BULWARK_SOURCE_DIR) + "/data/atlas/techniques.tsv");
}

TEST(Rules, HaveOneMeaningPerId) {
  std::map<std::string_view, const Rule*> seen;
  const auto text = [](const Rule& rule) {
    return std::tie(rule.title, rule.severity, rule.atlas, rule.why, rule.fix, rule.controls);
  };
  const auto look = [&](const Rule& rule) {
    EXPECT_TRUE(is_well_formed(rule.id)) << rule.id;
    const auto [at, fresh] = seen.emplace(rule.id, &rule);
    EXPECT_TRUE(fresh || text(*at->second) == text(rule))
        << rule.id << " has two meanings: '" << rule.title << "' and '" << at->second->title << "'";
  };
  for (const Rule& rule : scan::engine_rules()) look(rule);
  for (const Rule& rule : scan::diff_rules()) look(rule);
  for (const Rule& rule : scan::waiver_rules()) look(rule);
  for (const scan::Inspector* inspector : scan::builtin_inspectors())
    for (const Rule& rule : inspector->rules) look(rule);
}

TEST(Rules, SayWhatWhyAndWhatToDo) {
  for (const Rule* rule : scan::all_rules()) {
    EXPECT_GE(rule->title.size(), 8U) << rule->id;
    EXPECT_LE(rule->title.size(), 100U) << rule->id;
    EXPECT_FALSE(rule->title.ends_with('.')) << rule->id << ": a title is no sentence";
    EXPECT_GE(rule->why.size(), 30U) << rule->id;
    EXPECT_TRUE(rule->why.ends_with('.')) << rule->id << ": 'why' is a sentence";
    EXPECT_GE(rule->fix.size(), 15U) << rule->id;
    EXPECT_TRUE(rule->fix.ends_with('.')) << rule->id << ": 'fix' is a sentence";
    EXPECT_FALSE(words(rule->controls).empty()) << rule->id;
  }
}

TEST(Rules, HaveTitlesThatTellThemApart) {
  std::map<std::string_view, std::string_view> seen;
  for (const Rule* rule : scan::all_rules()) {
    const auto [at, fresh] = seen.emplace(rule->title, rule->id);
    EXPECT_TRUE(fresh) << rule->id << " and " << at->second << " have one title: name the format in it";
  }
}

TEST(Rules, AreOfAreasThatTheIndexExplains) {
  for (const Rule* rule : scan::all_rules())
    EXPECT_FALSE(report::area_meaning(report::area_of(rule->id)).empty())
        << rule->id << ": say in src/report/areas.cpp what its area is about";
}

TEST(Rules, NameTechniquesThatExist) {
  const auto names = shipped_techniques();
  for (const Rule* rule : scan::all_rules()) {
    EXPECT_FALSE(words(rule->atlas).empty()) << rule->id << " names no technique";
    for (const std::string_view id : words(rule->atlas)) {
      EXPECT_TRUE(names.contains(std::string(id))) << rule->id << " names the unknown technique " << id;
      const bool of_models = rule->controls.find("SC-MODEL") != std::string_view::npos ||
                             rule->controls.find("SC-ARCH") != std::string_view::npos;
      EXPECT_FALSE(of_models && id == "AML.T0010.003")
          << rule->id << ": the umbrella is added by the writers";
    }
  }
}

TEST(Rules, ShipTheTechniquesOfTheSharedCatalogue) {
  const std::string path = shared_folder() + "/atlas/techniques.tsv";
  if (shared_folder().empty() || !std::filesystem::exists(path)) GTEST_SKIP() << "no shared catalogue here";
  // The shared file has the name in a later column; ids must be the same, and each name must stand in its
  // row.
  const auto shipped = shipped_techniques();
  const std::string text = read_file(path);
  std::size_t rows = 0;
  for (const std::string_view line : split(text, '\n')) {
    const std::string id(split(line, '\t').front());
    if (!id.starts_with("AML.")) continue;
    ++rows;
    ASSERT_TRUE(shipped.contains(id)) << id << " is missing in data/atlas/techniques.tsv";
    EXPECT_NE(line.find(shipped.at(id)), std::string_view::npos) << id << " has another name";
  }
  EXPECT_EQ(rows, shipped.size());
}

struct Raised {
  std::set<std::string> rules;   // by any sample
  std::set<std::string> benign;  // formats of which a clean sample exists
};

const Raised& raised() {
  static const Raised all = [] {
    Raised raised;
    for (const std::string& path : recipe_paths("tests/fixtures")) {
      const auto recipe = load_recipe(path);
      if (!recipe) continue;  // EveryRecipe complains
      const Report report = scan_named(recipe->name, Bytes(recipe->bytes));
      for (const Finding& finding : report.findings) raised.rules.emplace(finding.rule->id);
      if (!recipe->clean) continue;
      for (const Inspected& about : report.inspected)
        raised.benign.insert(about.formats.begin(), about.formats.end());
    }
    return raised;
  }();
  return all;
}

TEST(Rules, AreEachRaisedByASample) {
  const std::set<std::string_view> from_outside = {"BW-DP-001", "BW-DP-006",  "BW-DP-009",  "BW-DP-012",
                                                   "BW-DP-014", "BW-AGT-011", "BW-AGT-012", "BW-AGT-013"};
  std::string missing;
  for (const Rule* rule : scan::all_rules())
    // Comparing takes two files: diff_test.cpp raises those rules. Advisories and a list of allowed packages
    // come from outside: dependencies_test.cpp raises theirs. So does a lock: tests/cli/scan_lock.test.
    if (!rule->id.starts_with("BW-DIFF-") && !from_outside.contains(rule->id) &&
        !raised().rules.contains(std::string(rule->id)))
      missing += "  " + std::string(rule->id) + " " + std::string(rule->title) + "\n";
  EXPECT_EQ(missing, "") << "no recipe in tests/fixtures raises these rules";
}

TEST(Inspectors, AreEachListedOnce) {
  std::set<std::string_view> names;
  for (const scan::Inspector* inspector : scan::builtin_inspectors())
    EXPECT_TRUE(names.insert(inspector->name).second)
        << inspector->name << " is in the list twice and would run twice";
}

// Whether an inspector runs may not depend on how a merge went: one line each, sorted.
TEST(Inspectors, AreListedInOrder) {
  const std::string text = read_file(std::string(BULWARK_SOURCE_DIR) + "/src/scan/inspectors/list.h");
  std::vector<std::string_view> names;
  for (const std::string_view line : split(text, '\n'))
    if (line.starts_with("  X(")) names.push_back(line.substr(4, line.find(')') - 4));
  EXPECT_EQ(names.size(), scan::builtin_inspectors().size());
  for (std::size_t i = 1; i < names.size(); ++i)
    EXPECT_LT(names[i - 1], names[i]) << "src/scan/inspectors/list.h is sorted and has no name twice";
}

TEST(Inspectors, EachHaveABenignSample) {
  std::string missing;
  for (const scan::Inspector* inspector : scan::builtin_inspectors()) {
    if (inspector->recognises != nullptr && inspector->recognises({}) == scan::Match::Beside) continue;
    if (!raised().benign.contains(std::string(inspector->name)))
      missing += "  " + std::string(inspector->name) + "\n";
  }
  EXPECT_EQ(missing, "") << "no recipe with 'expect clean' is read by these inspectors";
}

// An inspector with a reader of its own in src/scan/formats/ has tests/fuzz/<inspector>_fuzz.cpp, or is named
// in a line
// "// fuzzes: …" of another target. All others are covered by every_inspector_fuzz.cpp.
TEST(Inspectors, EachHaveAFuzzTarget) {
  std::set<std::string> covered;
  const std::filesystem::path folder = std::filesystem::path(BULWARK_SOURCE_DIR) / "tests/fuzz";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no fuzz targets yet";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with("_fuzz.cpp")) continue;
    covered.insert(name.substr(0, name.size() - std::string("_fuzz.cpp").size()));
    const std::string text = read_file(entry.path().string());
    for (const std::string_view line : split(text, '\n')) {
      if (!line.starts_with("// fuzzes:")) continue;
      for (const std::string_view word : words(line.substr(10))) covered.emplace(word);
    }
  }
  std::string missing;
  for (const scan::Inspector* inspector : scan::builtin_inspectors()) {
    const std::string reader = "/src/scan/formats/" + std::string(inspector->name) + ".h";
    if (inspector->inspect == nullptr || !std::filesystem::exists(BULWARK_SOURCE_DIR + reader)) continue;
    if (!covered.contains(std::string(inspector->name)))
      missing += "  " + std::string(inspector->name) + "\n";
  }
  EXPECT_EQ(missing, "") << "no target in tests/fuzz covers these inspectors";
}

}  // namespace
}  // namespace bulwark::test
