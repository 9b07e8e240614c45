#include "base/date.h"

#include <gtest/gtest.h>

namespace bulwark {
namespace {

TEST(Date, IsReadAndWrittenInOneFormOnly) {
  const auto date = date_from("2027-01-31");
  ASSERT_TRUE(date);
  EXPECT_EQ(date_text(*date), "2027-01-31");
  for (const std::string_view wrong :
       {"", "2027-1-31", "2027-02-30", "27-01-31", "2027/01/31", "2027-01-31 ", "+027-01-31", "2027-13-01"})
    EXPECT_FALSE(date_from(wrong)) << wrong;
}

}  // namespace
}  // namespace bulwark
