#include "support/pii_rules.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <numeric>

namespace bulwark::test {
namespace {

using Random = stats::Philox;

std::string some(Random& random, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>('0' + random.below(10));
  return out;
}
std::string letters(Random& random, std::size_t size, std::string_view from = "ABCDEFGHJKLMNPRSTUVWXYZ") {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += from[random.below(from.size())];
  return out;
}
std::string two_digits(std::uint64_t value) {
  return std::string(value < 10 ? "0" : "") + std::to_string(value);
}
// Day, month and year of two digits, in any order: "dmy", "ymd".
std::string day(Random& random, std::string_view order) {
  std::string out;
  for (const char part : order) {
    if (part == 'd') out += two_digits(1 + random.below(28));
    if (part == 'm') out += two_digits(1 + random.below(12));
    if (part == 'y') out += two_digits(random.below(100));
    if (part == 'Y') out += "19" + two_digits(30 + random.below(70));
  }
  return out;
}
int weigh(std::string_view text, std::initializer_list<int> weights) {
  int sum = 0;
  std::size_t i = 0;
  for (const int weight : weights) sum += weight * (text[i++] - '0');
  return sum;
}
// The digit that makes the sum of digits, every second one doubled and summed, a multiple of ten.
char luhn_digit(std::string_view text) {
  int sum = 0;
  bool twice = true;
  for (std::size_t i = text.size(); i-- > 0; twice = !twice) {
    const int value = (text[i] - '0') * (twice ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}
std::string with_luhn(std::string text) {
  text += luhn_digit(text);
  return text;
}
// Tries random beginnings until the rest of a division is a digit.
std::string until(Random& random, const std::function<std::string(Random&)>& start,
                  const std::function<int(std::string_view)>& check) {
  for (;;) {
    std::string text = start(random);
    const int digit = check(text);
    if (digit >= 0 && digit < 10) return text + static_cast<char>('0' + digit);
  }
}
int remainder_of(std::string_view text, int modulus) {
  int rest = 0;
  for (const char c : text) rest = (rest * 10 + (c - '0')) % modulus;
  return rest;
}
char digit(int value) {
  return static_cast<char>('0' + value);
}

// Verhoeff by its definition: multiplication of the dihedral group of the pentagon.
int pentagon(int a, int b) {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + (a + b) % 5;
  return b < 5 ? 5 + (a - 5 + 5 - b) % 5 : (a - b + 5) % 5;
}
char verhoeff_digit(std::string_view text) {
  constexpr std::array<int, 10> kOnce = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
  for (char check = '0'; check <= '9'; ++check) {
    const std::string whole = std::string(text) + check;
    int state = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      int value = whole[whole.size() - 1 - i] - '0';
      for (std::size_t k = 0; k < i % 8; ++k) value = kOnce[static_cast<std::size_t>(value)];
      state = pentagon(state, value);
    }
    if (state == 0) return check;
  }
  return '0';
}
char hybrid_11_10(std::string_view text) {
  int product = 10;
  for (const char c : text) {
    int sum = (c - '0' + product) % 10;
    sum = sum == 0 ? 10 : sum;
    product = 2 * sum % 11;
  }
  return digit(11 - product == 10 ? 0 : 11 - product);
}

std::string pan(Random& random) {
  constexpr std::array<std::string_view, 14> kStarts = {"4",    "51",   "55",   "2221", "2720", "34", "37",
                                                        "3528", "3589", "6011", "65",   "62",   "36", "2202"};
  const std::string_view start = kStarts[random.below(kStarts.size())];
  std::size_t size = 16;
  if (start == "34" || start == "37") size = 15;
  if (start == "36") size = 14;
  if (start == "62" && random.below(2) == 0) size = 19;
  if (start == "4" && random.below(4) == 0) size = random.below(2) == 0 ? 13 : 19;
  std::string text(start);
  if (start == "2720") text += "99";
  text += some(random, size - 1 - text.size());
  return with_luhn(text);
}

std::string iban(Random& random) {
  struct Form {
    std::string_view country;
    std::string_view grammar;  // 9 a digit, A a letter
  };
  constexpr std::array<Form, 9> kForms = {{{"GB", "AAAA99999999999999"},
                                           {"DE", "999999999999999999"},
                                           {"FR", "99999999999999999999999"},
                                           {"NL", "AAAA9999999999"},
                                           {"ES", "99999999999999999999"},
                                           {"IT", "A9999999999999999999999"},
                                           {"CH", "99999999999999999"},
                                           {"NO", "99999999999"},
                                           {"MT", "AAAA99999999999999999999999"}}};
  const Form form = kForms[random.below(kForms.size())];
  std::string account;
  for (const char c : form.grammar)
    account +=
        c == 'A' ? static_cast<char>('A' + random.below(26)) : static_cast<char>('0' + random.below(10));
  std::string numbers;
  for (const char c : account + std::string(form.country) + "00")
    numbers += c >= 'A' ? std::to_string(c - 'A' + 10) : std::string(1, c);
  return std::string(form.country) + two_digits(static_cast<std::uint64_t>(98 - remainder_of(numbers, 97))) +
         account;
}

std::string codice_fiscale(Random& random) {
  // The place of a letter is its value in odd places; digits count as A to J.
  constexpr std::string_view kOdd = "BAKPLCQDREVOSFTGUHMINJWZYX";
  std::string text = letters(random, 6) + two_digits(random.below(100)) + letters(random, 1, "ABCDEHLMPRST") +
                     two_digits(1 + random.below(28) + (random.below(2) == 0 ? 40 : 0)) +
                     letters(random, 1, "ABCDEFGHIL") + some(random, 3);
  int sum = 0;
  for (std::size_t i = 0; i < 15; ++i) {
    const int value = text[i] >= 'A' ? text[i] - 'A' : text[i] - '0';
    sum += i % 2 == 0 ? static_cast<int>(kOdd.find(static_cast<char>('A' + value))) : value;
  }
  return text + static_cast<char>('A' + sum % 26);
}

std::string vin(Random& random) {
  constexpr std::string_view kSigns =
      "0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ";  // index mod 10 is the value
  std::string text = letters(random, 3, "WVJ1K4") + letters(random, 5, "ABCDEFGH12345") + "0" +
                     letters(random, 2, "KLMNPR") + some(random, 6);
  constexpr std::array<int, 17> kWeights = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  std::size_t sum = 0;
  for (std::size_t i = 0; i < 17; ++i)
    sum += static_cast<std::size_t>(kWeights[i]) * (kSigns.find(text[i]) % 10);
  text[8] = sum % 11 == 10 ? 'X' : static_cast<char>('0' + sum % 11);
  return text;
}

std::vector<IdRule> make_rules() {
  std::vector<IdRule> rules;
  const auto add = [&](IdRule rule) { rules.push_back(std::move(rule)); };
  add({"pan",
       pan,
       {"", "", "#### #### #### *", "####-####-####-*"},
       {"card number", "credit card", "Visa", "Kreditkarte", "carte bancaire", "tarjeta"},
       false});
  add({"iban", iban, {"", "#### #### #### *"}, {"IBAN", "bank details"}, true, false});
  add({"us_aba",
       [](Random& r) {
         return until(
             r, [](Random& q) { return two_digits(1 + q.below(12)) + some(q, 6); },
             [](std::string_view t) { return (10 - weigh(t, {3, 7, 1, 3, 7, 1, 3, 7}) % 10) % 10; });
       },
       {""},
       {"routing number", "ABA"}});
  add({"us_ssn",
       [](Random& r) {
         return std::to_string(100 + r.below(500)) + two_digits(1 + r.below(99)) +
                std::to_string(1000 + r.below(9000));
       },
       {"", "###-##-####", "### ## ####"},
       {"SSN", "social security number"},
       false,
       false});
  add({"us_itin",
       [](Random& r) { return "9" + some(r, 2) + std::to_string(70 + r.below(18)) + some(r, 4); },
       {"###-##-####"},
       {"ITIN"},
       false,
       false});
  add({"ca_sin",
       [](Random& r) { return with_luhn(std::to_string(1 + r.below(7)) + some(r, 7)); },
       {"", "### ### ###", "###-###-###"},
       {"SIN", "social insurance number"}});
  add({"uk_nhs",
       [](Random& r) {
         return until(
             r, [](Random& q) { return "9" + some(q, 8); },
             [](std::string_view t) { return (11 - weigh(t, {10, 9, 8, 7, 6, 5, 4, 3, 2}) % 11) % 11; });
       },
       {"", "### ### ####"},
       {"NHS number", "NHS no"}});
  add({"uk_nino",
       [](Random& r) {
         return letters(r, 1, "ABCEHJKLMPRSTWXY") + letters(r, 1, "ACEHJLPRSWXY") + some(r, 6) +
                letters(r, 1, "ABCD");
       },
       {"", "## ## ## ## #"},
       {"National Insurance number", "NINO"},
       true,
       false});
  add({"fr_nir",
       [](Random& r) {
         const std::string t = std::to_string(1 + r.below(2)) + two_digits(r.below(100)) +
                               two_digits(1 + r.below(12)) + two_digits(10 + r.below(80)) + some(r, 6);
         return t + two_digits(static_cast<std::uint64_t>(97 - remainder_of(t, 97)));
       },
       {"", "# ## ## ## ### ### ##"},
       {"num\xC3\xA9ro de s\xC3\xA9"
        "curit\xC3\xA9 sociale",
        "NIR"}});
  add({"de_idnr",
       [](Random& r) {
         std::string order = "0123456789";
         for (std::size_t i = 10; i > 1; --i) std::swap(order[i - 1], order[r.below(i)]);
         if (order[0] == '0') std::swap(order[0], order[5]);
         order[9] = order[1];  // one digit comes twice
         return order + hybrid_11_10(order);
       },
       {"", "## ### ### ###"},
       {"Steuer-ID", "Steueridentifikationsnummer", "IdNr"}});
  add({"hr_oib",
       [](Random& r) {
         const std::string t = some(r, 10);
         return t + hybrid_11_10(t);
       },
       {""},
       {"OIB"}});
  add({"it_codice_fiscale", codice_fiscale, {""}, {"codice fiscale"}, true, false});
  add({"it_partita_iva",
       [](Random& r) { return with_luhn(some(r, 7) + "0" + two_digits(10 + r.below(80))); },
       {""},
       {"partita IVA", "P.IVA"}});
  add({"es_nif",
       [](Random& r) {
         const std::string t = some(r, 8);
         return t + "TRWAGMYFPDXBNJZSQVHLCKE"[remainder_of(t, 23)];
       },
       {"", "########-#"},
       {"DNI", "NIF"},
       false,
       true});
  add({"es_nie",
       [](Random& r) {
         const auto which = r.below(3);
         const std::string t = some(r, 7);
         return "XYZ"[which] + t + "TRWAGMYFPDXBNJZSQVHLCKE"[remainder_of(std::to_string(which) + t, 23)];
       },
       {"", "#-#######-#"},
       {"NIE"},
       true});
  add({"nl_bsn",
       [](Random& r) {
         return until(
             r, [](Random& q) { return std::to_string(1 + q.below(8)) + some(q, 7); },
             [](std::string_view t) { return weigh(t, {9, 8, 7, 6, 5, 4, 3, 2}) % 11; });
       },
       {""},
       {"BSN", "burgerservicenummer"}});
  add({"be_nrn",
       [](Random& r) {
         const std::string t = day(r, "ymd") + some(r, 3);
         return t + two_digits(static_cast<std::uint64_t>(97 - remainder_of(t, 97)));
       },
       {"", "##.##.##-###.##"},
       {"rijksregisternummer", "num\xC3\xA9ro national"}});
  add({"pl_pesel",
       [](Random& r) {
         const std::string t = day(r, "ymd") + some(r, 4);
         return t + digit((10 - weigh(t, {1, 3, 7, 9, 1, 3, 7, 9, 1, 3}) % 10) % 10);
       },
       {""},
       {"PESEL"}});
  add({"pl_nip",
       [](Random& r) {
         return until(
             r, [](Random& q) { return std::to_string(1 + q.below(9)) + some(q, 8); },
             [](std::string_view t) { return weigh(t, {6, 5, 7, 2, 3, 4, 5, 6, 7}) % 11; });
       },
       {"", "###-###-##-##"},
       {"NIP"}});
  add({"fi_hetu",
       [](Random& r) {
         const std::string t = day(r, "dmy") + std::to_string(100 + r.below(800));
         return t + "0123456789ABCDEFHJKLMNPRSTUVWXY"[remainder_of(t, 31)];
       },
       {"######-####"},
       {"henkil\xC3\xB6tunnus", "HETU"},
       true});
  add({"no_fnr",
       [](Random& r) {
         for (;;) {
           std::string t = day(r, "dmy") + some(r, 3);
           const int first = (11 - weigh(t, {3, 7, 6, 1, 8, 9, 4, 5, 2}) % 11) % 11;
           if (first == 10) continue;
           t += digit(first);
           const int second = (11 - weigh(t, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11) % 11;
           if (second < 10) return t + digit(second);
         }
       },
       {"", "###### #####"},
       {"f\xC3\xB8"
        "dselsnummer",
        "fnr"}});
  add({"dk_cpr",
       [](Random& r) {
         return until(
             r, [](Random& q) { return day(q, "dmy") + some(q, 3); },
             [](std::string_view t) { return (11 - weigh(t, {4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11) % 11; });
       },
       {"######-####"},
       {"CPR-nummer", "CPR"}});
  add({"se_personnummer",
       [](Random& r) { return with_luhn(day(r, "ymd") + some(r, 3)); },
       {"######-####"},
       {"personnummer"},
       false});
  add({"ch_ahv",
       [](Random& r) {
         const std::string t = "756" + some(r, 9);
         return t + digit((10 - weigh(t, {1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3}) % 10) % 10);
       },
       {"", "###.####.####.##"},
       {"AHV-Nr", "AVS"}});
  add({"at_svnr",
       [](Random& r) {
         for (;;) {
           const std::string serial = std::to_string(100 + r.below(900));
           const std::string birth = day(r, "dmy");
           const int check = (weigh(serial, {3, 7, 9}) + weigh(birth, {5, 8, 4, 2, 1, 6})) % 11;
           if (check < 10) return serial + digit(check) + birth;
         }
       },
       {"", "#### ######"},
       {"Sozialversicherungsnummer", "SVNR"}});
  add({"pt_nif",
       [](Random& r) {
         const std::string t = std::to_string(1 + r.below(3)) + some(r, 7);
         const int check = 11 - weigh(t, {9, 8, 7, 6, 5, 4, 3, 2}) % 11;
         return t + digit(check > 9 ? 0 : check);
       },
       {"", "### ### ###"},
       {"contribuinte"}});
  add({"ie_pps",
       [](Random& r) {
         const std::string t = some(r, 7);
         return t + "WABCDEFGHIJKLMNOPQRSTUV"[weigh(t, {8, 7, 6, 5, 4, 3, 2}) % 23];
       },
       {""},
       {"PPS number", "PPSN"}});
  add({"cz_sk_rodne_cislo",
       [](Random& r) {
         return until(
             r, [](Random& q) { return day(q, "ymd") + some(q, 3); },
             [](std::string_view t) {
               return remainder_of(std::string(t) + "0", 11) == 0
                          ? 0
                          : 11 - remainder_of(std::string(t) + "0", 11);
             });
       },
       {"", "######/####"},
       {"rodn\xC3\xA9 \xC4\x8D\xC3\xADslo"}});
  add({"ro_cnp",
       [](Random& r) {
         const std::string t =
             std::to_string(1 + r.below(2)) + day(r, "ymd") + two_digits(1 + r.below(46)) + some(r, 3);
         const int rest = weigh(t, {2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9}) % 11;
         return t + digit(rest == 10 ? 1 : rest);
       },
       {""},
       {"CNP"}});
  add({"bg_egn",
       [](Random& r) {
         const std::string t = day(r, "ymd") + some(r, 3);
         return t + digit(weigh(t, {2, 4, 8, 5, 10, 9, 7, 3, 6}) % 11 % 10);
       },
       {""},
       {"\xD0\x95\xD0\x93\xD0\x9D", "EGN"}});
  add({"gr_amka", [](Random& r) { return with_luhn(day(r, "dmy") + some(r, 4)); }, {""}, {"AMKA"}});
  add({"br_cpf",
       [](Random& r) {
         std::string t = some(r, 8) + "7";
         const auto check = [](int sum) { return sum % 11 < 2 ? 0 : 11 - sum % 11; };
         t += digit(check(weigh(t, {10, 9, 8, 7, 6, 5, 4, 3, 2})));
         return t + digit(check(weigh(t, {11, 10, 9, 8, 7, 6, 5, 4, 3, 2})));
       },
       {"", "###.###.###-##"},
       {"CPF"}});
  add({"br_cnpj",
       [](Random& r) {
         std::string t = some(r, 8) + "0001";
         const auto check = [](int sum) { return sum % 11 < 2 ? 0 : 11 - sum % 11; };
         t += digit(check(weigh(t, {5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2})));
         return t + digit(check(weigh(t, {6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2})));
       },
       {"", "##.###.###/####-##"},
       {"CNPJ"}});
  add({"ar_cuit",
       [](Random& r) {
         const std::string t = "20" + some(r, 8);
         const int check = 11 - weigh(t, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11;
         return t + digit(check == 11 ? 0 : check == 10 ? 9 : check);
       },
       {"", "##-########-#"},
       {"CUIT", "CUIL"}});
  add({"cl_rut",
       [](Random& r) {
         const std::string t = std::to_string(10 + r.below(15)) + some(r, 6);
         const int check = 11 - weigh(t, {3, 2, 7, 6, 5, 4, 3, 2}) % 11;
         return t + (check == 11 ? '0' : check == 10 ? 'K' : digit(check));
       },
       {"##.###.###-#", "########-#"},
       {"RUT"},
       false,
       true});
  add({"in_aadhaar",
       [](Random& r) {
         const std::string t = std::to_string(2 + r.below(8)) + some(r, 10);
         return t + verhoeff_digit(t);
       },
       {"", "#### #### ####"},
       {"Aadhaar", "Aadhaar number"}});
  add({"cn_resident_id",
       [](Random& r) {
         const std::string t = "110105" + day(r, "Ymd") + some(r, 3);
         return t + "10X98765432"[weigh(t, {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}) % 11];
       },
       {""},
       {"\xE8\xBA\xAB\xE4\xBB\xBD\xE8\xAF\x81\xE5\x8F\xB7"},
       true,
       false});
  add({"kr_rrn",
       [](Random& r) {
         const std::string t = day(r, "ymd") + std::to_string(1 + r.below(4)) + some(r, 5);
         return t + digit((11 - weigh(t, {2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5}) % 11) % 10);
       },
       {"######-#######"},
       {"resident registration number"},
       true});
  add({"jp_my_number",
       [](Random& r) {
         const std::string t = some(r, 10) + "4";
         const int rest = weigh(t, {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11;
         return t + digit(rest <= 1 ? 0 : 11 - rest);
       },
       {"", "#### #### ####"},
       {"\xE3\x83\x9E\xE3\x82\xA4\xE3\x83\x8A\xE3\x83\xB3\xE3\x83\x90\xE3\x83\xBC", "My Number"}});
  add({"sg_nric",
       [](Random& r) {
         const std::string t = some(r, 7);
         return "S" + t + "JZIHGFEDCBA"[weigh(t, {2, 7, 6, 5, 4, 3, 2}) % 11];
       },
       {""},
       {"NRIC"},
       true});
  add({"th_id",
       [](Random& r) {
         const std::string t = std::to_string(1 + r.below(8)) + some(r, 11);
         return t + digit((11 - weigh(t, {13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2}) % 11) % 10);
       },
       {"#-####-#####-##-#"},
       {"Thai national ID"},
       true});
  add({"au_tfn",
       [](Random& r) {
         for (;;) {
           const std::string t = std::to_string(1 + r.below(8)) + some(r, 7);
           for (int check = 0; check < 10; ++check)
             if ((weigh(t, {1, 4, 3, 7, 5, 8, 6, 9}) + 10 * check) % 11 == 0) return t + digit(check);
         }
       },
       {"", "### ### ###"},
       {"TFN", "tax file number"}});
  add({"au_abn",
       [](Random& r) {
         for (;;) {
           const std::string t = std::to_string(10 + r.below(90)) + some(r, 9);
           if ((weigh(t, {10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19}) - 10) % 89 == 0) return t;
         }
       },
       {"", "## ### ### ###"},
       {"ABN"}});
  add({"au_medicare",
       [](Random& r) {
         const std::string t = std::to_string(2 + r.below(5)) + some(r, 7);
         return t + digit(weigh(t, {1, 3, 7, 9, 1, 3, 7, 9}) % 10) + "1";
       },
       {"#### ##### #"},
       {"Medicare number", "Medicare"},
       false,
       false});
  add({"il_id",
       [](Random& r) { return with_luhn(some(r, 7) + "5"); },
       {""},
       {"\xD7\xAA\xD7\xA2\xD7\x95\xD7\x93\xD7\xAA \xD7\x96\xD7\x94\xD7\x95\xD7\xAA", "teudat zehut"}});
  add({"za_id",
       [](Random& r) { return with_luhn(day(r, "ymd") + some(r, 4) + "08"); },
       {""},
       {"South African ID", "SA ID"}});
  add({"tr_tckn",
       [](Random& r) {
         const std::string t = std::to_string(1 + r.below(9)) + some(r, 8);
         const int tenth = ((weigh(t, {7, -1, 7, -1, 7, -1, 7, -1, 7}) % 10) + 10) % 10;
         return t + digit(tenth) + digit((weigh(t, {1, 1, 1, 1, 1, 1, 1, 1, 1}) + tenth) % 10);
       },
       {""},
       {"TC Kimlik", "TCKN"}});
  add({"us_npi",
       [](Random& r) {
         const std::string t = "1" + some(r, 8);
         return t + luhn_digit("80840" + t);
       },
       {""},
       {"NPI"}});
  add({"us_dea",
       [](Random& r) {
         const std::string t = some(r, 6);
         return letters(r, 1, "ABFM") + letters(r, 1) + t + digit((weigh(t, {1, 2, 1, 2, 1, 2})) % 10);
       },
       {""},
       {"DEA number"}});
  add({"imei",
       [](Random& r) { return with_luhn("35" + some(r, 12)); },
       {"", "##-######-######-#"},
       {"IMEI"}});
  add({"vin", vin, {""}, {"VIN", "chassis number"}, true, false});
  return rules;
}

}  // namespace

const std::vector<IdRule>& id_rules() {
  static const std::vector<IdRule> kRules = make_rules();
  return kRules;
}

// '*' in a spelling: groups of four until the end.
std::string spelled(stats::Philox& random, const IdRule& rule, std::string_view plain) {
  const std::string_view spelling = rule.spellings[random.below(rule.spellings.size())];
  std::string out;
  std::size_t used = 0;
  for (const char c : spelling) {
    if (c == '#') {
      if (used < plain.size()) out += plain[used++];
    } else if (c == '*') {
      for (std::size_t i = 0; used < plain.size(); ++i) {
        if (i > 0 && i % 4 == 0) out += spelling[4];
        out += plain[used++];
      }
    } else {
      out += c;
    }
  }
  out += plain.substr(used);
  const bool mixed = rule.kind == "iban" || rule.kind == "it_codice_fiscale" || rule.kind == "es_nie";
  if (mixed && random.below(4) == 0)
    for (char& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace bulwark::test
