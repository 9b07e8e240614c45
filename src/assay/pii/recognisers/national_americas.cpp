// Identity, social security and tax numbers of the Americas.
#include <string_view>

#include "assay/pii/check_digits.h"
#include "assay/pii/list.h"

namespace bulwark::assay::pii::groups {
namespace {

template <class... T>
constexpr std::array<std::int16_t, sizeof...(T)> weights(T... values) {
  return {static_cast<std::int16_t>(values)...};
}

Verdict check_ssn(const Code& code) {
  const std::uint64_t area = number(code, 0, 3);
  if (area == 0 || area == 666 || area >= 900 || two(code, 3) == 0 || number(code, 5, 9) == 0)
    return Verdict::No;
  // Printed on wallet cards and in advertisements, so the administration voided them.
  const std::uint64_t whole = number(code, 0, 9);
  const bool printed = whole == 78'051'120 || whole == 219'099'999 || whole == 123'456'789;
  return printed || one_symbol(code) ? Verdict::No : Verdict::Match;
}

Verdict check_itin(const Code& code) {
  const int group = two(code, 3);
  if (code.v[0] != 9) return Verdict::No;
  const bool issued = (group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
                      (group >= 90 && group <= 92) || (group >= 94 && group <= 99);
  return issued ? Verdict::Match : Verdict::No;
}

// Prefixes that no campus of the revenue service has.
Verdict check_ein(const Code& code) {
  constexpr std::array<int, 17> kUnused = {0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97};
  const int prefix = two(code, 0);
  for (const int unused : kUnused)
    if (prefix == unused) return Verdict::No;
  return Verdict::Match;
}

Verdict check_sin(const Code& code) {
  if (code.v[0] == 8 || one_symbol(code)) return Verdict::No;
  return judged(luhn(code, 0, 9));
}

int mod11_to_check(int sum) {  // remainder below 2: 0
  return sum % 11 < 2 ? 0 : 11 - sum % 11;
}
Verdict check_cpf(const Code& code) {
  if (one_symbol(code)) return Verdict::No;
  return judged(mod11_to_check(weighted(code, weights(10, 9, 8, 7, 6, 5, 4, 3, 2))) == code.v[9] &&
                mod11_to_check(weighted(code, weights(11, 10, 9, 8, 7, 6, 5, 4, 3, 2))) == code.v[10]);
}
Verdict check_cnpj(const Code& code) {
  if (one_symbol(code)) return Verdict::No;
  const int first = mod11_to_check(weighted(code, weights(5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)));
  const int second = mod11_to_check(weighted(code, weights(6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)));
  return judged(first == code.v[12] && second == code.v[13]);
}

Verdict check_cuit(const Code& code) {
  const int kind = two(code, 0);
  if (kind != 20 && (kind < 23 || kind > 27) && kind != 30 && kind != 33 && kind != 34) return Verdict::No;
  const int check = 11 - weighted(code, weights(5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11;
  return judged((check == 11 ? 0 : check == 10 ? 9 : check) == code.v[10]);
}

Verdict check_rut(const Code& code) {
  int sum = 0;
  const std::size_t last = code.size - 1;
  for (std::size_t i = 0; i < last; ++i) sum += code.v[last - 1 - i] * static_cast<int>(2 + i % 6);
  if (one_symbol(code) || (code.letters >> last != 0 && code.c[last] != 'K')) return Verdict::No;
  const int check = 11 - sum % 11;
  const char wanted = check == 11 ? '0' : check == 10 ? 'K' : static_cast<char>('0' + check);
  return judged(code.c[last] == wanted);
}

// Name letters, birth date, sex, state, consonants, a sign for the century, check digit.
Verdict check_curp(const Code& code) {
  if (!day_exists(-1, two(code, 6), two(code, 8))) return Verdict::No;
  if (code.c[10] != 'H' && code.c[10] != 'M' && code.c[10] != 'X') return Verdict::No;
  constexpr std::string_view kStates =
      "AS BC BS CC CS CH CL CM DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS NE ";
  const std::string_view state = code.text().substr(11, 2);
  bool known = false;
  for (std::size_t i = 0; i < kStates.size(); i += 3) known |= kStates.substr(i, 2) == state;
  if (!known) return Verdict::No;
  // Places in 0-9A-NÑO-Z, weighted 18 to 2.
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) {
    const int value = code.v[i] > 23 ? code.v[i] + 1 : code.v[i];
    sum += value * static_cast<int>(18 - i);
  }
  return judged((10 - sum % 10) % 10 == code.v[17]);
}

Verdict check_rfc(const Code& code) {
  const std::size_t start = code.size - 9;  // three letters of a company, four of a person
  return day_exists(-1, two(code, start + 2), two(code, start + 4)) ? Verdict::Match : Verdict::No;
}

Verdict check_nit(const Code& code) {
  if (one_symbol(code)) return Verdict::No;
  const int rest = weighted(code, weights(41, 37, 29, 23, 19, 17, 13, 7, 3)) % 11;
  return judged((rest < 2 ? rest : 11 - rest) == code.v[9]);
}

Verdict check_ruc(const Code& code) {
  const int kind = two(code, 0);
  if (kind != 10 && kind != 15 && kind != 16 && kind != 17 && kind != 20) return Verdict::No;
  const int check = 11 - weighted(code, weights(5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11;
  return judged(check % 10 == code.v[10]);
}

// Province, a digit below 6 for people, Luhn.
Verdict check_cedula(const Code& code) {
  const int province = two(code, 0);
  if (province == 0 || (province > 24 && province != 30) || code.v[2] > 5) return Verdict::No;
  return judged(luhn(code, 0, 10));
}

Verdict check_ci(const Code& code) {
  if (one_symbol(code)) return Verdict::No;
  const int sum = weighted(code, weights(2, 9, 8, 7, 6, 3, 4));
  return judged((10 - sum % 10) % 10 == code.v[7]);
}

constexpr Recogniser kKinds[] = {
    {.id = "us_ssn",
     .title = "US Social Security number",
     .country = "us",
     .layouts = "999-99-9999|999 99 9999|999999999|999.99.9999",
     .check = check_ssn,
     .bare = 0.1F,
     .written = 0.7F,
     .named = 0.95F,
     .null_rate = 0.888,
     .tags = "national"},
    {.id = "us_itin",
     .title = "US individual taxpayer number",
     .country = "us",
     .layouts = "999-99-9999|999 99 9999|999999999",
     .check = check_itin,
     .bare = 0.05F,
     .written = 0.7F,
     .null_rate = 0.044,
     .tags = "tax"},
    {.id = "us_ein",
     .title = "US employer number",
     .country = "us",
     .layouts = "99-9999999",
     .check = check_ein,
     .written = 0.35F,
     .null_rate = 0.83,
     .tags = "tax"},
    {.id = "ca_sin",
     .title = "Canadian social insurance number",
     .country = "ca",
     .layouts = "999 999 999|999-999-999|999999999",
     .check = check_sin,
     .written = 0.5F,
     .null_rate = 0.09,
     .check_rate = 0.1,
     .tags = "national"},
    {.id = "br_cpf",
     .title = "Brazilian CPF",
     .country = "br",
     .layouts = "999.999.999-99|99999999999|999999999-99",
     .check = check_cpf,
     .bare = 0.4F,
     .written = 0.95F,
     .null_rate = 0.0106,
     .check_rate = 0.0105,
     .tags = "tax national"},
    {.id = "br_cnpj",
     .title = "Brazilian CNPJ",
     .country = "br",
     .layouts = "99.999.999/9999-99|99999999999999|99999999/9999-99",
     .check = check_cnpj,
     .bare = 0.4F,
     .written = 0.95F,
     .null_rate = 0.0101,
     .check_rate = 0.0101,
     .tags = "tax"},
    {.id = "ar_cuit",
     .title = "Argentine CUIT or CUIL",
     .country = "ar",
     .layouts = "99-99999999-9|99999999999|99 99999999 9",
     .check = check_cuit,
     .bare = 0.3F,
     .written = 0.85F,
     .null_rate = 0.00902,
     .check_rate = 0.0994,
     .tags = "tax national"},
    {.id = "cl_rut",
     .title = "Chilean RUT",
     .country = "cl",
     .layouts = "99.999.999-x|9.999.999-x|99999999-x|9999999-x|99999999x|9999999x",
     .check = check_rut,
     .bare = 0.15F,
     .written = 0.75F,
     .null_rate = 0.0909,
     .check_rate = 1.0 / 11,
     .tags = "tax national"},
    {.id = "mx_curp",
     .title = "Mexican CURP",
     .country = "mx",
     .layouts = "AAAA999999AAAAAAx9",
     .check = check_curp,
     .bare = 0.95F,
     .null_rate = 0.0001,
     .check_rate = 0.1,
     .tags = "national"},
    {.id = "mx_rfc",
     .title = "Mexican RFC",
     .country = "mx",
     .layouts = "AAAA999999xxx|AAA999999xxx|AAAA-999999-xxx|AAA-999999-xxx|AAAA 999999 xxx",
     .check = check_rfc,
     .bare = 0.45F,
     .written = 0.6F,
     .null_rate = 0.037,
     .tags = "tax"},
    {.id = "co_nit",
     .title = "Colombian NIT",
     .country = "co",
     .layouts = "999999999-9|999.999.999-9|9999999999",
     .check = check_nit,
     .bare = 0.1F,
     .written = 0.6F,
     .null_rate = 0.102,
     .check_rate = 0.101,
     .tags = "tax"},
    {.id = "pe_ruc",
     .title = "Peruvian RUC",
     .country = "pe",
     .layouts = "99999999999",
     .check = check_ruc,
     .null_rate = 0.00513,
     .check_rate = 0.101,
     .tags = "tax"},
    {.id = "ec_cedula",
     .title = "Ecuadorian cédula",
     .country = "ec",
     .layouts = "9999999999|999999999-9",
     .check = check_cedula,
     .written = 0.5F,
     .null_rate = 0.0156,
     .check_rate = 0.1,
     .tags = "national"},
    {.id = "uy_ci",
     .title = "Uruguayan identity card",
     .country = "uy",
     .layouts = "9.999.999-9|99999999|9999999-9",
     .check = check_ci,
     .bare = 0.05F,
     .written = 0.75F,
     .null_rate = 0.1,
     .check_rate = 0.1,
     .tags = "national identity"},
};

}  // namespace

std::span<const Recogniser> national_americas() {
  return kKinds;
}

}  // namespace bulwark::assay::pii::groups
