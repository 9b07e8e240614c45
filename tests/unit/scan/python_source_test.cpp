#include "scan/formats/python_source.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bulwark::scan {
namespace {

std::vector<std::string> callees(std::string_view text) {
  const auto source = read_python(text, Limits{});
  std::vector<std::string> names;
  if (source)
    for (const PythonCall& call : source->calls) names.push_back(call.callee);
  return names;
}

using Names = std::vector<std::string>;

TEST(PythonSource, ImportsGiveNamesTheirMeaning) {
  EXPECT_EQ(callees("import os\nos.system('id')\n"), (Names{"os.system"}));
  EXPECT_EQ(callees("import subprocess as sp\nsp.run(['id'])\n"), (Names{"subprocess.run"}));
  EXPECT_EQ(callees("from os import (path,\n  system as s)\ns('id')\n"), (Names{"os.system"}));
  EXPECT_EQ(callees("import a.b.c\na.b.c.d()\n"), (Names{"a.b.c.d"}));
}

TEST(PythonSource, AliasesAndComputedImportsAreFollowed) {
  EXPECT_EQ(callees("import os\nrun = os.system\nrun('id')\n"), (Names{"os.system"}));
  EXPECT_EQ(callees("__import__('os').system('id')\n"), (Names{"builtins.__import__", "os.system"}));
  EXPECT_EQ(callees("import os\ngetattr(os, 'system')('id')\n"), (Names{"builtins.getattr", "os.system"}));
  EXPECT_EQ(callees("m = __import__('os')\nm.popen('id')\n"), (Names{"builtins.__import__", "os.popen"}));
}

TEST(PythonSource, CommentsStringsAndDefinitionsCallNothing) {
  EXPECT_EQ(callees("# os.system('id')\nx = \"os.system('id')\"\n'''eval('x')'''\n"), Names{});
  EXPECT_EQ(callees("def eval(x):\n    return x\nclass exec(object):\n    pass\n"), Names{});
}

TEST(PythonSource, MethodNamedLikeABuiltinIsNone) {
  EXPECT_EQ(callees("model.eval()\n"), (Names{"?.model.eval"}));
}

TEST(PythonSource, CodeInFunctionsRunsLater) {
  const auto source = read_python(
      "import os\ndef f():\n    os.system('a')\n\n    os.system('b')\nos.system('c')\n", Limits{});
  ASSERT_TRUE(source);
  ASSERT_EQ(source->calls.size(), 3u);
  EXPECT_FALSE(source->calls[0].at_import);
  EXPECT_FALSE(source->calls[1].at_import);
  EXPECT_TRUE(source->calls[2].at_import);
  EXPECT_EQ(source->calls[2].line, 6u);
  EXPECT_EQ(source->calls[2].argument, "c");
}

TEST(PythonSource, StringThatDoesNotEndIsSaid) {
  const auto source = read_python("import os\nos.system('id')\nx = '''", Limits{});
  ASSERT_TRUE(source);
  EXPECT_FALSE(source->complete);
  EXPECT_EQ(source->calls.size(), 1u);
}

TEST(PythonSource, ManyOpenBracketsCostNoSquare) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "f(";
  EXPECT_TRUE(read_python(text, Limits{}));
}

}  // namespace
}  // namespace bulwark::scan
