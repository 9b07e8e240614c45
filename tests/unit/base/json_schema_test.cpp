#include "base/json_schema.h"

#include <gtest/gtest.h>

#include "base/text_format.h"

namespace bulwark {
namespace {

// The problems as "place message", or the error.
std::vector<std::string> problems(std::string_view schema, std::string_view value,
                                  const SchemaLimits& limits = {}) {
  const auto parsed_schema = parse_json(schema, Limits{});
  const auto parsed_value = parse_json(value, Limits{});
  EXPECT_TRUE(parsed_schema && parsed_value);
  const auto compiled = JsonSchema::compile(parsed_schema->root);
  if (!compiled) return {"error " + compiled.error().message};
  const auto found = compiled->validate(parsed_value->root, limits);
  if (!found) return {"error " + found.error().message};
  std::vector<std::string> lines;
  for (const SchemaProblem& problem : *found) lines.push_back(problem.place + " " + problem.message);
  return lines;
}

bool valid(std::string_view schema, std::string_view value) {
  return problems(schema, value).empty();
}

TEST(JsonSchema, JudgesEveryKeywordOfItsDrafts) {
  struct Case {
    std::string_view schema, good, bad;
  };
  constexpr Case kCases[] = {
      {R"({"type":"integer"})", "1.0", "1.5"},
      {R"({"type":["string","null"]})", "null", "1"},
      {R"({"enum":[1,{"a":[2]}]})", R"({"a":[2.0]})", R"({"a":[3]})"},
      {R"({"const":{"a":1,"b":2}})", R"({"b":2,"a":1})", R"({"a":1})"},
      {R"({"allOf":[{"minimum":1},{"maximum":3}]})", "2", "4"},
      {R"({"anyOf":[{"type":"string"},{"minimum":3}]})", "3", "2"},
      {R"({"oneOf":[{"minimum":3},{"maximum":5}]})", "6", "4"},
      {R"({"not":{"type":"string"}})", "1", R"("x")"},
      {R"({"if":{"minimum":5},"then":{"multipleOf":5},"else":{"maximum":2}})", "10", "3"},
      {R"({"exclusiveMinimum":1})", "2", "1"},
      {R"({"minimum":1,"exclusiveMinimum":true})", "2", "1"},
      {R"({"maximum":1,"exclusiveMaximum":true})", "0", "1"},
      {R"({"required":["a"]})", R"({"a":1})", "{}"},
      {R"({"properties":{"a":{"type":"null"}}})", R"({"a":null,"b":1})", R"({"a":1})"},
      {R"({"patternProperties":{"^x_":{"type":"null"}},"additionalProperties":false})", R"({"x_1":null})",
       R"({"y":null})"},
      {R"({"additionalProperties":{"type":"null"}})", R"({"a":null})", R"({"a":1})"},
      {R"({"propertyNames":{"maxLength":2}})", R"({"ab":1})", R"({"abc":1})"},
      {R"({"dependencies":{"a":["b"],"c":{"required":["d"]}}})", R"({"a":1,"b":2})", R"({"c":1})"},
      {R"({"dependentRequired":{"a":["b"]}})", R"({"b":1})", R"({"a":1})"},
      {R"({"minProperties":1,"maxProperties":1})", R"({"a":1})", R"({"a":1,"b":1})"},
      {R"({"items":{"type":"integer"}})", "[1,2]", R"([1,"a"])"},
      {R"({"items":[{"type":"integer"}],"additionalItems":false})", "[1]", "[1,2]"},
      {R"({"prefixItems":[{"type":"integer"}],"items":{"type":"string"}})", R"([1,"a"])", "[1,2]"},
      {R"({"contains":{"const":1},"maxContains":1})", "[1,2]", "[1,1]"},
      {R"({"contains":{"const":1}})", "[0,1]", "[0]"},
      {R"({"minItems":1,"maxItems":2})", "[1]", "[]"},
      {R"({"uniqueItems":true})", R"([{"a":1},{"a":2}])", R"([{"a":1,"b":2},{"b":2,"a":1.0}])"},
      {R"({"minLength":2,"maxLength":2})", R"("äö")", R"("ä")"},
      {R"({"pattern":"^(\\p{L}|_)+$"})", R"("é_")", R"("1")"},
      {R"({"pattern":"b+"})", R"("abc")", R"("ac")"},
      {R"({"pattern":"^\\u0041$"})", R"("A")", R"("B")"},
      {R"({"format":"date-time"})", R"("2026-11-20T15:00:00Z")", R"("2026-02-30T15:00:00Z")"},
      {R"({"format":"something"})", R"("any")", R"(!)"},
      {R"({"properties":{"a":false}})", R"({"b":1})", R"({"a":1})"},
  };
  for (const Case& each : kCases) {
    EXPECT_TRUE(valid(each.schema, each.good)) << each.schema << " " << each.good;
    if (each.bad != "!") {
      EXPECT_FALSE(valid(each.schema, each.bad)) << each.schema << " " << each.bad;
    }
  }
}

TEST(JsonSchema, FollowsReferencesByPointerAnchorAndDocument) {
  const auto root =
      parse_json(R"({"$id":"http://x.example/a.json","properties":{"p":{"$ref":"#/definitions/a~1b%20c"},)"
                 R"("n":{"$ref":"#name"},"o":{"$ref":"b.json#/definitions/s"},"self":{"$ref":"#"}},)"
                 R"("definitions":{"a/b c":{"type":"string"},"x":{"$id":"#name","type":"integer"}}})",
                 Limits{});
  const auto other =
      parse_json(R"({"$id":"http://x.example/b.json","definitions":{"s":{"enum":["one"]}}})", Limits{});
  ASSERT_TRUE(root && other);
  const auto schema = JsonSchema::compile(root->root, std::span(&other->root, 1));
  ASSERT_TRUE(schema) << schema.error().message;
  const auto judge = [&](std::string_view text) {
    const auto value = parse_json(text, Limits{});
    return schema->validate(value->root)->size();
  };
  EXPECT_EQ(judge(R"({"p":"a","n":1,"o":"one","self":{"n":2}})"), 0U);
  EXPECT_EQ(judge(R"({"p":1})"), 1U);
  EXPECT_EQ(judge(R"({"n":"1"})"), 1U);
  EXPECT_EQ(judge(R"({"o":"two"})"), 1U);
  EXPECT_EQ(judge(R"({"self":{"self":{"n":"x"}}})"), 1U);
}

TEST(JsonSchema, KeywordsBesideAReferenceCountOnlyInLaterDrafts) {
  constexpr std::string_view kRest = R"("definitions":{"a":{"type":"integer"}},"properties":{"x":)"
                                     R"({"$ref":"#/definitions/a","maximum":3}}})";
  const std::string old = R"({"$schema":"http://json-schema.org/draft-07/schema#",)" + std::string(kRest);
  const std::string recent =
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema",)" + std::string(kRest);
  EXPECT_TRUE(valid(old, R"({"x":4})"));
  EXPECT_FALSE(valid(recent, R"({"x":4})"));
}

TEST(JsonSchema, SaysWhereAndWhatWasMeant) {
  EXPECT_EQ(
      problems(R"({"properties":{"a/b":{"items":{"enum":["alpha","beta"]}}}})", R"({"a/b":["beta","alpa"]})"),
      (std::vector<std::string>{"/a~1b/1 'alpa' is none of 'alpha', 'beta'; did you mean 'alpha'?"}));
  EXPECT_EQ(problems(R"({"properties":{"name":{}},"additionalProperties":false})", R"({"nane":1})"),
            (std::vector<std::string>{" no 'nane' may stand here; did you mean 'name'?"}));
  // Of two alternatives the one that fails further inside is explained.
  EXPECT_EQ(
      problems(R"({"oneOf":[{"required":["z"]},{"properties":{"a":{"type":"string"}}}]})", R"({"a":1})"),
      (std::vector<std::string>{"/a must be of type string, is integer"}));
}

TEST(JsonSchema, RefusesWhatItCannotJudge) {
  EXPECT_TRUE(problems(R"({"unevaluatedProperties":false})", "1").front().starts_with("error"));
  EXPECT_TRUE(problems(R"j({"pattern":"(?=x)"})j", "1").front().starts_with("error"));
  EXPECT_TRUE(problems(R"({"$ref":"elsewhere.json"})", "1").front().starts_with("error"));
  EXPECT_TRUE(problems(R"({"$ref":"#/definitions/none"})", "1").front().starts_with("error"));
}

TEST(JsonSchema, CirclesAndExplosionsEnd) {
  EXPECT_TRUE(problems(R"({"$ref":"#"})", "1").front().contains("steps"));
  // Every level tries the next one twice.
  std::string value = "1";
  for (int i = 0; i < 60; ++i) value = "[" + value + "]";
  SchemaLimits limits;
  limits.steps = 100'000;
  EXPECT_TRUE(problems(R"({"anyOf":[{"type":"array","items":{"$ref":"#"}},)"
                       R"({"type":"array","items":{"$ref":"#"}}]})",
                       value, limits)
                  .front()
                  .contains("steps"));
}

TEST(TextFormat, FollowsTheRfcs) {
  struct Case {
    std::string_view format, good, bad;
  };
  constexpr Case kCases[] = {
      {"date-time", "2020-04-13T20:20:39+00:00", "2020-04-13 20:20:39"},
      {"date-time", "1990-12-31T23:59:60Z", "1990-12-31T22:59:60Z"},
      {"date-time", "1990-12-31T15:59:60-08:00", "1990-12-31T24:00:00Z"},
      {"date-time", "2024-02-29T00:00:00.5z", "2023-02-29T00:00:00.Z"},
      {"date", "2000-02-29", "1900-02-29"},
      {"email", "a.b+c@example.org", "a..b@example.org"},
      {"email", "\"a b\"@example.org", "example.org"},
      {"idn-email", "ä@exämple.org", "@example.org"},
      {"hostname", "a-1.example", "-a.example"},
      {"ipv4", "127.0.0.1", "127.0.0.256"},
      {"ipv6", "::ffff:1.2.3.4", "1:2:3:4:5:6:7"},
      {"ipv6", "1::8", "1::2::3"},
      {"uri", "https://user@[::1]:80/a?b#c", "/relative"},
      {"uri", "urn:uuid:1", "https://example.org/a b"},
      {"uri", "pkg:pypi/a@1.0?x=y", "https://example.org/ä"},
      {"uri-reference", "../a#b", "a%zz"},
      {"iri", "https://exämple.org/ö", "https://exämple.org/<"},
      {"iri-reference", "model.sig", "1:2"},
      {"iri-reference", "", "\\\\host"},
      {"uuid", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "f81d4fae7dec11d0a76500a0c91e6bf6"},
      {"json-pointer", "/a~1b", "a"},
      {"time", "12:00:00Z", "12:00:00"},
  };
  for (const Case& each : kCases) {
    EXPECT_EQ(fits_format(each.format, each.good), true) << each.format << " " << each.good;
    EXPECT_EQ(fits_format(each.format, each.bad), false) << each.format << " " << each.bad;
  }
  EXPECT_EQ(fits_format("colour", "red"), std::nullopt);
}

}  // namespace
}  // namespace bulwark
