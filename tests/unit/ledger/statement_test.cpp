#include "ledger/statement.h"

#include <gtest/gtest.h>

#include "ledger/tiles.h"

namespace bulwark::ledger {
namespace {

using namespace std::chrono_literals;

Statement example() {
  return {.kind = "decision",
          .subject = "model fraud@7",
          .artifact = "sha256:" + std::string(64, 'a'),
          .evidence = {"sha256:" + std::string(64, 'c'), "sha256:" + std::string(64, 'b')},
          .atlas = {"AML.T0018", "AML.T0010.003"},
          .outcome = "refuse",
          .note = {},
          .time = Instant(1'763'650'000'123ms),
          .tool = "bulwark 0.1.0"};
}

TEST(Statement, HasOneSpelling) {
  const auto entry = to_entry(example());
  ASSERT_TRUE(entry) << entry.error().message;
  EXPECT_TRUE(entry->starts_with(R"({"artifact":"sha256:aaaa)")) << *entry;
  const auto parsed = parse_statement(*entry);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->evidence.front().back(), 'b');  // put in order
  EXPECT_EQ(to_entry(*parsed).value(), *entry);
}

TEST(Statement, AnyOtherSpellingIsRefused) {
  const std::string entry = to_entry(example()).value();
  EXPECT_FALSE(parse_statement(" " + entry));
  EXPECT_FALSE(parse_statement(entry + "\n"));
  std::string escaped = entry;
  escaped.replace(escaped.find("refuse"), 1, "\\u0072");
  EXPECT_FALSE(parse_statement(escaped));
  EXPECT_TRUE(parse_draft(escaped));
}

TEST(Statement, WrongMembersAreRefused) {
  for (
      const char* text :
      {"", "[]", "{}", R"({"kind":"a","schema":"bulwark.statement/1","subject":"s","tool":"t"})",
       R"({"kind":"a","kind":"a","schema":"bulwark.statement/1","subject":"s","time":"2026-11-20T00:00:00Z","tool":"t"})",
       R"({"kind":"A","schema":"bulwark.statement/1","subject":"s","time":"2026-11-20T00:00:00Z","tool":"t"})",
       R"({"kind":"a","schema":"bulwark.statement/2","subject":"s","time":"2026-11-20T00:00:00Z","tool":"t"})",
       R"({"kind":"a","schema":"bulwark.statement/1","subject":"s","time":"2026-11-20","tool":"t"})",
       R"({"kind":"a","more":"x","schema":"bulwark.statement/1","subject":"s","time":"2026-11-20T00:00:00Z","tool":"t"})",
       R"({"artifact":"md5:1","kind":"a","schema":"bulwark.statement/1","subject":"s","time":"2026-11-20T00:00:00Z","tool":"t"})",
       R"({"atlas":["T0018"],"kind":"a","schema":"bulwark.statement/1","subject":"s","time":"2026-11-20T00:00:00Z","tool":"t"})",
       R"({"kind":1,"schema":"bulwark.statement/1","subject":"s","time":"2026-11-20T00:00:00Z","tool":"t"})"})
    EXPECT_FALSE(parse_statement(text)) << text;
  EXPECT_TRUE(parse_statement(
      R"({"kind":"a","schema":"bulwark.statement/1","subject":"s","time":"2026-11-20T00:00:00Z","tool":"t"})"));
}

TEST(Statement, DraftsMayLeaveOutWhatTheWriterKnows) {
  const auto draft = parse_draft(R"({ "subject": "key release", "kind": "key" })");
  ASSERT_TRUE(draft) << draft.error().message;
  EXPECT_EQ(draft->subject, "key release");
  EXPECT_FALSE(parse_draft(R"({"kind":"key"})"));
}

TEST(Statement, LimitsAreSaid) {
  Statement statement = example();
  statement.note.assign(5'000, 'x');
  EXPECT_EQ(to_entry(statement).error().code, Code::LimitReached);
  statement.note.clear();
  for (int i = 0; i < 300; ++i)
    statement.evidence.push_back("sha256:" + std::string(61, '0') + std::to_string(100 + i));
  EXPECT_EQ(to_entry(statement).error().code, Code::LimitReached);
  EXPECT_EQ(parse_statement(std::string(kMaxEntryBytes + 1, ' ')).error().code, Code::LimitReached);
}

}  // namespace
}  // namespace bulwark::ledger
