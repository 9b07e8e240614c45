// Every sample of tests/fixtures, whatever its format: it raises what its head says, and no damage to it
// makes the scanner crash, hang, take memory it cannot have, or answer differently the second time.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <random>

#include "support/recipe.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

using Buffer = std::vector<std::uint8_t>;

// Enough for every sample; a bomb must stop here.
Limits small_limits() {
  Limits limits;
  limits.held_bytes = std::uint64_t{32} << 20;
  limits.inflated_bytes = std::uint64_t{64} << 20;
  limits.evaluated_bytes = std::uint64_t{8} << 20;
  return limits;
}

// Lengths at which a sample is cut: every one up to 2 KiB, above that the edges and a seeded choice.
// Every length near both ends and some between; of large samples fewer, because each cut is a whole scan.
std::vector<std::size_t> cuts_of(std::size_t size) {
  const std::size_t edge = size > 32'768 ? 256 : 1024;
  std::vector<std::size_t> cuts;
  for (std::size_t i = 0; i < std::min(size, edge); ++i) cuts.push_back(i);
  if (size > 2 * edge) {
    std::mt19937_64 random(size);
    for (std::size_t i = 0; i < edge / 4; ++i) cuts.push_back(edge + random() % (size - edge));
  }
  for (std::size_t i = std::max(cuts.size(), size > edge ? size - edge : 0); i < size; ++i) cuts.push_back(i);
  // So that the first of them, where there is no time for all, come from everywhere.
  std::ranges::shuffle(cuts, std::mt19937_64(size));
  return cuts;
}

std::string summary(const Report& report) {
  std::string text;
  for (const Finding& f : report.findings) {
    text += std::string(f.rule->id) + "@" + std::to_string(f.place.offset) + " " + f.message + "|" +
            f.evidence + "\n";
    for (const std::string& origin : f.origin) text += "  > " + origin + "\n";
  }
  for (const Gap& g : report.gaps) text += std::string(name_of(g.reason)) + " " + g.why + "\n";
  for (const Inspected& i : report.inspected) text += std::to_string(i.size) + "\n";
  return text;
}

std::int64_t peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

// Offset behind which a raw pickle has already run its payload; kNoOffset if the sample is none.
std::uint64_t runs_after(const Report& report) {
  std::uint64_t first = kNoOffset;
  for (const Finding& f : report.findings) {
    if (f.origin.empty() && f.severity >= Severity::High && f.rule->id.starts_with("BW-PKL-0") &&
        f.rule->id < "BW-PKL-050")
      first = std::min(first, f.place.offset);
  }
  return first;
}

class EveryRecipe : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto recipe = load_recipe(GetParam());
    ASSERT_TRUE(recipe) << recipe.error().message;
    recipe_ = std::move(*recipe);
  }
  Recipe recipe_;
};

TEST_P(EveryRecipe, RaisesWhatItsHeadSays) {
  EXPECT_FALSE(recipe_.title.empty()) << "a sample needs a title";
  EXPECT_TRUE(recipe_.clean || !recipe_.findings.empty() || !recipe_.gaps.empty()) << "nothing is expected";
  const Report report = scan_named(recipe_.name, Bytes(recipe_.bytes));
  EXPECT_EQ(unmet(recipe_, report), "");
  EXPECT_EQ(summary(report), summary(scan_named(recipe_.name, Bytes(recipe_.bytes)))) << "two scans differ";
}

TEST_P(EveryRecipe, SurvivesBeingCutAtEveryLength) {
  const auto start = std::chrono::steady_clock::now();
  const Limits limits = small_limits();
  const std::uint64_t runs = runs_after(scan_named(recipe_.name, Bytes(recipe_.bytes), limits));
  const std::vector<std::size_t> cuts = cuts_of(recipe_.bytes.size());
  std::size_t done = 0;
  for (const std::size_t cut : cuts) {
    // A copy of that exact size, so that a read past the end is seen by the sanitizers.
    const Buffer content(recipe_.bytes.begin(), recipe_.bytes.begin() + static_cast<std::ptrdiff_t>(cut));
    const Report report = scan_named(recipe_.name, Bytes(content), limits);
    if (runs != kNoOffset && cut > runs + 1) {
      EXPECT_FALSE(report.findings.empty() && report.gaps.empty())
          << "silent when cut to " << cut << " bytes";
    }
    if (cut % 16 == 0) {
      EXPECT_EQ(summary(report), summary(scan_named(recipe_.name, Bytes(content), limits)));
    }
    ++done;
    // A busy machine under a sanitizer gets less far; one that stands still is ended by ctest.
    if (std::chrono::steady_clock::now() - start > std::chrono::seconds(30)) break;
  }
  EXPECT_GE(done, std::min<std::size_t>(cuts.size(), 100)) << "stands still";
}

TEST_P(EveryRecipe, SurvivesFlippedBitsWithinItsMemory) {
  if (recipe_.bytes.empty()) GTEST_SKIP() << "no bytes";
  const auto start = std::chrono::steady_clock::now();
  const Limits limits = small_limits();
  [[maybe_unused]] const std::int64_t before = peak_bytes();
  std::mt19937_64 random(recipe_.bytes.size());
  std::chrono::nanoseconds slowest{0};
  for (int round = 0; round < 200; ++round) {
    Buffer content = recipe_.bytes;
    // Headers matter most: half of the flips hit the first 256 bytes.
    const std::size_t span = round % 2 == 0 ? content.size() : std::min<std::size_t>(content.size(), 256);
    for (int flips = round % 4; flips >= 0; --flips)
      content[random() % span] ^= static_cast<std::uint8_t>(1U << (random() % 8));
    if (round % 8 == 7) {
      // A size claimed to be huge.
      const std::size_t at = random() % content.size();
      for (std::size_t i = at; i < std::min(at + 4, content.size()); ++i) content[i] = 0xFF;
    }
    const auto began = std::chrono::steady_clock::now();
    const Report report = scan_named(recipe_.name, Bytes(content), limits);
    slowest = std::max<std::chrono::nanoseconds>(slowest, std::chrono::steady_clock::now() - began);
    EXPECT_EQ(report.findings.size() > 100'000, false);
    if (std::chrono::steady_clock::now() - start > std::chrono::seconds(30)) {
      EXPECT_GE(round, 20) << "stands still";
      break;
    }
  }
  EXPECT_LT(slowest, std::chrono::seconds(10));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
  const auto size = static_cast<std::int64_t>(recipe_.bytes.size());
  EXPECT_LT(peak_bytes() - before, (std::int64_t{192} << 20) + 4 * size) << "took too much memory";
#endif
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EveryRecipe);
INSTANTIATE_TEST_SUITE_P(Fixtures, EveryRecipe, testing::ValuesIn(recipe_paths("tests/fixtures")),
                         [](const testing::TestParamInfo<std::string>& sample) {
                           std::string name = sample.param.substr(std::string("tests/fixtures/").size());
                           name.resize(name.size() - std::string(".recipe").size());
                           std::ranges::replace_if(
                               name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

TEST(FuzzSeeds, AllCanBeBuilt) {
  for (const std::string& path : recipe_paths("tests/fuzz")) {
    const auto recipe = load_recipe(path);
    EXPECT_TRUE(recipe) << recipe.error().message;
  }
}

}  // namespace
}  // namespace bulwark::test
