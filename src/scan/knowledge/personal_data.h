#pragma once
// Personal data in texts that people did not mean to publish: outputs of notebooks, samples of data sets.
// Only what can be recognised exactly: numbers with check digits, and addresses in bulk.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::scan {

struct PersonalData {
  std::string_view kind;     // "payment card number"; a literal
  std::size_t count = 0;     // different ones, counted up to a limit
  std::uint64_t offset = 0;  // of the first in the text
};

// At most one entry a kind. Payment cards (ISO/IEC 7812: prefix and Luhn's check digit, three of them or one
// beside a word that says so), IBANs (ISO 13616, modulo 97), US social security numbers beside their name,
// e-mail addresses of five people or more. Published test numbers and example.com do not count. Linear.
[[nodiscard]] std::vector<PersonalData> find_personal_data(std::string_view text);

}  // namespace bulwark::scan
