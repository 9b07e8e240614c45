#include "base/instant.h"

#include <gtest/gtest.h>

namespace bulwark {
namespace {

using namespace std::chrono_literals;

TEST(Instant, IsReadWithOffsetAndFractionAndWrittenInUtc) {
  const Instant expected = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + 15h + 4min + 5s;
  EXPECT_EQ(instant_from("2026-11-20T15:04:05Z"), expected);
  EXPECT_EQ(instant_from("2026-11-20t17:04:05+02:00"), expected);
  EXPECT_EQ(instant_from("2026-11-20T07:34:05-07:30"), expected);
  EXPECT_EQ(instant_from("2026-11-20T15:04:05.9999999Z"), expected + 999ms);
  EXPECT_EQ(instant_from("2026-11-20T15:04:05.5Z"), expected + 500ms);
  EXPECT_EQ(instant_text(expected), "2026-11-20T15:04:05Z");
  EXPECT_EQ(instant_text(expected + 7ms), "2026-11-20T15:04:05.007Z");
  EXPECT_EQ(instant_text(*instant_from("0001-01-01T00:00:00Z")), "0001-01-01T00:00:00Z");
  EXPECT_EQ(instant_text(Instant(-1ms)), "1969-12-31T23:59:59.999Z");
}

TEST(Instant, WhatIsNoMomentIsRefused) {
  for (const std::string_view wrong :
       {"", "2026-11-20", "2026-11-20T15:04:05", "2026-11-20 15:04:05Z", "2026-02-30T15:04:05Z",
        "2026-11-20T24:00:00Z", "2026-11-20T15:60:05Z", "2026-12-31T23:59:60Z", "2026-11-20T15:04:05.Z",
        "2026-11-20T15:04:05Zx", "2026-11-20T15:04:05+0200", "2026-11-20T15:04:05+24:00",
        "2026-11-20T1a:04:05Z", "2026-11-20T15:04:05.5", "-026-11-20T15:04:05Z"})
    EXPECT_FALSE(instant_from(wrong)) << wrong;
}

}  // namespace
}  // namespace bulwark
