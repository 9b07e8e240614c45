// Reading of zip records. Every length is checked against the file before it is used; nothing is followed
// twice.

#include "scan/formats/zip.h"

#include <algorithm>
#include <array>
#include <string>

namespace bulwark::scan::zip {
namespace {

constexpr std::uint64_t kLocalSize = 30;
constexpr std::uint64_t kCentralSize = 46;
constexpr std::uint64_t kEndSize = 22;
constexpr std::uint64_t kZip64EndSize = 56;
constexpr std::uint64_t kZip64LocatorSize = 20;
constexpr std::uint64_t kMaxComment = 0xFFFF;
constexpr std::uint32_t kSaturated = 0xFFFFFFFF;
constexpr std::string_view kLocalMagic = "PK\x03\x04";
constexpr std::string_view kCentralMagic = "PK\x01\x02";
constexpr std::string_view kEndMagic = "PK\x05\x06";
constexpr std::string_view kZip64EndMagic = "PK\x06\x06";
constexpr std::string_view kZip64LocatorMagic = "PK\x06\x07";
constexpr std::string_view kDescriptorMagic = "PK\x07\x08";
// An attacker may write thousands of end records into 64 KiB; readers look at one or two of them.
constexpr std::size_t kMaxEndRecords = 64;

std::uint16_t u16(Bytes file, std::uint64_t at) {
  return load_little_endian<std::uint16_t>(file.data() + at);
}
std::uint32_t u32(Bytes file, std::uint64_t at) {
  return load_little_endian<std::uint32_t>(file.data() + at);
}
std::uint64_t u64(Bytes file, std::uint64_t at) {
  return load_little_endian<std::uint64_t>(file.data() + at);
}

bool fits(Bytes file, std::uint64_t offset, std::uint64_t size) {
  return offset <= file.size() && file.size() - offset >= size;
}

// Resolves the zip64 extra field (0x0001): its fields stand for the saturated plain ones, in this order.
void resolve_zip64(Header& header, std::uint64_t* local_offset) {
  const std::array<std::uint64_t*, 3> fields = {&header.size, &header.compressed, local_offset};
  bool seen = false;
  Bytes rest = header.extra;
  while (rest.size() >= 4) {
    const std::uint16_t id = u16(rest, 0);
    const std::uint16_t length = u16(rest, 2);
    if (rest.size() - 4 < length) return;
    Bytes field = rest.subspan(4, length);
    rest = rest.subspan(4 + std::size_t{length});
    if (id != 1) continue;
    // Readers take the first or the last of two.
    if (seen) header.contradictory_zip64 = true;
    bool saturated = false;
    for (std::uint64_t* plain : fields) saturated |= plain != nullptr && *plain == kSaturated;
    // Nothing to stand for: strict readers skip the field, lax ones (libarchive) take size and packed size
    // from it.
    if (!saturated && field.size() >= 16)
      header.contradictory_zip64 |= u64(field, 0) != header.size || u64(field, 8) != header.compressed;
    for (std::uint64_t* plain : fields) {
      if (plain == nullptr || *plain != kSaturated || field.size() < 8) continue;
      if (!seen) *plain = u64(field, 0);
      field = field.subspan(8);
    }
    seen = true;
  }
}

Result<CentralEntry> read_central(Bytes file, std::uint64_t offset, std::uint64_t base) {
  if (!fits(file, offset, kCentralSize) || u32(file, offset) != kCentralSignature)
    return fail(Code::InvalidInput, "no central directory record at offset " + std::to_string(offset),
                offset);
  const std::uint64_t name = u16(file, offset + 28);
  const std::uint64_t extra = u16(file, offset + 30);
  const std::uint64_t comment = u16(file, offset + 32);
  if (!fits(file, offset + kCentralSize, name + extra + comment))
    return fail(Code::InvalidInput,
                "central directory record at offset " + std::to_string(offset) + " is longer than the file",
                offset);
  CentralEntry entry;
  entry.offset = offset;
  entry.end = offset + kCentralSize + name + extra + comment;
  entry.name = text_of(file.subspan(offset + kCentralSize, name));
  entry.extra = file.subspan(offset + kCentralSize + name, extra);
  entry.made_by = u16(file, offset + 4);
  entry.flags = u16(file, offset + 8);
  entry.method = u16(file, offset + 10);
  entry.crc = u32(file, offset + 16);
  entry.compressed = u32(file, offset + 20);
  entry.size = u32(file, offset + 24);
  entry.attributes = u32(file, offset + 38);
  entry.local_offset = u32(file, offset + 42);
  resolve_zip64(entry, &entry.local_offset);
  // A sum that wraps points nowhere; keep it out of the file.
  if (__builtin_add_overflow(entry.local_offset, base, &entry.local_offset))
    entry.local_offset = ~std::uint64_t{0};
  return entry;
}

bool known_method(std::uint16_t method) {
  return method <= 20 || (method >= 93 && method <= 99);
}

void resolve_zip64_end(Bytes file, EndRecord& end) {
  if (end.offset < kZip64LocatorSize) return;
  const std::uint64_t locator = end.offset - kZip64LocatorSize;
  if (!has_magic(file, kZip64LocatorMagic, locator)) return;
  // The locator's offset lies if bytes were prepended; the record then stands right before the locator.
  std::uint64_t at = u64(file, locator + 8);
  const bool there = fits(file, at, kZip64EndSize) && has_magic(file, kZip64EndMagic, at);
  const std::uint64_t before = locator >= kZip64EndSize ? locator - kZip64EndSize : 0;
  if (!there) at = before;
  if (!fits(file, at, kZip64EndSize) || !has_magic(file, kZip64EndMagic, at)) {
    end.contradictory_zip64 = true;
    return;
  }
  const std::uint64_t entries = u64(file, at + 32);
  const std::uint64_t size = u64(file, at + 40);
  const std::uint64_t offset = u64(file, at + 48);
  // A plain field that is not saturated must agree: some readers ignore the zip64 record then, some never do.
  const auto contradicts = [](std::uint64_t plain, std::uint64_t saturated, std::uint64_t wide) {
    return plain != saturated && plain != wide;
  };
  end.contradictory_zip64 |= contradicts(end.entries, 0xFFFF, entries) ||
                             contradicts(end.directory_size, kSaturated, size) ||
                             contradicts(end.directory_offset, kSaturated, offset) ||
                             (there && at != before && has_magic(file, kZip64EndMagic, before));
  end.zip64 = true;
  end.entries = entries;
  end.directory_size = size;
  end.directory_offset = offset;
  end.first_record = at;
}

EndRecord read_end(Bytes file, std::uint64_t offset) {
  EndRecord end;
  end.offset = end.first_record = offset;
  end.entries = u16(file, offset + 10);
  end.directory_size = u32(file, offset + 12);
  end.directory_offset = u32(file, offset + 16);
  const std::uint64_t comment = u16(file, offset + 20);
  end.cut_comment = !fits(file, offset + kEndSize, comment);
  end.end = end.cut_comment ? file.size() : offset + kEndSize + comment;
  resolve_zip64_end(file, end);
  return end;
}

}  // namespace

std::vector<EndRecord> find_end_records(Bytes file) {
  std::vector<EndRecord> records;
  if (file.size() < kEndSize) return records;
  const std::uint64_t window = std::min<std::uint64_t>(file.size(), kMaxComment + kEndSize);
  const std::uint64_t start = file.size() - window;
  const std::string_view tail = text_of(file.subspan(start));
  std::vector<std::uint64_t> places;
  for (std::size_t at = tail.find(kEndMagic); at != std::string_view::npos; at = tail.find(kEndMagic, at + 1))
    places.push_back(start + at);
  // The last ones count: readers search backwards.
  const std::size_t skip = places.size() > kMaxEndRecords ? places.size() - kMaxEndRecords : 0;
  for (std::size_t i = skip; i < places.size(); ++i)
    if (fits(file, places[i], kEndSize)) records.push_back(read_end(file, places[i]));
  return records;
}

std::vector<Directory> locate_directories(Bytes file, const EndRecord& end) {
  std::vector<Directory> found;
  const auto add = [&](std::uint64_t start, std::uint64_t base) {
    const bool empty = end.entries == 0 && end.directory_size == 0 && start == end.first_record;
    if (start > end.first_record || (!empty && !has_magic(file, kCentralMagic, start))) return;
    Directory directory;
    directory.start = directory.end = start;
    directory.base = base;
    found.push_back(std::move(directory));
  };
  add(end.directory_offset, 0);
  if (end.directory_size > end.first_record) return found;
  const std::uint64_t relative = end.first_record - end.directory_size;
  if (relative > end.directory_offset) add(relative, relative - end.directory_offset);
  return found;
}

void read_directory(Bytes file, const EndRecord& end, std::uint64_t max_entries, Directory& directory) {
  std::uint64_t at = directory.start;
  const auto stop = [&](Code code, std::string message) {
    directory.broken = Error{code, "central directory: " + std::move(message), at};
  };
  // Go on while records follow: the announced count is only one reader's way to know the end.
  while (at < end.first_record && has_magic(file, kCentralMagic, at)) {
    if (directory.entries.size() >= max_entries) {
      stop(Code::LimitReached, "limit of " + std::to_string(max_entries) + " entries reached");
      break;
    }
    Result<CentralEntry> entry = read_central(file, at, directory.base);
    if (!entry || entry->end > end.first_record) {
      stop(Code::InvalidInput, entry ? "a record reaches into the end record" : entry.error().message);
      break;
    }
    at = entry->end;
    directory.entries.push_back(*std::move(entry));
  }
  directory.end = at;
  if (!directory.broken && directory.entries.size() != end.entries) {
    stop(Code::InvalidInput, std::to_string(end.entries) + " entries announced, " +
                                 std::to_string(directory.entries.size()) + " found");
  }
}

bool plausible_local(Bytes file, std::uint64_t offset) {
  if (!fits(file, offset, kLocalSize) || u32(file, offset) != kLocalSignature) return false;
  const std::uint64_t name = u16(file, offset + 26);
  return (u16(file, offset + 4) & 0xFF) <= 100 && known_method(u16(file, offset + 8)) && name > 0 &&
         name <= 4096 && fits(file, offset + kLocalSize, name + u16(file, offset + 28));
}

Result<Header> read_local(Bytes file, std::uint64_t offset) {
  if (!fits(file, offset, kLocalSize) || u32(file, offset) != kLocalSignature)
    return fail(Code::InvalidInput, "no local header at offset " + std::to_string(offset), offset);
  const std::uint64_t name = u16(file, offset + 26);
  const std::uint64_t extra = u16(file, offset + 28);
  if (!fits(file, offset + kLocalSize, name + extra))
    return fail(Code::InvalidInput,
                "local header at offset " + std::to_string(offset) + " is longer than the file", offset);
  Header local;
  local.offset = offset;
  local.end = offset + kLocalSize + name + extra;
  local.name = text_of(file.subspan(offset + kLocalSize, name));
  local.extra = file.subspan(offset + kLocalSize + name, extra);
  local.flags = u16(file, offset + 6);
  local.method = u16(file, offset + 8);
  local.crc = u32(file, offset + 14);
  local.compressed = u32(file, offset + 18);
  local.size = u32(file, offset + 22);
  resolve_zip64(local, nullptr);
  return local;
}

std::uint64_t find_local(Bytes file, std::uint64_t from, std::uint64_t to) {
  to = std::min<std::uint64_t>(to, file.size());
  if (from >= to) return to;
  const std::string_view text = text_of(file.first(to));
  for (std::size_t at = text.find(kLocalMagic, from); at != std::string_view::npos;
       at = text.find(kLocalMagic, at + 1)) {
    if (plausible_local(file, at)) return at;
  }
  return to;
}

std::uint64_t find_content_end(Bytes file, Header& local, std::uint64_t to) {
  to = std::min<std::uint64_t>(to, file.size());
  const std::string_view text = text_of(file.first(to));
  for (std::size_t at = text.find("PK", local.end); at != std::string_view::npos;
       at = text.find("PK", at + 2)) {
    if (has_magic(file, kDescriptorMagic, at) && fits(file, at, 16)) {
      const std::uint64_t length = at - local.end;
      const bool narrow = u32(file, at + 8) == length;
      if (!narrow && !(fits(file, at, 24) && u64(file, at + 8) == length)) continue;
      local.crc = u32(file, at + 4);
      local.compressed = length;
      local.size = narrow ? u32(file, at + 12) : u64(file, at + 16);
      return at;
    }
    if (plausible_local(file, at) || has_magic(file, kCentralMagic, at) || has_magic(file, kEndMagic, at))
      return at;
  }
  return to;
}

Descriptor read_descriptor(Bytes file, std::uint64_t offset, const Header& header) {
  const bool marked = has_magic(file, kDescriptorMagic, offset);
  for (const std::uint64_t skip : {std::uint64_t{4}, std::uint64_t{0}}) {
    if (skip == 4 && !marked) continue;
    const std::uint64_t at = offset + skip;
    if (fits(file, at, 12) && u32(file, at) == header.crc && u32(file, at + 4) == header.compressed &&
        u32(file, at + 8) == header.size)
      return {skip + 12, true};
    if (fits(file, at, 20) && u32(file, at) == header.crc && u64(file, at + 4) == header.compressed &&
        u64(file, at + 12) == header.size)
      return {skip + 20, true};
  }
  return {marked && fits(file, offset, 16) ? std::uint64_t{16} : 0, false};
}

Tail probe_tail(Bytes file) {
  const std::vector<EndRecord> records = find_end_records(file);
  for (auto end = records.rbegin(); end != records.rend(); ++end) {
    for (const Directory& directory : locate_directories(file, *end)) {
      if (directory.start == end->first_record) {  // an empty archive
        if (directory.start == 0) return {true, 0, file.size() - end->end};
        continue;
      }
      // Readers go by the directory: one broken local header does not keep them from the other members.
      std::uint64_t at = directory.start;
      for (bool first = true; at < end->first_record; first = false) {
        const Result<CentralEntry> entry = read_central(file, at, directory.base);
        if (!entry) break;
        if (has_magic(file, kLocalMagic, entry->local_offset)) {
          // torch and zipfile write members in the order of the directory.
          const std::uint64_t prefix = first && !plausible_local(file, 0) ? entry->local_offset : 0;
          return {true, prefix, file.size() - end->end};
        }
        at = entry->end;
      }
      // No member can be read, but records that lead exactly to the end record are no chance.
      if (at == end->first_record) return {true, 0, file.size() - end->end};
    }
  }
  return {};
}

}  // namespace bulwark::scan::zip
