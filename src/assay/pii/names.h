#pragma once
// How names of people and streets are put together.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "assay/pii/free.h"

namespace bulwark::assay::pii {

enum class NameGap : std::uint8_t {
  Joined,
  Stopped,
  Apart
};  // a blank or hyphen; a full stop; anything else
[[nodiscard]] NameGap gap_between(std::string_view text, std::size_t end, std::size_t next);
[[nodiscard]] bool is_particle(std::string_view word);                       // van, de, bin …
[[nodiscard]] bool ends_in_initial(std::string_view text, std::size_t end);  // "John F"

// "12b Old Mill Road" where the word [begin, end) is "Road".
[[nodiscard]] std::optional<Extent> street_ending(std::string_view text, std::size_t begin, std::size_t end);
// "12 rue de la Paix", "Via Roma 3", "calle Mayor, 5" where the word is "rue", "Via", "calle".
[[nodiscard]] std::optional<Extent> street_beginning(std::string_view text, std::size_t begin,
                                                     std::size_t end);
// "Hauptstraße 12", "Kerkstraat 4".
[[nodiscard]] std::optional<Extent> street_compound(std::string_view text, std::size_t begin,
                                                    std::size_t end);

}  // namespace bulwark::assay::pii
