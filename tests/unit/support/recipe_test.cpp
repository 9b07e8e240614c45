#include "support/recipe.h"

#include <gtest/gtest.h>

#include <string>

#include "base/byte_reader.h"
#include "base/text.h"

namespace bulwark::test {
namespace {

// The bytes of a body, as hex.
std::string built(std::string_view body) {
  const auto recipe = parse_recipe("title: t\n---\n" + std::string(body));
  EXPECT_TRUE(recipe) << recipe.error().message;
  return recipe ? hex(recipe->bytes) : std::string();
}

std::string error_of(std::string_view body) {
  const auto recipe = parse_recipe("title: t\n---\n" + std::string(body));
  return recipe ? "no error" : recipe.error().message;
}

TEST(Recipe, NumbersAreWrittenInTheirWidthAndOrder) {
  EXPECT_EQ(built("u8 1 0xff\nu16 258\nbe16 258\nu32 -1\nvarint 300"), "01ff02010102ffffffffac02");
  EXPECT_EQ(built("f32 1.5\nf64 -2"), "0000c03f00000000000000c0");
  EXPECT_EQ(built("be64 1\nu64 0x8000000000000000"), "00000000000000010000000000000080");
}

TEST(Recipe, TextsAreUnescapedOnlyInQuotes) {
  EXPECT_EQ(built(R"(text "a\n\x00b\u00e9")"), "610a0062c3a9");
  EXPECT_EQ(built("json {\"a\": \"\\n\"}"), hex(bytes_of("{\"a\": \"\\n\"}")));
  EXPECT_EQ(built("line x y"), hex(bytes_of("x y\n")));
  EXPECT_EQ(built("hex 80 04\n# comment\nbase64 AAEC"), "8004000102");
}

TEST(Recipe, BlocksAreCountedRepeatedAndPadded) {
  EXPECT_EQ(built("len32\n text \"ab\"\nend"), "020000006162");
  EXPECT_EQ(built("belen16\n len8\n  hex ff\n end\nend"), "000201ff");
  EXPECT_EQ(built("repeat 3\nu8 7\nend\npad 5\nalign 4"), "0707070000000000");
  EXPECT_EQ(built("field 1 varint 150\nfield 2 bytes\ntext \"hi\"\nend\nfield 3 f32 1"),
            "0896011202686"
            "91d0000803f");
}

TEST(Recipe, PickleOpcodesAreThoseOfPickletools) {
  EXPECT_EQ(built("PROTO 4\nGLOBAL \"os system\"\nSHORT_BINUNICODE \"id\"\nTUPLE1\nREDUCE\nSTOP"),
            hex(bytes_of("\x80\x04"
                         "cos\nsystem\n\x8c\x02id\x85R.")));
  EXPECT_EQ(built("LONG1 0\nLONG1 255\nLONG1 -1\nLONG1 -129\nLONG1 128"),
            "8a008a02ff008a01ff8a027fff8a028000");
  EXPECT_EQ(built("INT \"0x1f\"\nSTRING \"a\"\nPUT 0\nBINFLOAT 1.5"),
            hex(bytes_of("I0x1f\nS'a'\np0\nG")) + "3ff8000000000000");
  EXPECT_EQ(built("frame\nNONE\nSTOP\nend"), "9502000000000000004e2e");
}

TEST(Recipe, ZipMembersMayLieInEveryField) {
  const std::string honest = built("zip\nmember \"a\"\ntext \"hello\"\nend\nend");
  EXPECT_TRUE(honest.starts_with("504b0304"));
  EXPECT_NE(honest.find("504b0102"), std::string::npos);
  const std::string lying =
      built("zip\nmember \"a\" local_name=\"b\" crc=0 flags=1\ntext \"hello\"\nend\nend");
  EXPECT_NE(honest, lying);
  EXPECT_EQ(built("zip\nend"), "504b0506" + std::string(36, '0'));
}

TEST(Recipe, TarHeadersCarryTheirChecksum) {
  const auto recipe = parse_recipe("title: t\n---\ntar\nmember \"a\" type=2 link=\"/etc\"\nend\nend");
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->bytes.size(), 512U + 1024U);
  EXPECT_EQ(text_of(recipe->bytes).substr(257, 5), "ustar");
}

TEST(Recipe, EveryCompressorAnswers) {
  for (const char* codec : {"zlib", "deflate", "gzip", "bzip2", "xz", "lzma", "zstd", "lz4"})
    EXPECT_FALSE(built(std::string(codec) + "\ntext \"hello\"\nend").empty()) << codec;
}

TEST(Recipe, DamageIsDoneLast) {
  EXPECT_EQ(built("cut 3\ncorrupt 1 ff\nu32 0\nu8 1"), "00ff00");
}

TEST(Recipe, MistakesNameTheirLine) {
  EXPECT_EQ(error_of("u8 1\nfoo"), "line 4: foo: unknown instruction");
  EXPECT_EQ(error_of("len8\nu8 1"), "line 3: block without end");
  EXPECT_EQ(error_of("zip\nmember \"a\" what=1\nend\nend"), "line 4: member: unknown key what");
  EXPECT_EQ(error_of("hex 8"), "line 3: hex: odd number of hex digits in 8");
}

TEST(Recipe, HeadSaysWhatToExpect) {
  const auto recipe = parse_recipe(
      "title: runs a command\nexpect BW-PKL-001 at 0x10 severity critical\nexpect BW-JINJA-001 at line 3\n"
      "expect gap truncated\nallow BW-POLY-001\n---\n");
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->title, "runs a command");
  ASSERT_EQ(recipe->findings.size(), 2U);
  EXPECT_EQ(recipe->findings[0].offset, 16U);
  EXPECT_EQ(recipe->findings[0].severity, Severity::Critical);
  EXPECT_EQ(recipe->findings[1].line, 3U);
  EXPECT_EQ(recipe->gaps, std::vector<std::string>{"truncated"});
  EXPECT_EQ(recipe->allowed, std::vector<std::string>{"BW-POLY-001"});
}

}  // namespace
}  // namespace bulwark::test
