// Devices, vehicles, licences and travel documents.
#include <string_view>

#include "assay/pii/check_digits.h"
#include "assay/pii/list.h"

namespace bulwark::assay::pii::groups {
namespace {

Verdict check_imei(const Code& code) {
  if (one_symbol(code) || two(code, 0) == 0) return Verdict::No;
  return judged(luhn(code, 0, 15));
}
Verdict check_iccid(const Code& code) {  // 89: telecommunication (ITU-T E.118)
  if (two(code, 0) != 89) return Verdict::No;
  return judged(luhn(code, 0, code.size));
}

// ISO 3779; the check digit in the ninth place is required in North America and China only, so elsewhere a
// number of that form is a Shape.
Verdict check_vin(const Code& code) {
  constexpr std::array<int, 26> kLetters = {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4,
                                            5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9};
  constexpr std::array<int, 17> kWeights = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  int sum = 0;
  int letters = 0;
  for (std::size_t i = 0; i < 17; ++i) {
    const bool letter = code.v[i] > 9;
    if (code.c[i] == 'I' || code.c[i] == 'O' || code.c[i] == 'Q') return Verdict::No;
    letters += letter ? 1 : 0;
    sum += kWeights[i] * (letter ? kLetters[static_cast<std::size_t>(code.v[i] - 10)] : code.v[i]);
  }
  // The serial ends in digits; a word of seventeen letters is no vehicle, neither is a number.
  if (letters == 0 || letters > 13 || code.v[14] > 9 || code.v[15] > 9 || code.v[16] > 9) return Verdict::No;
  const char check = sum % 11 == 10 ? 'X' : static_cast<char>('0' + sum % 11);
  return judged(code.c[8] == check);
}

// The optional check of the global location part (GS1): 01 and a GTIN-14.
Verdict check_udi(const Code& code) {
  int sum = 0;
  for (std::size_t i = 0; i < 13; ++i) sum += code.v[i] * (i % 2 == 0 ? 3 : 1);
  return judged((10 - sum % 10) % 10 == code.v[13]);
}

// A passport number alone is a letter or two and digits: only beside its name.
constexpr std::string_view kPassport =
    "999999999|A99999999|AA9999999|A9999999|AA999999|99AA99999|A999999|AA999999A|Axxxxxxxx";
constexpr std::string_view kLicence =
    "A9999999|A99999999|A999999999|A9999999999999|A99999999999|99999999|999999999|9999999999|A999-9999-9999|"
    "AA999999|AA9999999|999-99-9999|A999999|A999-9999-9999-99|A99-99-9999|Axxxxxxxxxx|9999999";
constexpr std::string_view kPlate =
    "AA99 AAA|AA99AAA|AA-999-AA|AA 999 AA|A-AA 9999|AA-A 999|AAA-AA 99|A-AA 999|AA-AA 999|AAA-A 999|AAA-9999|"
    "AAA 9999|9AAA999|AAA999|AAA 999|9999 AAA|9999AAA|AA-99-99|99-AAA-9|AA 99 AA 9999|AA-99-AA-9999|AA999AA|"
    "AAA9A99|A 9999 AA|AAA 99A|A-AAA 999|99-AA-99|A-999-AA|9-AAA-999|AAA-999|A AA 9999|AA AA 999";
constexpr std::string_view kSerial =
    "xxxxxxxx|xxxxxxxxx|xxxxxxxxxx|xxxxxxxxxxx|xxxxxxxxxxxx|AA-9999-9999|AAA-99999|xxxx-xxxx-xxxx|"
    "xxxxxxxxxxxxxx";

constexpr Recogniser kKinds[] = {
    {.id = "imei",
     .title = "IMEI",
     .family = Family::Device,
     .layouts = "999999999999999|99-999999-999999-9|99 999999 999999 9",
     .check = check_imei,
     .bare = 0.35F,
     .written = 0.9F,
     .null_rate = 0.099,
     .check_rate = 0.1,
     .tags = "device phone"},
    {.id = "iccid",
     .title = "SIM card number (ICCID)",
     .family = Family::Device,
     .layouts = "9999999999999999999|99999999999999999999",
     .check = check_iccid,
     .bare = 0.7F,
     .null_rate = 0.001,
     .check_rate = 0.1,
     .tags = "device phone"},
    {.id = "vin",
     .title = "vehicle identification number",
     .family = Family::Vehicle,
     .layouts = "xxxxxxxxxxxxxxxxx",
     .check = check_vin,
     .bare = 0.8F,
     .null_rate = 0.0002,
     .check_rate = 1.0 / 11,
     .tags = "vehicle"},
    {.id = "licence_plate",
     .title = "licence plate",
     .family = Family::Vehicle,
     .layouts = kPlate,
     .named = 0.8F,
     .only_named = true},
    {.id = "udi",
     .title = "unique device identifier (UDI)",
     .family = Family::Device,
     .layouts = "99999999999999",
     .check = check_udi,
     .bare = 0.1F,
     .null_rate = 0.1,
     .check_rate = 0.1,
     .only_named = true},
    {.id = "serial_number",
     .title = "device serial number",
     .family = Family::Device,
     .layouts = kSerial,
     .named = 0.6F,
     .only_named = true},
    {.id = "passport",
     .title = "passport number",
     .family = Family::NationalId,
     .layouts = kPassport,
     .named = 0.85F,
     .only_named = true},
    {.id = "driving_licence",
     .title = "driving licence number",
     .family = Family::NationalId,
     .layouts = kLicence,
     .named = 0.75F,
     .only_named = true},
    {.id = "mrz",
     .title = "machine readable zone of a travel document",
     .family = Family::NationalId,
     .bare = 0.95F,
     .null_rate = 1e-6,
     .check_rate = 1e-2},
};

}  // namespace

std::span<const Recogniser> device() {
  return kKinds;
}

}  // namespace bulwark::assay::pii::groups
