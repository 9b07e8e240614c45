// Payment: what PCI DSS protects, and account numbers.
#include <algorithm>

#include "assay/pii/check_digits.h"
#include "assay/pii/list.h"

namespace bulwark::assay::pii::groups {
namespace {

struct Prefix {
  std::uint32_t from, to;  // of the first `digits` digits
  std::uint8_t digits;
  std::uint32_t lengths;  // bit n: numbers of n digits
};
constexpr std::uint32_t lengths(int from, int to) {
  std::uint32_t bits = 0;
  for (int n = from; n <= to; ++n) bits |= 1U << n;
  return bits;
}
// Issuer identification numbers by payment scheme (ISO/IEC 7812-1; the schemes' published ranges).
constexpr Prefix kIssuers[] = {
    {4, 4, 1, 1U << 13 | 1U << 16 | 1U << 18 | 1U << 19},  // Visa
    {51, 55, 2, 1U << 16},                                 // Mastercard
    {222'100, 272'099, 6, 1U << 16},                       // Mastercard, 2-series
    {34, 34, 2, 1U << 15},                                 // American Express
    {37, 37, 2, 1U << 15},
    {2131, 2131, 4, 1U << 15},  // JCB
    {1800, 1800, 4, 1U << 15},
    {3528, 3589, 4, lengths(16, 19)},
    {300, 305, 3, lengths(14, 19)},  // Diners Club
    {3095, 3095, 4, lengths(14, 19)},
    {36, 36, 2, lengths(14, 19)},
    {38, 39, 2, lengths(14, 19)},
    {6011, 6011, 4, lengths(16, 19)},  // Discover
    {644, 649, 3, lengths(16, 19)},
    {65, 65, 2, lengths(16, 19)},
    {62, 62, 2, lengths(16, 19)},  // UnionPay
    {81, 81, 2, lengths(16, 19)},
    {2200, 2204, 4, lengths(16, 19)},  // Mir
    {50, 50, 2, lengths(12, 19)},      // Maestro
    {56, 58, 2, lengths(12, 19)},
    {60, 61, 2, lengths(12, 19)},
    {63, 63, 2, lengths(12, 19)},
    {66, 69, 2, lengths(12, 19)},
};
constexpr Prefix kUnassignedJcb = {35, 35, 2, lengths(16, 19)};  // other 35xx: seen in the wild, low score

// For each start of four digits, bit n: numbers of 12 + n digits have it.
constexpr std::uint32_t kShortest = 12;
constexpr std::array<std::uint8_t, 10'000> kIssued = [] {
  std::array<std::uint8_t, 10'000> table{};
  const auto add = [&](const Prefix& prefix) {
    std::uint32_t from = prefix.from;
    std::uint32_t to = prefix.to + 1;
    for (int digits = prefix.digits; digits < 4; ++digits) {
      from *= 10;
      to *= 10;
    }
    for (int digits = prefix.digits; digits > 4; --digits) {  // ranges of whole hundreds
      from /= 10;
      to /= 10;
    }
    for (std::uint32_t start = from; start < to; ++start)
      table[start] = static_cast<std::uint8_t>(table[start] | prefix.lengths >> kShortest);
  };
  for (const Prefix& prefix : kIssuers) add(prefix);
  add(kUnassignedJcb);
  return table;
}();

// 1234567890123452 and 0000… pass Luhn and were never issued.
bool is_filler(const Code& code) {
  bool counts = true;
  for (std::size_t i = 1; i < code.size; ++i) counts &= code.v[i] == (code.v[i - 1] + 1) % 10;
  return counts || one_symbol(code);
}

Verdict check_pan(const Code& code) {
  if (!code.all_digits() || code.size < kShortest || code.size > 19) return Verdict::No;
  if ((kIssued[number(code, 0, 4)] >> (code.size - kShortest) & 1U) == 0) return Verdict::No;
  if (is_filler(code)) return Verdict::No;
  return judged(luhn(code, 0, code.size));
}

struct BankCountry {
  char name[3];
  std::uint8_t length;
};
// IBAN registry of SWIFT.
constexpr BankCountry kIban[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
    {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24},
    {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18},
    {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27},
    {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
    {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20},
    {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20},
    {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24},
    {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24},
    {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25},
    {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20},
    {"YE", 30},
};

Verdict check_iban(const Code& code) {
  if (code.size < 15 || code.size > 34 || (code.letters & 0b1111) != 0b0011) return Verdict::No;
  const auto* country = std::ranges::find(kIban, code.text().substr(0, 2), [](const BankCountry& entry) {
    return std::string_view(entry.name, 2);
  });
  if (country == std::end(kIban) || country->length != code.size) return Verdict::No;
  return judged(iban_remainder(code) == 1);
}

// ISO 9362: bank, country, place, branch. Countries as in ISO 3166-1, by the letters of the second pair.
constexpr std::string_view kCountries =
    "AD AE AF AG AI AL AM AO AR AT AU AW AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR BS BT BW BY BZ CA CD CF "
    "CG "
    "CH CI CL CM CN CO CR CU CV CY CZ DE DJ DK DM DO DZ EC EE EG ES ET FI FJ FO FR GA GB GD GE GF GG GH GI "
    "GL "
    "GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KR "
    "KW "
    "KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MK ML MM MN MO MQ MR MS MT MU MV MW MX MY MZ NA "
    "NC "
    "NE NG NI NL NO NP NR NZ OM PA PE PF PG PH PK PL PR PS PT PY QA RE RO RS RU RW SA SB SC SD SE SG SI SK "
    "SL "
    "SM SN SO SR SS ST SV SY SZ TC TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VN VU "
    "WS "
    "XK YE ZA ZM ZW";

Verdict check_bic(const Code& code) {
  if ((code.size != 8 && code.size != 11) || (code.letters & 0b111111) != 0b111111) return Verdict::No;
  const std::string_view country = code.text().substr(4, 2);
  for (std::size_t i = 0; i < kCountries.size(); i += 3)
    if (kCountries.substr(i, 2) == country) return Verdict::Match;
  return Verdict::No;
}

// Routing numbers: the first two digits name a Federal Reserve district, an electronic or a thrift series.
Verdict check_aba(const Code& code) {
  const int start = two(code, 0);
  const bool known =
      start <= 12 || (start >= 21 && start <= 32) || (start >= 61 && start <= 72) || start == 80;
  if (!known || one_symbol(code)) return Verdict::No;
  return judged(weighted(code, std::to_array<std::int16_t>({3, 7, 1, 3, 7, 1, 3, 7, 1})) % 10 == 0);
}

Verdict check_expiry(const Code& code) {
  const int month = two(code, 0);
  return month >= 1 && month <= 12 ? Verdict::Match : Verdict::No;
}

// ISO 9564-1: format 0, 1, 3 or 4, then the length of the PIN, 4 to 12.
Verdict check_pin_block(const Code& code) {
  for (std::size_t i = 0; i < code.size; ++i)
    if (code.v[i] > 15) return Verdict::No;
  const bool format = code.v[0] == 0 || code.v[0] == 1 || code.v[0] == 3 || code.v[0] == 4;
  return format && code.v[1] >= 4 && code.v[1] <= 12 ? Verdict::Match : Verdict::Shape;
}

// Track 2 as magnetic-stripe readers give it; the scanner has seen the separator (ISO/IEC 7813).
constexpr Recogniser kKinds[] = {
    {.id = "pan",
     .title = "payment card number",
     .family = Family::Payment,
     .check = check_pan,
     .bare = 0.5F,
     .written = 0.7F,
     .named = 0.95F,
     .null_rate = 0.039,
     .check_rate = 0.1,
     .tags = "card"},
    {.id = "card_track",
     .title = "magnetic stripe of a card",
     .family = Family::Authentication,
     .bare = 0.95F,
     .written = 0.95F,
     .named = 0.99F,
     .null_rate = 1e-6},
    {.id = "card_cvv",
     .title = "card verification code",
     .family = Family::Authentication,
     .layouts = "999|9999",
     .named = 0.85F,
     .only_named = true},
    {.id = "pin_block",
     .title = "PIN block",
     .family = Family::Authentication,
     .layouts = "xxxxxxxxxxxxxxxx",
     .check = check_pin_block,
     .named = 0.85F,
     .null_rate = 0.14,
     .only_named = true},
    {.id = "card_expiry",
     .title = "expiry date of a card",
     .family = Family::Payment,
     .layouts = "99/99|99/9999|99-99|9999",
     .check = check_expiry,
     .named = 0.7F,
     .null_rate = 0.12,
     .only_named = true},
    {.id = "iban",
     .title = "IBAN",
     .family = Family::Payment,
     .check = check_iban,
     .bare = 0.9F,
     .written = 0.9F,
     .named = 0.97F,
     .null_rate = 0.000133,
     .check_rate = 1.0 / 97,
     .tags = "bank"},
    {.id = "bic",
     .title = "BIC",
     .family = Family::Payment,
     .layouts = "AAAAAAxx|AAAAAAxxxxx",
     .check = check_bic,
     .bare = 0.2F,
     .named = 0.8F,
     .null_rate = 0.35,
     .tags = "bank"},
    {.id = "us_aba",
     .title = "US bank routing number",
     .family = Family::Payment,
     .country = "us",
     .layouts = "999999999|9999-9999-9",
     .check = check_aba,
     .bare = 0.2F,
     .written = 0.4F,
     .named = 0.9F,
     .null_rate = 0.0393,
     .check_rate = 0.102},
    {.id = "bank_account",
     .title = "bank account number",
     .family = Family::Payment,
     .layouts = "99999999|999999999|9999999999|99999999999|999999999999|99-99-99 99999999",
     .named = 0.7F,
     .only_named = true},
};

}  // namespace

std::span<const Recogniser> payment() {
  return kKinds;
}

}  // namespace bulwark::assay::pii::groups
