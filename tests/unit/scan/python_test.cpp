#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "scan/formats/python/program.h"

namespace bulwark::python {
namespace {

using Names = std::vector<std::string>;

// Every call, known or not.
Program read(std::string_view text) {
  return parse(text, {.also = [](std::string_view) { return true; }});
}
Names callees(std::string_view text) {
  Names names;
  for (const Call& call : read(text).calls) names.push_back(call.dotted);
  return names;
}

TEST(Python, ImportsGiveNamesTheirMeaning) {
  EXPECT_EQ(callees("import os\nos.system('id')\n"), (Names{"os.system"}));
  EXPECT_EQ(callees("import subprocess as sp\nsp.run(['id'])\n"), (Names{"subprocess.run"}));
  EXPECT_EQ(callees("from os import (path,\n  system as s)\ns('id')\n"), (Names{"os.system"}));
  EXPECT_EQ(callees("import a.b.c\na.b.c.d()\n"), (Names{"a.b.c.d"}));
}

TEST(Python, AliasesAndComputedImportsAreFollowed) {
  EXPECT_EQ(callees("import os\nrun = os.system\nrun('id')\n"), (Names{"os.system"}));
  EXPECT_EQ(callees("__import__('os').system('id')\n"), (Names{"os.system"}));
  EXPECT_EQ(callees("import os\ngetattr(os, 'system')('id')\n"), (Names{"os.system"}));
  EXPECT_EQ(callees("m = __import__('os')\nm.popen('id')\n"), (Names{"os.popen"}));
}

TEST(Python, CommentsStringsAndDefinitionsCallNothing) {
  EXPECT_EQ(callees("# os.system('id')\nx = \"os.system('id')\"\n'''eval('x')'''\n"), Names{});
  EXPECT_EQ(callees("def eval(x):\n    return x\nclass exec(object):\n    pass\n"), Names{});
}

TEST(Python, MethodNamedLikeABuiltinIsNone) {
  const Program program = parse("model.eval()\n");
  EXPECT_TRUE(program.calls.empty());
  EXPECT_EQ(callees("model.eval()\n"), (Names{"model.eval"}));
}

TEST(Python, NamesThatNothingIsKnownAboutAreKeptOnlyIfAskedFor) {
  const std::string_view script = "def f(x: Tensor) -> Tensor:\n  return ops.mylib.go(torch.add(x, 1))\n";
  EXPECT_TRUE(parse(script).calls.empty());
  const Program program =
      parse(script, {.also = [](std::string_view name) { return name.starts_with("ops."); }});
  ASSERT_EQ(program.calls.size(), 1U);
  EXPECT_EQ(program.calls[0].dotted, "ops.mylib.go");
  EXPECT_EQ(program.unreadable, 0U);
}

TEST(Python, CodeInFunctionsRunsLater) {
  const Program program =
      parse("import os\ndef f():\n    os.system('a')\n\n    os.system('b')\nos.system('c')\n");
  ASSERT_EQ(program.calls.size(), 3U);
  EXPECT_FALSE(program.calls[0].import_time);
  EXPECT_FALSE(program.calls[1].import_time);
  EXPECT_TRUE(program.calls[2].import_time);
  EXPECT_EQ(program.calls[2].line, 6U);
  EXPECT_EQ(program.calls[2].text, "c");
}

TEST(Python, CallsStandWhereTheirExpressionBegins) {
  const Program program = parse("import os\nx = 1 + os.system(\n  'id')\n");
  ASSERT_EQ(program.calls.size(), 1U);
  EXPECT_EQ(program.calls[0].offset, 18U);
  EXPECT_EQ(program.calls[0].line, 2U);
  EXPECT_EQ(program.calls[0].column, 9U);
}

TEST(Python, StringThatDoesNotEndIsSaid) {
  const Program program = parse("import os\nos.system('id')\nx = '''");
  EXPECT_TRUE(program.unclosed);
  EXPECT_EQ(program.calls.size(), 1U);
}

TEST(Python, ManyOpenBracketsCostNoSquare) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "f(";
  EXPECT_FALSE(parse(text).complete);
}

}  // namespace
}  // namespace bulwark::python
