// Addresses of crypto-currencies: pseudonyms that lead to people.
#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <vector>

#include "assay/pii/free.h"
#include "assay/pii/keccak.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace bulwark::assay::pii {
namespace {

constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view kBech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

// Version byte, 20 bytes of a hash, the first four bytes of the double SHA-256 of both.
Verdict judge_base58check(std::string_view word) {
  std::array<std::uint8_t, 25> bytes{};
  for (const char c : word) {
    std::size_t carry = kBase58.find(c);
    if (carry == std::string_view::npos) return Verdict::No;
    for (std::size_t i = bytes.size(); i-- > 0;) {
      carry += std::size_t{58} * bytes[i];
      bytes[i] = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    if (carry != 0) return Verdict::No;
  }
  if (bytes[0] != 0x00 && bytes[0] != 0x05) return Verdict::No;  // pay to key hash, to script hash
  const crypto::Hash256 once = crypto::sha256_bytes(Bytes(bytes.data(), 21));
  const crypto::Hash256 twice = crypto::sha256_bytes(Bytes(once.data(), once.size()));
  const auto check = Bytes(bytes.data() + 21, 4);
  return std::equal(check.begin(), check.end(), twice.begin()) ? Verdict::Match : Verdict::Shape;
}

std::uint32_t bech32_step(std::uint32_t state, std::uint32_t value) {
  constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                       0x2a1462b3};
  const std::uint32_t top = state >> 25;
  state = (state & 0x1FF'FFFF) << 5 ^ value;
  for (std::size_t i = 0; i < kGenerator.size(); ++i) state ^= (top >> i & 1) != 0 ? kGenerator[i] : 0;
  return state;
}

Verdict judge_bech32(std::string_view word) {
  constexpr std::uint32_t kBech32m = 0x2bc8'30a3;
  const std::string small = lower(word);
  const bool mixed = small != word && std::ranges::any_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
  if (mixed || word.size() < 14 || word.size() > 74) return Verdict::No;
  std::uint32_t state = 1;
  for (const char c : {'b', 'c'}) state = bech32_step(state, static_cast<std::uint32_t>(c) >> 5);
  state = bech32_step(state, 0);
  for (const char c : {'b', 'c'}) state = bech32_step(state, static_cast<std::uint32_t>(c) & 31);
  for (const char c : std::string_view(small).substr(3)) {
    const std::size_t value = kBech32.find(c);
    if (value == std::string_view::npos) return Verdict::No;
    state = bech32_step(state, static_cast<std::uint32_t>(value));
  }
  return state == 1 || state == kBech32m ? Verdict::Match : Verdict::Shape;
}

}  // namespace

Verdict judge_bitcoin(std::string_view word) {
  if (lower(word.substr(0, 3)) == "bc1") return judge_bech32(word);
  const bool shaped = word.size() >= 26 && word.size() <= 35 && (word[0] == '1' || word[0] == '3');
  return shaped ? judge_base58check(word) : Verdict::No;
}

Verdict judge_ethereum(std::string_view word) {
  if (word.size() != 42 || word[0] != '0' || (word[1] != 'x' && word[1] != 'X')) return Verdict::No;
  const std::string_view digits = word.substr(2);
  bool upper = false;
  bool small = false;
  for (const char c : digits) {
    const bool capital = c >= 'A' && c <= 'F';
    const bool letter = c >= 'a' && c <= 'f';
    if (!capital && !letter && (c < '0' || c > '9')) return Verdict::No;
    upper |= capital;
    small |= letter;
  }
  if (!upper || !small) return Verdict::Match;  // written without the check
  const auto hash = keccak256(lower(digits));
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] <= '9') continue;
    const unsigned nibble = i % 2 == 0 ? hash[i / 2] >> 4U : hash[i / 2] & 15U;
    if ((nibble >= 8) != (digits[i] <= 'F')) return Verdict::Shape;
  }
  return Verdict::Match;
}

}  // namespace bulwark::assay::pii
