#include "scan/formats/config.h"

#include <gtest/gtest.h>

#include <map>

namespace bulwark::scan {
namespace {

TEST(Config, JsonIsToldFromOtherTextsByItsFirstKey) {
  EXPECT_TRUE(looks_like_json(bytes_of("\xEF\xBB\xBF { \"a\" : 1}")));
  EXPECT_TRUE(looks_like_json(bytes_of("[{\"a\": 1}]")));
  EXPECT_FALSE(looks_like_json(bytes_of("{{ messages }}")));
  EXPECT_FALSE(looks_like_json(bytes_of("[section]\nkey = 1")));
  EXPECT_FALSE(looks_like_json(bytes_of("{'descr': 1}")));
}

TEST(Config, YamlIsToldFromProseByItsLines) {
  EXPECT_TRUE(looks_like_yaml(bytes_of("# comment\n---\nmodel:\n  size: 1\n")));
  EXPECT_TRUE(looks_like_yaml(bytes_of("- name: one\n- name: two\n")));
  EXPECT_FALSE(looks_like_yaml(bytes_of("import os\nos.system('id')\n")));
  EXPECT_FALSE(looks_like_yaml(bytes_of(std::string_view("a: \x01\x02", 5))));
  EXPECT_FALSE(
      is_mostly_yaml("Note: this is a letter\nwith a colon in its first line\nand prose\nin all others\n"));
  EXPECT_FALSE(
      is_mostly_yaml("namespace a {\n  case Kind: return x;\n  default: break;\n  int y = 0;\n  f(y);\n}\n"));
}

TEST(Config, JsonOfPythonKeepsItsOffsets) {
  const std::string_view text = "{\"limit\": Infinity, \"text\": \"NaN\", \"nan\": NaN, \"last\": 7}";
  const auto config = parse_json_config(text, Limits{});
  ASSERT_TRUE(config) << config.error().message;
  const Document& root = config->documents.front();
  EXPECT_EQ(root.text("text"), "NaN");
  ASSERT_NE(root.find("last"), nullptr);
  EXPECT_EQ(root.find("last")->offset, text.find('7'));
}

TEST(Config, JsonLinesAreAllRead) {
  const auto config = parse_json_config("{\"a\": 1}\n{\"a\": 2}\n", Limits{});
  ASSERT_TRUE(config);
  ASSERT_EQ(config->documents.size(), 2u);
  EXPECT_EQ(config->documents[1].find("a")->offset, 15u);
}

TEST(Config, FrontMatterOfMarkdownIsYaml) {
  const auto config =
      parse_yaml_config("---\nlicense: mit\n---\n# Title {{ and\n[text](link): more\n", Limits{});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->documents.front().text("license"), "mit");
}

TEST(Config, EveryValueIsVisitedWithItsPath) {
  const auto config = parse_json_config(R"({"a": {"b": [1, {"c": "x"}]}})", Limits{});
  ASSERT_TRUE(config);
  std::map<std::string, std::string> seen;
  for_each_value(config->documents.front(),
                 [&](const ConfigValue& at) { seen[std::string(at.path)] = at.key; });
  EXPECT_EQ(seen.at("a.b[1].c"), "c");
  EXPECT_EQ(seen.at("a.b[0]"), "b");
}

}  // namespace
}  // namespace bulwark::scan
