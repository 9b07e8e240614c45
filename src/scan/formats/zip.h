#pragma once
// The records of a zip file as they are written, every view of them: end records, central directories, local
// headers.
//
// Readers disagree on which of these is the truth (the directory, the local header, the first end record, the
// last), and that disagreement is the attack. So nothing is reconciled here: the reader lists what is there,
// the inspector compares. All offsets are from the start of the file. PKWARE APPNOTE 6.3.10.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::scan::zip {

inline constexpr std::uint32_t kLocalSignature = 0x04034b50;
inline constexpr std::uint32_t kCentralSignature = 0x02014b50;
inline constexpr std::uint32_t kEndSignature = 0x06054b50;
inline constexpr std::uint32_t kDescriptorSignature = 0x08074b50;

enum Flag : std::uint16_t {
  kEncrypted = 0x0001,
  kHasDescriptor = 0x0008,
  kPatched = 0x0020,
  kStrongEncryption = 0x0040,
  kUtf8 = 0x0800,
  kMasked = 0x2000,  // local header values are masked
};

enum Method : std::uint16_t {
  kStored = 0,
  kDeflate = 8,
  kDeflate64 = 9,
  kBzip2 = 12,
  kLzma = 14,
  kZstdOld = 20,
  kZstd = 93,
  kXz = 95,
  kAes = 99,  // the real method is in extra field 0x9901
};

// What a local header and a central directory entry both say.
struct Header {
  std::uint64_t offset = 0;  // of this record
  std::uint64_t end = 0;     // behind this record
  std::string_view name;
  Bytes extra;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc = 0;
  std::uint64_t compressed = 0;  // zip64 resolved
  std::uint64_t size = 0;        // zip64 resolved
  // A zip64 field that is there although the plain one is not saturated and says something else, or twice.
  bool contradictory_zip64 = false;
};

struct CentralEntry : Header {
  std::uint64_t local_offset = 0;  // absolute: the base of the directory is added
  std::uint16_t made_by = 0;       // high byte 3: Unix, then `attributes` holds the mode
  std::uint32_t attributes = 0;
};

struct EndRecord {
  std::uint64_t offset = 0;
  std::uint64_t end = 0;               // behind the comment, clipped to the file
  std::uint64_t entries = 0;           // zip64 resolved, as the others
  std::uint64_t directory_offset = 0;  // as written, without a base
  std::uint64_t directory_size = 0;
  std::uint64_t first_record = 0;  // start of the zip64 end record, or `offset`
  bool zip64 = false;
  bool contradictory_zip64 = false;
  bool cut_comment = false;  // the comment claims more than there is
};

// A central directory where a reader may find it. One end record can lead to two: at the absolute offset
// (miniz), and right before the end record (Python; then offsets are shifted by `base`).
struct Directory {
  std::uint64_t start = 0;
  std::uint64_t end = 0;       // behind the last record read
  std::uint64_t base = 0;      // added to every offset of the directory
  std::size_t end_record = 0;  // index into the list of end records
  std::vector<CentralEntry> entries;
  std::optional<Error> broken;  // why it ended before the announced number of entries
};

// Every end record in the last 64 KiB + 22 bytes, in the order of the file.
[[nodiscard]] std::vector<EndRecord> find_end_records(Bytes file);
// Starts and bases of the directories that `end` may mean; at most two, the absolute one first.
[[nodiscard]] std::vector<Directory> locate_directories(Bytes file, const EndRecord& end);
// Fills `directory.entries` from its start; stops at the first record that is none, or after `max_entries`.
void read_directory(Bytes file, const EndRecord& end, std::uint64_t max_entries, Directory& directory);

// True if a local header at `offset` is plausible: signature, known method, printable version, name in
// bounds.
[[nodiscard]] bool plausible_local(Bytes file, std::uint64_t offset);
[[nodiscard]] Result<Header> read_local(Bytes file, std::uint64_t offset);
// First plausible local header in [from, to), or `to`.
[[nodiscard]] std::uint64_t find_local(Bytes file, std::uint64_t from, std::uint64_t to);
// Where the content of a local header without sizes (descriptor flag) ends: at a descriptor that fits, else
// at the next record, else at `to`. Fills crc, compressed and size from the descriptor.
[[nodiscard]] std::uint64_t find_content_end(Bytes file, Header& local, std::uint64_t to);

struct Descriptor {
  std::uint64_t length = 0;  // 12, 16, 20 or 24
  bool fits = false;         // agrees with crc and sizes
};
// The data descriptor at `offset`, in whichever of its four forms fits `header`; of none fits, by its
// signature.
[[nodiscard]] Descriptor read_descriptor(Bytes file, std::uint64_t offset, const Header& header);

// What lies in the file: is it a zip, and from where?
struct Tail {
  bool valid = false;        // an end record leads to a directory whose first entry has its local header
  std::uint64_t prefix = 0;  // bytes before the first local header of that directory
  std::uint64_t suffix = 0;  // bytes behind the end record and its comment
};
[[nodiscard]] Tail probe_tail(Bytes file);

}  // namespace bulwark::scan::zip
