#include "recipe/archives.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/byte_reader.h"
#include "recipe/compress.h"

namespace bulwark::recipe {
namespace {

using Buffer = std::vector<std::uint8_t>;

void put(Buffer& out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i) & 0xFF));
}
void put(Buffer& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}
void put(Buffer& out, const Buffer& bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

struct Packed {
  Buffer content;
  std::uint64_t method = 0;
  std::uint64_t flags = 0;
};

Result<Packed> pack(const ZipMember& member) {
  struct Method {
    std::string_view codec;
    std::uint64_t number;
  };
  constexpr auto kMethods =
      std::to_array<Method>({{"deflate", 8}, {"bzip2", 12}, {"lzma", 14}, {"zstd", 93}, {"xz", 95}});
  Packed packed;
  if (member.codec.empty()) {
    packed.content = member.content;
    return packed;
  }
  const auto found = std::ranges::find(kMethods, member.codec, &Method::codec);
  if (found == kMethods.end()) return fail(Code::InvalidInput, "zip has no method " + member.codec);
  packed.method = found->number;
  packed.content = TRY(compress(member.codec, member.content));
  if (member.codec == "lzma") {
    // APPNOTE 5.8.8: version 9.20, five bytes of properties, no size; bit 1 says that an end mark follows.
    Buffer framed = {9, 20, 5, 0};
    framed.insert(framed.end(), packed.content.begin(), packed.content.begin() + 5);
    framed.insert(framed.end(), packed.content.begin() + 13, packed.content.end());
    packed.content = std::move(framed);
    packed.flags = 2;
  }
  return packed;
}

struct Header {  // the fields that both headers have
  std::uint64_t flags, method, crc, compressed, size;
  std::string name;
  Buffer extra;
};

Buffer zip64_extra(std::uint64_t size, std::uint64_t compressed) {
  Buffer extra;
  put(extra, 1, 2);
  put(extra, 16, 2);
  put(extra, size, 8);
  put(extra, compressed, 8);
  return extra;
}

void put_common(Buffer& out, const Header& header) {
  put(out, header.flags, 2);
  put(out, header.method, 2);
  put(out, 0, 2);
  put(out, 0x21, 2);  // 1980-01-01
  put(out, header.crc, 4);
  put(out, header.compressed, 4);
  put(out, header.size, 4);
  put(out, header.name.size(), 2);
  put(out, header.extra.size(), 2);
}

void put_local(Buffer& out, const ZipMember& member, Header header) {
  if (member.descriptor) {
    header.flags |= 8;
    header.crc = header.compressed = header.size = 0;
  }
  header.flags = member.local_flags.value_or(header.flags);
  header.method = member.local_method.value_or(header.method);
  header.crc = member.local_crc.value_or(header.crc);
  if (member.zip64) {
    header.extra = zip64_extra(member.local_size.value_or(header.size),
                               member.local_compressed.value_or(header.compressed));
    header.size = header.compressed = 0xFFFFFFFF;
  } else {
    header.size = member.local_size.value_or(header.size);
    header.compressed = member.local_compressed.value_or(header.compressed);
  }
  header.name = member.local_name.value_or(member.name);
  put(header.extra, member.local_extra);
  if (member.align > 1) {
    // PyTorch aligns storages with a private extra field "FB".
    const std::uint64_t start = out.size() + 30 + header.name.size() + header.extra.size() + 4;
    const std::uint64_t padding = (member.align - start % member.align) % member.align;
    put(header.extra, "FB");
    put(header.extra, padding, 2);
    header.extra.insert(header.extra.end(), padding, 'Z');
  }
  put(out, "PK\x03\x04");
  put(out, 20, 2);
  put_common(out, header);
  put(out, header.name);
  put(out, header.extra);
}

void put_central(Buffer& out, const ZipMember& member, Header header, std::uint64_t offset) {
  if (member.descriptor) header.flags |= 8;
  header.flags = member.flags.value_or(header.flags);
  header.method = member.method.value_or(header.method);
  header.crc = member.crc.value_or(header.crc);
  header.size = member.size.value_or(header.size);
  header.compressed = member.compressed.value_or(header.compressed);
  if (member.zip64) {
    header.extra = zip64_extra(header.size, header.compressed);
    header.size = header.compressed = 0xFFFFFFFF;
  }
  put(header.extra, member.extra);
  put(out, "PK\x01\x02");
  put(out, member.made_by, 2);
  put(out, 20, 2);
  put_common(out, header);
  put(out, 0, 2);  // comment
  put(out, 0, 2);  // disk
  put(out, 0, 2);  // internal attributes
  put(out, member.external, 4);
  put(out, member.offset.value_or(offset), 4);
  put(out, header.name);
  put(out, header.extra);
}

void put_zip64_end(Buffer& out, std::uint64_t entries, std::uint64_t size, std::uint64_t offset) {
  const std::uint64_t at = out.size();
  put(out, "PK\x06\x06");
  put(out, 44, 8);
  put(out, 45, 2);
  put(out, 45, 2);
  put(out, 0, 4);
  put(out, 0, 4);
  put(out, entries, 8);
  put(out, entries, 8);
  put(out, size, 8);
  put(out, offset, 8);
  put(out, "PK\x06\x07");
  put(out, 0, 4);
  put(out, at, 8);
  put(out, 1, 4);
}

void put_end(Buffer& out, const ZipArchive& archive, std::uint64_t entries, std::uint64_t start) {
  entries = archive.entries.value_or(entries);
  const std::uint64_t size = archive.directory_size.value_or(out.size() - start);
  const std::uint64_t offset = archive.directory_offset.value_or(start);
  if (archive.zip64) put_zip64_end(out, entries, size, offset);
  put(out, "PK\x05\x06");
  put(out, 0, 2);
  put(out, 0, 2);
  put(out, archive.zip64 ? 0xFFFF : entries, 2);
  put(out, archive.zip64 ? 0xFFFF : entries, 2);
  put(out, archive.zip64 ? 0xFFFFFFFF : size, 4);
  put(out, archive.zip64 ? 0xFFFFFFFF : offset, 4);
  put(out, archive.comment.size(), 2);
  put(out, archive.comment);
}

void put_octal(Buffer& out, std::uint64_t value, std::size_t width) {
  std::string digits(width - 1, '0');
  for (std::size_t i = width - 1; i-- > 0; value >>= 3) digits[i] = static_cast<char>('0' + (value & 7));
  put(out, digits);
  out.push_back(0);
}

Result<void> put_field(Buffer& out, std::string_view text, std::size_t width) {
  if (text.size() > width) return fail(Code::InvalidInput, "too long for a tar header: " + std::string(text));
  put(out, text);
  out.insert(out.end(), width - text.size(), 0);
  return {};
}

// 7z's number: the leading ones of the first byte count the bytes that follow.
void put_number(Buffer& out, std::uint64_t value) {
  std::size_t following = 0;
  while (following < 8 && value >> (7 * (following + 1)) != 0) ++following;
  const std::uint64_t ones = 0xFF00U >> following & 0xFF;
  out.push_back(static_cast<std::uint8_t>(ones | (following == 8 ? 0 : value >> (8 * following))));
  put(out, value, following);
}

Buffer sevenzip_header(const std::vector<SevenZipMember>& members, std::uint64_t packed) {
  Buffer out = {0x01, 0x04, 0x06, 0x00, 0x01, 0x09};  // header, streams, pack information: one stream
  put_number(out, packed);
  put(out, Buffer{0x00, 0x07, 0x0B, 0x01, 0x00, 0x01, 0x01, 0x00, 0x0C});  // one folder, one coder: Copy
  put_number(out, packed);
  put(out, Buffer{0x00, 0x08});
  if (members.size() != 1) {
    out.push_back(0x0D);
    put_number(out, members.size());
    out.push_back(0x09);
    for (std::size_t i = 0; i + 1 < members.size(); ++i) put_number(out, members[i].content.size());
  }
  put(out, Buffer{0x0A, 0x01});
  for (const SevenZipMember& member : members) put(out, crc32_of(member.content), 4);
  put(out, Buffer{0x00, 0x00, 0x05});
  put_number(out, members.size());
  Buffer names = {0x00};
  for (const SevenZipMember& member : members) {
    for (const char letter : member.name) put(names, static_cast<std::uint8_t>(letter), 2);
    put(names, 0, 2);
  }
  out.push_back(0x11);
  put_number(out, names.size());
  put(out, names);
  put(out, Buffer{0x00, 0x00});
  return out;
}

}  // namespace

Result<Buffer> build_zip(const ZipArchive& archive) {
  Buffer out = archive.prefix;
  Buffer directory;
  std::uint64_t entries = 0;
  for (const ZipMember& member : archive.members) {
    if (member.raw) {
      put(out, member.content);
      continue;
    }
    const Packed packed = TRY(pack(member));
    const Header header{.flags = member.flags.value_or(packed.flags),
                        .method = member.method.value_or(packed.method),
                        .crc = member.crc.value_or(crc32_of(member.content)),
                        .compressed = packed.content.size(),
                        .size = member.content.size(),
                        .name = member.name,
                        .extra = {}};
    const std::uint64_t offset = out.size();
    if (!member.ghost) {
      put_local(out, member, header);
      put(out, packed.content);
      if (member.descriptor) {
        put(out, "PK\x07\x08");
        put(out, header.crc, 4);
        put(out, header.compressed, member.zip64 ? 8 : 4);
        put(out, header.size, member.zip64 ? 8 : 4);
      }
    }
    if (member.hidden) continue;
    put_central(directory, member, header, offset);
    ++entries;
  }
  const std::uint64_t start = out.size();
  put(out, directory);
  put_end(out, archive, entries, start);
  return out;
}

Result<Buffer> build_tar(const std::vector<TarMember>& members, bool ended) {
  Buffer out;
  for (const TarMember& member : members) {
    Buffer header;
    TRY(put_field(header, member.name, 100));
    put_octal(header, member.mode, 8);
    put_octal(header, 0, 8);
    put_octal(header, 0, 8);
    put_octal(header, member.size.value_or(member.content.size()), 12);
    put_octal(header, 0, 12);
    put(header, "        ");
    header.push_back(static_cast<std::uint8_t>(member.type));
    TRY(put_field(header, member.link, 100));
    TRY(put_field(header, member.magic, 8));
    header.insert(header.end(), 80, 0);  // owner names and device numbers
    TRY(put_field(header, member.prefix, 155));
    header.resize(512, 0);
    std::uint64_t sum = 0;
    for (const std::uint8_t byte : header) sum += byte;
    Buffer checksum;
    put_octal(checksum, member.checksum.value_or(sum), 7);
    std::ranges::copy(checksum, header.begin() + 148);
    put(out, header);
    put(out, member.content);
    out.resize((out.size() + 511) / 512 * 512, 0);
  }
  if (ended) out.resize(out.size() + 1024, 0);
  return out;
}

Buffer build_sevenzip(const std::vector<SevenZipMember>& members) {
  Buffer packed;
  for (const SevenZipMember& member : members) put(packed, member.content);
  const Buffer header = sevenzip_header(members, packed.size());
  Buffer start;
  put(start, packed.size(), 8);
  put(start, header.size(), 8);
  put(start, crc32_of(header), 4);
  Buffer out = {'7', 'z', 0xBC, 0xAF, 0x27, 0x1C, 0, 4};
  put(out, crc32_of(start), 4);
  put(out, start);
  put(out, packed);
  put(out, header);
  return out;
}

}  // namespace bulwark::recipe
