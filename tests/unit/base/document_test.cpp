#include "base/document.h"

#include <gtest/gtest.h>

namespace bulwark {
namespace {

const Limits kLimits;

TEST(Json, EveryValueKnowsWhereItStands) {
  const std::string text = R"( {"a" : [1, "x\"y", {"b":null}] , "c": -2.5e1} )";
  const auto parsed = parse_json(text, kLimits);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  const Document& list = *parsed->root.find("a");
  EXPECT_EQ(parsed->root.offset, 1u);
  EXPECT_EQ(text[list.offset], '[');
  EXPECT_EQ(list.list[1].string, "x\"y");
  EXPECT_EQ(text.substr(list.list[1].offset, 6), R"("x\"y")");
  EXPECT_EQ(text[list.list[2].offset], '{');
  EXPECT_EQ(text.substr(list.list[2].find("b")->offset, 4), "null");
  EXPECT_EQ(parsed->root.find("c")->number, -25.0);
  EXPECT_EQ(text.substr(parsed->root.find("c")->offset, 6), "-2.5e1");
  EXPECT_EQ(parsed->consumed, text.size());
}

TEST(Json, DuplicateKeysAreKeptAndListedEvenWhenEscaped) {
  const auto parsed = parse_json(R"({"a":1,"\u0061":2})", kLimits);
  ASSERT_TRUE(parsed.has_value());
  ASSERT_EQ(parsed->duplicates.size(), 1u);
  EXPECT_EQ(parsed->duplicates[0].key, "a");
  EXPECT_EQ(parsed->root.map.size(), 2u);
  EXPECT_EQ(parsed->root.find("a")->integer, 2);
}

TEST(Json, DoublesAreCorrectlyRounded) {
  const auto parsed = parse_json("[0.1, 2.2250738585072011e-308, 9007199254740993.0]", kLimits);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->root.list[0].number, 0.1);
  EXPECT_EQ(parsed->root.list[1].number, 2.2250738585072011e-308);
  EXPECT_EQ(parsed->root.list[2].number, 9007199254740993.0);
}

TEST(Json, TrailingBytesAreRefusedUnlessAskedFor) {
  EXPECT_FALSE(parse_json("{} x", kLimits).has_value());
  const auto parsed = parse_json("{} x", kLimits, TrailingBytes::Allow);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->consumed, 3u);
}

TEST(Json, DepthSizeAndNodeLimitsAreReachedNotCrossed) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(parse_json(deep, kLimits).error().code, Code::LimitReached);
  Limits small;
  small.document_nodes = 3;
  EXPECT_EQ(parse_json("[1,2,3,4]", small).error().code, Code::LimitReached);
  EXPECT_TRUE(parse_json("[1,2]", small).has_value());
  small.document_bytes = 4;
  EXPECT_EQ(parse_json("[1,2]", small).error().code, Code::LimitReached);
}

TEST(Json, CutAtEveryLengthIsAnErrorWithAPlace) {
  const std::string text = R"({"a":[1,2.5,true,null,"\u00e9"],"b":{"c":"d"}})";
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto parsed = parse_json(text.substr(0, length), kLimits);
    ASSERT_FALSE(parsed.has_value()) << length;
    EXPECT_LE(parsed.error().offset, length);
  }
}

TEST(Yaml, TagsAnchorsAndPositionsAreKept) {
  const auto parsed = parse_yaml(
      "a: &x [1, two]\nb: *x\nc: !!python/object/apply:os.system ['id']\n---\nd: 'true'\n", kLimits);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  ASSERT_EQ(parsed->size(), 2u);
  const Document& first = (*parsed)[0];
  EXPECT_EQ(first.find("b")->list[1].string, "two");
  EXPECT_EQ(first.find("c")->tag, "tag:yaml.org,2002:python/object/apply:os.system");
  EXPECT_EQ(first.find("c")->line, 3u);
  EXPECT_TRUE((*parsed)[1].find("d")->is_string());
}

TEST(Yaml, AliasBombRunsOutOfNodesInsteadOfMemory) {
  std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) text += (k == 0 ? "" : ",") + before;
    text += "]\n";
  }
  Limits limits;
  limits.document_nodes = 100'000;
  EXPECT_EQ(parse_yaml(text, limits).error().code, Code::LimitReached);
}

// Found by fuzzing: 224 bytes that took 600 MB and four seconds.
TEST(Yaml, AParserThatStandsStillIsStopped) {
  for (const std::string_view text :
       {"a: b\n%c\n: d\n", "a:\n  b:\n%:    c\n", "name: mod%l\n:\n%l\n!!y(t\n"}) {
    Limits limits;
    limits.document_nodes = 1000;
    const auto parsed = parse_yaml(text, limits);
    EXPECT_TRUE(parsed || parsed.error().code == Code::InvalidInput) << text;
  }
}

TEST(Yaml, BrokenTextNamesLineAndColumn) {
  const auto parsed = parse_yaml("a: [1, 2\nb: {", kLimits);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_NE(parsed.error().message.find("line"), std::string::npos);
}

}  // namespace
}  // namespace bulwark
