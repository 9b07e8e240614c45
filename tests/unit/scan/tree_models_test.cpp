// XGBoost, LightGBM, MessagePack and UBJSON: what the recipes of tests/fixtures do not show.

#include <gtest/gtest.h>

#include "scan/formats/lightgbm.h"
#include "scan/formats/msgpack.h"
#include "scan/formats/ubjson.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

using namespace std::string_literals;

TEST(Ubjson, ReadsEveryType) {
  const auto parsed = scan::read_ubjson(bytes_of("{i\x01"
                                                 "aZi\x01"
                                                 "bTi\x01"
                                                 "ci\xFFi\x01"
                                                 "dU\xFFi\x01"
                                                 "eI\x01\x00i\x01"
                                                 "f[Si\x02hi]i\x01g[$U#i\x02\x05\x06}"s),
                                        {});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->root.find("b")->boolean, true);
  EXPECT_EQ(parsed->root.find("c")->integer, -1);
  EXPECT_EQ(parsed->root.find("d")->integer, 255);
  EXPECT_EQ(parsed->root.find("e")->integer, 256);
  EXPECT_EQ(parsed->root.find("f")->list.at(0).string, "hi");
  EXPECT_EQ(parsed->root.find("g")->list.at(1).integer, 6);
}

TEST(Ubjson, CountsThatLieAllocateNothing) {
  for (const std::string& text :
       {"[#L\x7F\0\0\0\0\0\0\0"s, "[$d#L\x10\0\0\0\0\0\0\0"s, "[$Z#L\x10\0\0\0\0\0\0\0"s,
        "{#L\x10\0\0\0\0\0\0\0"s, "[#i\xFF"s, "SL\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s}) {
    const auto parsed = scan::read_ubjson(bytes_of(text), {});
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, Code::InvalidInput);
  }
}

TEST(Ubjson, NestingEndsAtTheLimit) {
  const auto parsed = scan::read_ubjson(bytes_of(std::string(100'000, '[')), {});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Code::LimitReached);
}

TEST(Msgpack, PathsNameTheKeysFromTheOutsideIn) {
  const Limits limits;
  const StoppedClock clock;
  Budget budget(limits, clock);
  // The items are slices of the content, so the content has to live on.
  const std::string content =
      "\x81\xA6params\x81\xA4"
      "bias\xC4\x02hi"s;
  const scan::Msgpack file = scan::read_msgpack(bytes_of(content), budget);
  ASSERT_FALSE(file.stopped);
  ASSERT_EQ(file.items.size(), 1U);
  EXPECT_EQ(file.items[0].path, "params/bias");
  EXPECT_EQ(text_of(file.items[0].content), "hi");
}

TEST(Msgpack, TextAndTablesAreNotClaimed) {
  for (const std::string_view text : {"params: 1\n", "\x80\x04N.", "a,b\n1,2\n", "\x81\xA1", "\x81", ""})
    EXPECT_FALSE(scan::begins_with_named_map(bytes_of(text)));
}

TEST(Lightgbm, OtherTextsThatBeginWithTreeAreNotClaimed) {
  EXPECT_FALSE(scan::is_lightgbm(bytes_of("tree\n|-- a\n|-- b\n")));
  EXPECT_FALSE(scan::is_lightgbm(bytes_of("trees\nversion=v4\n")));
  EXPECT_TRUE(scan::is_lightgbm(bytes_of("tree\r\nversion=v3\r\nnum_class=1\r\n")));
}

TEST(XgboostInspector, OtherJsonWithALearnerIsLeftAlone) {
  const Report report = scan(R"({"learner": "jane", "course": "xgboost"})");
  EXPECT_TRUE(report.gaps.empty());
  EXPECT_TRUE(report.findings.empty());
}

}  // namespace
}  // namespace bulwark::test
