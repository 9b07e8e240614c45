#include "cli/fix.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/support.h"

namespace bulwark::cli {
namespace {

constexpr Rule kRule{
    .id = "BW-TEST-001", .title = "t", .severity = Severity::High, .atlas = "", .why = "", .fix = "mend it"};

class FixTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "bulwark-fix-XXXXXX";
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view content) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static Finding finding(const std::string& path, std::vector<Edit> edits) {
    Finding found;
    found.rule = &kRule;
    found.path = path;
    found.edits = std::move(edits);
    return found;
  }

  std::string folder_;
};

TEST_F(FixTest, ReplacesWhatWasScannedKeepsPermissionsAndShowsTheDifference) {
  const std::string path = write("a.py", "one\nload(x)\nthree\n");
  chmod(path.c_str(), 0750);
  Report report;
  report.findings = {finding(path, {{8, "", "x, weights_only=True"}})};
  report.findings[0].edits[0] = {4, "load(x)", "safe(x)"};
  const Fixes fixes = apply_fixes(report, false);
  EXPECT_EQ(test::read_file(path), "one\nsafe(x)\nthree\n");
  EXPECT_EQ(fixes.findings, 1U);
  EXPECT_EQ(fixes.diff,
            "--- " + path + "\n+++ " + path + "\n@@ -1,3 +1,3 @@\n one\n-load(x)\n+safe(x)\n three\n");
  struct stat about{};
  stat(path.c_str(), &about);
  EXPECT_EQ(about.st_mode & 0777U, 0750U);
}

TEST_F(FixTest, ADryRunChangesNothing) {
  const std::string path = write("a.py", "load(x)\n");
  Report report;
  report.findings = {finding(path, {{0, "load", "safe"}})};
  EXPECT_EQ(apply_fixes(report, true).files, 1U);
  EXPECT_EQ(test::read_file(path), "load(x)\n");
}

TEST_F(FixTest, LeavesAFileThatIsNotWhatWasScanned) {
  const std::string path = write("a.py", "moved load(x)\n");
  Report report;
  report.findings = {finding(path, {{0, "load", "safe"}})};
  const Fixes fixes = apply_fixes(report, false);
  EXPECT_EQ(fixes.files, 0U);
  ASSERT_EQ(fixes.refused.size(), 1U);
  EXPECT_EQ(test::read_file(path), "moved load(x)\n");
}

TEST_F(FixTest, SameFixTwiceIsOneAndOverlappingOnesAreRefused) {
  const std::string path = write("a.py", "load(x)\n");
  Report report;
  report.findings = {finding(path, {{0, "load", "safe"}}), finding(path, {{0, "load", "safe"}})};
  EXPECT_EQ(apply_fixes(report, false).findings, 2U);
  EXPECT_EQ(test::read_file(path), "safe(x)\n");
  report.findings = {finding(path, {{0, "safe(", "a("}}), finding(path, {{2, "fe", "b"}})};
  EXPECT_EQ(apply_fixes(report, false).files, 0U);
  EXPECT_EQ(test::read_file(path), "safe(x)\n");
}

TEST_F(FixTest, DoesNotTouchLinksMembersOrMissingFiles) {
  const std::string path = write("a.py", "load(x)\n");
  std::filesystem::create_symlink(path, folder_ + "/link.py");
  Report report;
  report.findings = {finding(folder_ + "/link.py", {{0, "load", "safe"}}),
                     finding(folder_ + "/gone.py", {{0, "load", "safe"}}),
                     finding(path, {{0, "load", "safe"}})};
  report.findings[2].origin = {"member"};
  EXPECT_EQ(apply_fixes(report, false).refused.size(), 2U);
  EXPECT_EQ(test::read_file(path), "load(x)\n");
}

TEST(UnifiedDiff, ShowsAddedAndRemovedLinesWithTheirContext) {
  EXPECT_EQ(unified_diff("f", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nnew\n5\n6\n7\n8\n"),
            "--- f\n+++ f\n@@ -2,8 +2,8 @@\n 2\n 3\n 4\n+new\n 5\n 6\n 7\n 8\n-9\n");
  EXPECT_EQ(unified_diff("f", "a\n", "a\n"), "");
}

}  // namespace
}  // namespace bulwark::cli
