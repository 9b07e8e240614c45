// Identity and tax numbers of Asia, Oceania, Africa and the Middle East.
#include <string_view>

#include "assay/pii/check_digits.h"
#include "assay/pii/list.h"

namespace bulwark::assay::pii::groups {
namespace {

template <class... T>
constexpr std::array<std::int16_t, sizeof...(T)> weights(T... values) {
  return {static_cast<std::int16_t>(values)...};
}

Verdict check_aadhaar(const Code& code) {
  if (code.v[0] < 2 || one_symbol(code)) return Verdict::No;
  return judged(verhoeff(code, 0, 12));
}

// The fourth letter says who holds it: P a person, C a company …
Verdict check_in_pan(const Code& code) {
  return std::string_view("PCHFATBLJGE").contains(code.c[3]) ? Verdict::Match : Verdict::No;
}

Verdict check_cn(const Code& code) {
  constexpr std::string_view kChecks = "10X98765432";
  const auto year = static_cast<int>(number(code, 6, 10));
  if (code.v[0] == 0 || code.v[0] > 8 || year < 1850 || year > 2100) return Verdict::No;
  if (!day_exists(year, two(code, 10), two(code, 12))) return Verdict::No;
  const int sum = weighted(code, weights(7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2));
  return judged(kChecks[static_cast<std::size_t>(sum % 11)] == code.c[17]);
}

// Numbers given since October 2020 have no check digit: of the right form, they are a Shape.
Verdict check_rrn(const Code& code) {
  if (!day_exists(-1, two(code, 2), two(code, 4))) return Verdict::No;
  const int check = 11 - weighted(code, weights(2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11;
  return judged(check % 10 == code.v[12]);
}

Verdict check_mynumber(const Code& code) {
  if (one_symbol(code)) return Verdict::No;
  const int rest = weighted(code, weights(6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11;
  return judged((rest <= 1 ? 0 : 11 - rest) == code.v[11]);
}

Verdict check_nric(const Code& code) {
  const int sum = weighted(code, weights(2, 7, 6, 5, 4, 3, 2), 1);
  switch (code.c[0]) {
    case 'S': return judged("JZIHGFEDCBA"[sum % 11] == code.c[8]);
    case 'T': return judged("JZIHGFEDCBA"[(sum + 4) % 11] == code.c[8]);
    case 'F': return judged("XWUTRQPNMLK"[sum % 11] == code.c[8]);
    case 'G': return judged("XWUTRQPNMLK"[(sum + 4) % 11] == code.c[8]);
    case 'M': return judged("KLJNPQRTUWX"[10 - (sum + 3) % 11] == code.c[8]);
    default: return Verdict::No;
  }
}

Verdict check_th(const Code& code) {
  if (code.v[0] == 0 || one_symbol(code)) return Verdict::No;
  const int sum = weighted(code, weights(13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2));
  return judged((11 - sum % 11) % 10 == code.v[12]);
}

Verdict check_tfn(const Code& code) {
  if (one_symbol(code)) return Verdict::No;
  return judged(weighted(code, weights(1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0);
}
Verdict check_abn(const Code& code) {
  if (code.v[0] == 0) return Verdict::No;
  const int sum = weighted(code, weights(10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)) - 10;
  return judged(sum % 89 == 0);
}
Verdict check_medicare(const Code& code) {
  if (code.v[0] < 2 || code.v[0] > 6) return Verdict::No;
  return judged(weighted(code, weights(1, 3, 7, 9, 1, 3, 7, 9)) % 10 == code.v[8]);
}

Verdict check_ird(const Code& code) {
  const std::uint64_t value = number(code, 0, code.size);
  if (value < 10'000'000 || value > 150'000'000) return Verdict::No;
  Code padded = code;
  if (code.size == 8)
    for (std::size_t i = 9; i-- > 0;) padded.v[i] = i == 0 ? std::int16_t{0} : code.v[i - 1];
  int check = (11 - weighted(padded, weights(3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11;
  if (check == 10) check = (11 - weighted(padded, weights(7, 4, 3, 2, 5, 2, 7, 6)) % 11) % 11;
  return judged(check == padded.v[8]);
}

Verdict check_il(const Code& code) {
  return one_symbol(code) ? Verdict::No : judged(luhn(code, 0, 9));
}

Verdict check_za(const Code& code) {
  if (!day_exists(-1, two(code, 2), two(code, 4)) || code.v[10] > 2) return Verdict::No;
  return judged(luhn(code, 0, 13));
}

Verdict check_tckn(const Code& code) {
  if (code.v[0] == 0) return Verdict::No;
  const int odd = weighted(code, weights(1, 0, 1, 0, 1, 0, 1, 0, 1));
  const int even = weighted(code, weights(0, 1, 0, 1, 0, 1, 0, 1));
  const int tenth = ((7 * odd - even) % 10 + 10) % 10;
  return judged(tenth == code.v[9] && (odd + even + tenth) % 10 == code.v[10]);
}

Verdict check_tw(const Code& code) {
  // A 10, B 11 … with I, O, W, Z out of order.
  constexpr std::array<int, 26> kLetters = {10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21,
                                            22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33};
  if (code.v[1] != 1 && code.v[1] != 2 && code.v[1] != 8 && code.v[1] != 9) return Verdict::No;
  const int letter = kLetters[static_cast<std::size_t>(code.v[0] - 10)];
  const int sum = letter / 10 + letter % 10 * 9 + weighted(code, weights(8, 7, 6, 5, 4, 3, 2, 1, 1), 1);
  return judged(sum % 10 == 0);
}

Verdict check_my(const Code& code) {
  const int place = two(code, 6);  // states, then countries
  if (!day_exists(-1, two(code, 2), two(code, 4)) || place == 0 || (place >= 17 && place <= 20) || place > 99)
    return Verdict::No;
  return Verdict::Match;
}

Verdict check_nik(const Code& code) {
  const int day = two(code, 6) > 40 ? two(code, 6) - 40 : two(code, 6);  // +40: women
  const int province = two(code, 0);
  if (province < 11 || province > 97 || !day_exists(-1, two(code, 8), day)) return Verdict::No;
  return number(code, 12, 16) == 0 ? Verdict::No : Verdict::Match;
}

Verdict check_cnic(const Code& code) {
  return code.v[0] == 0 || code.v[0] > 7 || one_symbol(code) ? Verdict::No : Verdict::Match;
}

// Century, birth date, governorate, sequence; the rule of the check digit is not published.
Verdict check_eg(const Code& code) {
  if ((code.v[0] != 2 && code.v[0] != 3) || !day_exists(-1, two(code, 3), two(code, 5))) return Verdict::No;
  const int place = two(code, 7);
  return place == 0 || (place > 35 && place != 88) ? Verdict::No : Verdict::Match;
}

Verdict check_ae(const Code& code) {
  const auto year = static_cast<int>(number(code, 3, 7));
  if (number(code, 0, 3) != 784 || year < 1900 || year > 2100) return Verdict::No;
  return judged(luhn(code, 0, 15));
}
Verdict check_sa(const Code& code) {
  if (code.v[0] != 1 && code.v[0] != 2) return Verdict::No;
  return judged(luhn(code, 0, 10));
}

constexpr double kEleventh = 1.0 / 11;

constexpr Recogniser kKinds[] = {
    {.id = "in_aadhaar",
     .title = "Indian Aadhaar number",
     .country = "in",
     .layouts = "9999 9999 9999|9999-9999-9999|999999999999",
     .check = check_aadhaar,
     .bare = 0.3F,
     .written = 0.7F,
     .null_rate = 0.08,
     .check_rate = 0.102,
     .tags = "national"},
    {.id = "in_pan",
     .title = "Indian tax number (PAN)",
     .country = "in",
     .layouts = "AAAAA9999A",
     .check = check_in_pan,
     .bare = 0.55F,
     .null_rate = 0.42,
     .tags = "tax"},
    {.id = "cn_resident_id",
     .title = "Chinese resident identity number",
     .country = "cn",
     .layouts = "99999999999999999x|999999 99999999 999x",
     .check = check_cn,
     .bare = 0.9F,
     .written = 0.9F,
     .null_rate = 0.0007,
     .check_rate = kEleventh,
     .tags = "national identity"},
    {.id = "kr_rrn",
     .title = "Korean resident registration number",
     .country = "kr",
     .layouts = "999999-9999999|9999999999999",
     .check = check_rrn,
     .bare = 0.3F,
     .written = 0.8F,
     .null_rate = 0.00386,
     .check_rate = 0.103,
     .tags = "national"},
    {.id = "jp_my_number",
     .title = "Japanese My Number",
     .country = "jp",
     .layouts = "999999999999|9999 9999 9999|9999-9999-9999",
     .check = check_mynumber,
     .bare = 0.2F,
     .written = 0.4F,
     .null_rate = 0.101,
     .check_rate = 0.1,
     .tags = "national"},
    {.id = "sg_nric",
     .title = "Singaporean NRIC or FIN",
     .country = "sg",
     .layouts = "A9999999A",
     .check = check_nric,
     .bare = 0.75F,
     .null_rate = 0.0077,
     .check_rate = 1.0 / 26,
     .tags = "national identity"},
    {.id = "th_id",
     .title = "Thai national id",
     .country = "th",
     .layouts = "9-9999-99999-99-9|9999999999999|9 9999 99999 99 9",
     .check = check_th,
     .written = 0.95F,
     .null_rate = 0.09,
     .check_rate = 0.1,
     .tags = "national"},
    {.id = "au_tfn",
     .title = "Australian tax file number",
     .country = "au",
     .layouts = "999 999 999|999-999-999|999999999",
     .check = check_tfn,
     .written = 0.4F,
     .null_rate = 0.091,
     .check_rate = kEleventh,
     .tags = "tax"},
    {.id = "au_abn",
     .title = "Australian business number",
     .country = "au",
     .layouts = "99 999 999 999|99999999999",
     .check = check_abn,
     .bare = 0.3F,
     .written = 0.7F,
     .null_rate = 0.0101,
     .check_rate = 1.0 / 89,
     .tags = "tax"},
    {.id = "au_medicare",
     .title = "Australian Medicare number",
     .family = Family::Health,
     .country = "au",
     .layouts = "9999 99999 9|9999999999|9999-99999-9|9999 99999 9/9|9999999999/9",
     .check = check_medicare,
     .written = 0.7F,
     .null_rate = 0.0516,
     .check_rate = 0.102,
     .tags = "health"},
    {.id = "nz_ird",
     .title = "New Zealand IRD number",
     .country = "nz",
     .layouts = "99-999-999|999-999-999|99999999|999999999|99 999 999|999 999 999",
     .check = check_ird,
     .bare = 0.1F,
     .written = 0.5F,
     .null_rate = 0.089,
     .check_rate = 0.1,
     .tags = "tax"},
    {.id = "il_id",
     .title = "Israeli identity number",
     .country = "il",
     .layouts = "999999999|99999999-9|9-9999999-9",
     .check = check_il,
     .written = 0.4F,
     .null_rate = 0.1,
     .check_rate = 0.1,
     .tags = "national identity"},
    {.id = "za_id",
     .title = "South African identity number",
     .country = "za",
     .layouts = "9999999999999|999999 9999 999|999999 9999 99 9",
     .check = check_za,
     .bare = 0.5F,
     .written = 0.85F,
     .null_rate = 0.0111,
     .check_rate = 0.1,
     .tags = "national identity"},
    {.id = "tr_tckn",
     .title = "Turkish identity number",
     .country = "tr",
     .layouts = "99999999999",
     .check = check_tckn,
     .bare = 0.4F,
     .null_rate = 0.009,
     .check_rate = 0.01,
     .tags = "national identity"},
    {.id = "tw_id",
     .title = "Taiwanese identity number",
     .country = "tw",
     .layouts = "A999999999",
     .check = check_tw,
     .bare = 0.6F,
     .null_rate = 0.0418,
     .check_rate = 0.103,
     .tags = "national identity"},
    {.id = "my_nric",
     .title = "Malaysian identity card number",
     .country = "my",
     .layouts = "999999-99-9999|999999999999|999999 99 9999",
     .check = check_my,
     .bare = 0.05F,
     .written = 0.6F,
     .null_rate = 0.034,
     .tags = "national identity"},
    {.id = "id_nik",
     .title = "Indonesian NIK",
     .country = "id",
     .layouts = "9999999999999999",
     .check = check_nik,
     .bare = 0.3F,
     .null_rate = 0.064,
     .tags = "national identity"},
    {.id = "pk_cnic",
     .title = "Pakistani CNIC",
     .country = "pk",
     .layouts = "99999-9999999-9|9999999999999",
     .check = check_cnic,
     .bare = 0.05F,
     .written = 0.85F,
     .null_rate = 0.7,
     .tags = "national identity"},
    {.id = "eg_national_id",
     .title = "Egyptian national id",
     .country = "eg",
     .layouts = "99999999999999",
     .check = check_eg,
     .bare = 0.3F,
     .null_rate = 0.0026,
     .tags = "national"},
    {.id = "ae_emirates_id",
     .title = "Emirates ID",
     .country = "ae",
     .layouts = "999-9999-9999999-9|999999999999999",
     .check = check_ae,
     .bare = 0.8F,
     .written = 0.97F,
     .null_rate = 1e-5,
     .check_rate = 0.1,
     .tags = "national identity"},
    {.id = "sa_id",
     .title = "Saudi national id or Iqama",
     .country = "sa",
     .layouts = "9999999999",
     .check = check_sa,
     .bare = 0.15F,
     .null_rate = 0.0207,
     .check_rate = 0.102,
     .tags = "national identity"},
};

}  // namespace

std::span<const Recogniser> national_asia() {
  return kKinds;
}

}  // namespace bulwark::assay::pii::groups
