#include "scan/formats/shell_words.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace bulwark::scan {
namespace {

// "curl|-k|url; sh": words joined by '|', commands by "; ".
std::string flat(std::string_view script) {
  std::string all;
  for (const SimpleCommand& command : parse_shell(script).commands) {
    if (!all.empty()) all += "; ";
    std::string one;
    for (const ShellWord& word : command.assignments) one += "[" + word.text + "]";
    for (const ShellWord& word : command.words)
      one += (one.empty() || one.back() == ']' ? "" : "|") + word.text;
    all += one;
  }
  return all;
}

TEST(ShellWords, CommandsEndAtOperatorsAndNewlines) {
  EXPECT_EQ(flat("a b; c && d || e & f\ng | h"), "a|b; c; d; e; f; g; h");
  EXPECT_EQ(flat("a ;b;c&&d"), "a; b; c; d");
}

TEST(ShellWords, QuotesAndEscapesAreRemoved) {
  EXPECT_EQ(flat(R"(a 'b c' "d \"e\" $F" g\ h)"), "a|b c|d \"e\" $F|g h");
  EXPECT_EQ(flat("echo '' \"\""), "echo||");
}

TEST(ShellWords, OffsetsAreThoseOfTheScript) {
  const auto script = parse_shell("a && curl \\\n  --insecure 'x y'");
  ASSERT_EQ(script.commands.size(), 2U);
  const auto& words = script.commands[1].words;
  ASSERT_EQ(words.size(), 3U);
  EXPECT_EQ(words[0].offset, 5U);
  EXPECT_EQ(words[1].offset, 14U);
  EXPECT_EQ(words[2].text, "x y");
  EXPECT_EQ(words[2].offset, 25U);
  EXPECT_EQ(words[2].length, 5U);
  EXPECT_TRUE(words[2].quoted);
}

TEST(ShellWords, AssignmentsStandInFrontOnly) {
  EXPECT_EQ(flat("A=1 B=\"x y\" run C=3"), "[A=1][B=x y]run|C=3");
  EXPECT_EQ(flat("A=(x y) run"), "[A=(x y)]run");
  EXPECT_EQ(flat("'A=1' run"), "A=1|run");
}

TEST(ShellWords, CommentsAreNoWords) {
  EXPECT_EQ(flat("a # b ; c\nd e#f"), "a; d|e#f");
}

TEST(ShellWords, ReservedWordsAreNoPrograms) {
  EXPECT_EQ(flat("if a; then b; else c; fi"), "a; b; c");
  EXPECT_EQ(flat("while a; do b; done"), "a; b");
  EXPECT_EQ(flat("case $x in\n a) b ;;\n *) c ;; esac"), "case|$x|in; b; c");
  EXPECT_EQ(flat("f() { a; }"), "a");
  EXPECT_EQ(flat("( a; b ) | c"), "a; b; c");
}

TEST(ShellWords, PipesAreKnown) {
  const auto script = parse_shell("curl -fsSL u | tee f | sh -s -- -y; ls");
  ASSERT_EQ(script.commands.size(), 4U);
  EXPECT_TRUE(script.commands[0].piped_into_next);
  EXPECT_TRUE(script.commands[1].piped_into_next);
  EXPECT_FALSE(script.commands[2].piped_into_next);
  EXPECT_EQ(script.commands[0].pipeline, script.commands[2].pipeline);
  EXPECT_NE(script.commands[0].pipeline, script.commands[3].pipeline);
}

TEST(ShellWords, SubstitutionsAreWordsAndTheirCommandsAreRead) {
  EXPECT_EQ(flat("sh -c \"$(curl -k u)\""), "sh|-c|$(curl -k u); curl|-k|u");
  EXPECT_EQ(flat("a `b c` d"), "a|`b c`|d; b|c");
  EXPECT_EQ(flat("bash <(curl u)"), "bash|<(curl u); curl|u");
  EXPECT_EQ(flat("a $(b $(c ')'))"), "a|$(b $(c ')')); b|$(c ')'); c|)");
  EXPECT_EQ(flat("a ${B:-$(c)} $((1+2))"), "a|${B:-$(c)}|$((1+2))");
}

TEST(ShellWords, RedirectionsAreNoArguments) {
  const auto script = parse_shell("a > f 2>&1 b <<< c >> $GITHUB_ENV");
  ASSERT_EQ(script.commands.size(), 1U);
  EXPECT_EQ(script.commands[0].words.size(), 2U);
  ASSERT_EQ(script.commands[0].redirections.size(), 4U);
  EXPECT_EQ(script.commands[0].redirections[3].sign, ">>");
  EXPECT_EQ(script.commands[0].redirections[3].target.text, "$GITHUB_ENV");
  EXPECT_TRUE(script.commands[0].redirections[3].target.expands);
}

TEST(ShellWords, HeredocsAreSkippedAndKept) {
  const std::string text = "cat <<EOF > f\ncurl | sh\nEOF\nnext <<-'X'\n\ty\n\tX\nlast";
  EXPECT_EQ(flat(text), "cat; next; last");
  const auto script = parse_shell(text);
  const Redirection& heredoc = script.commands[0].redirections[0];
  EXPECT_EQ(text.substr(heredoc.body_offset, heredoc.body_length), "curl | sh\n");
}

TEST(ShellWords, BrokenScriptsEnd) {
  for (const std::string_view text :
       {"'", "\"", "$(", "${", "`", "\\", "<<", "a <<E", "((((", "))))", "|&;", "$((", "<(", "a=("})
    (void)parse_shell(text);
}

TEST(ShellWords, NestingIsBoundedAndLinear) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "$(a ";
  std::string wide;
  for (int i = 0; i < 100'000; ++i) wide += "a '$(' \"`\" <<E ";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(parse_shell(deep).cut);
  EXPECT_TRUE(parse_shell(wide).cut);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(ShellWords, ProgramsAreNamedWithoutTheirFolder) {
  EXPECT_EQ(program_of("/usr/bin/python3.11"), "python3.11");
  EXPECT_EQ(program_of("C:\\x\\jupyter.exe"), "jupyter");
  EXPECT_EQ(assigned_name("A_1=x"), "A_1");
  EXPECT_EQ(assigned_name("--a=x"), "");
  EXPECT_EQ(assigned_name("1A=x"), "");
}

}  // namespace
}  // namespace bulwark::scan
