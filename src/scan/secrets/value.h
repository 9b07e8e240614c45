#pragma once
// What the characters of a value say: is it random, a placeholder, an identifier, a token with a checksum?

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bulwark::scan::secrets {

// Shannon entropy in bits per byte.
[[nodiscard]] double entropy(std::string_view value);

// Something that stands for a value: ${NAME}, {{ name }}, <token>, xxxx, EXAMPLE, your_token, a published
// example.
[[nodiscard]] bool is_placeholder(std::string_view value);
// The words that people write where a password belongs: "password", "changeme", "test" …
[[nodiscard]] bool is_password_word(std::string_view value);
[[nodiscard]] bool is_uuid(std::string_view value);
[[nodiscard]] bool is_hex(std::string_view value);
// Letters and digits mixed as chance does it, and no word of the list in it.
[[nodiscard]] bool looks_random(std::string_view value);
// At least a digit and a letter.
[[nodiscard]] bool mixes_letters_and_digits(std::string_view value);

// The scheme of GitHub and npm: the last six characters are the CRC-32 of what stands between the prefix's
// underscore and them, in base 62.
[[nodiscard]] bool has_valid_crc(std::string_view token);
// Account number in an AWS access key id, or nothing if its form does not carry one.
[[nodiscard]] std::optional<std::string> aws_account(std::string_view key_id);
// BIP 173 checksum.
[[nodiscard]] bool is_bech32(std::string_view text);

struct JwtHeader {
  std::string algorithm;  // as written: "RS256", "none"
};
// Nothing if the first part does not decode to a JSON object that names its algorithm.
[[nodiscard]] std::optional<JwtHeader> jwt_header(std::string_view token);

}  // namespace bulwark::scan::secrets
