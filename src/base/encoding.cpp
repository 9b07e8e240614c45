#include "base/encoding.h"

#include <algorithm>

namespace bulwark {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::uint32_t> digit_of(char c, Base64 alphabet) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '+' || (c == '-' && alphabet == Base64::UrlSafeToo)) return 62;
  if (c == '/' || (c == '_' && alphabet == Base64::UrlSafeToo)) return 63;
  return std::nullopt;
}

}  // namespace

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  const auto rest = [&](std::uint32_t shift) { byte(0x80U | ((code_point >> shift) & 0x3FU)); };
  if (code_point < 0x80) {
    byte(code_point);
  } else if (code_point < 0x800) {
    byte(0xC0U | (code_point >> 6U));
    rest(0);
  } else if (code_point < 0x10000) {
    byte(0xE0U | (code_point >> 12U));
    rest(6);
    rest(0);
  } else if (code_point < 0x110000) {
    byte(0xF0U | (code_point >> 18U));
    rest(12);
    rest(6);
    rest(0);
  }
}

std::optional<std::string> decode_base64(std::string_view text, Base64 alphabet) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    if (c == '=' || c == '\n' || c == '\r') continue;
    const auto digit = digit_of(c, alphabet);
    if (!digit) return std::nullopt;
    bits = bits << 6U | *digit;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFFU);
  }
  return out;
}

std::optional<std::string> decode_canonical_base64(std::string_view text) {
  auto decoded = decode_base64(text, Base64::Standard);
  if (!decoded || encode_base64(bytes_of(*decoded)) != text) return std::nullopt;
  return decoded;
}

std::string encode_base64(Bytes bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8U | (i < count ? bytes[at + i] : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += i <= count ? kDigits[group >> (18U - 6U * i) & 0x3FU] : '=';
  }
  return out;
}

std::optional<std::vector<std::uint8_t>> unhex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const int high = hex_digit(text[at]);
    const int low = hex_digit(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return bytes;
}

}  // namespace bulwark
