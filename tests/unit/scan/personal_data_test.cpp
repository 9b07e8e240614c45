#include "scan/knowledge/personal_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace bulwark::scan {
namespace {

std::size_t count(std::string_view text, std::string_view kind) {
  const auto found = find_personal_data(text);
  const auto one = std::ranges::find(found, kind, &PersonalData::kind);
  return one == found.end() ? 0 : one->count;
}

TEST(PersonalData, CardsNeedIssuerCheckDigitAndCompany) {
  constexpr std::string_view kKind = "payment card number";
  const std::string first = "4526018159083012";
  EXPECT_EQ(count("card " + first, kKind), 1U);
  EXPECT_EQ(count("id " + first, kKind), 0U) << "one number in ten passes Luhn's check";
  EXPECT_EQ(count(first + " 5166131860913906 4929996030824626", kKind), 3U);
  std::string wrong = first;
  wrong.back() = wrong.back() == '9' ? '0' : static_cast<char>(wrong.back() + 1);
  EXPECT_EQ(count("card " + wrong, kKind), 0U);
  EXPECT_EQ(count("card 4242 4242 4242 4242", kKind), 0U) << "published for tests";
  EXPECT_EQ(count("card 0." + first, kKind), 0U) << "digits of a fraction";
}

TEST(PersonalData, AccountsNeedCountryLengthAndRemainder) {
  constexpr std::string_view kKind = "bank account number (IBAN)";
  const std::string iban = "DE04370400440731204418";
  EXPECT_EQ(count(iban, kKind), 1U);
  EXPECT_EQ(count("DE04 3704 0044 0731 2044 18", kKind), 1U);
  EXPECT_EQ(count(iban.substr(0, iban.size() - 1), kKind), 0U);
  EXPECT_EQ(count("GB82 WEST 1234 5698 7654 32", kKind), 0U) << "the standard's example";
}

TEST(PersonalData, SocialSecurityNumbersNeedTheirName) {
  constexpr std::string_view kKind = "US social security number";
  EXPECT_EQ(count("ssn: 219-09-4417", kKind), 1U);
  EXPECT_EQ(count("part 219-09-4417", kKind), 0U);
  EXPECT_EQ(count("ssn: 000-09-4417, 219-00-4417, 919-09-4417", kKind), 0U);
}

TEST(PersonalData, AddressesCountInBulkOnly) {
  constexpr std::string_view kKind = "e-mail address";
  EXPECT_EQ(count("a.b@corp.org, c.d@corp.org", kKind), 0U);
  EXPECT_EQ(count("a@corp.org b@corp.org c@corp.org d@corp.org e@corp.org e@corp.org", kKind), 5U);
  EXPECT_EQ(count("a@example.com b@example.com c@example.com d@example.com e@example.com", kKind), 0U);
  EXPECT_EQ(count("@decorator @a.b x@y", kKind), 0U);
}

}  // namespace
}  // namespace bulwark::scan
