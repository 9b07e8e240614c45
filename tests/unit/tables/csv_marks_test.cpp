#include "tables/csv_marks.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace bulwark::tables::csv {
namespace {

struct Found {
  std::vector<std::uint32_t> cells;
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> lines;
  Within within = Within::Start;

  friend bool operator==(const Found&, const Found&) = default;
};

// Python's csv, byte by byte.
Found by_automaton(std::string_view text) {
  Found found;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto at = static_cast<std::uint32_t>(i);
    const char c = text[i];
    const bool before_feed = c == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    const bool line = c == '\n' || (c == '\r' && !before_feed);
    if (found.within == Within::Quoted) {
      if (line) found.lines.push_back(at);
      if (c == '"') found.within = Within::Behind;
    } else if (line || c == ',') {
      found.cells.push_back(at);
      if (line) found.rows.push_back(at);
      found.within = Within::Start;
    } else if (c == '"' && found.within != Within::Plain) {
      found.within = Within::Quoted;
    } else if (!(found.within == Within::Behind && before_feed)) {
      found.within = Within::Plain;
    }
  }
  return found;
}

Found by_marker(std::string_view text, Lanes lanes, std::size_t piece) {
  Found found;
  Marker marker(',', lanes);
  Marks marks;
  std::string buffer;
  for (std::size_t at = 0; at < text.size() || at == 0;) {
    const std::size_t size = std::min(piece, text.size() - at);
    buffer.assign(text.substr(at, size));
    buffer.resize(size + kPadding);
    const std::size_t done = marker.mark(buffer.data(), size, at + size == text.size(), marks);
    const auto add = [&](const std::uint32_t* from, std::size_t count, std::vector<std::uint32_t>& to) {
      for (std::size_t i = 0; i < count; ++i) to.push_back(from[i] + static_cast<std::uint32_t>(at));
    };
    add(marks.cell_ends.get(), marks.cell_count, found.cells);
    add(marks.row_ends.get(), marks.row_count, found.rows);
    add(marks.inner_lines.data(), marks.inner_lines.size(), found.lines);
    at += done;
    if (done == 0) break;
  }
  found.within = marker.within();
  return found;
}

TEST(CsvMarks, EveryWayToReadIsTheAutomaton) {
  std::mt19937_64 random(11);
  const std::vector<std::string> alphabets = {"a,\n",          "a,\n\"",
                                              "a\",\r\n",      "aaaaaaaaaaaaaaa,\"\n",
                                              "\"\"\",\r\n\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","};
  for (int round = 0; round < 3000; ++round) {
    const std::string& alphabet = alphabets[static_cast<std::size_t>(round) % alphabets.size()];
    std::string text;
    const std::size_t size = random() % 300;
    for (std::size_t i = 0; i < size; ++i) text += alphabet[random() % alphabet.size()];
    const Found expected = by_automaton(text);
    for (const Lanes lanes : {Lanes::Portable, Lanes::Sse2, best_lanes()}) {
      ASSERT_EQ(by_marker(text, lanes, 1000), expected) << text;
      ASSERT_EQ(by_marker(text, lanes, 64 + random() % 80), expected) << text;
    }
  }
}

TEST(CsvMarks, WellFormedQuotesNeedNoAutomaton) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "plain,\"with, comma\",\"doubled \"\"quote\"\"\",\"\"\r\n";
  EXPECT_EQ(by_marker(text, best_lanes(), 10'000), by_automaton(text));
}

TEST(CsvMarks, TellsWhatItSaw) {
  const auto seen = [](std::string text) {
    const std::size_t size = text.size();
    text.resize(size + kPadding);
    Marks marks;
    (void)Marker(',').mark(text.data(), size, true, marks);
    return marks;
  };
  EXPECT_FALSE(seen("abc,def\n").zeros);  // the padding does not count
  EXPECT_TRUE(seen(std::string("a\0", 2)).zeros);
  EXPECT_TRUE(seen("\xc3\xa9").high);
  EXPECT_TRUE(seen("a\r\n").returns);
  EXPECT_EQ(seen("x,\"1\"2\n").stray, 5U);
  EXPECT_FALSE(seen("x,\"1\"\"2\"\n").stray);
}

}  // namespace
}  // namespace bulwark::tables::csv
