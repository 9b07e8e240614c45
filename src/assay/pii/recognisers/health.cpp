// Health: who gives care, who gets it, and what for.
#include <string_view>

#include "assay/pii/check_digits.h"
#include "assay/pii/list.h"

namespace bulwark::assay::pii::groups {
namespace {

// Luhn over 80840 (health, United States) and the number: the prefix always adds 24.
Verdict check_npi(const Code& code) {
  if (code.v[0] != 1 && code.v[0] != 2) return Verdict::No;
  constexpr std::array<int, 10> kDoubled = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};
  int sum = 24;
  for (std::size_t i = 0; i < 10; ++i)
    sum += i % 2 == 0 ? kDoubled[static_cast<std::size_t>(code.v[i])] : code.v[i];
  return judged(sum % 10 == 0);
}

Verdict check_dea(const Code& code) {
  constexpr std::string_view kRegistrants = "ABCDEFGHJKLMPRSTUX";
  if (!kRegistrants.contains(code.c[0])) return Verdict::No;
  const int sum = code.v[2] + code.v[4] + code.v[6] + 2 * (code.v[3] + code.v[5] + code.v[7]);
  return judged(sum % 10 == code.v[8]);
}

// Position grammar C A AN N A AN N A A N N; letters without S, L, O, I, B, Z.
Verdict check_mbi(const Code& code) {
  constexpr std::string_view kGrammar = "CAXNAXNAANN";
  constexpr std::string_view kLetters = "ACDEFGHJKMNPQRTUVWXY";
  for (std::size_t i = 0; i < 11; ++i) {
    const bool letter = code.v[i] > 9;
    const char place = kGrammar[i];
    if (letter && (place == 'C' || place == 'N' || !kLetters.contains(code.c[i]))) return Verdict::No;
    if (!letter && (place == 'A' || (place == 'C' && code.v[i] == 0))) return Verdict::No;
  }
  return Verdict::Match;
}

Verdict check_icd10(const Code& code) {  // U: special purposes
  return code.v[1] < 10 && code.c[0] != 'U' ? Verdict::Match : Verdict::Shape;
}

constexpr Recogniser kKinds[] = {
    {.id = "us_npi",
     .title = "US provider number (NPI)",
     .family = Family::Health,
     .country = "us",
     .layouts = "9999999999",
     .check = check_npi,
     .null_rate = 0.02,
     .check_rate = 0.1,
     .tags = "health"},
    {.id = "us_dea",
     .title = "DEA registration number",
     .family = Family::Health,
     .country = "us",
     .layouts = "Ax9999999",
     .check = check_dea,
     .bare = 0.45F,
     .null_rate = 0.069,
     .check_rate = 0.1,
     .tags = "health"},
    {.id = "us_mbi",
     .title = "US Medicare beneficiary id (MBI)",
     .family = Family::Health,
     .country = "us",
     .layouts = "9xxxxxxxxxx|9xxx-xxx-xxxx",
     .check = check_mbi,
     .bare = 0.75F,
     .written = 0.9F,
     .null_rate = 0.0007,
     .tags = "health"},
    {.id = "medical_record",
     .title = "medical record number",
     .family = Family::Health,
     .layouts = "99999|999999|9999999|99999999|999999999|9999999999|A999999|A9999999|AA999999|AA9999999|"
                "AAA999999|999-99-999|99-99-99|999-999",
     .named = 0.85F,
     .only_named = true},
    {.id = "health_plan",
     .title = "health plan member number",
     .family = Family::Health,
     .layouts = "99999999|999999999|9999999999|99999999999|A99999999|AAA999999999|AAA99A99999|AA9999999|"
                "A999999999|AAA999999",
     .named = 0.8F,
     .only_named = true},
    {.id = "icd10",
     .title = "diagnosis code (ICD-10)",
     .family = Family::Health,
     .layouts = "A9x|A9x.x|A9x.xx|A9x.xxx|A9x.xxxx",
     .check = check_icd10,
     .named = 0.75F,
     .null_rate = 0.9,
     .only_named = true},
    {.id = "ndc",
     .title = "drug code (NDC)",
     .family = Family::Health,
     .layouts = "99999-999-99|99999-9999-9|9999-9999-99|99999-9999-99|99999999999",
     .named = 0.75F,
     .only_named = true},
};

}  // namespace

std::span<const Recogniser> health() {
  return kKinds;
}

}  // namespace bulwark::assay::pii::groups
