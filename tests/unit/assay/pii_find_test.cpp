#include "assay/pii/find.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace bulwark::assay::pii {
namespace {

// "pan@0.70:4111 1111 1111 1111"
std::string shown(std::string_view text, const Context& context = {}) {
  std::string out;
  for (const Span& span : find_personal_data(text, context))
    out += (out.empty() ? "" : " | ") + std::string(span.kind->id) + ":" +
           std::string(text.substr(span.offset, span.length));
  return out;
}

TEST(PersonalData, IsFoundInProse) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"Pay with 4111 1111 1111 1111 today", "pan:4111 1111 1111 1111"},
      {"Pay with 4111-1111-1111-1111, cvv 123", "pan:4111-1111-1111-1111 | card_cvv:123"},
      {"mail jane.doe+x@mail.example.org, please", "email:jane.doe+x@mail.example.org"},
      {"mail j\xC3\xB6rg@b\xC3\xBC"
       "cher.example now",
       "email:j\xC3\xB6rg@b\xC3\xBC"
       "cher.example"},
      {"her SSN is 536-90-4399.", "us_ssn:536-90-4399"},
      {"social security number 536904399", "us_ssn:536904399"},
      {"IBAN gb82 west 1234 5698 7654 32 at the bank", "iban:gb82 west 1234 5698 7654 32"},
      {"NHS number: 943 476 5919", "uk_nhs:943 476 5919"},
      {"host 10.20.30.40 said no", "ipv4:10.20.30.40"},
      {"from 2001:db8::8a2e:370:7334 came", "ipv6:2001:db8::8a2e:370:7334"},
      {"link 00:1A:2B:3C:4D:5E up", "mac:00:1A:2B:3C:4D:5E"},
      {"see https://example.com/a?b=c.", "url:https://example.com/a?b=c"},
      {"see www.example.co.uk/path, it says", "url:www.example.co.uk/path"},
      {"call (415) 555-2671 now", "phone:(415) 555-2671"},
      {"call +44 20 7946 0958 now", "phone:+44 20 7946 0958"},
      {"ruf an: 030 12345678", "phone:030 12345678"},
      {"Tel: 01 42 68 53 00, Fax: 01 42 68 53 01", "phone:01 42 68 53 00 | fax:01 42 68 53 01"},
      {"CPF 529.982.247-25", "br_cpf:529.982.247-25"},
      {"\xE8\xBA\xAB\xE4\xBB\xBD\xE8\xAF\x81\xE5\x8F\xB7"
       "11010519491231002X",
       "cn_resident_id:11010519491231002X"},
      {"Dr. Jane Miller lives there", "person_name:Jane Miller"},
      {"at 12 Old Mill Road since", "postal_address:12 Old Mill Road"},
      {"in der Hauptstra\xC3\x9F"
       "e 12 wohnt",
       "postal_address:Hauptstra\xC3\x9F"
       "e 12"},
      {"born on 1984-02-29 in", "date_of_birth:1984-02-29"},
      {"VIN 1M8GDM9AXKP042788", "vin:1M8GDM9AXKP042788"},
      {"a 42 years old man", "age:42"},
      {"send to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
      {"to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "bitcoin:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
      {"to 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
       "ethereum:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"},
      {"at 48.85837, 2.29448 stands", "coordinates:48.85837, 2.29448"},
      {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
       "mrz:P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"},
      {"%B4111111111111111^DOE/JANE^27121011000?", "card_track:%B4111111111111111^DOE/JANE^27121011000"},
      {";4111111111111111=27121011000?", "card_track:;4111111111111111=27121011000?"},
      {"NINO AB 12 34 56 C here", "uk_nino:AB 12 34 56 C"},
      {"MRN: 00482913", "medical_record:00482913"},
      {"RSSMRA85T10A562S", "it_codice_fiscale:RSSMRA85T10A562S"},
  };
  for (const auto& [text, wanted] : cases) EXPECT_EQ(shown(text), wanted) << text;
}

TEST(PersonalData, IsNotSeenInHardNegatives) {
  for (const std::string text : {
           "order 4111111111111111 shipped",
           "tracking number 943 476 5919",
           "version 1.2.3.4.5 of v1.2.3.4",
           "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
           "at 2024-11-20T18:25:06.123 took 0.123 s",
           "ISBN 978-3-16-148410-0",
           "part number 555-123-4567-B",
           "1700000000 1700000100 1700000200",
           "import os.path; std::string a::b",
           "load model.py and README.md",
           "12:34:56 and 1:2:3",
           "pi is 3.14159265, e is 2.71828, phi 1.61803",
           "4111 1111 1111 1112",
       })
    EXPECT_EQ(shown(text), "") << text;
}

TEST(PersonalData, ColumnNamesCountAsContext) {
  EXPECT_EQ(shown("536904399"), "");
  EXPECT_EQ(shown("536904399", {.name = "customer_ssn", .country = ""}), "us_ssn:536904399");
  EXPECT_EQ(shown("4111111111111111", {.name = "order_id", .country = ""}), "");
}

TEST(PersonalData, ScoresAreNeverCertain) {
  for (const Recogniser* kind : recognisers()) {
    EXPECT_LT(kind->bare, 1) << kind->id;
    EXPECT_LT(kind->written, 1) << kind->id;
    EXPECT_LT(kind->named, 1) << kind->id;
  }
}

TEST(PersonalData, MaskedValuesKeepLittle) {
  EXPECT_EQ(masked(*recogniser("pan"), "4111 1111 1111 1234"), "4111 11** **** 1234");
  EXPECT_EQ(masked(*recogniser("email"), "jane@example.org"), "j***@e***");
  EXPECT_EQ(masked(*recogniser("us_ssn"), "536-90-4399"), "5**-**-***9");
}

TEST(PersonalData, AnyBytesAreRead) {
  std::string text;
  for (int i = 0; i < 4096; ++i) text += static_cast<char>(i * 7919 >> 3);
  for (std::size_t cut = 0; cut < 600; ++cut) static_cast<void>(find_personal_data(text.substr(cut, 700)));
  for (const char c : {'1', 'a', '<', ':', '@', '.', '-', ' ', '+', '(', '\xE4'})
    static_cast<void>(find_personal_data(std::string(100'000, c)));
  SUCCEED();
}

}  // namespace
}  // namespace bulwark::assay::pii
