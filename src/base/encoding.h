#pragma once
// Encodings of text that more than one format uses.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"

namespace bulwark {

// Appends one code point as UTF-8; what lies beyond U+10FFFF is no character and adds nothing.
void append_utf8(std::string& out, std::uint32_t code_point);

enum class Base64 : std::uint8_t { Standard, UrlSafeToo };

// The bytes that `text` encodes as a whole. Line ends and padding are skipped wherever they stand, as loaders
// do; any other foreign character: nothing.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text, Base64 alphabet);

// What only encode_base64 gives: standard alphabet, padded, no other character, no stray bits. For formats in
// which one value must have one spelling.
[[nodiscard]] std::optional<std::string> decode_canonical_base64(std::string_view text);
// Standard alphabet, padded.
[[nodiscard]] std::string encode_base64(Bytes bytes);

// Pairs of hex digits of either case and nothing else; nothing for any other text. base/text.h has hex().
[[nodiscard]] std::optional<std::vector<std::uint8_t>> unhex(std::string_view text);

}  // namespace bulwark
