#pragma once
// The file that advisories are compiled into: sizes, places and the checksum that writer and reader share.
// docs/formats/advisories.md describes it.

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/byte_reader.h"

namespace bulwark::scan::advisory_file {

inline constexpr std::string_view kMagic{"BWADV\r\n\x01", 8};
inline constexpr std::uint64_t kHeader = 64;
inline constexpr std::uint64_t kPackage =
    24;  // hash u64, key offset u32, key length u32, first u32, count u32
inline constexpr std::uint64_t kAffected = 12;  // advisory u32, offset u32, length u32
inline constexpr std::uint64_t kAdvisory = 8;   // offset u32, length u32
inline constexpr std::uint64_t kChecked = 24;   // the checksum covers everything from here on

// Against bit rot, not against people: 32 bytes a step, so that a full database is checked while it is read
// in.
[[nodiscard]] inline std::uint64_t checksum(Bytes bytes) {
  constexpr std::uint64_t kFactor = 0x9E3779B185EBCA87;
  std::uint64_t lanes[4] = {1, 2, 3, 4};
  std::size_t at = 0;
  for (; at + 32 <= bytes.size(); at += 32)
    for (std::size_t i = 0; i < 4; ++i)
      lanes[i] =
          std::rotl(lanes[i] ^ load_little_endian<std::uint64_t>(bytes.data() + at + 8 * i), 29) * kFactor;
  std::uint64_t sum = bytes.size();
  for (const std::uint64_t lane : lanes) sum = (std::rotl(sum, 17) ^ lane) * kFactor;
  for (; at < bytes.size(); ++at) sum = (sum ^ bytes[at]) * kFactor;
  return sum ^ (sum >> 32);
}

// FNV-1a over "ecosystem\0name".
[[nodiscard]] inline std::uint64_t hash_of(std::string_view key) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace bulwark::scan::advisory_file
