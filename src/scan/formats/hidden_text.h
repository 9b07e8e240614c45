#pragma once
// Characters that a person does not see and a model reads: Unicode tags, variation selectors, zero-width
// sequences, and bidirectional controls that show text in another order than it is read.
//
// Sources: Unicode 15 (chapter 23, UTS #51 for emoji), "Trojan Source" (CVE-2021-42574), ASCII smuggling
// through the tag block.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::scan {

enum class HiddenKind : std::uint8_t {
  Tags,                // U+E0000 … U+E007F outside of a flag
  VariationSelectors,  // more than one in a row: bytes smuggled behind a character
  ZeroWidth,           // sequences that no script and no emoji needs
  Bidi,                // overrides, or embeddings and isolates that are not closed on their line
};
[[nodiscard]] std::string_view name_of(HiddenKind kind);  // "Unicode tags" …

struct HiddenRun {
  HiddenKind kind = HiddenKind::Tags;
  std::uint64_t offset = 0;  // of its first byte
  std::uint32_t characters = 0;
  std::string says;  // what tags and selectors spell, where that is text; printable, at most 200 characters
};

// In order of offset; of the first 16 MiB. Flags, joined emoji, and the joiners of Arabic, Persian and Indic
// scripts are none. At most 100 runs.
[[nodiscard]] std::vector<HiddenRun> hidden_runs(std::string_view text);

// The character at `at` of valid UTF-8 and its size; U+FFFD and 1 for anything else.
struct Character {
  std::uint32_t code = 0;
  std::uint32_t size = 1;
};
[[nodiscard]] Character character_at(std::string_view text, std::size_t at);

// Embeddings, overrides and isolates, and what closes them.
[[nodiscard]] bool changes_direction(std::uint32_t code);

// True for characters without a shape of their own: the ones above, soft hyphens, fillers.
[[nodiscard]] bool is_invisible(std::uint32_t code);

}  // namespace bulwark::scan
