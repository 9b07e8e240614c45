#include "scan/formats/r_serial.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace bulwark::scan {
namespace {

std::string words(std::initializer_list<std::uint32_t> values) {
  std::string bytes;
  for (const std::uint32_t value : values)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}
std::string characters(std::string_view text) {
  return words({0x40009, static_cast<std::uint32_t>(text.size())}) + std::string(text);
}
std::string symbol(std::string_view name) {
  return words({1}) + characters(name);
}
std::string header() {
  return "X\n" + words({2, 0x40101, 0x20300});
}

Result<RSerial> read(const std::string& bytes, const Limits& limits = {}) {
  return read_r_serial(bytes_of(bytes), limits);
}

TEST(RSerial, NumbersAreRecognisedByLayoutAndVersion) {
  EXPECT_TRUE(is_r_serial(bytes_of(header())));
  EXPECT_TRUE(is_r_serial(bytes_of("A\n2\n262401\n")));
  EXPECT_FALSE(is_r_serial(bytes_of("X\n# a text that goes on\n")));
  EXPECT_FALSE(is_r_serial(bytes_of("RDX2\nX\nworkspace")));
}

TEST(RSerial, CallInsidePromiseIsKnownAsSuch) {
  // A promise with environment and without value: flags 5 | tag.
  const std::string call =
      words({6}) + symbol("system") + words({2, 16, 1}) + characters("id") + words({254});
  const std::string bytes = header() + words({0x405, 253, 252}) + call;
  const auto serial = read(bytes);
  ASSERT_TRUE(serial);
  EXPECT_EQ(serial->stopped, "");
  ASSERT_EQ(serial->calls.size(), 1u);
  EXPECT_EQ(serial->calls[0].function, "system");
  EXPECT_EQ(serial->calls[0].argument, "id");
  EXPECT_EQ(serial->calls[0].context, RContext::Promise);
  ASSERT_EQ(serial->promises.size(), 1u);
  EXPECT_TRUE(serial->promises[0].at_top_level);
  EXPECT_FALSE(serial->promises[0].evaluated);
  EXPECT_EQ(serial->end, bytes.size());
}

TEST(RSerial, LongPairlistIsWalkedWithoutDepth) {
  std::string bytes = header();
  for (int i = 0; i < 100'000; ++i) bytes += words({2, 254});
  const auto serial = read(bytes + words({254}));
  ASSERT_TRUE(serial);
  EXPECT_EQ(serial->stopped, "");
}

TEST(RSerial, DeepListsEndAtALimit) {
  std::string bytes = header();
  for (int i = 0; i < 100'000; ++i) bytes += words({19, 1});
  const auto serial = read(bytes);
  ASSERT_TRUE(serial);
  EXPECT_EQ(serial->stop_code, Code::LimitReached);
}

TEST(RSerial, CountBeyondTheFileIsTruncation) {
  const auto serial = read(header() + words({13, 0xFFFFFFFF, 0x7FFFFFFF, 0xFFFFFFFF}));
  ASSERT_TRUE(serial);
  EXPECT_NE(serial->stopped, "");
}

TEST(RSerial, ReferencesMeetTheSymbolTheyStandFor) {
  // list(quote(f), quote(f())): the second mention of f is a reference.
  const auto serial = read(header() + words({19, 2}) + symbol("f") + words({6, 0x1FF, 254}));
  ASSERT_TRUE(serial);
  EXPECT_EQ(serial->stopped, "");
  ASSERT_EQ(serial->calls.size(), 1u);
  EXPECT_EQ(serial->calls[0].function, "f");
}

}  // namespace
}  // namespace bulwark::scan
