#include "assay/anonymise/transform.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "assay/anonymise/check_digits.h"
#include "assay/anonymise/dates.h"
#include "assay/anonymise/format_cipher.h"
#include "assay/anonymise/number_text.h"
#include "support/world.h"

namespace bulwark::assay::anonymise {
namespace {

const std::vector<std::uint8_t> kMaster(32, 7);

// What an operator makes of a cell; "(emptied)" if it does not understand it.
std::string made(const Operator& action, std::string_view cell, std::string_view subject = "s",
                 std::string_view column = "c", Bytes master = kMaster) {
  test::SeededRandom random(3);
  const ColumnPlan plan{.column = std::string(column), .action = action};
  auto transform = make_transform(plan, master, random);
  if (!transform) return transform.error().message;
  std::string out;
  return (*transform)->apply(cell, subject, out) ? out : "(emptied)";
}

std::vector<std::uint16_t> digits_of(std::string_view text) {
  std::vector<std::uint16_t> digits;
  for (const char letter : text)
    if (letter >= '0' && letter <= '9') digits.push_back(static_cast<std::uint16_t>(letter - '0'));
  return digits;
}

std::string shape_of(std::string_view text) {
  std::string shape(text);
  for (char& letter : shape)
    letter = letter >= '0' && letter <= '9'   ? '9'
             : letter >= 'A' && letter <= 'Z' ? 'A'
             : letter >= 'a' && letter <= 'z' ? 'a'
                                              : letter;
  return shape;
}

TEST(AnonymisingCells, RedactMaskTruncateAndTags) {
  EXPECT_EQ(made(Redact{}, "Anna"), "[REDACTED]");
  EXPECT_EQ(made(Suppress{}, "Anna"), "");
  EXPECT_EQ(made(Replace{.tag = "<NAME>"}, "Anna"), "<NAME>");
  EXPECT_EQ(made(Mask{.keep_last = 4}, "4111-1111-1111-1234"), "****-****-****-1234");
  EXPECT_EQ(made(Mask{.keep_first = 1}, "Zoë Müller"), "Z** ******");
  // What is kept must be less than half of it.
  EXPECT_EQ(made(Mask{.keep_first = 2, .keep_last = 2}, "abcdef"), "******");
  EXPECT_EQ(made(Truncate{}, "4111 1111 1111 1234"), "411111*1234");
  EXPECT_EQ(made(Truncate{}, "1234567890"), "*");
}

TEST(AnonymisingCells, HashesAndTokensDependOnKeyColumnAndValue) {
  for (const Operator& action :
       {Operator(Hash{}), Operator(Tokenise{}), Operator(Tokenise{.style = TokenStyle::Shape}),
        Operator(Encrypt{}), Operator(Replace{.surrogate = Surrogate::Email})}) {
    const std::string one = made(action, "anna.smith1970");
    EXPECT_EQ(made(action, "anna.smith1970"), one);
    EXPECT_NE(made(action, "anna.smith1971"), one) << name_of(action);
    EXPECT_NE(made(action, "anna.smith1970", "s", "other column"), one) << name_of(action);
    EXPECT_NE(made(action, "anna.smith1970", "s", "c", std::vector<std::uint8_t>(32, 8)), one);
    EXPECT_TRUE(made(action, "anna", "s", "c", {}).contains("no key"));
  }
  EXPECT_EQ(made(Hash{.length = 20}, "x").size(), 20U);
  EXPECT_EQ(made(Tokenise{}, "x").size(), 30U);
  EXPECT_EQ(shape_of(made(Tokenise{.style = TokenStyle::Shape}, "Ab-12 cd")), "Aa-99 aa");
}

TEST(AnonymisingCells, ColumnsOfOneDomainShareTokens) {
  test::SeededRandom random;
  std::map<std::string, std::string> tokens;
  for (const std::string column : {"buyer", "seller"}) {
    const ColumnPlan plan{.column = column, .action = Tokenise{}, .domain = "person"};
    std::string out;
    ASSERT_TRUE((*make_transform(plan, kMaster, random))->apply("anna", "", out));
    tokens[column] = out;
  }
  EXPECT_EQ(tokens["buyer"], tokens["seller"]);
}

TEST(AnonymisingCells, FormatsAreKept) {
  EXPECT_EQ(shape_of(made(Encrypt{}, "AB-123456-c")), "AA-999999-a");
  EXPECT_EQ(shape_of(made(Encrypt{.alphabet = "digits"}, "(030) 1234-567")), "(999) 9999-999");
  EXPECT_EQ(made(Encrypt{.alphabet = "digits"}, "12345"), "(emptied)");     // below a million
  EXPECT_EQ(made(Encrypt{.alphabet = "digits"}, "1234567a"), "(emptied)");  // would show the letter
  EXPECT_EQ(made(Encrypt{}, "Zoë Müller 1970"), "(emptied)");               // so would these
  const Encrypt custom{.alphabet = "custom", .symbols = "абвгдежзик"};
  const std::string sealed = made(custom, "абв-где");
  EXPECT_EQ(sealed.size(), std::string_view("абв-где").size());
  EXPECT_NE(sealed, "абв-где");
  EXPECT_TRUE(made(Encrypt{.alphabet = "custom", .symbols = "aa"}, "aaaa").contains("twice"));
}

TEST(AnonymisingCells, CardNumbersStayValid) {
  test::SeededRandom random(5);
  const Encrypt all{.alphabet = "digits", .check = CheckDigit::Luhn};
  const Encrypt ends{.alphabet = "digits", .keep_first = 6, .keep_last = 3, .check = CheckDigit::Luhn};
  const Encrypt start{.alphabet = "digits", .keep_first = 6, .check = CheckDigit::Luhn};
  for (int i = 0; i < 40; ++i) {
    std::string number = "4";
    for (int j = 0; j < 14; ++j) number += static_cast<char>('0' + random.below(10));
    number += static_cast<char>('0' + luhn_digit(digits_of(number)));
    number.insert(4, " ");
    for (const Encrypt& how : {all, ends, start}) {
      const std::string sealed = made(how, number);
      EXPECT_EQ(shape_of(sealed), shape_of(number));
      EXPECT_TRUE(luhn_valid(digits_of(sealed))) << sealed;
      EXPECT_NE(sealed, number);
    }
    EXPECT_EQ(made(ends, number).substr(0, 7), number.substr(0, 7));
    EXPECT_EQ(made(ends, number).substr(14), number.substr(14));
  }
  EXPECT_EQ(made(all, "4111111111111112"), "(emptied)");  // no card number
  // Six digits between the ends have only 100,000 valid numbers.
  const Encrypt short_middle{
      .alphabet = "digits", .keep_first = 6, .keep_last = 4, .check = CheckDigit::Luhn};
  EXPECT_EQ(made(short_middle, "4111111111111111"), "(emptied)");
}

TEST(AnonymisingCells, IbansStayValid) {
  const Encrypt how{.check = CheckDigit::Iban};
  for (const std::string_view iban : {"GB29 NWBK 6016 1331 9268 19", "DE89370400440532013000",
                                      "FR1420041010050500013M02606", "NO9386011117947"}) {
    std::string sealed = made(how, iban);
    EXPECT_EQ(shape_of(sealed), shape_of(iban));
    EXPECT_EQ(sealed.substr(0, 2), iban.substr(0, 2));
    EXPECT_NE(sealed, iban);
    std::erase(sealed, ' ');
    EXPECT_TRUE(iban_valid(sealed)) << sealed;
  }
  EXPECT_EQ(made(how, "GB30 NWBK 6016 1331 9268 19"), "(emptied)");
}

TEST(AnonymisingCells, EncryptionIsUndoneWithTheKey) {
  test::SeededRandom random(9);
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-. ";
  for (const Encrypt& how :
       {Encrypt{}, Encrypt{.alphabet = "alphanumeric"}, Encrypt{.keep_first = 2, .keep_last = 1}}) {
    auto cipher = FormatCipher::create(how, kMaster, "domain");
    ASSERT_TRUE(cipher.has_value());
    std::set<std::string> seen;
    for (int i = 0; i < 60; ++i) {
      std::string cell = "aB3dE6";
      for (std::uint64_t j = 4 + random.below(30); j > 0; --j)
        cell += kLetters[random.below(kLetters.size())];
      std::string sealed;
      ASSERT_TRUE(cipher->encrypt(cell, sealed)) << cell;
      std::string opened;
      ASSERT_TRUE(cipher->decrypt(sealed, opened));
      EXPECT_EQ(opened, cell);
      EXPECT_TRUE(seen.insert(sealed).second);
    }
  }
  auto cards = FormatCipher::create({.alphabet = "digits", .keep_last = 3, .check = CheckDigit::Luhn},
                                    kMaster, "cards");
  std::string sealed;
  std::string opened;
  ASSERT_TRUE(cards->encrypt("4111-1111-1111-1111", sealed));
  ASSERT_TRUE(cards->decrypt(sealed, opened));
  EXPECT_EQ(opened, "4111-1111-1111-1111");
}

TEST(AnonymisingCells, SurrogatesLieInReservedRanges) {
  const auto of = [](Surrogate kind, std::string_view cell) {
    return made(Replace{.surrogate = kind}, cell);
  };
  const std::string card = of(Surrogate::Card, "4111 1111 1111 1111");
  EXPECT_TRUE(card.starts_with("9999 99")) << card;
  EXPECT_TRUE(luhn_valid(digits_of(card)));
  EXPECT_TRUE(iban_valid(of(Surrogate::Iban, "DE89370400440532013000")));
  EXPECT_TRUE(of(Surrogate::Iban, "x").starts_with("ZZ"));
  const std::string ssn = of(Surrogate::Ssn, "123-45-6789");
  EXPECT_EQ(shape_of(ssn), "999-99-9999");
  EXPECT_TRUE(ssn.starts_with("9") && ssn.substr(4, 2) >= "01" && ssn.substr(4, 2) <= "49");
  EXPECT_TRUE(of(Surrogate::Email, "a@b.de").ends_with("@example.com"));
  EXPECT_TRUE(of(Surrogate::Phone, "1").contains("-555-01"));
  EXPECT_TRUE(of(Surrogate::Ipv4, "8.8.8.8").starts_with("198.1"));
  EXPECT_TRUE(of(Surrogate::Ipv6, "::1").starts_with("2001:db8:"));
  EXPECT_TRUE(of(Surrogate::Mac, "x").starts_with("02:"));
  EXPECT_TRUE(of(Surrogate::Url, "x").starts_with("https://example.com/"));
  EXPECT_EQ(of(Surrogate::Uuid, "x")[14], '8');
  EXPECT_TRUE(of(Surrogate::Name, "x").contains(' '));
}

TEST(AnonymisingCells, DatesOfASubjectMoveTogetherAndKeepTheirForm) {
  const DateShift how{.days = 30, .subject = "patient"};
  const auto date = [](std::string_view text) {
    return std::chrono::sys_days(read_date(text, DateOrder::YearMonthDay)->date);
  };
  const std::string one = made(how, "2020-03-01", "p1");
  const std::string two = made(how, "2020-04-11T10:30:00Z", "p1");
  EXPECT_EQ(date(two) - date(one), std::chrono::days(41));
  EXPECT_TRUE(two.ends_with("T10:30:00Z"));
  std::set<std::string> moved;
  for (int i = 0; i < 50; ++i) {
    const std::string other = made(how, "2020-03-01", "p" + std::to_string(i));
    const auto distance = (date(other) - date("2020-03-01")).count();
    EXPECT_TRUE(distance != 0 && distance >= -30 && distance <= 30) << distance;
    moved.insert(other);
  }
  EXPECT_GT(moved.size(), 20U);
  const DateShift american{.days = 1, .subject = "patient", .order = DateOrder::MonthDayYear};
  const std::string us = made(american, "3/1/2020", "p1");
  EXPECT_TRUE(us == "2/29/2020" || us == "3/2/2020") << us;
  EXPECT_EQ(made(how, "1 March 2020", "p1"), "(emptied)");
  EXPECT_EQ(made(how, "2020-02-30", "p1"), "(emptied)");
  EXPECT_EQ(made(how, "2020-03-01", ""), "(emptied)");  // nobody's date
}

TEST(AnonymisingCells, GeneralisesNumbersAgesPostcodesDatesAndGroups) {
  using Kind = Generalise::Kind;
  using Unit = Generalise::Unit;
  const Generalise age{.kind = Kind::Age, .width = 10, .most = 90};
  EXPECT_EQ(made(age, "37"), "30-39");
  EXPECT_EQ(made(age, "89"), "80-89");
  EXPECT_EQ(made(age, "90"), "90+");
  EXPECT_EQ(made(age, "104"), "90+");
  EXPECT_EQ(made(age, "-3"), "(emptied)");
  EXPECT_EQ(made(age, "unknown"), "(emptied)");
  const Generalise band{.kind = Kind::Band, .width = 1'000, .least = 0, .most = 2'500};
  EXPECT_EQ(made(band, "1999.99"), "[1000..2000)");
  EXPECT_EQ(made(band, "2200"), "[2000..2500)");
  EXPECT_EQ(made(band, "2500"), ">=2500");
  EXPECT_EQ(made(band, "-1"), "<0");
  EXPECT_EQ(made(Generalise{.kind = Kind::Band, .width = 0.5}, "-0.2"), "[-0.5..0)");
  const Generalise zip{.kind = Kind::Zip};
  EXPECT_EQ(made(zip, "94110"), "941**");
  EXPECT_EQ(made(zip, "94110-1234"), "941**");
  EXPECT_EQ(made(zip, "2139"), "021**");
  EXPECT_EQ(made(zip, "03601"), "000**");  // fewer than 20,000 people
  EXPECT_EQ(made(zip, "SW1A 1AA"), "(emptied)");
  EXPECT_EQ(made(Generalise{.kind = Kind::Date, .unit = Unit::Month}, "1984-07-09 12:00"), "1984-07");
  EXPECT_EQ(made(Generalise{.kind = Kind::Date, .unit = Unit::Quarter}, "1984-07-09"), "1984-Q3");
  EXPECT_EQ(made(Generalise{.kind = Kind::Date, .unit = Unit::Year}, "19840709"), "1984");
  EXPECT_EQ(made(Generalise{.kind = Kind::Date, .unit = Unit::Decade, .order = DateOrder::DayMonthYear},
                 "9.7.1984"),
            "1980s");
  const Generalise map{.kind = Kind::Map, .parents = {{"Lyon", "France"}}};
  EXPECT_EQ(made(map, "Lyon"), "France");
  EXPECT_EQ(made(map, "Paris"), "(emptied)");
}

TEST(AnonymisingCells, NoiseIsOnTheGridAndAroundTheValue) {
  for (const Mechanism mechanism : {Mechanism::DiscreteLaplace, Mechanism::DiscreteGaussian}) {
    test::SeededRandom random(11);
    const ColumnPlan plan{.column = "c", .action = Noise{.mechanism = mechanism, .scale = 2, .step = 0.5}};
    const auto transform = make_transform(plan, {}, random);
    ASSERT_TRUE(transform.has_value());
    double sum = 0;
    double squares = 0;
    constexpr int kDraws = 2'000;
    for (int i = 0; i < kDraws; ++i) {
      std::string out;
      ASSERT_TRUE((*transform)->apply("100.2", "", out));
      const double moved = std::stod(out) - 100;
      EXPECT_EQ(moved * 2, std::round(moved * 2)) << out;
      sum += moved;
      squares += moved * moved;
    }
    EXPECT_NEAR(sum / kDraws, 0, 0.25);
    const double variance = mechanism == Mechanism::DiscreteLaplace ? 8 : 4;
    EXPECT_NEAR(squares / kDraws, variance, variance * 0.25);
  }
  EXPECT_EQ(made(Noise{}, "many"), "(emptied)");
}

TEST(AnonymisingCells, NumbersReadAsPeopleWriteThem) {
  EXPECT_EQ(number_text(100'000), "100000");
  EXPECT_EQ(number_text(-0.0), "0");
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(-0.04, 1), "0.0");
  EXPECT_EQ(decimals_of(0.25), 2);
  EXPECT_EQ(decimals_of(10), 0);
}

}  // namespace
}  // namespace bulwark::assay::anonymise
