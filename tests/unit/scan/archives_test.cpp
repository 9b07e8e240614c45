// Archives that attack whoever opens them: bombs, recursion, lies about sizes. Built here, so that the reader
// sees how.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>

#include "recipe/archives.h"
#include "recipe/compress.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer zip_of(std::vector<recipe::ZipMember> members) {
  auto zip = recipe::build_zip({.prefix = {}, .members = std::move(members), .comment = {}});
  EXPECT_TRUE(zip);
  return *zip;
}

bool has_gap(const Report& report, GapReason reason) {
  for (const Gap& gap : report.gaps)
    if (gap.reason == reason) return true;
  return false;
}

std::chrono::milliseconds took(const std::function<void()>& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
}

TEST(Archives, NestedBombsStopAfterAFew) {
  // Like 42.zip: sixteen copies per level, each leaf declares four gigabytes.
  Buffer level = zip_of({{.name = "0.dll",
                          .content = Buffer(4096),
                          .codec = "deflate",
                          .size = 0xF0000000,
                          .local_size = 0xF0000000}});
  for (int depth = 0; depth < 3; ++depth) {
    std::vector<recipe::ZipMember> copies;
    for (int i = 0; i < 16; ++i)
      copies.push_back({.name = std::to_string(i) + ".zip", .content = level, .codec = "deflate"});
    level = zip_of(std::move(copies));
  }
  Report report;
  EXPECT_LT(took([&] { report = scan(Bytes(level)); }), std::chrono::seconds(5));
  EXPECT_TRUE(has_rule(report, "BW-ZIP-009"));
  EXPECT_TRUE(has_gap(report, GapReason::Limit));
}

TEST(Archives, ManyEntriesOverOneKernelAreABombTogether) {
  // D. Fifield, "A better zip bomb": the directory points many times at the same bytes.
  constexpr std::uint64_t kUnpacked = 1 << 20;
  std::vector<recipe::ZipMember> members = {
      {.name = "kernel", .content = Buffer(kUnpacked), .codec = "deflate"}};
  for (int i = 0; i < 400; ++i) {
    members.push_back({.name = "copy" + std::to_string(i),
                       .content = {},
                       .method = 8,
                       .size = kUnpacked,
                       .compressed = 1000,
                       .offset = 0,
                       .ghost = true});
  }
  const Buffer bomb = zip_of(std::move(members));
  Report report;
  EXPECT_LT(took([&] { report = scan(Bytes(bomb)); }), std::chrono::seconds(20));
  EXPECT_TRUE(has_rule(report, "BW-ZIP-005"));
  EXPECT_TRUE(has_rule(report, "BW-ZIP-009"));
}

TEST(Archives, DepthHasALimitAndReachingItIsAGap) {
  Buffer content = {'x'};
  for (int i = 0; i < 40; ++i) content = zip_of({{.name = "inner.zip", .content = content}});
  const Report report = scan(Bytes(content));
  EXPECT_TRUE(has_gap(report, GapReason::Limit));
}

TEST(Archives, AGzipOfZerosIsABombOnceItIsLarge) {
  const auto zeros = recipe::compress("gzip", Buffer(std::size_t{8} << 20));
  ASSERT_TRUE(zeros);
  const Report small = scan(Bytes(*zeros));
  EXPECT_FALSE(has_rule(small, "BW-GZ-002"));
  EXPECT_TRUE(small.gaps.empty());
  Limits strict;
  strict.ratio_floor = std::uint64_t{4} << 20;  // as if eight megabytes were a lot
  const Report large = scan(Bytes(*zeros), {}, strict);
  EXPECT_TRUE(has_rule(large, "BW-GZ-002"));
}

TEST(Archives, TarSizesOfTwoToTheSixtyThreeAreTruncatedOrLies) {
  auto tar = recipe::build_tar({{.name = "a.bin", .content = Buffer(100, 'a')}});
  ASSERT_TRUE(tar);
  const auto with_size = [&](std::initializer_list<std::uint8_t> field) {
    Buffer changed = *tar;
    std::copy(field.begin(), field.end(), changed.begin() + 124);
    unsigned sum = 8 * ' ';
    for (std::size_t i = 0; i < 512; ++i) sum += i >= 148 && i < 156 ? 0U : changed[i];
    for (std::size_t i = 0; i < 6; ++i)
      changed[148 + i] = static_cast<std::uint8_t>('0' + (sum >> (3 * (5 - i)) & 7));
    changed[154] = 0;
    changed[155] = ' ';
    return scan(Bytes(changed));
  };
  EXPECT_TRUE(has_gap(with_size({0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0}), GapReason::Truncated));
  EXPECT_TRUE(has_gap(with_size({0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}),
                      GapReason::Truncated));
  EXPECT_TRUE(has_rule(with_size({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE}),
                       "BW-TAR-004"));
}

TEST(Archives, EveryCopyOfADuplicateIsInspected) {
  // torch 1.13 loads copy 1 of 2 or 3 and copy 2 of 4 or 5.
  const std::string call = "cos\nsystem\n(S'id'\ntR.";
  for (std::size_t hostile = 0; hostile < 5; ++hostile) {
    std::vector<recipe::ZipMember> copies;
    for (std::size_t i = 0; i < 5; ++i) {
      const std::string text = i == hostile ? call : "N.";
      copies.push_back({.name = "archive/data.pkl", .content = Buffer(text.begin(), text.end())});
    }
    const Buffer zip = zip_of(std::move(copies));
    const Report report = scan(Bytes(zip));
    EXPECT_TRUE(has_rule(report, "BW-PKL-001")) << hostile;
    EXPECT_TRUE(has_rule(report, "BW-ZIP-001")) << hostile;
  }
}

}  // namespace
}  // namespace bulwark::test
