// Order of versions against the vectors of shared/vectors/osv, read in place: every line must hold.

#include <gtest/gtest.h>

#include "base/text.h"
#include "scan/formats/versions/debian.h"
#include "scan/formats/versions/pep440.h"
#include "scan/formats/versions/semver.h"
#include "support/support.h"

namespace bulwark::scan {
namespace {

using Compare = std::strong_ordering (*)(std::string_view, std::string_view);

std::string vectors() {
  const std::string shared = test::shared_folder();
  return shared.empty() ? shared : shared + "/vectors/osv/";
}

// Cells hold \t, \n, \r and \\ as escapes.
std::string unescaped(std::string_view cell) {
  std::string text;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    if (cell[i] != '\\' || i + 1 == cell.size()) {
      text += cell[i];
      continue;
    }
    const char c = cell[++i];
    text += c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
  }
  return text;
}

// Rows of a table without its head.
std::vector<std::vector<std::string>> rows_of(const std::string& name) {
  const std::string text = test::read_file(vectors() + "pep440/" + name);
  std::vector<std::vector<std::string>> rows;
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    std::vector<std::string>& row = rows.emplace_back();
    for (const std::string_view cell : split(line, '\t')) row.push_back(unescaped(cell));
  }
  if (!rows.empty()) rows.erase(rows.begin());
  return rows;
}

void expect_every_line(const std::string& name, Compare compare) {
  if (vectors().empty()) GTEST_SKIP() << "no shared vectors beside the project";
  const std::string text = test::read_file(vectors() + "versions/" + name);
  std::size_t lines = 0;
  for (const std::string_view line : split(text, '\n')) {
    const auto cells = words(line.substr(0, line.find("//")));
    if (cells.size() != 3) continue;
    ++lines;
    const auto order = compare(cells[0], cells[2]);
    const bool holds = cells[1] == "<" ? order < 0 : cells[1] == ">" ? order > 0 : order == 0;
    EXPECT_TRUE(holds) << name << ": " << line;
    EXPECT_EQ(compare(cells[2], cells[0]) <=> 0, 0 <=> order) << name << ": " << line << ", turned round";
  }
  EXPECT_GT(lines, 10U);
}

TEST(VersionVectors, EveryPythonComparisonHolds) {
  expect_every_line("pypi-versions.txt", compare_python);
  expect_every_line("pypi-versions-generated.txt", compare_python);
}
TEST(VersionVectors, EverySemverComparisonHolds) {
  expect_every_line("semver-versions.txt", compare_semver);
}
TEST(VersionVectors, EveryDebianComparisonHolds) {
  expect_every_line("debian-versions.txt", compare_debian);
  expect_every_line("debian-versions-generated.txt", compare_debian);
}

TEST(Pep440Vectors, TheOrderTableIsStrictlyAscending) {
  if (vectors().empty()) GTEST_SKIP() << "no shared vectors beside the project";
  const auto rows = rows_of("order.tsv");
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < rows.size(); ++j)
      EXPECT_EQ(compare_python(rows[i][0], rows[j][0]) <=> 0, i <=> j) << rows[i][0] << " and " << rows[j][0];
}

TEST(Pep440Vectors, NormalFormsAreThoseOfTheTable) {
  if (vectors().empty()) GTEST_SKIP() << "no shared vectors beside the project";
  for (const auto& row : rows_of("normalise.tsv")) {
    const auto version = parse_pep440(row[0]);
    ASSERT_TRUE(version) << row[0];
    EXPECT_EQ(version->normalised(), row[1]) << row[0];
  }
}

TEST(Pep440Vectors, PartsAreThoseOfTheTable) {
  if (vectors().empty()) GTEST_SKIP() << "no shared vectors beside the project";
  const auto expect = [](const std::string& said, const std::string& found, const std::string& version) {
    if (said != "?") {
      EXPECT_EQ(found, said) << version;
    }
  };
  const auto truth = [](bool value) { return std::string(value ? "true" : "false"); };
  for (const auto& row : rows_of("parts.tsv")) {
    const auto version = parse_pep440(row[0]);
    ASSERT_TRUE(version) << row[0];
    expect(row[1], version->without_local().normalised(), row[0]);
    expect(row[2], version->base().normalised(), row[0]);
    expect(row[3], version->epoch.empty() ? "0" : std::string(version->epoch), row[0]);
    expect(row[4], std::string(version->release), row[0]);
    expect(row[5], version->local.empty() ? "-" : std::string(version->local), row[0]);
    const std::string pre = version->pre == 'r' ? "rc" : std::string(1, version->pre);
    expect(row[6], version->pre == 0 ? "-" : pre + "." + std::string(version->pre_number), row[0]);
    expect(row[7], version->has_dev ? std::string(version->dev_number) : "-", row[0]);
    expect(row[8], version->has_post ? std::string(version->post_number) : "-", row[0]);
    expect(row[9], truth(version->is_prerelease()), row[0]);
    expect(row[10], truth(version->has_dev), row[0]);
    expect(row[11], truth(version->has_post), row[0]);
  }
}

TEST(Pep440Vectors, WhatIsNoVersionIsRefused) {
  if (vectors().empty()) GTEST_SKIP() << "no shared vectors beside the project";
  for (const auto& row : rows_of("invalid_versions.tsv")) EXPECT_FALSE(parse_pep440(row[0])) << row[0];
}

TEST(Pep440Vectors, SpecifiersAreValidAsTheTableSays) {
  if (vectors().empty()) GTEST_SKIP() << "no shared vectors beside the project";
  for (const auto& row : rows_of("specifiers.tsv"))
    EXPECT_EQ(parse_specifiers(row[0]).has_value(), row[1] == "yes") << row[0];
}

TEST(Pep440Vectors, EveryMatchIsThatOfTheTable) {
  if (vectors().empty()) GTEST_SKIP() << "no shared vectors beside the project";
  for (const auto& row : rows_of("match.tsv")) {
    const auto clauses = parse_specifiers(row[1]);
    ASSERT_TRUE(clauses) << row[1];
    EXPECT_EQ(matches(*clauses, row[0]), row[2] == "yes") << row[0] << " against " << row[1];
  }
}

}  // namespace
}  // namespace bulwark::scan
