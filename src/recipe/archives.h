#pragma once
// Zip and tar archives, honest or lying in any field.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace bulwark::recipe {

// A member, or (with `raw`) loose bytes between the members. Unset fields are filled in truthfully.
struct ZipMember {
  std::string name;
  std::vector<std::uint8_t> content;
  bool raw = false;
  std::string codec = {};  // "" stored, else deflate, bzip2, lzma, xz, zstd
  std::optional<std::string> local_name = {};
  std::optional<std::uint64_t> flags = {}, local_flags = {};
  std::optional<std::uint64_t> method = {}, local_method = {};
  std::optional<std::uint64_t> crc = {}, local_crc = {};
  std::optional<std::uint64_t> size = {}, local_size = {};  // uncompressed
  std::optional<std::uint64_t> compressed = {}, local_compressed = {};
  std::optional<std::uint64_t> offset = {};  // of the local header, in the directory
  std::uint64_t external = 0, made_by = 20;
  std::vector<std::uint8_t> extra = {}, local_extra = {};
  std::uint64_t align = 0;  // content starts at a multiple of this, by padding the local extra field
  bool descriptor = false;  // sizes follow the content
  bool zip64 = false;       // sizes in zip64 extra fields
  bool hidden = false;      // no entry in the central directory
  bool ghost = false;       // no local header and content
};

struct ZipArchive {
  std::vector<std::uint8_t> prefix;  // offsets count it
  std::vector<ZipMember> members;
  std::vector<std::uint8_t> comment;
  std::optional<std::uint64_t> entries = {}, directory_size = {}, directory_offset = {};
  bool zip64 = false;  // zip64 end records
};

[[nodiscard]] Result<std::vector<std::uint8_t>> build_zip(const ZipArchive& archive);

struct TarMember {
  std::string name;
  std::vector<std::uint8_t> content;
  char type = '0';
  std::string link = {};
  std::string prefix = {};
  std::string magic = std::string("ustar\00000", 8);
  std::uint64_t mode = 0644;
  std::optional<std::uint64_t> size = {};
  std::optional<std::uint64_t> checksum = {};
};

// `ended`: with the two zero blocks at the end.
[[nodiscard]] Result<std::vector<std::uint8_t>> build_tar(const std::vector<TarMember>& members,
                                                          bool ended = true);

struct SevenZipMember {
  std::string name;  // ASCII
  std::vector<std::uint8_t> content;
};

// One folder, stored (the Copy coder).
[[nodiscard]] std::vector<std::uint8_t> build_sevenzip(const std::vector<SevenZipMember>& members);

}  // namespace bulwark::recipe
