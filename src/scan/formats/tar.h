#pragma once
// Tar archives of every flavour (v7, ustar, GNU, pax) as a list of entries, with notes on whatever two
// readers would see differently. POSIX.1-2017 pax, GNU tar manual "Basic Tar Format". Offsets are from the
// start of the file.
//
// The main reading is that of GNU tar and Python's tarfile. Where another reader would go on at another
// offset (pax size ignored, sizes of links honoured), that place is walked as well and its entries are
// listed.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"

namespace bulwark::scan::tar {

struct Segment {
  std::uint64_t offset = 0;  // in the expanded file
  std::uint64_t size = 0;
};

struct Entry {
  std::uint64_t header = 0;  // offset of its header block
  std::uint64_t data = 0;    // offset of its content
  std::uint64_t size = 0;    // of the content in the archive, as the main reading has it
  std::string name;          // long names and pax paths applied
  std::string plain_name;    // of the header itself, which readers without extensions use
  std::string link;          // target of links
  char type = '0';
  bool sparse = false;
  std::uint64_t map_size = 0;     // pax 1.0: bytes of the sparse map at the start of the content
  std::uint64_t real_size = 0;    // of a sparse file
  std::vector<Segment> segments;  // of a sparse file
  bool other_reading = false;     // only some readers see it

  [[nodiscard]] bool is_link() const { return type == '1' || type == '2'; }
  [[nodiscard]] bool is_special() const { return type == '3' || type == '4' || type == '6'; }
  [[nodiscard]] bool is_directory() const { return type == '5'; }
};

enum class Trouble : std::uint8_t {
  Checksum,       // a header whose checksum is wrong, or that is none; reading went on at the next good one
  BadNumber,      // a size that is negative or no number
  PaxSize,        // pax size and header size differ: readers disagree where the next header is
  PaxRecord,      // malformed pax record
  SizedLink,      // a link, device or directory with content: readers disagree whether to skip it
  Sparse,         // a sparse map that lies
  BehindEnd,      // entries behind the end marker
  TrailingBytes,  // other bytes behind the end marker
  Cut,            // the file ends inside an entry, or without an end marker
  Limit,          // members or header sizes beyond the limits
};

struct Note {
  Trouble trouble;
  std::uint64_t offset = 0;
  std::string text;
};

struct Archive {
  std::vector<Entry> entries;
  std::vector<Note> notes;
};

// True if the block at `offset` is a header with a right checksum (signed or unsigned sum).
[[nodiscard]] bool is_header(Bytes file, std::uint64_t offset);
[[nodiscard]] Archive read(Bytes file, const Limits& limits);

}  // namespace bulwark::scan::tar
