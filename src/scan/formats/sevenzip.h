#pragma once
// The header of a 7z archive: which files lie in which folder (a chain of coders over packed streams).
//
// 7zFormat.txt of the LZMA SDK. The header is usually packed itself; it is unpacked under a ceiling. Counts
// are checked against the bytes that are left before anything is allocated. Offsets are from the start of the
// file.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/result.h"
#include "scan/formats/decompress.h"

namespace bulwark::scan::sevenzip {

struct Coder {
  std::uint64_t method = 0;  // the identifier's bytes, big endian: 0x030101 is LZMA
  std::uint64_t inputs = 1;
  std::uint64_t outputs = 1;
  Bytes properties;
};

struct Folder {
  std::vector<Coder> coders;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> bonds;  // input index <- output index
  std::vector<std::uint64_t> packed_inputs;                    // inputs that read packed streams
  std::vector<std::uint64_t> sizes;                            // of every output
  std::size_t first_stream = 0;                                // index into Streams::packed
  std::optional<std::uint32_t> crc;

  [[nodiscard]] std::uint64_t size() const;  // of the output that no input reads; 0 if there is none
  [[nodiscard]] bool encrypted() const;
};

struct File {
  std::string name;  // UTF-8
  bool has_stream = true;
  bool directory = false;
  std::uint32_t attributes = 0;  // high half: Unix mode, if bit 15 is set
  std::size_t folder = 0;        // if has_stream
  std::uint64_t offset = 0;      // in the unpacked folder
  std::uint64_t size = 0;
  std::optional<std::uint32_t> crc;
};

struct Archive {
  std::vector<Bytes> packed;
  std::vector<Folder> folders;
  std::vector<File> files;
  std::uint64_t end = 0;  // behind the header
  bool bad_header_crc = false;
  bool encrypted_header = false;  // then nothing else is known
  // Unpacked headers, which coder properties point into.
  std::vector<std::vector<std::uint8_t>> headers;
};

inline constexpr std::string_view kMagic = "7z\xBC\xAF\x27\x1C";

// Errors: InvalidInput with the offset in the (unpacked) header, LimitReached, Unsupported (coder of the
// header).
[[nodiscard]] Result<Archive> read(Bytes file, const Limits& limits);
// Unpacks one folder. Errors: Unsupported (coder), LimitReached (dictionary), InvalidInput.
[[nodiscard]] Result<Decompressed> unpack(const Archive& archive, const Folder& folder,
                                          std::uint64_t max_output);

}  // namespace bulwark::scan::sevenzip
