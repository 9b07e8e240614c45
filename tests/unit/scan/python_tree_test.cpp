#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "scan/formats/python/syntax.h"

namespace bulwark::python {
namespace {

std::size_t count(const Tree& tree, Syntax kind) {
  std::size_t found = 0;
  for (const Node& node : tree.nodes) found += node.kind == kind ? 1 : 0;
  return found;
}

void reads(std::string_view source) {
  const Tree tree = parse_tree(source);
  EXPECT_EQ(tree.unreadable, 0U) << source;
  EXPECT_FALSE(tree.unclosed) << source;
}

TEST(PythonTree, ReadsWhatPythonReads) {
  reads("@app.route('/x')\n@other\nasync def f(a, /, b: int = 1, *args, c=2, **kw) -> str:\n    return a\n");
  reads("with (open(a) as f, open(b) as g):\n    pass\nwith (a):\n    pass\nwith a, b as c: pass\n");
  reads(
      "match point:\n    case Point(x=0) | None if x:\n        pass\n    case {'a': b, **rest}:\n        "
      "pass\n");
  reads("match = 1\nmatch.group(1)\ncase = match\nprint(match)\ntype X = int\n");
  reads("x = [a async for a in b if a if not c]\ny = {k: v for k, v in z}\nw = (n := 10, *m)\n");
  reads("f(*a, **b, key=lambda x, y=1, *z: x if y else z)\nx: int = 3\ndel a[0], b\n");
  reads("try:\n    pass\nexcept* (A, B) as e:\n    raise X from e\nelse: pass\nfinally:\n    pass\n");
  reads("def f[T: int, *U](x: T) -> T: ...\nclass A[T](B, metaclass=C): x = 1; y = 2\n");
  reads("print >>out, 'x'\nexec 'code' in ns\nraise E, 'text'\nprint 'a', b\n");
  reads("x = a if b else c if d else e\nreturn\nlambda: (yield)\nz = x[1:2, ::3, ...]\n");
}

TEST(PythonTree, QuotesInsideOfFormattedTextsArePartOfThem) {
  const Tree tree = parse_tree("x = f\"{d[\"key\"]} {f'{y!r:>{width}}'}\"\nimport os\n");
  EXPECT_EQ(tree.unreadable, 0U);
  EXPECT_EQ(count(tree, Syntax::Import), 1U);
  bool key = false;
  for (const Token& token : tree.tokens)
    key = key || (token.text == "\"key\"" && token.column == 10 && token.line == 1);
  EXPECT_TRUE(key) << "tokens inside have their own places";
}

TEST(PythonTree, AnOpenBracketEndsWhereADefinitionBegins) {
  const Tree tree = parse_tree("x = f(1,\n\ndef g():\n    return 1\nimport os\n");
  EXPECT_TRUE(tree.unclosed);
  EXPECT_EQ(count(tree, Syntax::Function), 1U);
  EXPECT_EQ(count(tree, Syntax::Import), 1U);
}

TEST(PythonTree, WhatDoesNotParseIsKeptAndCounted) {
  const Tree tree = parse_tree("a = = 1\nb = f(2)\n? !\nimport os\n");
  EXPECT_EQ(tree.unreadable, 2U);
  EXPECT_EQ(count(tree, Syntax::Unreadable), 2U);
  EXPECT_EQ(count(tree, Syntax::Import), 1U);
}

TEST(PythonTree, DeepNestingIsALimitAndNotACrash) {
  std::string brackets = "x = ";
  for (int i = 0; i < 100'000; ++i) brackets += "[";
  EXPECT_FALSE(parse_tree(brackets).complete);
  std::string blocks;
  for (int i = 0; i < 2'000; ++i) blocks += std::string(static_cast<std::size_t>(i), ' ') + "if x:\n";
  EXPECT_GT(parse_tree(blocks).statements, 1'000U);
  std::string chain = "x = a";
  for (int i = 0; i < 200'000; ++i) chain += ".b(1)";
  EXPECT_TRUE(parse_tree(chain + " + 1\n").complete);
}

}  // namespace
}  // namespace bulwark::python
