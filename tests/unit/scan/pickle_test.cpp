// The symbolic unpickler: what it sees, what it evaluates, what it costs. Samples for the rules are recipes
// in tests/fixtures/pickle.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "scan/formats/pickle/machine.h"
#include "scan/formats/pickle/probe.h"
#include "support/support.h"

namespace bulwark::pickle {
namespace {

using std::string_literals::operator""s;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

Analysis analysed(const std::string& content, bool trace = false) {
  return analyse(bytes_of(content), {.trace = trace, .everything = true});
}

std::vector<std::string> texts(const Analysis& analysis, EventKind kind) {
  std::vector<std::string> found;
  for (const Event& event : analysis.events)
    if (event.kind == kind) found.push_back(event.text);
  return found;
}

std::string text(const std::string& content) {
  return "\x8C" + std::string(1, static_cast<char>(content.size())) + content;
}
std::string global(const std::string& module, const std::string& name) {
  return text(module) + text(name) + "\x93";
}
std::string call(const std::string& callee, const std::string& argument) {
  return callee + argument + "\x85R";
}

TEST(PickleMachine, ExplainsACallAsPython) {
  const auto calls = texts(analysed("cos\nsystem\n(S'touch x'\ntR."), EventKind::Call);
  EXPECT_THAT(calls, testing::ElementsAre("os.system(\"touch x\")"));
}

TEST(PickleMachine, ReadsIntegersWithBaseZero) {
  for (const std::string number : {"I0x1f\n", "I037\n", "L0x1fL\n", "I0b11\n", "I1_0\n"}) {
    const Analysis analysis = analysed(number + "0cos\nsystem\n(S'x'\ntR.");
    EXPECT_EQ(texts(analysis, EventKind::Call).size(), 1U) << number;
    EXPECT_EQ(texts(analysis, EventKind::Lexical).size(), 1U) << number;
  }
}

TEST(PickleMachine, ReadsTheOldBooleans) {
  EXPECT_THAT(analysed("I01\n.", true).trace, HasSubstr("return True"));
  EXPECT_THAT(analysed("I00\n.", true).trace, HasSubstr("return False"));
  EXPECT_THAT(analysed("I1\n.", true).trace, HasSubstr("return 1"));
}

TEST(PickleMachine, MapsPython2NamesBelowProtocol3Only) {
  EXPECT_EQ(analysed("\x80\x02"
                     "c__builtin__\neval\n."s)
                .references.at(0)
                .subject(),
            "builtins.eval");
  EXPECT_EQ(analysed("\x80\x03"
                     "c__builtin__\neval\n."s)
                .references.at(0)
                .module,
            "__builtin__");
}

TEST(PickleMachine, ResetsTheMemoForEveryPickle) {
  const Analysis analysis = analysed("\x80\x02}q\x00.\x80\x02h\x00."s);
  ASSERT_EQ(analysis.streams.size(), 2U);
  EXPECT_EQ(analysis.streams[1].ending, Ending::Malformed);
}

TEST(PickleMachine, MemoizeUsesTheNumberOfEntries) {
  // PUT 7 makes one entry; MEMOIZE therefore writes index 1.
  const Analysis analysis =
      analysed("\x80\x04Nq\x07" + text("os") + "\x94" + text("system") + "\x94h\x01h\x02\x93.");
  EXPECT_EQ(analysis.references.at(0).subject(), "os.system");
}

TEST(PickleMachine, EvaluatesWhatNamesAreAssembledWith) {
  const std::string slice = global("builtins", "slice") + "NNJ\xFF\xFF\xFF\xFF\x87R";
  const std::pair<std::string, std::string> cases[] = {
      {call(global("builtins", "str.lower"), text("SYSTEM")), "system"},
      {global("builtins", "str.join") + text("") + "]" + "(" + text("sys") + text("tem") + "e\x86R",
       "system"},
      {global("_codecs", "decode") + text("flfgrz") + text("rot13") + "\x86R", "system"},
      {global("operator", "getitem") + text("metsys") + slice + "\x86R", "system"},
      {global("operator", "add") + text("sys") + text("tem") + "\x86R", "system"},
      {global("builtins", "str.replace") + "(" + text("sXstem") + text("X") + text("y") + "tR", "system"},
      {global("builtins", "str.format") + text("{}tem") + text("sys") + "\x86R", "system"},
      {call(global("builtins", "bytes.decode"), call(global("base64", "b64decode"), text("c3lzdGVt"))),
       "system"},
      {call(global("builtins", "bytes.decode"),
            call(global("builtins", "bytes.fromhex"), text("73797374656d"))),
       "system"},
  };
  for (const auto& [program, name] : cases) {
    const Analysis analysis = analysed("\x80\x04" + text("os") + program + "\x93" + text("x") + "\x85R.");
    EXPECT_THAT(texts(analysis, EventKind::Call), Contains("os." + name + "(\"x\")")) << program;
    EXPECT_EQ(texts(analysis, EventKind::Computed).size(), 1U) << program;
  }
}

TEST(PickleMachine, FollowsGadgetsToWhatTheyReach) {
  const std::string import_os = call(global("builtins", "__import__"), text("os"));
  const std::string getattr = global("builtins", "getattr");
  const std::string programs[] = {
      call(getattr + import_os + text("system") + "\x86R", text("x")),
      call(call(call(global("operator", "attrgetter"), text("system")), import_os), text("x")),
      call(global("functools", "partial") + global("os", "system") + "\x85R", text("x")),
      call(global("sys", "modules.get") + text("os") + "\x85R" + "0" + global("os", "system"), text("x")),
      call(global("random", "_os.system"), text("x")),
      global("builtins", "map") + global("os", "system") + "](" + text("x") + "e\x86R",
  };
  for (const std::string& program : programs)
    EXPECT_THAT(texts(analysed("\x80\x04" + program + "."), EventKind::Call), Contains("os.system(\"x\")"))
        << program;
}

TEST(PickleMachine, HandsNestedBytesToTheirLoader) {
  // Nested bytes are slices of the content, so the content has to live on.
  const std::string content =
      "\x80\x03"
      "cpickle\nloads\nC\x04N...\x85R.";
  const Analysis analysis = analysed(content);
  ASSERT_EQ(analysis.nested.size(), 1U);
  EXPECT_EQ(analysis.nested[0].as, "pickle");
  EXPECT_EQ(text_of(analysis.nested[0].slice), "N...");
}

TEST(PickleMachine, TellsWhetherRestrictedLoadingWorks) {
  EXPECT_EQ(analysed("\x80\x02}q\x00."s).streams.at(0).refused, "");
  EXPECT_THAT(analysed("\x80\x02"
                       "cos\nsystem\n."s)
                  .streams.at(0)
                  .refused,
              HasSubstr("GLOBAL os.system at 2"));
  EXPECT_THAT(analysed("\x80\x04}\x94."s).streams.at(0).refused, HasSubstr("MEMOIZE"));
}

TEST(PickleMachine, KeepsWhatRanBeforeADefect) {
  const Analysis analysis = analysed("cos\nsystem\n(S'x'\ntR\xFF");
  EXPECT_EQ(texts(analysis, EventKind::Call).size(), 1U);
  EXPECT_EQ(analysis.streams.at(0).ending, Ending::Malformed);
}

TEST(PickleMachine, ManyMarksAndDeepNestingAreNoRecursion) {
  std::string deep = "\x80\x04" + std::string(300'000, '(') + std::string(300'000, 't');
  EXPECT_EQ(analysed(deep + ".").streams.at(0).ending, Ending::Stopped);
}

TEST(PickleMachine, CostsTimeInProportionToTheInput) {
  std::string bulk = "\x80\x04]\x94("s;
  for (int i = 0; i < 500'000; ++i) bulk += "K\x01K\x02\x86\x94"s;
  bulk += "e.";
  const auto start = std::chrono::steady_clock::now();
  const Analysis analysis = analyse(bytes_of(bulk));
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(analysis.streams.at(0).ending, Ending::Stopped);
  EXPECT_TRUE(analysis.events.empty());
  EXPECT_LT(took, std::chrono::seconds(5));  // 2 million opcodes; a tenth of a second even unoptimised
}

TEST(PickleProbe, TellsTextAndNumbersFromPickles) {
  for (const std::string& content :
       {"{\"a\": [1, 2, 3]}"s, "id,name\n1,a\n"s, "# Model card\n\nNice.\n"s, "(this is text)\n"s,
        "]not a pickle"s, "I am text\nand more"s, "cmod\n\xF8\n"s, std::string(4096, '\0'),
        "PK\x03\x04"
        "etc\n"s})
    EXPECT_FALSE(probe(bytes_of(content), 0).certain()) << content;
  for (const std::string& content :
       {"cos\nsystem\n(S'x'\ntR."s, "(dp0\nS'a'\np1\nI1\ns."s, "(lp0\nI1\na."s, "\x80\x04N."s})
    EXPECT_TRUE(probe(bytes_of(content), 0).likely()) << content;
}

TEST(PickleProbe, FindsPicklesBehindJunk) {
  const std::string junk(1000, 'x');
  EXPECT_EQ(find_pickle(bytes_of(junk + "\n\x80\x02"
                                        "cos\nsystem\nU\x01x\x85R."s),
                        0, 10'000),
            1001U);
  EXPECT_EQ(find_pickle(bytes_of(junk + "cos\nsystem\n(S'x'\ntR."), 0, 10'000), 1000U);
  EXPECT_EQ(find_pickle(bytes_of(junk + "(S'x'\nios\nsystem\n."), 0, 10'000), 1000U);
  EXPECT_FALSE(find_pickle(bytes_of(junk), 0, 10'000));
}

}  // namespace
}  // namespace bulwark::pickle
