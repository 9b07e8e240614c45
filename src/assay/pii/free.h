#pragma once
// Parsers of what has no fixed layout: addresses on the net, wallets, coordinates, travel documents. Each
// looks at a bounded stretch around a place that the scanner found worth it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "assay/pii/recogniser.h"

namespace bulwark::assay::pii {

struct Extent {
  std::size_t begin = 0, end = 0;
  bool sure = true;  // of a written form of its own
};

// RFC 5321 and 6531 around the '@': local part up to 64 bytes, UTF-8 allowed, a domain with at least two
// labels.
[[nodiscard]] std::optional<Extent> email_around(std::string_view text, std::size_t at);
// A scheme in front of "://" at the colon `at`: http, https, ftp …
[[nodiscard]] std::optional<Extent> url_around(std::string_view text, std::size_t at);
// "www.example.com/path", "example.co.uk": labels and a top-level domain that is no file name extension.
[[nodiscard]] std::optional<Extent> domain_from(std::string_view text, std::size_t begin);
// Four numbers up to 255 and nothing that would make them a version or a longer list.
[[nodiscard]] std::optional<Extent> ipv4_from(std::string_view text, std::size_t begin);
// Hexadecimal groups and colons around `at`: RFC 4291, and 48-bit hardware addresses.
struct Colons {
  Extent extent;
  bool ipv6 = false, mac = false;
};
[[nodiscard]] Colons colons_around(std::string_view text, std::size_t at);
// Base58Check (its double SHA-256) and Bech32 or Bech32m (BIP 173, 350).
[[nodiscard]] Verdict judge_bitcoin(std::string_view word);
// 0x and forty digits; capitals among them must be those of EIP-55 (Keccak-256), else it is a Shape.
[[nodiscard]] Verdict judge_ethereum(std::string_view word);
// Latitude and longitude with at least four decimals.
[[nodiscard]] std::optional<Extent> coordinates_from(std::string_view text, std::size_t begin);
// Lines of 30, 36 or 44 characters (ICAO Doc 9303) around the '<' at `at`, with their check digits.
[[nodiscard]] std::optional<Extent> mrz_around(std::string_view text, std::size_t at);
// Track 1 (%B…^…^) or track 2 (;…=YYMM) around the card number [begin, end).
[[nodiscard]] std::optional<Extent> track_around(std::string_view text, std::size_t begin, std::size_t end);

// classify() for kinds of this file. "mrz": a field and its check digit, or whole lines.
[[nodiscard]] std::optional<Verdict> judge_free(std::string_view id, std::string_view value);

}  // namespace bulwark::assay::pii
