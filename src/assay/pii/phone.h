#pragma once
// Telephone numbers: E.164 and the national plans of data/pii/phones.tsv (lengths and first digits as the
// countries notify them to the ITU).

#include <cstddef>
#include <optional>
#include <string_view>

#include "assay/pii/free.h"

namespace bulwark::assay::pii {

struct Phone {
  Extent extent;
  float score = 0;  // of the way it is written, before any context
};

// A number whose first digit is at `begin`; a '+' or '(' before it belongs to it. `country`: whose national
// form is expected; empty: any.
[[nodiscard]] std::optional<Phone> phone_from(std::string_view text, std::size_t begin,
                                              std::string_view country);

}  // namespace bulwark::assay::pii
