#include "base/find.h"

#include <gtest/gtest.h>

#include <string>

namespace bulwark {
namespace {

TEST(Find, AgreesWithTheStandardLibraryAtEveryPlace) {
  std::string text;
  for (int i = 0; i < 70; ++i) text += "abcab"[i % 5];
  for (std::size_t begin = 0; begin < text.size(); ++begin)
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{33}}) {
      const std::string word = text.substr(begin, size);
      for (std::size_t from = 0; from <= text.size() + 1; ++from)
        ASSERT_EQ(find_text(text, word, from), text.find(word, from)) << begin << ' ' << size << ' ' << from;
    }
}

TEST(Find, WordsAtBothEndsAndAbsentOnes) {
  const std::string text = "services:" + std::string(40, 's') + "runs";
  EXPECT_EQ(find_text(text, "services:"), 0U);
  EXPECT_EQ(find_text(text, "runs"), text.size() - 4);
  EXPECT_EQ(find_text(text, "runs:"), std::string_view::npos);
  EXPECT_FALSE(holds_text("", "word"));
  EXPECT_TRUE(holds_text("word", "word"));
}

}  // namespace
}  // namespace bulwark
