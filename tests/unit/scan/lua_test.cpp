#include "scan/formats/lua.h"

#include <gtest/gtest.h>

namespace bulwark::scan {
namespace {

std::vector<std::string> names(std::string_view source, LuaText kind = LuaText::Prose) {
  std::vector<std::string> names;
  for (const LuaUse& use : read_lua_source(source, kind).uses) names.push_back(use.name);
  return names;
}

using Names = std::vector<std::string>;

TEST(LuaSource, CallsAreFoundInEverySpelling) {
  EXPECT_EQ(names("os.execute('id')"), Names{"os.execute"});
  EXPECT_EQ(names("x = os [ 'execute' ] \"id\""), Names{"os.execute"});
  EXPECT_EQ(names("_G['os']['execute']('id')"), Names{"os.execute"});
  EXPECT_EQ(names("return loadstring(s)()"), Names{"loadstring"});
  EXPECT_EQ(names("os--[[ hidden ]].execute [[id]]"), Names{"os.execute"});
  EXPECT_EQ(names("if f then io.popen'ls' end"), Names{"io.popen"});
}

TEST(LuaSource, CommentsStringsAndProseAreNoCalls) {
  EXPECT_EQ(names("-- os.execute('id')\nlocal x = 1"), Names{});
  EXPECT_EQ(names("x = \"os.execute('id')\""), Names{});
  EXPECT_EQ(names("--[==[ os.execute('id') ]==] y = 2"), Names{});
  EXPECT_EQ(names("please use os.execute('id') here"), Names{});
  EXPECT_EQ(names("my.os.execute('id')"), Names{});
  EXPECT_EQ(names("chaos.execute('id')"), Names{});
}

TEST(LuaSource, OnlyProgramsAreJudgedForBareReferences) {
  EXPECT_EQ(names("local run = os.execute"), Names{});
  EXPECT_EQ(names("local run = os.execute", LuaText::Program), Names{"os.execute"});
}

TEST(LuaSource, UnclosedStringsAndBracketsEnd) {
  for (const std::string_view text : {"x='", "x=[[", "--[[", "\\", "'\\", "[=", "os.", "os['execute'"}) {
    EXPECT_EQ(names(text), Names{}) << text;
  }
}

TEST(LuaBytecode, OtherVersionsAreUnsupportedAndTruncationIsAnError) {
  const auto other = read_lua_bytecode(bytes_of("\x1bLua\x54"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::Unsupported);
  const auto cut = read_lua_bytecode(bytes_of("\x1bLua"));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Code::InvalidInput);
}

}  // namespace
}  // namespace bulwark::scan
