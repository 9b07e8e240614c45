#include "stats/hash.h"

namespace bulwark::stats {

std::uint64_t hash_of_long(std::string_view text) {
  const char* at = text.data();
  const std::size_t size = text.size();
  std::uint64_t state = 0xA0761D6478BD642F ^ size;
  std::size_t left = size;
  if (left > 48) {  // three independent chains keep the multipliers busy
    std::uint64_t second = state;
    std::uint64_t third = state;
    for (; left > 48; at += 48, left -= 48) {
      state = folded(little_endian<std::uint64_t>(at) ^ 0xE7037ED1A0B428DB,
                     little_endian<std::uint64_t>(at + 8) ^ state);
      second = folded(little_endian<std::uint64_t>(at + 16) ^ 0x8EBC6AF09C88C6E3,
                      little_endian<std::uint64_t>(at + 24) ^ second);
      third = folded(little_endian<std::uint64_t>(at + 32) ^ 0x589965CC75374CC3,
                     little_endian<std::uint64_t>(at + 40) ^ third);
    }
    state ^= second ^ third;
  }
  for (; left > 16; at += 16, left -= 16)
    state = folded(little_endian<std::uint64_t>(at) ^ 0xE7037ED1A0B428DB,
                   little_endian<std::uint64_t>(at + 8) ^ state);
  const char* const last = text.data() + size - 16;
  const std::uint64_t mixed = folded(little_endian<std::uint64_t>(last) ^ 0x8EBC6AF09C88C6E3,
                                     little_endian<std::uint64_t>(last + 8) ^ state);
  return folded(mixed ^ 0xA0761D6478BD642F, size ^ 0x589965CC75374CC3);
}

}  // namespace bulwark::stats
