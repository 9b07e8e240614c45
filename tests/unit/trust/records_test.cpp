#include "trust/records.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/text.h"
#include "support/world.h"

namespace bulwark::trust {
namespace {

using List = std::vector<std::string>;

List records_of(RecordFormat format, std::string_view text, std::size_t piece = 1'000) {
  List records;
  RecordSplitter splitter(format, [&](Bytes record, std::uint64_t line) {
    records.push_back(std::to_string(line) + ":" + std::string(text_of(record)));
  });
  for (std::size_t at = 0; at < text.size(); at += piece)
    EXPECT_TRUE(splitter.feed(bytes_of(text.substr(at, piece))));
  splitter.finish();
  return records;
}

TEST(RecordSplitter, LinesEndWhereTheyEndByteForByte) {
  EXPECT_EQ(records_of(RecordFormat::Lines, "a\r\n\n\"b\nc"), (List{"1:a\r\n", "2:\n", "3:\"b\n", "4:c"}));
  EXPECT_EQ(records_of(RecordFormat::Lines, ""), List{});
  EXPECT_EQ(records_of(RecordFormat::Lines, "\n"), List{"1:\n"});
}

TEST(RecordSplitter, QuotedLineEndsDoNotEndARecord) {
  const std::string_view text =
      "id,text\n1,\"two\nlines\"\n2,\"a \"\"quoted\"\"\n, word\"\r\n3,5\" pipe\n4,x";
  const List expected{"1:id,text\n", "2:1,\"two\nlines\"\n", "4:2,\"a \"\"quoted\"\"\n, word\"\r\n",
                      "6:3,5\" pipe\n", "7:4,x"};
  for (const std::size_t piece : {1UL, 2UL, 3UL, 7UL, 1'000UL})
    EXPECT_EQ(records_of(RecordFormat::Csv, text, piece), expected) << piece;
}

TEST(RecordSplitter, AByteOrderMarkIsNoFieldAndNulIsAByte) {
  EXPECT_EQ(records_of(RecordFormat::Csv, "\xEF\xBB\xBF\"a\nb\",c\nd", 1).size(), 2U);
  EXPECT_EQ(records_of(RecordFormat::Csv, std::string_view("a\0b\nc", 5)).size(), 2U);
}

TEST(RecordSplitter, AQuoteThatIsNeverClosedReachesALimit) {
  RecordSplitter splitter(RecordFormat::Csv, [](Bytes, std::uint64_t) {});
  const std::string piece(std::size_t{1} << 20, '\n');
  Result<void> fed = splitter.feed(bytes_of("\""));
  for (int i = 0; i < 100 && fed; ++i) fed = splitter.feed(bytes_of(piece));
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, Code::LimitReached);
}

// All records together are the file, however it is cut.
TEST(RecordSplitter, NoByteIsLostInAnyTable) {
  test::SeededRandom random(7);
  constexpr std::string_view kLetters = "ab,\"\"\n\r";
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (std::uint64_t i = random.below(60); i > 0; --i) text += kLetters[random.below(kLetters.size())];
    for (const auto format : {RecordFormat::Csv, RecordFormat::Lines}) {
      std::vector<List> ways;
      for (const std::size_t piece : {1UL, 5UL, 100UL}) ways.push_back(records_of(format, text, piece));
      EXPECT_EQ(ways[0], ways[1]) << printable(text);
      EXPECT_EQ(ways[1], ways[2]) << printable(text);
      std::string joined;
      for (const std::string& record : ways[0]) joined += record.substr(record.find(':') + 1);
      EXPECT_EQ(joined, text);
    }
  }
}

std::vector<RecordHash> hashes(const std::vector<int>& values) {
  std::vector<RecordHash> list;
  for (const int value : values) list.push_back(record_hash(Salt{}, bytes_of(std::to_string(value))));
  return list;
}

using Pairs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
Pairs pairs(const std::vector<RecordDifference::Change>& changes) {
  Pairs list;
  for (const auto& change : changes) list.emplace_back(change.before, change.after);
  return list;
}

TEST(RecordDifference, EveryKindOfChangeIsNamed) {
  auto difference = compare_records(hashes({1, 2, 3, 4, 5}), hashes({1, 2, 30, 4, 5}));
  EXPECT_EQ(pairs(difference.changed), (Pairs{{3, 3}}));
  EXPECT_TRUE(difference.added.empty() && difference.removed.empty() && difference.moved.empty());
  difference = compare_records(hashes({1, 2, 3}), hashes({1, 9, 2, 3, 8}));
  EXPECT_EQ(pairs(difference.added), (Pairs{{0, 2}, {0, 5}}));
  difference = compare_records(hashes({1, 2, 3}), hashes({1, 3}));
  EXPECT_EQ(pairs(difference.removed), (Pairs{{2, 0}}));
  difference = compare_records(hashes({1, 2, 3, 4}), hashes({1, 4, 2, 3}));
  EXPECT_EQ(pairs(difference.moved), (Pairs{{4, 2}}));  // one that moved, not three
  EXPECT_TRUE(compare_records(hashes({1, 1, 2}), hashes({1, 1, 2})).empty());
  EXPECT_TRUE(compare_records({}, {}).empty());
  difference = compare_records({}, hashes({1, 1}));
  EXPECT_EQ(pairs(difference.added), (Pairs{{0, 1}, {0, 2}}));
}

TEST(RecordDifference, OfRepeatedRecordsOneTooManyIsAdded) {
  const auto difference = compare_records(hashes({1, 1, 2}), hashes({1, 1, 1, 2}));
  EXPECT_EQ(difference.added.size(), 1U);
  EXPECT_TRUE(difference.moved.empty() && difference.changed.empty());
}

// Whatever is done to a table, the counts add up: what stayed, moved and changed is on both sides.
TEST(RecordDifference, AccountsForEveryRecord) {
  test::SeededRandom random(11);
  for (int round = 0; round < 500; ++round) {
    std::vector<int> before(random.below(12));
    for (int& value : before) value = static_cast<int>(random.below(6));
    std::vector<int> after = before;
    for (std::uint64_t edits = random.below(5); edits > 0; --edits) {
      const std::size_t at = random.below(after.size() + 1);
      if (random.below(2) == 0 || at == after.size()) {
        after.insert(after.begin() + static_cast<std::ptrdiff_t>(at), static_cast<int>(random.below(8)));
      } else {
        after.erase(after.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
    const auto difference = compare_records(hashes(before), hashes(after));
    EXPECT_EQ(difference.empty(), before == after);
    EXPECT_EQ(before.size() - difference.removed.size(), after.size() - difference.added.size());
  }
}

}  // namespace
}  // namespace bulwark::trust
