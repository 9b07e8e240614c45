// Recognition runs on every artifact, so it may look at a few pages only: a gigabyte of weights must not be
// read to learn that it is no text.

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>

#include "scan/engine.h"

namespace bulwark::scan {
namespace {

constexpr std::size_t kSize = std::size_t{256} << 20;
constexpr std::size_t kEdge = std::size_t{1} << 20;

// Large content of which only the edges can be read; whoever touches the middle dies.
class Chasm {
 public:
  Chasm() : start_(mmap(nullptr, kSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    open(0);
    open(kSize - kEdge);
  }
  Chasm(const Chasm&) = delete;
  Chasm& operator=(const Chasm&) = delete;
  ~Chasm() { munmap(start_, kSize); }

  // Repeats `pattern` over both edges.
  void fill(std::string_view pattern) {
    for (const std::size_t at : {std::size_t{0}, kSize - kEdge})
      for (std::size_t i = 0; i < kEdge; ++i)
        bytes()[at + i] = static_cast<std::uint8_t>(pattern[i % pattern.size()]);
  }
  [[nodiscard]] Bytes content() { return {bytes(), kSize}; }

 private:
  [[nodiscard]] std::uint8_t* bytes() { return static_cast<std::uint8_t*>(start_); }
  void open(std::size_t at) { EXPECT_EQ(mprotect(bytes() + at, kEdge, PROT_READ | PROT_WRITE), 0); }

  void* start_;
};

class EveryRecogniser : public testing::TestWithParam<const Inspector*> {};

TEST_P(EveryRecogniser, LooksAtAFewPagesOnly) {
  using namespace std::string_view_literals;
  testing::GTEST_FLAG(death_test_style) = "fast";
  if (GetParam()->recognises == nullptr) GTEST_SKIP() << "looks at packages only";
  // HDF5 may start at any power of two. Protocol Buffers formats step over top-level fields, and regular text
  // can be nothing but short fields; weights cannot.
  constexpr std::string_view kFieldByField[] = {"cntk", "coreml", "hdf5", "onnx", "paddle", "tensorflow"};
  const bool steps = std::ranges::find(kFieldByField, GetParam()->name) != std::end(kFieldByField);
  if (GetParam()->name == "hdf5") GTEST_SKIP() << "looks at one page for every power of two";
  Chasm chasm;
  for (const std::string_view pattern :
       {"\0"sv, "\xFF"sv, " "sv, "\n"sv, "A"sv, "\x80"sv, "{\"a\":"sv, "[[["sv, "<a>"sv, "key: value\n"sv,
        "{{ x }} "sv, "import os\n"sv, "\x0a\x05"sv, "\x3d\x8f\x12\xbd\x9c\x01\x7f\x3c"sv}) {
    const bool text = pattern.front() >= '\n' && pattern.front() <= '~';
    if (steps && text) continue;
    chasm.fill(pattern);
    EXPECT_EXIT(
        {
          (void)GetParam()->recognises(chasm.content());
          std::_Exit(0);
        },
        testing::ExitedWithCode(0), "")
        << "content of repeated " << testing::PrintToString(std::string(pattern));
  }
}

INSTANTIATE_TEST_SUITE_P(Builtin, EveryRecogniser,
                         testing::ValuesIn(builtin_inspectors().begin(), builtin_inspectors().end()),
                         [](const testing::TestParamInfo<const Inspector*>& row) {
                           std::string name(row.param->name);
                           std::ranges::replace_if(
                               name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; },
                               '_');
                           return "Of_" + name;
                         });

}  // namespace
}  // namespace bulwark::scan
