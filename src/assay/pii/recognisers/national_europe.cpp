// Identity, social security and tax numbers of Europe, with their published check rules.
#include <string_view>

#include "assay/pii/check_digits.h"
#include "assay/pii/list.h"

namespace bulwark::assay::pii::groups {
namespace {

template <class... T>
constexpr std::array<std::int16_t, sizeof...(T)> weights(T... values) {
  return {static_cast<std::int16_t>(values)...};
}

// DDMMYY and YYMMDD with a year of two digits.
bool day_first(const Code& code, std::size_t at = 0) {
  return day_exists(-1, two(code, at + 2), two(code, at));
}
bool year_first(const Code& code, std::size_t at = 0) {
  return day_exists(-1, two(code, at + 2), two(code, at + 4));
}

Verdict check_nhs(const Code& code) {
  if (one_symbol(code)) return Verdict::No;
  const int check = 11 - weighted(code, weights(10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11;
  return judged(check != 10 && check % 11 == code.v[9]);
}

Verdict check_nino(const Code& code) {
  constexpr std::string_view kNeverFirst = "DFIQUV";
  constexpr std::string_view kNeverSecond = "DFIQUVO";
  const std::string_view text = code.text();
  const std::string_view start = text.substr(0, 2);
  if (kNeverFirst.contains(text[0]) || kNeverSecond.contains(text[1])) return Verdict::No;
  for (const std::string_view never : {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"})
    if (start == never) return Verdict::No;
  return text[8] >= 'A' && text[8] <= 'D' ? Verdict::Match : Verdict::No;
}

// Surname (padded with 9), decade, month (+5 for women), day, year, initials, tie-breaker, check letters.
Verdict check_uk_licence(const Code& code) {
  bool padding = false;
  for (std::size_t i = 0; i < 5; ++i) {
    const bool letter = (code.letters >> i & 1) != 0;
    if (!letter && (i == 0 || code.v[i] != 9)) return Verdict::No;
    if (letter && padding) return Verdict::No;
    padding = padding || !letter;
  }
  for (std::size_t i = 5; i < 11; ++i)
    if (code.v[i] > 9) return Verdict::No;
  const int month = two(code, 6) % 50;
  if (code.v[6] % 5 > 1 || !day_exists(-1, month, two(code, 8))) return Verdict::No;
  if (code.v[11] < 10) return Verdict::No;
  return code.v[12] >= 10 || code.v[12] == 9 ? Verdict::Match : Verdict::No;
}

Verdict check_utr(const Code& code) {
  constexpr std::string_view kChecks = "21987654321";
  const int sum = weighted(code, weights(6, 7, 8, 9, 10, 5, 4, 3, 2), 1);
  return judged(kChecks[static_cast<std::size_t>(sum % 11)] - '0' == code.v[0]);
}

Verdict check_nir(const Code& code) {
  const bool corsica = (code.letters >> 6 & 1) != 0;
  if (corsica && (code.v[5] != 2 || (code.c[6] != 'A' && code.c[6] != 'B'))) return Verdict::No;
  const int sex = code.v[0];
  const int month = two(code, 3);
  if (sex == 0 || sex == 5 || sex == 6 || sex == 9) return Verdict::No;
  if (!((month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50)) return Verdict::No;
  Code plain = code;
  if (corsica) {  // 2A counts as 19, 2B as 18
    plain.v[5] = 1;
    plain.v[6] = code.c[6] == 'A' ? 9 : 8;
  }
  return judged(97 - number(plain, 0, 13) % 97 == number(code, 13, 15));
}

Verdict check_de_idnr(const Code& code) {
  if (code.v[0] == 0) return Verdict::No;
  return judged(iso7064_11_10(code, 11));
}
// Among the first ten digits exactly one comes twice or three times.
bool plausible_de_idnr(const Code& code) {
  std::array<int, 10> times{};
  for (std::size_t i = 0; i < 10; ++i) ++times[static_cast<std::size_t>(code.v[i])];
  int repeated = 0;
  for (const int count : times) {
    if (count > 3) return false;
    repeated += count > 1 ? 1 : 0;
  }
  return repeated == 1;
}

Verdict check_oib(const Code& code) {
  return one_symbol(code) ? Verdict::No : judged(iso7064_11_10(code, 11));
}

Verdict check_de_rvnr(const Code& code) {
  const int day = two(code, 2) > 50 ? two(code, 2) - 50 : two(code, 2);  // +50: a second number of that day
  if (!day_exists(-1, two(code, 4), day)) return Verdict::No;
  const int letter = code.v[8] - 9;  // A is 01
  const std::array<int, 12> digits = {code.v[0], code.v[1], code.v[2],   code.v[3],   code.v[4], code.v[5],
                                      code.v[6], code.v[7], letter / 10, letter % 10, code.v[9], code.v[10]};
  constexpr std::array<int, 12> kWeights = {2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1};
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int product = kWeights[i] * digits[i];
    sum += product / 10 + product % 10;
  }
  return judged(sum % 10 == code.v[11]);
}

// Serial numbers of identity cards and passports: no vowels, so that no words arise.
Verdict check_de_card(const Code& code) {
  constexpr std::string_view kLetters = "CFGHJKLMNPRTVWXYZ0123456789";
  for (std::size_t i = 0; i < 9; ++i)
    if (!kLetters.contains(code.c[i])) return Verdict::No;
  return judged(mrz_check(code.text().substr(0, 9)) == code.v[9]);
}

// Digits may be replaced by LMNPQRSTUV where two people had the same code (omocodia).
int omocodia(const Code& code, std::size_t at) {
  constexpr std::string_view kReplacements = "LMNPQRSTUV";
  if (code.v[at] < 10) return code.v[at];
  const auto found = kReplacements.find(code.c[at]);
  return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

Verdict check_codice_fiscale(const Code& code) {
  constexpr std::string_view kMonths = "ABCDEHLMPRST";
  constexpr std::array<int, 26> kOdd = {1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                                        20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
  for (const std::size_t at : {6U, 7U, 9U, 10U, 12U, 13U, 14U})
    if (omocodia(code, at) < 0) return Verdict::No;
  const int day = omocodia(code, 9) * 10 + omocodia(code, 10);
  if (!kMonths.contains(code.c[8]) || day < 1 || day > 71 || (day > 31 && day < 41)) return Verdict::No;
  int sum = 0;
  for (std::size_t i = 0; i < 15; ++i) {
    const int value = code.v[i] < 10 ? code.v[i] : code.v[i] - 10;
    sum += i % 2 == 0 ? kOdd[static_cast<std::size_t>(value)] : value;
  }
  return judged(code.v[15] - 10 == sum % 26);
}

Verdict check_partita_iva(const Code& code) {
  return one_symbol(code) ? Verdict::No : judged(luhn(code, 0, 11));
}
bool plausible_partita_iva(const Code& code) {  // the office: a province or one of few special ones
  const std::uint64_t office = number(code, 7, 10);
  return (office >= 1 && office <= 100) || office == 120 || office == 121 || office == 888 || office == 999;
}

constexpr std::string_view kNifLetters = "TRWAGMYFPDXBNJZSQVHLCKE";

Verdict check_nif(const Code& code) {
  return judged(kNifLetters[number(code, 0, 8) % 23] == code.c[8]);
}
Verdict check_nie(const Code& code) {
  if (code.c[0] < 'X' || code.c[0] > 'Z') return Verdict::No;
  const std::uint64_t value = static_cast<std::uint64_t>(code.c[0] - 'X') * 10'000'000 + number(code, 1, 8);
  return judged(kNifLetters[value % 23] == code.c[8]);
}
Verdict check_cif(const Code& code) {
  constexpr std::string_view kEntities = "ABCDEFGHJNPQRSUVW";
  constexpr std::string_view kOnlyLetter = "NPQRSW";
  constexpr std::string_view kOnlyDigit = "ABEH";
  if (!kEntities.contains(code.c[0])) return Verdict::No;
  int sum = 0;
  for (std::size_t i = 1; i < 8; ++i) {
    const int value = i % 2 == 1 ? code.v[i] * 2 : code.v[i];
    sum += value / 10 + value % 10;
  }
  const int check = (10 - sum % 10) % 10;
  const bool letter = code.v[8] > 9;
  if (letter ? kOnlyDigit.contains(code.c[0]) : kOnlyLetter.contains(code.c[0])) return Verdict::Shape;
  return judged(letter ? code.c[8] == "JABCDEFGHI"[check] : code.v[8] == check);
}

Verdict check_bsn(const Code& code) {
  if (one_symbol(code)) return Verdict::No;
  return judged(weighted(code, weights(9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0);
}

Verdict check_be(const Code& code) {
  const int month = two(code, 2) % 20;  // +20 and +40: numbers for those who are not registered
  if (two(code, 2) > 52 || month > 12 || two(code, 4) > 31) return Verdict::No;
  const std::uint64_t base = number(code, 0, 9);
  const std::uint64_t check = number(code, 9, 11);
  return judged(97 - base % 97 == check || 97 - (base + 2'000'000'000) % 97 == check);
}

Verdict check_pesel(const Code& code) {
  if (!day_exists(-1, two(code, 2) % 20, two(code, 4))) return Verdict::No;  // the century is in the month
  return judged(weighted(code, weights(1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0);
}
Verdict check_nip(const Code& code) {
  if (one_symbol(code)) return Verdict::No;
  return judged(weighted(code, weights(6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == code.v[9]);
}

Verdict check_hetu(const Code& code) {
  constexpr std::string_view kChecks = "0123456789ABCDEFHJKLMNPRSTUVWXY";
  constexpr std::string_view kCenturies = "ABCDEFYXWVU";
  if (!day_first(code)) return Verdict::No;
  const bool sign = code.size == 11;  // a letter for the century; '-' and '+' were dropped
  if (sign && !kCenturies.contains(code.c[6])) return Verdict::No;
  const std::size_t rest = sign ? 7 : 6;
  for (std::size_t i = rest; i < rest + 3; ++i)
    if (code.v[i] > 9) return Verdict::No;
  const std::uint64_t value = number(code, 0, 6) * 1000 + number(code, rest, rest + 3);
  return judged(kChecks[value % 31] == code.c[rest + 3]);
}

Verdict check_no(const Code& code) {
  const int day = two(code, 0) > 40 ? two(code, 0) - 40 : two(code, 0);  // +40: D number
  const int month = two(code, 2) > 40 ? two(code, 2) - 40 : two(code, 2);
  if (!day_exists(-1, month, day)) return Verdict::No;
  return judged(weighted(code, weights(3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11 == 0 &&
                weighted(code, weights(5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0);
}

Verdict check_cpr(const Code& code) {
  if (!day_first(code)) return Verdict::No;
  return judged(weighted(code, weights(4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0);
}

Verdict check_se(const Code& code) {
  const std::size_t from = code.size - 10;
  const int day = two(code, from + 4) > 60 ? two(code, from + 4) - 60 : two(code, from + 4);  // coordination
  if (!day_exists(-1, two(code, from + 2), day)) return Verdict::No;
  if (from == 2 && two(code, 0) != 18 && two(code, 0) != 19 && two(code, 0) != 20) return Verdict::No;
  return judged(luhn(code, from, code.size));
}

Verdict check_ahv(const Code& code) {
  if (number(code, 0, 3) != 756) return Verdict::No;
  return judged(weighted(code, weights(1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1)) % 10 == 0);
}

Verdict check_svnr(const Code& code) {
  const int month = two(code, 6);  // 13 to 15: day not known, or all numbers of that day are used
  if (code.v[0] == 0 || month < 1 || month > 15 || two(code, 4) < 1 || two(code, 4) > 31) return Verdict::No;
  return judged(weighted(code, weights(3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == code.v[3]);
}

Verdict check_pt(const Code& code) {
  if (code.v[0] == 0 || one_symbol(code)) return Verdict::No;
  const int rest = weighted(code, weights(9, 8, 7, 6, 5, 4, 3, 2)) % 11;
  return judged((rest < 2 ? 0 : 11 - rest) == code.v[8]);
}

Verdict check_pps(const Code& code) {
  const int second = code.size == 9 ? code.v[8] - 9 : 0;  // A counts 1; W, used before 2013 for wives, 0
  if (second != 0 && (code.c[8] != 'W' && code.c[8] > 'I')) return Verdict::No;
  const int extra = code.size == 9 && code.c[8] != 'W' ? 9 * second : 0;
  const int rest = (weighted(code, weights(8, 7, 6, 5, 4, 3, 2)) + extra) % 23;
  return judged(code.c[7] == "WABCDEFGHIJKLMNOPQRSTUV"[rest]);
}

// Before 1954 there were nine digits and no check; those are only known by their slash.
Verdict check_rodne_cislo(const Code& code) {
  int month = two(code, 2);
  if (month > 50) month -= 50;  // women
  if (month > 20) month -= 20;  // more than 9,999 births in a year
  if (!day_exists(-1, month, two(code, 4))) return Verdict::No;
  if (code.size == 9) return two(code, 0) < 54 && number(code, 6, 9) != 0 ? Verdict::Match : Verdict::No;
  const std::uint64_t rest = number(code, 0, 9) % 11;
  return judged(rest % 10 == static_cast<std::uint64_t>(code.v[9]));
}

Verdict check_cnp(const Code& code) {
  const auto county = number(code, 7, 9);
  if (code.v[0] == 0 || !year_first(code, 1) || county == 0 || county > 52) return Verdict::No;
  const int rest = weighted(code, weights(2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11;
  return judged((rest == 10 ? 1 : rest) == code.v[12]);
}

Verdict check_egn(const Code& code) {
  const int month = two(code, 2);  // +20: 19th century, +40: 21st
  if (!day_exists(-1, month > 40 ? month - 40 : month > 20 ? month - 20 : month, two(code, 4)))
    return Verdict::No;
  return judged(weighted(code, weights(2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == code.v[9]);
}

Verdict check_amka(const Code& code) {
  return day_first(code) ? judged(luhn(code, 0, 11)) : Verdict::No;
}
Verdict check_afm(const Code& code) {
  if (one_symbol(code)) return Verdict::No;
  return judged(weighted(code, weights(256, 128, 64, 32, 16, 8, 4, 2)) % 11 % 10 == code.v[8]);
}

Verdict check_hu_taj(const Code& code) {
  if (one_symbol(code)) return Verdict::No;
  return judged(weighted(code, weights(3, 7, 3, 7, 3, 7, 3, 7)) % 10 == code.v[8]);
}
Verdict check_hu_tax(const Code& code) {
  if (code.v[0] != 8) return Verdict::No;
  return judged(weighted(code, weights(1, 2, 3, 4, 5, 6, 7, 8, 9)) % 11 == code.v[9]);
}

// The common register of the former Yugoslavia: DDMMYYY, region, sequence, check digit.
Verdict check_jmbg(const Code& code) {
  if (!day_first(code) || (code.v[4] != 9 && code.v[4] != 0)) return Verdict::No;
  const int rest = weighted(code, weights(7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11;
  return judged(rest != 1 && (rest == 0 ? 0 : 11 - rest) == code.v[12]);
}

// Estonia and Lithuania: century and sex, YYMMDD, sequence; a second round of weights where the first
// gives 10.
Verdict check_baltic(const Code& code) {
  if (code.v[0] < 1 || code.v[0] > 6 || !year_first(code, 1)) return Verdict::No;
  int rest = weighted(code, weights(1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11;
  if (rest == 10) rest = weighted(code, weights(3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10;
  return judged(rest == code.v[10]);
}

// Latvia until 2017; later numbers start with 32 and have no date.
Verdict check_lv(const Code& code) {
  if (two(code, 0) == 32) return Verdict::Shape;
  if (!day_first(code) || code.v[6] > 2) return Verdict::No;
  const int sum = weighted(code, weights(1, 6, 3, 7, 9, 10, 5, 8, 4, 2));
  return judged((1101 - sum) % 11 % 10 == code.v[10]);
}

Verdict check_is(const Code& code) {
  if (!day_first(code) || (code.v[9] != 9 && code.v[9] != 0)) return Verdict::No;
  const int rest = weighted(code, weights(3, 2, 7, 6, 5, 4, 3, 2)) % 11;
  return judged((rest == 0 ? 0 : 11 - rest) == code.v[8]);
}

Verdict check_lu(const Code& code) {
  const auto year = static_cast<int>(number(code, 0, 4));
  if (year < 1850 || year > 2100 || !day_exists(year, two(code, 4), two(code, 6))) return Verdict::No;
  Code second = code;  // the last digit checks the first eleven by itself
  second.v[11] = code.v[12];
  return judged(luhn(code, 0, 12) && verhoeff(second, 0, 12));
}

Verdict check_ua(const Code& code) {
  if (one_symbol(code)) return Verdict::No;
  return judged(weighted(code, weights(-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10 == code.v[9]);
}

Verdict check_ru_inn(const Code& code) {
  if (two(code, 0) == 0) return Verdict::No;
  const int first = weighted(code, weights(7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10;
  const int second = weighted(code, weights(3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10;
  return judged(first == code.v[10] && second == code.v[11]);
}
Verdict check_snils(const Code& code) {
  if (one_symbol(code)) return Verdict::No;
  const int rest = weighted(code, weights(9, 8, 7, 6, 5, 4, 3, 2, 1)) % 101 % 100;
  return judged(rest == two(code, 9));
}

constexpr double kEleventh = 1.0 / 11;
constexpr double kTenth = 0.1;

constexpr Recogniser kKinds[] = {
    {.id = "uk_nhs",
     .title = "UK NHS number",
     .family = Family::Health,
     .country = "gb",
     .layouts = "999 999 9999|999-999-9999|9999999999",
     .check = check_nhs,
     .written = 0.4F,
     .null_rate = 0.0922,
     .check_rate = kEleventh,
     .tags = "health"},
    {.id = "uk_nino",
     .title = "UK National Insurance number",
     .country = "gb",
     .layouts = "AA999999A|AA 99 99 99 A|AA 999999 A|AA-99-99-99-A",
     .check = check_nino,
     .bare = 0.6F,
     .written = 0.8F,
     .null_rate = 0.086,
     .tags = "national"},
    {.id = "uk_driving_licence",
     .title = "UK driving licence",
     .country = "gb",
     .layouts = "Axxxx999999AxxAA|Axxxx999999Axxxx|Axxxx 999999 Axxxx",
     .check = check_uk_licence,
     .bare = 0.75F,
     .written = 0.8F,
     .null_rate = 0.01,
     .tags = "licence"},
    {.id = "uk_utr",
     .title = "UK taxpayer reference",
     .country = "gb",
     .layouts = "9999999999|99999 99999",
     .check = check_utr,
     .bare = 0.1F,
     .written = 0.2F,
     .null_rate = 0.103,
     .check_rate = 0.102,
     .tags = "tax"},
    {.id = "fr_nir",
     .title = "French social security number (NIR)",
     .country = "fr",
     .layouts =
         "99999x999999999|9 99 99 9x 999 999 99|999999x999999 99|9 99 99 9x 999 999-99|99999x9999999 99",
     .check = check_nir,
     .bare = 0.6F,
     .written = 0.85F,
     .null_rate = 0.00527,
     .check_rate = 1.0 / 97,
     .tags = "national health"},
    {.id = "de_idnr",
     .title = "German tax id (Steuer-IdNr.)",
     .country = "de",
     .layouts = "99999999999|99 999 999 999|99 999 999999|999 999 999 99",
     .check = check_de_idnr,
     .plausible = plausible_de_idnr,
     .bare = 0.25F,
     .written = 0.6F,
     .null_rate = 0.09,
     .check_rate = kTenth,
     .tags = "tax"},
    {.id = "de_rvnr",
     .title = "German pension insurance number",
     .country = "de",
     .layouts = "99999999A999|99 999999 A 999|99 999999 A999|99-999999-A-999",
     .check = check_de_rvnr,
     .bare = 0.7F,
     .written = 0.85F,
     .null_rate = 0.00741,
     .check_rate = kTenth,
     .tags = "national"},
    {.id = "de_identity_card",
     .title = "German identity card or passport number",
     .country = "de",
     .layouts = "Axxxxxxxx9|Axxxxxxxx 9",
     .check = check_de_card,
     .bare = 0.3F,
     .written = 0.3F,
     .null_rate = 0.00665,
     .check_rate = kTenth,
     .tags = "identity passport"},
    {.id = "hr_oib",
     .title = "Croatian OIB",
     .country = "hr",
     .layouts = "99999999999",
     .check = check_oib,
     .null_rate = 0.1,
     .check_rate = kTenth,
     .tags = "tax national"},
    {.id = "it_codice_fiscale",
     .title = "Italian codice fiscale",
     .country = "it",
     .layouts = "AAAAAAxxAxxAxxxA|AAA AAA xxAxx AxxxA|AAAAAA xxAxx AxxxA",
     .check = check_codice_fiscale,
     .bare = 0.9F,
     .written = 0.9F,
     .null_rate = 0.0007,
     .check_rate = 0.0448,
     .tags = "tax national"},
    {.id = "it_partita_iva",
     .title = "Italian partita IVA",
     .country = "it",
     .layouts = "99999999999",
     .check = check_partita_iva,
     .plausible = plausible_partita_iva,
     .null_rate = 0.1,
     .check_rate = kTenth,
     .tags = "tax"},
    {.id = "es_nif",
     .title = "Spanish NIF (DNI)",
     .country = "es",
     .layouts = "99999999A|99999999-A|99999999 A|99.999.999-A|99.999.999 A|99.999.999A",
     .check = check_nif,
     .bare = 0.6F,
     .written = 0.75F,
     .null_rate = 0.0385,
     .check_rate = 1.0 / 23,
     .tags = "tax national"},
    {.id = "es_nie",
     .title = "Spanish NIE",
     .country = "es",
     .layouts = "A9999999A|A-9999999-A|A 9999999 A|A9999999-A|A-9999999A",
     .check = check_nie,
     .bare = 0.7F,
     .written = 0.8F,
     .null_rate = 0.0045,
     .check_rate = 1.0 / 23,
     .tags = "tax national"},
    {.id = "es_cif",
     .title = "Spanish CIF",
     .country = "es",
     .layouts = "A9999999x|A-9999999x|A-99999999|A-9999999-x",
     .check = check_cif,
     .bare = 0.3F,
     .written = 0.4F,
     .null_rate = 0.036,
     .check_rate = kTenth,
     .tags = "tax"},
    {.id = "nl_bsn",
     .title = "Dutch citizen service number (BSN)",
     .country = "nl",
     .layouts = "999999999|9999.99.999|9999 99 999|999 999 999|999.999.999",
     .check = check_bsn,
     .written = 0.3F,
     .null_rate = 0.091,
     .check_rate = kEleventh,
     .tags = "national"},
    {.id = "be_nrn",
     .title = "Belgian national register number",
     .country = "be",
     .layouts = "99999999999|99.99.99-999.99|99 99 99 999 99|99.99.99.999-99|999999-999-99|999999 999 99",
     .check = check_be,
     .bare = 0.4F,
     .written = 0.85F,
     .null_rate = 0.00282,
     .check_rate = 0.0223,
     .tags = "national"},
    {.id = "pl_pesel",
     .title = "Polish PESEL",
     .country = "pl",
     .layouts = "99999999999",
     .check = check_pesel,
     .bare = 0.3F,
     .null_rate = 0.0189,
     .check_rate = 0.102,
     .tags = "national"},
    {.id = "pl_nip",
     .title = "Polish NIP",
     .country = "pl",
     .layouts = "9999999999|999-999-99-99|999-99-99-999",
     .check = check_nip,
     .written = 0.65F,
     .null_rate = 0.091,
     .check_rate = kEleventh,
     .tags = "tax"},
    {.id = "fi_hetu",
     .title = "Finnish personal identity code",
     .country = "fi",
     .layouts = "999999-999x|999999A999x",
     .check = check_hetu,
     .bare = 0.75F,
     .written = 0.75F,
     .null_rate = 0.0012,
     .check_rate = 1.0 / 31,
     .tags = "national"},
    {.id = "no_fnr",
     .title = "Norwegian birth number",
     .country = "no",
     .layouts = "99999999999|999999 99999|999999-99999|99 99 99 99999",
     .check = check_no,
     .bare = 0.4F,
     .written = 0.7F,
     .null_rate = 0.00129,
     .check_rate = 0.00872,
     .tags = "national"},
    {.id = "dk_cpr",
     .title = "Danish CPR number",
     .country = "dk",
     .layouts = "999999-9999|9999999999|999999 9999",
     .check = check_cpr,
     .written = 0.55F,
     .null_rate = 0.0033,
     .check_rate = kEleventh,
     .tags = "national"},
    {.id = "se_personnummer",
     .title = "Swedish personal number",
     .country = "se",
     .layouts = "999999-9999|99999999-9999|9999999999|999999999999",
     .check = check_se,
     .bare = 0.25F,
     .written = 0.55F,
     .null_rate = 0.00773,
     .check_rate = 0.104,
     .tags = "national"},
    {.id = "ch_ahv",
     .title = "Swiss AHV number",
     .country = "ch",
     .layouts = "999.9999.9999.99|9999999999999|999 9999 9999 99",
     .check = check_ahv,
     .bare = 0.6F,
     .written = 0.95F,
     .null_rate = 0.0001,
     .check_rate = kTenth,
     .tags = "national"},
    {.id = "at_svnr",
     .title = "Austrian social insurance number",
     .country = "at",
     .layouts = "9999999999|9999 999999|9999-999999|9999 99 99 99",
     .check = check_svnr,
     .written = 0.5F,
     .null_rate = 0.00395,
     .check_rate = 0.0958,
     .tags = "national health"},
    {.id = "pt_nif",
     .title = "Portuguese NIF",
     .country = "pt",
     .layouts = "999999999|999 999 999",
     .check = check_pt,
     .written = 0.3F,
     .null_rate = 0.0931,
     .check_rate = 0.103,
     .tags = "tax"},
    {.id = "ie_pps",
     .title = "Irish PPS number",
     .country = "ie",
     .layouts = "9999999A|9999999AA|9999999 A|9999999 AA|9999999-A|9999999-AA",
     .check = check_pps,
     .bare = 0.45F,
     .written = 0.5F,
     .null_rate = 0.0397,
     .check_rate = 1.0 / 23,
     .tags = "national tax"},
    {.id = "cz_sk_rodne_cislo",
     .title = "Czech or Slovak birth number",
     .country = "cz",
     .layouts = "9999999999|999999/9999|999999/999",
     .check = check_rodne_cislo,
     .bare = 0.25F,
     .written = 0.8F,
     .null_rate = 0.0149,
     .check_rate = 0.101,
     .tags = "national"},
    {.id = "ro_cnp",
     .title = "Romanian CNP",
     .country = "ro",
     .layouts = "9999999999999",
     .check = check_cnp,
     .bare = 0.6F,
     .null_rate = 0.00178,
     .check_rate = 0.102,
     .tags = "national"},
    {.id = "bg_egn",
     .title = "Bulgarian EGN",
     .country = "bg",
     .layouts = "9999999999",
     .check = check_egn,
     .null_rate = 0.0111,
     .check_rate = 0.0993,
     .tags = "national"},
    {.id = "gr_amka",
     .title = "Greek AMKA",
     .country = "gr",
     .layouts = "99999999999",
     .check = check_amka,
     .bare = 0.3F,
     .null_rate = 0.0037,
     .check_rate = kTenth,
     .tags = "national health"},
    {.id = "gr_afm",
     .title = "Greek AFM",
     .country = "gr",
     .layouts = "999999999",
     .check = check_afm,
     .bare = 0.1F,
     .null_rate = 0.1,
     .check_rate = kTenth,
     .tags = "tax"},
    {.id = "hu_taj",
     .title = "Hungarian TAJ number",
     .country = "hu",
     .layouts = "999999999|999-999-999|999 999 999",
     .check = check_hu_taj,
     .written = 0.3F,
     .null_rate = 0.1,
     .check_rate = kTenth,
     .tags = "health"},
    {.id = "hu_tax",
     .title = "Hungarian tax id",
     .country = "hu",
     .layouts = "9999999999",
     .check = check_hu_tax,
     .null_rate = 0.0091,
     .check_rate = kEleventh,
     .tags = "tax"},
    {.id = "jmbg",
     .title = "JMBG or EMŠO (Serbia, Slovenia and others)",
     .country = "rs",
     .layouts = "9999999999999",
     .check = check_jmbg,
     .bare = 0.6F,
     .null_rate = 0.000729,
     .check_rate = 0.0983,
     .tags = "national"},
    {.id = "ee_lt_personal_code",
     .title = "Estonian or Lithuanian personal code",
     .country = "ee",
     .layouts = "99999999999",
     .check = check_baltic,
     .bare = 0.3F,
     .null_rate = 0.0021,
     .check_rate = 0.0937,
     .tags = "national"},
    {.id = "lv_personal_code",
     .title = "Latvian personal code",
     .country = "lv",
     .layouts = "999999-99999|99999999999",
     .check = check_lv,
     .written = 0.75F,
     .null_rate = 0.001,
     .check_rate = kEleventh,
     .tags = "national"},
    {.id = "is_kennitala",
     .title = "Icelandic kennitala",
     .country = "is",
     .layouts = "999999-9999|9999999999",
     .check = check_is,
     .written = 0.5F,
     .null_rate = 0.000683,
     .check_rate = kEleventh,
     .tags = "national"},
    {.id = "lu_nin",
     .title = "Luxembourg national number",
     .country = "lu",
     .layouts = "9999999999999",
     .check = check_lu,
     .bare = 0.7F,
     .null_rate = 1e-5,
     .check_rate = 0.01,
     .tags = "national"},
    {.id = "ua_rntrc",
     .title = "Ukrainian taxpayer number",
     .country = "ua",
     .layouts = "9999999999",
     .check = check_ua,
     .bare = 0.1F,
     .null_rate = 0.1,
     .check_rate = kTenth,
     .tags = "tax"},
    {.id = "ru_inn",
     .title = "Russian INN of a person",
     .country = "ru",
     .layouts = "999999999999",
     .check = check_ru_inn,
     .bare = 0.4F,
     .null_rate = 0.0105,
     .check_rate = 0.011,
     .tags = "tax"},
    {.id = "ru_snils",
     .title = "Russian SNILS",
     .country = "ru",
     .layouts = "99999999999|999-999-999 99|999-999-999-99",
     .check = check_snils,
     .bare = 0.3F,
     .written = 0.9F,
     .null_rate = 0.0103,
     .check_rate = 0.0102,
     .tags = "national"},
};

}  // namespace

std::span<const Recogniser> national_europe() {
  return kKinds;
}

}  // namespace bulwark::assay::pii::groups
