// People, where they live, when they were born, and what GDPR art. 9 protects.
#include "assay/pii/check_digits.h"
#include "assay/pii/list.h"

namespace bulwark::assay::pii::groups {
namespace {

// ISO, American and European order; a year of four digits or of two.
Verdict check_date(const Code& code) {
  const auto fits = [](int year, int month, int day) { return day_exists(year, month, day); };
  if (code.letters != 0) return Verdict::No;
  if (code.size == 8) {
    const auto front = static_cast<int>(number(code, 0, 4));
    const auto back = static_cast<int>(number(code, 4, 8));
    if (front >= 1880 && front <= 2100 && fits(front, two(code, 4), two(code, 6))) return Verdict::Match;
    if (back < 1880 || back > 2100) return Verdict::No;
    return fits(back, two(code, 0), two(code, 2)) || fits(back, two(code, 2), two(code, 0)) ? Verdict::Match
                                                                                            : Verdict::No;
  }
  if (code.size == 6)
    return fits(-1, two(code, 0), two(code, 2)) || fits(-1, two(code, 2), two(code, 0)) ||
                   fits(-1, two(code, 2), two(code, 4))
               ? Verdict::Match
               : Verdict::No;
  return Verdict::Match;  // one-digit days or months: the year decides
}

Verdict check_age(const Code& code) {
  const auto age = number(code, 0, code.size);
  return age >= 1 && age <= 120 ? Verdict::Match : Verdict::No;
}

Verdict check_uk_postcode(const Code& code) {
  constexpr std::string_view kNeverInward = "CIKMOV";
  const std::size_t inward = code.size - 3;
  if (code.v[inward] > 9) return Verdict::No;
  return kNeverInward.contains(code.c[inward + 1]) || kNeverInward.contains(code.c[inward + 2])
             ? Verdict::No
             : Verdict::Match;
}
Verdict check_ca_postcode(const Code& code) {
  constexpr std::string_view kNever = "DFIOQU";
  return kNever.contains(code.c[0]) || kNever.contains(code.c[2]) || kNever.contains(code.c[4])
             ? Verdict::No
             : Verdict::Match;
}

constexpr std::string_view kDates =
    "9999-99-99|9999/99/99|9999.99.99|99/99/9999|99.99.9999|99-99-9999|9/9/9999|9/99/9999|99/9/9999|9.9.9999|"
    "9.99.9999|99.9.9999|99/99/99|9-9-9999|99-9-9999|9-99-9999|99 99 9999|99.99.99";

constexpr Recogniser kKinds[] = {
    {.id = "person_name",
     .title = "name of a person",
     .family = Family::Person,
     .bare = 0.55F,
     .written = 0.75F,
     .named = 0.9F,
     .null_rate = 0.02},
    {.id = "postal_address",
     .title = "postal address",
     .family = Family::Place,
     .bare = 0.65F,
     .written = 0.75F,
     .named = 0.9F,
     .null_rate = 1e-3},
    {.id = "postcode",
     .title = "postcode or ZIP code",
     .family = Family::Place,
     .layouts = "99999|9999|999999|99999-9999|999 99|99-999|99999-999|999-9999|9999 AA|A99 xxxx",
     .named = 0.7F,
     .only_named = true},
    {.id = "uk_postcode",
     .title = "UK postcode",
     .family = Family::Place,
     .country = "gb",
     .layouts = "A9 9AA|A99 9AA|AA9 9AA|AA99 9AA|A9A 9AA|AA9A 9AA",
     .check = check_uk_postcode,
     .written = 0.65F,
     .named = 0.9F,
     .null_rate = 0.59,
     .tags = "postcode"},
    {.id = "ca_postcode",
     .title = "Canadian postal code",
     .family = Family::Place,
     .country = "ca",
     .layouts = "A9A 9A9",
     .check = check_ca_postcode,
     .written = 0.65F,
     .named = 0.9F,
     .null_rate = 0.45,
     .tags = "postcode"},
    {.id = "date_of_birth",
     .title = "date of birth",
     .family = Family::Time,
     .layouts = kDates,
     .check = check_date,
     .bare = 0.0F,
     .written = 0.0F,
     .named = 0.9F,
     .null_rate = 0.05,
     .only_named = true},
    {.id = "date",
     .title = "date with a day",
     .family = Family::Time,
     .layouts = kDates,
     .check = check_date,
     .bare = 0.1F,
     .written = 0.4F,
     .named = 0.5F,
     .null_rate = 0.05},
    {.id = "age",
     .title = "age of a person",
     .family = Family::Time,
     .layouts = "99|999|9",
     .check = check_age,
     .named = 0.7F,
     .null_rate = 0.12,
     .only_named = true},
    {.id = "biometric", .title = "biometric data", .family = Family::Special, .bare = 0.0F, .named = 0.7F},
    {.id = "special_category",
     .title = "word about a special category (GDPR art. 9)",
     .family = Family::Special,
     .bare = 0.3F,
     .written = 0.3F,
     .named = 0.7F,
     .null_rate = 0.01},
};

}  // namespace

std::span<const Recogniser> person() {
  return kKinds;
}

}  // namespace bulwark::assay::pii::groups
