// What the inspector of dependencies says of files that lie together, and with advisories and a list of
// allowed packages.

#include <gtest/gtest.h>

#include <optional>

#include "scan/advisories/compiler.h"
#include "scan/advisories/database.h"
#include "scan/knowledge/allowed_packages.h"
#include "scan/knowledge/package_names.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

class Folder : public scan::Package {
 public:
  explicit Folder(Files files) : files_(std::move(files)) {
    for (const auto& [name, text] : files_) members_.push_back({.name = name, .size = text.size()});
  }
  [[nodiscard]] std::string_view kind() const override { return "directory"; }
  [[nodiscard]] Result<scan::Content> read(std::size_t index, scan::Inspection&) const override {
    return scan::Content{bytes_of(files_.at(index).second), nullptr};
  }
  [[nodiscard]] const std::string& text(std::size_t index) const { return files_.at(index).second; }

 private:
  Files files_;
};

// The first file of the folder.
Report scan_first(const Files& files, const scan::Options& options = {}) {
  const StoppedClock clock;
  const Folder folder(files);
  const scan::Engine engine(scan::builtin_inspectors(), Limits{}, options, clock);
  return engine.scan(
      {.path = files[0].first, .origin = {}, .bytes = bytes_of(folder.text(0)), .keeps = nullptr}, &folder);
}

Severity severity_of(const Report& report, std::string_view rule) {
  for (const Finding& finding : report.findings)
    if (finding.rule->id == rule) return finding.severity;
  ADD_FAILURE() << rule << " was not raised";
  return Severity::Info;
}

const Finding* find(const Report& report, std::string_view rule) {
  for (const Finding& finding : report.findings)
    if (finding.rule->id == rule) return &finding;
  return nullptr;
}

constexpr std::string_view kLock =
    R"({"lockfileVersion": 3, "packages": {"node_modules/expres": {"version": "1.0.0"}}})";

TEST(Dependencies, AShrinkwrapTakesThePlaceOfTheLockFile) {
  EXPECT_FALSE(has_rule(
      scan_first({{"package-lock.json", std::string(kLock)}, {"npm-shrinkwrap.json", "{}"}}), "BW-DP-005"));
  EXPECT_TRUE(has_rule(scan_first({{"package-lock.json", std::string(kLock)}}), "BW-DP-005"));
  EXPECT_TRUE(has_rule(scan_first({{"npm-shrinkwrap.json", std::string(kLock)}}), "BW-DP-005"));
}

TEST(Dependencies, OpenVersionsWeighLessBesideAModelOrALockFile) {
  EXPECT_EQ(severity_of(scan_first({{"requirements.txt", "torch\n"}}), "BW-DP-002"), Severity::Medium);
  EXPECT_EQ(
      severity_of(scan_first({{"requirements.txt", "torch\n"}, {"model.safetensors", ""}}), "BW-DP-002"),
      Severity::Low);
  EXPECT_EQ(severity_of(scan_first({{"requirements.txt", "torch\n"}, {"uv.lock", ""}}), "BW-DP-002"),
            Severity::Low);
}

TEST(Dependencies, IncludedListsAreReadWhateverTheirName) {
  const Report report = scan_first(
      {{"requirements.txt", "-r deps/base.list\nnumpy==2.0\n"}, {"deps/base.list", "torchh==1.0\n"}});
  const Finding* finding = find(report, "BW-DP-005");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->origin, std::vector<std::string>{"deps/base.list"});
}

TEST(Dependencies, IncludesNeverLeaveTheTree) {
  const Report report = scan_first({{"requirements.txt", "-r ../../etc/list\n-r /etc/list\nnumpy==2.0\n"},
                                    {"../../etc/list", "torchh==1.0\n"}});
  EXPECT_FALSE(has_rule(report, "BW-DP-005"));
}

TEST(Dependencies, MlflowSaysItselfWherePackagesComeFrom) {
  const Report report = scan_first({{"requirements.txt", "git+https://192.0.2.1/x.git\n"}, {"MLmodel", ""}});
  EXPECT_FALSE(has_rule(report, "BW-DP-007"));
}

// A database with one weakness of some-tool below 2.0 and one malicious package.
struct Advisories {
  std::vector<std::uint8_t> file;
  std::optional<scan::AdvisoryDatabase> database;

  explicit Advisories(std::int64_t modified, int weaknesses = 1) {
    scan::AdvisoryCompiler compiler;
    for (int i = 1; i <= weaknesses; ++i) {
      scan::Advisory weak;
      weak.id = "GHSA-" + std::to_string(i);
      weak.aliases = {"CVE-2026-" + std::to_string(i)};
      weak.summary = "eats files";
      weak.modified = modified;
      weak.severity = i == 1 ? Severity::Critical : Severity::Low;
      weak.affected.push_back({.ecosystem = "PyPI",
                               .name = "some-tool",
                               .versions = {},
                               .ranges = {{scan::AdvisoryRange::Type::Ecosystem,
                                           {{scan::AdvisoryEvent::Kind::Introduced, "0"},
                                            {scan::AdvisoryEvent::Kind::Fixed, "2.0"}}}}});
      compiler.add(weak);
    }
    scan::Advisory evil;
    evil.id = "MAL-2026-1";
    evil.modified = modified;
    evil.affected.push_back(
        {.ecosystem = "PyPI",
         .name = "evil",
         .versions = {},
         .ranges = {{scan::AdvisoryRange::Type::Ecosystem, {{scan::AdvisoryEvent::Kind::Introduced, "0"}}}}});
    compiler.add(evil);
    auto built = compiler.finish(modified);
    EXPECT_TRUE(built);
    file = std::move(*built);
    auto opened = scan::AdvisoryDatabase::open(file);
    EXPECT_TRUE(opened);
    database = *opened;
  }
};

constexpr std::int64_t kDay = 86'400;

TEST(Dependencies, VulnerableVersionsAreNamedWithTheirFix) {
  const Advisories known(1000 * kDay);
  const scan::Options options{.advisories = &*known.database, .now = 1005 * kDay};
  const Report report = scan_first({{"requirements.txt", "\nSome_Tool==1.5\nsome-tool==2.0\n"}}, options);
  const Finding* finding = find(report, "BW-DP-001");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::Critical);
  EXPECT_EQ(finding->place.line, 2U);
  EXPECT_EQ(finding->subject, "CVE-2026-1");
  EXPECT_EQ(finding->message, "Some_Tool==1.5: CVE-2026-1 (GHSA-1): eats files; fixed in 2.0");
  EXPECT_FALSE(has_rule(report, "BW-DP-008"));
  EXPECT_FALSE(has_rule(report, "BW-DP-009"));
}

TEST(Dependencies, ManyWeaknessesOfOneVersionAreSummedUp) {
  const Advisories known(1000 * kDay, 40);
  const Report report =
      scan_first({{"requirements.txt", "some-tool==1.5\n"}}, {.advisories = &*known.database});
  std::size_t count = 0;
  for (const Finding& finding : report.findings) count += finding.rule->id == "BW-DP-001" ? 1U : 0U;
  EXPECT_EQ(count, 6U);
}

TEST(Dependencies, MaliciousPackagesAreFoundWithAndWithoutAVersion) {
  const Advisories known(1000 * kDay);
  for (const char* line : {"evil==1.0\n", "evil\n"})
    EXPECT_EQ(
        severity_of(scan_first({{"requirements.txt", line}}, {.advisories = &*known.database}), "BW-DP-006"),
        Severity::High)
        << line;
}

TEST(Dependencies, CondaPackagesAreLookedUpWithLessConfidence) {
  const Advisories known(1000 * kDay);
  const Report report = scan_first({{"environment.yml", "dependencies:\n  - some-tool=1.5\n"}},
                                   {.advisories = &*known.database});
  EXPECT_EQ(severity_of(report, "BW-DP-001"), Severity::Medium);
}

TEST(Dependencies, OldAdvisoriesAndNoneAreSaid) {
  const Advisories known(1000 * kDay);
  const Files files = {{"requirements.txt", "numpy==2.0\n"}};
  EXPECT_EQ(severity_of(scan_first(files, {.advisories = &*known.database, .now = 1008 * kDay}), "BW-DP-009"),
            Severity::Low);
  EXPECT_EQ(severity_of(scan_first(files), "BW-DP-008"), Severity::Info);
}

TEST(Dependencies, TheOrganisationsListIsStrongerThanDoubts) {
  const auto allowed = scan::AllowedPackages::read("# ours\ntorch>=2.6\ntorchh\nnpm:express@^4\n");
  ASSERT_TRUE(allowed);
  const Report report = scan_first({{"requirements.txt", "torch==2.1\ntorchh==1.0\nother==1\n"}},
                                   {.allowed_packages = &*allowed});
  EXPECT_FALSE(has_rule(report, "BW-DP-005"));
  ASSERT_NE(find(report, "BW-DP-012"), nullptr);
  EXPECT_EQ(find(report, "BW-DP-012")->place.line, 3U);
  ASSERT_NE(find(report, "BW-DP-014"), nullptr);
  EXPECT_EQ(find(report, "BW-DP-014")->place.line, 1U);
  EXPECT_FALSE(scan::AllowedPackages::read("torch >> 2\n"));
}

TEST(PackageNames, DoubtsImitationsAndLeavesRealNamesAlone) {
  using scan::doubt_name;
  for (const char* imitation : {"reqeusts", "numpyy", "padnas", "matp1otlib", "tensorfIow", "scikit_leam",
                                "torchvison", "transfomers", "learn-scikit"})
    EXPECT_TRUE(doubt_name("PyPI", imitation)) << imitation;
  for (const char* real : {"requests", "numpy", "torchx", "tensorflow-gpu", "PyYAML", "black", "jax", "tqdm",
                           "company-features", "rich"})
    EXPECT_FALSE(doubt_name("PyPI", real)) << real << " " << doubt_name("PyPI", real)->meant;
  EXPECT_TRUE(doubt_name("npm", "lodahs"));
  EXPECT_FALSE(doubt_name("npm", "@org/lodahs"));
  EXPECT_FALSE(doubt_name("PyPI", std::string(1000, 'a')));
}

TEST(PackageNames, OneEditIsDamerausDistance) {
  EXPECT_TRUE(scan::within_one_edit("torch", "torhc"));
  EXPECT_TRUE(scan::within_one_edit("torch", "torc"));
  EXPECT_TRUE(scan::within_one_edit("torch", "torch"));
  EXPECT_FALSE(scan::within_one_edit("torch", "troch1"));
  EXPECT_FALSE(scan::within_one_edit("torch", "hcrot"));
}

}  // namespace
}  // namespace bulwark::test
