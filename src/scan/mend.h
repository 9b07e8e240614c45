#pragma once
// Safe mechanical fixes for `bulwark scan --fix`: exact bytes of a text and what replaces them.
//
// A fix takes a right away or switches a check on, so that what still needs it stops where people see it.
// Where the place of a text is not exact (escapes, anchors, templates) nothing matches, and there is no fix.

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/report.h"

namespace bulwark::scan {

// Replaces `word`, standing alone at `offset` of `text`. Empty if it does not.
[[nodiscard]] std::vector<Edit> mend_word(std::string_view text, std::uint64_t offset, std::string_view word,
                                          std::string_view by);

// Turns the switch at `offset` around: true, yes or on becomes false, no or off, written alike. Empty if no
// such word stands there alone, or if it says `on` already.
[[nodiscard]] std::vector<Edit> mend_switch(std::string_view text, std::uint64_t offset, bool on);

// Takes `word` at `offset` and the blank before it away. Empty if it does not stand there between blanks.
[[nodiscard]] std::vector<Edit> drop_word(std::string_view text, std::uint64_t offset, std::string_view word);

}  // namespace bulwark::scan
