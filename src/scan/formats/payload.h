#pragma once
// Whether a blob inside a model is something to look at on its own: a program, a script, an archive or a
// pickle.

#include "base/byte_reader.h"

namespace bulwark::scan {

// True if `blob` starts like an executable, a script with "#!", an archive, a compressed stream or a pickle.
// Looks at a few bytes at each end: to be asked of every tensor.
[[nodiscard]] inline bool is_payload(Bytes blob) {
  if (blob.size() < 8) return false;
  using namespace std::string_view_literals;
  for (const std::string_view magic : {"\x7F"
                                       "ELF"sv,
                                       "PK\x03\x04"sv, "7z\xBC\xAF\x27\x1C"sv, "\x1F\x8B\x08"sv,
                                       "\xFD"
                                       "7zXZ\0"sv,
                                       "\xCF\xFA\xED\xFE"sv, "\xCA\xFE\xBA\xBE"sv, "#!/"sv, "<?php"sv}) {
    if (has_magic(blob, magic)) return true;
  }
  // "MZ" alone is two bytes of chance; the header must point to "PE\0\0".
  if (has_magic(blob, "MZ") && blob.size() >= 64) {
    const auto header = load_little_endian<std::uint32_t>(blob.data() + 60);
    if (has_magic(blob, "PE\0\0"sv, header)) return true;
  }
  return blob[0] == 0x80 && blob[1] >= 2 && blob[1] <= 5 && blob.back() == '.';
}

// The same, but generous: whether handing `bytes` to the inspectors, which decide what it really is, is worth
// it. Also true for headers without their file, such as a pickle that goes on elsewhere.
[[nodiscard]] inline bool begins_like_payload(Bytes bytes) {
  for (const std::string_view magic : {"MZ", "BZh", "\x93NUMPY", "\x1bLua", "\x1bLJ"})
    if (has_magic(bytes, magic)) return true;
  return is_payload(bytes) || (bytes.size() > 3 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5);
}

}  // namespace bulwark::scan
