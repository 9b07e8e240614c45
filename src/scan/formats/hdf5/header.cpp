// Superblock, addresses, and object headers of both versions.

#include <algorithm>

#include "scan/formats/hdf5/reader.h"

namespace bulwark::scan::hdf5 {
namespace {

constexpr std::string_view kSignature = "\x89HDF\r\n\x1A\n";
// Continuation blocks of one header; real ones have a handful.
constexpr std::size_t kMaxChunks = 4096;
// Work that does not depend on the file: many tiny structures.
constexpr std::uint64_t kBaseWork = std::uint64_t{64} << 20;
constexpr std::uint64_t kWorkPerByte = 8;

}  // namespace

std::optional<std::uint64_t> find_superblock(Bytes content) {
  if (has_magic(content, kSignature)) return 0;
  for (std::uint64_t at = 512; at < content.size() && at < (std::uint64_t{1} << 40); at *= 2) {
    if (has_magic(content, kSignature, at)) return at;
  }
  return std::nullopt;
}

Result<void> Reader::charge(std::uint64_t work) {
  work_ += work + 1;
  if (work_ <= kBaseWork + kWorkPerByte * whole_.size()) return {};
  return fail(Code::LimitReached, "HDF5 structures refer to the same bytes again and again");
}

std::uint64_t Reader::undefined() const {
  return offset_size_ == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * offset_size_)) - 1;
}

Result<ByteReader> Reader::at(std::uint64_t address, std::string_view what) {
  TRY(charge(16));
  if (address == undefined() || address >= file().size()) {
    return fail(Code::InvalidInput,
                std::string(what) + ": address " + std::to_string(address) + " is outside of the file");
  }
  return ByteReader(file(), address);
}

Result<std::uint64_t> Reader::sized(ByteReader& in, std::uint32_t bytes, std::string_view what) const {
  const Bytes raw = TRY(in.take(bytes, what));
  std::uint64_t value = 0;
  for (std::uint32_t i = 0; i < bytes && i < 8; ++i) value |= std::uint64_t{raw[i]} << (8 * i);
  return value;
}
Result<std::uint64_t> Reader::address(ByteReader& in, std::string_view what) const {
  return sized(in, offset_size_, what);
}
Result<std::uint64_t> Reader::length(ByteReader& in, std::string_view what) const {
  return sized(in, length_size_, what);
}

Result<std::string> Reader::terminated(ByteReader& in, std::string_view what) {
  const std::string_view rest = text_of(in.rest());
  const std::size_t end = rest.find('\0');
  TRY(charge(std::min(end, rest.size())));
  if (end == std::string_view::npos) return fail(Code::InvalidInput, std::string(what) + " is never ended");
  TRY(in.skip(end + 1, what));
  return std::string(rest.substr(0, end));
}

Result<std::uint64_t> Reader::open(File& file) {
  const auto found = find_superblock(whole_);
  if (!found) return fail(Code::InvalidInput, "no HDF5 superblock");
  base_ = file.user_block = *found;
  ByteReader in(this->file(), kSignature.size());
  const auto version = TRY(in.little_endian<std::uint8_t>("superblock version"));
  file.superblock = version;
  if (version <= 1) return open_old(file, in, version);
  if (version <= 3) return open_new(file, in);
  return fail(Code::Unsupported, "HDF5 superblock version " + std::to_string(version), base_ + 8);
}

Result<std::uint64_t> Reader::open_old(File& file, ByteReader in, std::uint8_t version) {
  TRY(in.skip(4, "versions"));
  offset_size_ = TRY(in.little_endian<std::uint8_t>("size of offsets"));
  length_size_ = TRY(in.little_endian<std::uint8_t>("size of lengths"));
  const auto supported = [](std::uint32_t size) { return size == 2 || size == 4 || size == 8; };
  if (!supported(offset_size_) || !supported(length_size_))
    return fail(Code::Unsupported, "HDF5 addresses of " + std::to_string(offset_size_) + " bytes",
                base_ + 13);
  TRY(in.skip(version == 1 ? 13 : 9, "tree parameters"));
  TRY(in.skip(std::uint64_t{2} * offset_size_, "base address and free space"));
  file.end = TRY(address(in, "end of file"));
  TRY(in.skip(std::uint64_t{2} * offset_size_, "driver block and link name"));
  return address(in, "root group");
}

Result<std::uint64_t> Reader::open_new(File& file, ByteReader in) {
  offset_size_ = TRY(in.little_endian<std::uint8_t>("size of offsets"));
  length_size_ = TRY(in.little_endian<std::uint8_t>("size of lengths"));
  const auto supported = [](std::uint32_t size) { return size == 2 || size == 4 || size == 8; };
  if (!supported(offset_size_) || !supported(length_size_))
    return fail(Code::Unsupported, "HDF5 addresses of " + std::to_string(offset_size_) + " bytes", base_ + 9);
  TRY(in.skip(1 + 2 * offset_size_, "base address and extension"));
  file.end = TRY(address(in, "end of file"));
  return address(in, "root group");
}

Result<std::vector<Message>> Reader::messages(std::uint64_t header) {
  std::vector<Message> out;
  const ByteReader in = TRY(at(header, "object header"));
  const bool is_new = has_magic(in.rest(), "OHDR");
  if (is_new)
    TRY(new_header(in, out));
  else
    TRY(old_header(in, out));
  return out;
}

Result<void> Reader::old_header(ByteReader in, std::vector<Message>& out) {
  const std::uint64_t start = in.offset();
  const auto version = TRY(in.little_endian<std::uint8_t>("object header version"));
  if (version != 1)
    return fail(Code::InvalidInput, "no object header at " + std::to_string(absolute(start)),
                absolute(start));
  TRY(in.skip(7, "object header"));
  const auto size = TRY(in.little_endian<std::uint32_t>("object header size"));
  TRY(in.skip(4, "object header padding"));
  std::vector<std::pair<std::uint64_t, std::uint64_t>> blocks{{in.offset(), size}};
  std::set<std::uint64_t> seen;
  for (std::size_t i = 0; i < blocks.size() && i < kMaxChunks; ++i) {
    const auto [from, bytes] = blocks[i];
    if (!seen.insert(from).second) continue;
    ByteReader block = TRY(at(from, "header block"));
    const Bytes content = TRY(block.take(bytes, "header block"));
    TRY(chunk(ByteReader(content), false, false, out, blocks));
  }
  return {};
}

Result<void> Reader::new_header(ByteReader in, std::vector<Message>& out) {
  TRY(in.skip(4, "object header signature"));
  const auto version = TRY(in.little_endian<std::uint8_t>("object header version"));
  if (version != 2) return fail(Code::Unsupported, "object header version " + std::to_string(version));
  const auto flags = TRY(in.little_endian<std::uint8_t>("object header flags"));
  if ((flags & 0x20U) != 0) TRY(in.skip(16, "times"));
  if ((flags & 0x10U) != 0) TRY(in.skip(4, "attribute limits"));
  const std::uint64_t size = TRY(sized(in, 1U << (flags & 3U), "size of the first chunk"));
  const bool ordered = (flags & 0x04U) != 0;
  const Bytes first = TRY(in.take(size, "first chunk"));
  std::vector<std::pair<std::uint64_t, std::uint64_t>> blocks;
  TRY(chunk(ByteReader(first), true, ordered, out, blocks));
  std::set<std::uint64_t> seen;
  for (std::size_t i = 0; i < blocks.size() && i < kMaxChunks; ++i) {
    const auto [from, bytes] = blocks[i];
    if (!seen.insert(from).second) continue;
    ByteReader block = TRY(at(from, "continuation"));
    if (!has_magic(block.rest(), "OCHK") || bytes < 8)
      return fail(Code::InvalidInput, "continuation has no signature", absolute(from));
    const Bytes content = TRY(block.take(bytes, "continuation"));
    TRY(chunk(ByteReader(content.subspan(4, bytes - 8)), true, ordered, out, blocks));
  }
  return {};
}

Result<void> Reader::chunk(ByteReader in, bool is_new, bool ordered, std::vector<Message>& out,
                           std::vector<std::pair<std::uint64_t, std::uint64_t>>& more) {
  const std::uint64_t head = is_new ? (ordered ? 6 : 4) : 8;
  while (in.remaining() >= head) {
    TRY(charge(head));
    Message message;
    if (is_new)
      message.type = TRY(in.little_endian<std::uint8_t>("message type"));
    else
      message.type = TRY(in.little_endian<std::uint16_t>("message type"));
    const auto size = TRY(in.little_endian<std::uint16_t>("message size"));
    const auto flags = TRY(in.little_endian<std::uint8_t>("message flags"));
    TRY(in.skip(is_new ? (ordered ? 2 : 0) : 3, "message header"));
    message.data = TRY(in.take(size, "message"));
    message.shared = (flags & 0x02U) != 0;
    message.offset = offset_of(message.data);
    if (message.type == kContinuation) {
      ByteReader where(message.data);
      const std::uint64_t from = TRY(address(where, "continuation address"));
      const std::uint64_t bytes = TRY(length(where, "continuation length"));
      more.emplace_back(from, bytes);
    } else if (message.type != 0) {
      out.push_back(message);
    }
  }
  return {};
}

}  // namespace bulwark::scan::hdf5
