#include "scan/formats/gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/support.h"

namespace bulwark {
namespace {

template <class T>
void put(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    out += static_cast<char>((static_cast<std::uint64_t>(value) >> (8 * i)) & 0xFFU);
}
void put_string(std::string& out, std::string_view text) {
  put<std::uint64_t>(out, text.size());
  out += text;
}

std::string one_tensor() {
  std::string out = "GGUF";
  put<std::uint32_t>(out, 3);
  put<std::uint64_t>(out, 1);
  put<std::uint64_t>(out, 1);
  put_string(out, "general.architecture");
  put<std::uint32_t>(out, 8);
  put_string(out, "llama");
  put_string(out, "blk.0");
  put<std::uint32_t>(out, 2);
  put<std::uint64_t>(out, 4);
  put<std::uint64_t>(out, 8);
  put<std::uint32_t>(out, 0);
  put<std::uint64_t>(out, 0);
  out.resize((out.size() + 31) / 32 * 32, '\0');
  return out + std::string(128, '\x02');
}

TEST(Gguf, ReadsKeysTensorsAndData) {
  const std::string whole = one_tensor();
  const scan::GgufFile file = scan::read_gguf(bytes_of(whole));
  EXPECT_TRUE(file.problems.empty());
  EXPECT_TRUE(file.stopped.empty());
  ASSERT_EQ(file.tensors.size(), 1U);
  EXPECT_EQ(file.tensors[0].size, 128U);
  EXPECT_EQ(file.end, whole.size());
  EXPECT_TRUE(test::rules_of(test::scan(whole)).empty());
}

TEST(Gguf, EveryCutIsSaid) {
  const std::string whole = one_tensor();
  for (std::size_t length = 8; length < whole.size(); ++length) {
    const Report report = test::scan(std::string_view(whole).substr(0, length));
    EXPECT_TRUE(!report.gaps.empty() || !report.findings.empty()) << length;
  }
}

TEST(Gguf, GraphHasTheOutermostDimensionFirst) {
  const std::string whole = one_tensor();
  const test::StoppedClock clock;
  const scan::Engine engine(scan::builtin_inspectors(), Limits{}, {}, clock);
  const auto graph = engine.graph({.path = "x", .origin = {}, .bytes = bytes_of(whole), .keeps = nullptr});
  ASSERT_TRUE(graph);
  ASSERT_EQ(graph->tensors.size(), 1U);
  EXPECT_THAT(graph->tensors[0].shape, testing::ElementsAre(8U, 4U));
  EXPECT_EQ(graph->tensors[0].content.size(), 128U);
}

TEST(Gguf, NestedArraysEndAtADepth) {
  std::string out = "GGUF";
  put<std::uint32_t>(out, 3);
  put<std::uint64_t>(out, 0);
  put<std::uint64_t>(out, 1);
  put_string(out, "a");
  put<std::uint32_t>(out, 9);
  for (int i = 0; i < 100'000; ++i) {
    put<std::uint32_t>(out, 9);
    put<std::uint64_t>(out, 1);
  }
  const scan::GgufFile file = scan::read_gguf(bytes_of(out));
  ASSERT_EQ(file.stopped.size(), 1U);
  ASSERT_EQ(file.problems.size(), 1U);
  EXPECT_EQ(file.problems[0].defect, scan::GgufDefect::Type);
}

TEST(Gguf, TextThatBeginsWithTheWordIsNotClaimed) {
  const Report report = test::scan("GGUF is a file format for models");
  EXPECT_THAT(report.inspected.front().formats, testing::Not(testing::Contains("gguf")));
}

}  // namespace
}  // namespace bulwark
