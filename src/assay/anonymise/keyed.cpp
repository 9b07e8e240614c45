#include "assay/anonymise/keyed.h"

#include <algorithm>
#include <limits>

namespace bulwark::assay::anonymise {
namespace {

constexpr std::string_view kLabel = "bulwark anonymise v1";
constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view kHex = "0123456789abcdef";

template <class T>
std::array<std::uint8_t, sizeof(T)> big_endian(T value) {
  std::array<std::uint8_t, sizeof(T)> bytes{};
  for (std::size_t i = bytes.size(); i-- > 0; value = static_cast<T>(value >> 8U))
    bytes[i] = static_cast<std::uint8_t>(value);
  return bytes;
}

}  // namespace

crypto::Hash256 derive_key(Bytes master, std::string_view purpose, std::string_view domain) {
  crypto::Hmac256 mac(master);
  for (const std::string_view part : {kLabel, purpose, domain}) {
    mac.update(big_endian(static_cast<std::uint64_t>(part.size())));
    mac.update(bytes_of(part));
  }
  return mac.finish();
}

void ValueStream::refill() {
  crypto::Hmac256 mac(key_);
  mac.update(big_endian(counter_++));
  mac.update(bytes_of(value_));
  block_ = mac.finish();
  used_ = 0;
}

std::uint8_t ValueStream::byte() {
  if (used_ == block_.size()) refill();
  return block_[used_++];
}

std::uint32_t ValueStream::below(std::uint32_t bound) {
  // Of the top of the range only a whole number of bounds is taken.
  const std::uint32_t limit =
      std::numeric_limits<std::uint32_t>::max() - std::numeric_limits<std::uint32_t>::max() % bound;
  for (;;) {
    std::uint32_t drawn = 0;
    for (int i = 0; i < 4; ++i) drawn = drawn << 8U | byte();
    if (drawn < limit) return drawn % bound;
  }
}

std::string ValueStream::digits(std::size_t count) {
  std::string text(count, '0');
  for (char& letter : text) letter = static_cast<char>('0' + below(10));
  return text;
}

std::string ValueStream::base32(std::size_t count) {
  std::string text(count, 'a');
  for (char& letter : text) letter = kBase32[byte() % 32];
  return text;
}

std::string ValueStream::hex(std::size_t count) {
  std::string text(count, '0');
  for (char& letter : text) letter = kHex[byte() % 16];
  return text;
}

ColumnRandom::ColumnRandom(Random& world) {
  world.fill(seed_);
}

void ColumnRandom::fill(std::span<std::uint8_t> out) {
  for (std::uint8_t& byte : out) {
    if (used_ == block_.size()) {
      crypto::Hmac256 mac(seed_);
      mac.update(big_endian(counter_++));
      block_ = mac.finish();
      used_ = 0;
    }
    byte = block_[used_++];
  }
}

}  // namespace bulwark::assay::anonymise
