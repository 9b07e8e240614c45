// Reading of 7z headers: a small recursive format of numbers and sections, read with a checked cursor.

#include "scan/formats/sevenzip.h"

#include <algorithm>
#include <array>
#include <utility>

#include "scan/formats/lzma_raw.h"

namespace bulwark::scan::sevenzip {
namespace {

// Property identifiers of the format.
enum Id : std::uint8_t {
  kEnd = 0x00,
  kHeader = 0x01,
  kArchiveProperties = 0x02,
  kAdditionalStreams = 0x03,
  kMainStreams = 0x04,
  kFilesInfo = 0x05,
  kPackInfo = 0x06,
  kUnpackInfo = 0x07,
  kSubStreams = 0x08,
  kSize = 0x09,
  kCrc = 0x0A,
  kFolder = 0x0B,
  kUnpackSize = 0x0C,
  kStreamCount = 0x0D,
  kEmptyStream = 0x0E,
  kEmptyFile = 0x0F,
  kNames = 0x11,
  kAttributes = 0x15,
  kEncodedHeader = 0x17,
};

constexpr std::uint64_t kSignatureSize = 32;
constexpr std::uint64_t kAes = 0x06F10701;
// 7-Zip writes at most 4 coders; its own limit is 32.
constexpr std::uint64_t kMaxCoders = 8;
// A header may be packed, and that one again; nobody does it twice.
constexpr int kMaxHeaderLayers = 4;
// Names and sizes of a million files fit.
constexpr std::uint64_t kMaxHeader = std::uint64_t{256} << 20;

struct Method {
  std::uint64_t id;
  RawFilter::Kind kind;
};
constexpr std::array<Method, 13> kFilters = {{{0x030101, RawFilter::Kind::Lzma1},
                                              {0x21, RawFilter::Kind::Lzma2},
                                              {0x03, RawFilter::Kind::Delta},
                                              {0x04, RawFilter::Kind::X86},
                                              {0x03030103, RawFilter::Kind::X86},
                                              {0x05, RawFilter::Kind::PowerPc},
                                              {0x03030205, RawFilter::Kind::PowerPc},
                                              {0x06, RawFilter::Kind::Ia64},
                                              {0x03030401, RawFilter::Kind::Ia64},
                                              {0x07, RawFilter::Kind::Arm},
                                              {0x03030501, RawFilter::Kind::Arm},
                                              {0x03030701, RawFilter::Kind::ArmThumb},
                                              {0x03030805, RawFilter::Kind::Sparc}}};

// What a streams block says beyond the folders.
struct SubStreams {
  std::vector<std::uint64_t> counts;  // files per folder
  std::vector<std::uint64_t> sizes;   // of every file, in order
  std::vector<std::optional<std::uint32_t>> crcs;
};

class Parser {
 public:
  Parser(Bytes file, const Limits& limits, Archive& archive)
      : file_(file), limits_(limits), archive_(archive) {}

  // Returns the position and length of a packed header that must be unpacked next, by filling the archive.
  Result<bool> header(Bytes bytes);  // true: complete; false: archive_.folders[0] holds the real header

 private:
  Result<std::uint8_t> byte(std::string_view what) { return in_.little_endian<std::uint8_t>(what); }
  Result<std::uint64_t> number();
  Result<std::uint64_t> count(std::string_view what);
  Result<std::vector<bool>> bits(std::uint64_t size);
  Result<std::vector<bool>> defined(std::uint64_t size);
  Result<std::vector<std::optional<std::uint32_t>>> digests(std::uint64_t size);
  [[nodiscard]] Result<void> follows(std::uint8_t id, std::uint8_t& last) const;
  Result<void> streams();
  Result<void> pack_info();
  Result<void> unpack_info();
  Result<Folder> folder();
  Result<void> sub_streams();
  Result<void> files_info();
  Result<void> file_property(std::uint8_t id, Bytes content, std::vector<bool>& empty);
  Result<void> names(Bytes content);
  Result<void> attributes(Bytes content);
  Result<void> place_files(const std::vector<bool>& empty);

  Bytes file_;
  const Limits& limits_;
  Archive& archive_;
  ByteReader in_{Bytes{}};
  SubStreams sub_;
};

// The first byte's leading ones say how many bytes follow.
Result<std::uint64_t> Parser::number() {
  const auto first = TRY(byte("number"));
  std::uint64_t value = 0;
  std::uint8_t mask = 0x80;
  for (unsigned i = 0; i < 8; ++i, mask >>= 1) {
    if ((first & mask) == 0) return value | std::uint64_t{first & (mask - 1U)} << (8 * i);
    const auto next = TRY(byte("number"));
    value |= std::uint64_t{next} << (8 * i);
  }
  return value;
}

// A count of things that take at least a bit each.
Result<std::uint64_t> Parser::count(std::string_view what) {
  const std::uint64_t value = TRY(number());
  if (value > limits_.members)
    return fail(Code::LimitReached, std::string(what) + ": " + std::to_string(value), in_.offset());
  if (value / 8 > in_.remaining())
    return fail(Code::InvalidInput, std::string(what) + ": " + std::to_string(value) + " do not fit",
                in_.offset());
  return value;
}

Result<std::vector<bool>> Parser::bits(std::uint64_t size) {
  const Bytes bytes = TRY(in_.take((size + 7) / 8, "bit vector"));
  std::vector<bool> result(size);
  for (std::uint64_t i = 0; i < size; ++i) result[i] = (bytes[i / 8] & (0x80U >> (i % 8))) != 0;
  return result;
}

Result<std::vector<bool>> Parser::defined(std::uint64_t size) {
  const auto all = TRY(byte("all-defined flag"));
  if (all != 0) return std::vector<bool>(size, true);
  return bits(size);
}

Result<std::vector<std::optional<std::uint32_t>>> Parser::digests(std::uint64_t size) {
  const std::vector<bool> present = TRY(defined(size));
  std::vector<std::optional<std::uint32_t>> result(size);
  for (std::uint64_t i = 0; i < size; ++i)
    if (present[i]) result[i] = TRY(in_.little_endian<std::uint32_t>("digest"));
  return result;
}

Result<void> Parser::pack_info() {
  std::uint64_t at = TRY(number());
  const std::uint64_t streams = TRY(count("packed streams"));
  if (__builtin_add_overflow(at, kSignatureSize, &at))
    return fail(Code::InvalidInput, "packed position overflows");
  while (true) {
    const auto id = TRY(byte("id"));
    if (id == kEnd) break;
    if (id == kCrc) {
      TRY(digests(streams));
      continue;
    }
    if (id != kSize) return fail(Code::InvalidInput, "unexpected id in pack info", in_.offset());
    for (std::uint64_t i = 0; i < streams; ++i) {
      const std::uint64_t size = TRY(number());
      const std::uint64_t start = std::min<std::uint64_t>(at, file_.size());
      // A stream that is cut unpacks as far as it goes.
      archive_.packed.push_back(file_.subspan(start, std::min<std::uint64_t>(size, file_.size() - start)));
      if (__builtin_add_overflow(at, size, &at))
        return fail(Code::InvalidInput, "packed size overflows", in_.offset());
    }
  }
  return {};
}

Result<Folder> Parser::folder() {
  Folder folder;
  const std::uint64_t coders = TRY(number());
  if (coders == 0 || coders > kMaxCoders)
    return fail(Code::Unsupported, std::to_string(coders) + " coders in a folder", in_.offset());
  std::uint64_t inputs = 0;
  std::uint64_t outputs = 0;
  for (std::uint64_t i = 0; i < coders; ++i) {
    const auto flags = TRY(byte("coder flags"));
    const Bytes id = TRY(in_.take(flags & 0x0F, "coder id"));
    Coder coder;
    if (id.size() > 8) return fail(Code::Unsupported, "coder id is too long", in_.offset());
    for (const std::uint8_t byte : id) coder.method = coder.method << 8 | byte;
    if ((flags & 0x10) != 0) {
      coder.inputs = TRY(number());
      coder.outputs = TRY(number());
    }
    if (coder.inputs == 0 || coder.inputs > kMaxCoders || coder.outputs != 1)
      return fail(Code::Unsupported, "coder with several outputs", in_.offset());
    if ((flags & 0x20) != 0) {
      const std::uint64_t size = TRY(number());
      coder.properties = TRY(in_.take(size, "coder properties"));
    }
    inputs += coder.inputs;
    outputs += coder.outputs;
    folder.coders.push_back(coder);
  }
  for (std::uint64_t i = 0; i + 1 < outputs; ++i) {
    const std::uint64_t input = TRY(number());
    const std::uint64_t output = TRY(number());
    if (input >= inputs || output >= outputs)
      return fail(Code::InvalidInput, "bond leads nowhere", in_.offset());
    folder.bonds.emplace_back(input, output);
  }
  if (inputs < folder.bonds.size()) return fail(Code::InvalidInput, "more bonds than inputs", in_.offset());
  const std::uint64_t packed = inputs - folder.bonds.size();
  if (packed == 1) {
    for (std::uint64_t i = 0; i < inputs; ++i) {
      const bool bound = std::ranges::any_of(folder.bonds, [&](const auto& bond) { return bond.first == i; });
      if (!bound) folder.packed_inputs.push_back(i);
    }
  } else {
    for (std::uint64_t i = 0; i < packed; ++i) {
      const std::uint64_t input = TRY(number());
      folder.packed_inputs.push_back(input);
    }
  }
  return folder;
}

Result<void> Parser::unpack_info() {
  const auto first = TRY(byte("id"));
  if (first != kFolder) return fail(Code::InvalidInput, "folders expected", in_.offset());
  const std::uint64_t folders = TRY(count("folders"));
  const auto external = TRY(byte("external flag"));
  if (external != 0) return fail(Code::Unsupported, "folders are stored elsewhere", in_.offset());
  std::size_t stream = 0;
  for (std::uint64_t i = 0; i < folders; ++i) {
    Folder next = TRY(folder());
    next.first_stream = stream;
    stream += next.packed_inputs.size();
    archive_.folders.push_back(std::move(next));
  }
  while (true) {
    const auto id = TRY(byte("id"));
    if (id == kEnd) break;
    if (id == kUnpackSize) {
      for (Folder& each : archive_.folders) {
        for (std::size_t i = 0; i < each.coders.size(); ++i) {
          const std::uint64_t size = TRY(number());
          each.sizes.push_back(size);
        }
      }
    } else if (id == kCrc) {
      const auto crcs = TRY(digests(folders));
      for (std::size_t i = 0; i < crcs.size(); ++i) archive_.folders[i].crc = crcs[i];
    } else {
      return fail(Code::InvalidInput, "unexpected id in unpack info", in_.offset());
    }
  }
  return {};
}

Result<void> Parser::sub_streams() {
  auto id = TRY(byte("id"));
  if (id == kStreamCount) {
    for (std::uint64_t& files : sub_.counts) files = TRY(count("files in a folder"));
    id = TRY(byte("id"));
  }
  std::uint64_t total = 0;
  for (const std::uint64_t files : sub_.counts) {
    total += files;
    if (total > limits_.members)
      return fail(Code::LimitReached, "files: more than the limit of members", in_.offset());
  }
  const bool sizes = id == kSize;
  std::uint64_t missing = 0;  // files whose digest is not that of a whole folder
  for (std::size_t i = 0; i < archive_.folders.size(); ++i) {
    const std::uint64_t files = sub_.counts[i];
    if (files != 1 || !archive_.folders[i].crc) missing += files;
    std::uint64_t rest = archive_.folders[i].size();
    for (std::uint64_t j = 0; j < files; ++j) {
      // The last size is what remains of the folder.
      std::uint64_t size = rest;
      if (j + 1 < files && sizes) size = TRY(number());
      if (size > rest) return fail(Code::InvalidInput, "files are larger than their folder", in_.offset());
      rest -= size;
      sub_.sizes.push_back(size);
    }
  }
  if (sizes) id = TRY(byte("id"));
  std::vector<std::optional<std::uint32_t>> crcs(missing);
  if (id == kCrc) {
    crcs = TRY(digests(missing));
    id = TRY(byte("id"));
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < archive_.folders.size(); ++i) {
    const bool whole = sub_.counts[i] == 1 && archive_.folders[i].crc;
    for (std::uint64_t j = 0; j < sub_.counts[i]; ++j)
      sub_.crcs.push_back(whole ? archive_.folders[i].crc : crcs[next++]);
  }
  if (id != kEnd) return fail(Code::InvalidInput, "unexpected id in substreams", in_.offset());
  return {};
}

// Sections come once and in the order of their ids. A second list of folders would leave the files of the
// first pointing nowhere.
Result<void> Parser::follows(std::uint8_t id, std::uint8_t& last) const {
  if (id <= last)
    return fail(Code::InvalidInput, "section " + std::to_string(id) + " comes again or too late",
                in_.offset());
  last = id;
  return {};
}

Result<void> Parser::streams() {
  archive_.packed.clear();
  archive_.folders.clear();
  sub_ = {};
  bool split = false;
  std::uint8_t last = 0;
  while (true) {
    const auto id = TRY(byte("id"));
    if (id == kEnd) break;
    TRY(follows(id, last));
    if (id == kPackInfo) {
      TRY(pack_info());
    } else if (id == kUnpackInfo) {
      TRY(unpack_info());
      sub_.counts.assign(archive_.folders.size(), 1);
    } else if (id == kSubStreams) {
      TRY(sub_streams());
      split = true;
    } else {
      return fail(Code::InvalidInput, "unexpected id in streams info", in_.offset());
    }
  }
  if (split) return {};
  for (const Folder& each : archive_.folders) {
    sub_.sizes.push_back(each.size());
    sub_.crcs.push_back(each.crc);
  }
  return {};
}

Result<void> Parser::names(Bytes content) {
  if (content.empty() || content[0] != 0)
    return fail(Code::Unsupported, "names are stored elsewhere", in_.offset());
  std::size_t at = 1;
  for (File& file : archive_.files) {
    std::string& name = file.name;
    while (true) {
      if (content.size() - at < 2) return fail(Code::InvalidInput, "names are cut", in_.offset());
      std::uint32_t unit = load_little_endian<std::uint16_t>(content.data() + at);
      at += 2;
      if (unit == 0) break;
      if (unit >= 0xD800 && unit < 0xDC00 && content.size() - at >= 2) {
        const std::uint32_t low = load_little_endian<std::uint16_t>(content.data() + at);
        if (low >= 0xDC00 && low < 0xE000) {
          unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
          at += 2;
        }
      }
      const auto put = [&](std::uint32_t byte) { name.push_back(static_cast<char>(byte)); };
      if (unit < 0x80) {
        put(unit);
      } else if (unit < 0x800) {
        put(0xC0 | unit >> 6);
        put(0x80 | (unit & 0x3F));
      } else {
        if (unit >= 0x10000) put(0xF0 | unit >> 18);
        put(unit >= 0x10000 ? 0x80 | (unit >> 12 & 0x3F) : 0xE0 | unit >> 12);
        put(0x80 | (unit >> 6 & 0x3F));
        put(0x80 | (unit & 0x3F));
      }
    }
  }
  return {};
}

Result<void> Parser::attributes(Bytes content) {
  const ByteReader outer = std::exchange(in_, ByteReader(content));
  const auto present = defined(archive_.files.size());
  ByteReader reader = std::exchange(in_, outer);
  if (!present) return std::unexpected(present.error());
  const auto external = TRY(reader.little_endian<std::uint8_t>("external flag"));
  if (external != 0) return {};
  for (std::size_t i = 0; i < archive_.files.size(); ++i)
    if ((*present)[i]) archive_.files[i].attributes = TRY(reader.little_endian<std::uint32_t>("attributes"));
  return {};
}

Result<void> Parser::file_property(std::uint8_t id, Bytes content, std::vector<bool>& empty) {
  if (id == kNames) return names(content);
  if (id == kAttributes) return attributes(content);
  if (id == kEmptyStream) {
    if (content.size() < (empty.size() + 7) / 8)
      return fail(Code::InvalidInput, "empty-stream bits are cut", in_.offset());
    for (std::size_t i = 0; i < empty.size(); ++i) empty[i] = (content[i / 8] & (0x80U >> (i % 8))) != 0;
  }
  if (id == kEmptyFile) {
    std::size_t index = 0;
    for (std::size_t i = 0; i < empty.size(); ++i) {
      if (!empty[i]) continue;
      const bool file = index / 8 < content.size() && (content[index / 8] & (0x80U >> (index % 8))) != 0;
      archive_.files[i].directory = !file;
      ++index;
    }
  }
  return {};
}

Result<void> Parser::files_info() {
  const std::uint64_t files = TRY(count("files"));
  archive_.files.resize(files);
  std::vector<bool> empty(files, false);
  while (true) {
    const auto id = TRY(byte("id"));
    if (id == kEnd) break;
    const std::uint64_t size = TRY(number());
    const Bytes content = TRY(in_.take(size, "file property"));
    TRY(file_property(id, content, empty));
  }
  return place_files(empty);
}

Result<void> Parser::place_files(const std::vector<bool>& empty) {
  std::size_t folder = 0;
  std::uint64_t in_folder = 0;
  std::uint64_t offset = 0;
  std::size_t stream = 0;
  for (std::size_t i = 0; i < archive_.files.size(); ++i) {
    File& file = archive_.files[i];
    file.has_stream = !empty[i];
    if (!file.has_stream) {
      // Without an empty-file property all empty entries are directories.
      file.directory = file.directory || (file.attributes & 0x10) != 0;
      continue;
    }
    file.directory = false;
    while (folder < sub_.counts.size() && in_folder >= sub_.counts[folder]) {
      ++folder;
      in_folder = offset = 0;
    }
    if (folder >= sub_.counts.size() || stream >= sub_.sizes.size())
      return fail(Code::InvalidInput, "more files than streams");
    file.folder = folder;
    file.offset = offset;
    file.size = sub_.sizes[stream];
    file.crc = sub_.crcs[stream];
    offset += file.size;
    ++in_folder;
    ++stream;
  }
  return {};
}

Result<bool> Parser::header(Bytes bytes) {
  in_ = ByteReader(bytes);
  auto id = TRY(byte("header id"));
  if (id == kEncodedHeader) {
    TRY(streams());
    if (archive_.folders.empty()) return fail(Code::InvalidInput, "packed header has no folder");
    return false;
  }
  if (id != kHeader) return fail(Code::InvalidInput, "unknown header id " + std::to_string(id));
  std::uint8_t last = 0;
  while (true) {
    id = TRY(byte("id"));
    if (id == kEnd) break;
    TRY(follows(id, last));
    if (id == kMainStreams) {
      TRY(streams());
    } else if (id == kFilesInfo) {
      TRY(files_info());
    } else if (id == kArchiveProperties) {
      while (true) {
        const std::uint64_t property = TRY(number());
        if (property == kEnd) break;
        const std::uint64_t size = TRY(number());
        TRY(in_.skip(size, "archive property"));
      }
    } else {
      return fail(Code::Unsupported, "header section " + std::to_string(id), in_.offset());
    }
  }
  return true;
}

// Coders from the output back to the packed stream; nothing if they are no simple chain.
std::optional<std::vector<const Coder*>> chain_of(const Folder& folder) {
  if (folder.packed_inputs.size() != 1) return std::nullopt;
  for (const Coder& coder : folder.coders)
    if (coder.inputs != 1) return std::nullopt;
  // With one input and output each, input and output indexes are coder indexes.
  std::uint64_t at = folder.coders.size();
  for (std::uint64_t i = 0; i < folder.coders.size(); ++i)
    if (std::ranges::none_of(folder.bonds, [&](const auto& bond) { return bond.second == i; })) at = i;
  std::vector<const Coder*> chain;
  while (at < folder.coders.size() && chain.size() < folder.coders.size()) {
    chain.push_back(&folder.coders[at]);
    const auto bond = std::ranges::find_if(folder.bonds, [&](const auto& each) { return each.first == at; });
    if (bond == folder.bonds.end()) return chain;
    at = bond->second;
  }
  return std::nullopt;
}

std::optional<Codec> codec_of(std::uint64_t method) {
  switch (method) {
    case 0x040108: return Codec::RawDeflate;
    case 0x040202: return Codec::Bzip2;
    case 0x04F71101: return Codec::Zstd;
    case 0x04F71104: return Codec::Lz4Frame;
    default: return std::nullopt;
  }
}

}  // namespace

std::uint64_t Folder::size() const {
  for (std::size_t i = 0; i < sizes.size(); ++i)
    if (std::ranges::none_of(bonds, [&](const auto& bond) { return bond.second == i; })) return sizes[i];
  return 0;
}

bool Folder::encrypted() const {
  return std::ranges::any_of(coders, [](const Coder& coder) { return coder.method == kAes; });
}

Result<Decompressed> unpack(const Archive& archive, const Folder& folder, std::uint64_t max_output) {
  const auto chain = chain_of(folder);
  if (!chain || folder.first_stream >= archive.packed.size())
    return fail(Code::Unsupported, "7z coders are no simple chain");
  const Bytes packed = archive.packed[folder.first_stream];
  const auto unsupported = [](const Coder& coder) {
    return fail(Code::Unsupported, "7z coder " + std::to_string(coder.method));
  };
  if (chain->size() == 1) {
    const Coder& coder = *chain->front();
    if (coder.method == 0) {
      Decompressed copy;
      const Bytes content = packed.first(std::min<std::uint64_t>({packed.size(), folder.size(), max_output}));
      copy.bytes.assign(content.begin(), content.end());
      copy.consumed = content.size();
      return copy;
    }
    if (const auto codec = codec_of(coder.method))
      return decompress(*codec, packed, std::min(folder.size(), max_output));
  }
  std::vector<RawFilter> filters;
  for (const Coder* coder : *chain) {
    const auto found = std::ranges::find(kFilters, coder->method, &Method::id);
    if (found == kFilters.end()) return unsupported(*coder);
    filters.push_back({found->kind, coder->properties});
  }
  return decompress_raw(filters, packed, folder.size(), max_output);
}

Result<Archive> read(Bytes file, const Limits& limits) {
  ByteReader reader(file);
  TRY(reader.skip(12, "7z signature header"));
  const auto offset = TRY(reader.little_endian<std::uint64_t>("header offset"));
  const auto size = TRY(reader.little_endian<std::uint64_t>("header size"));
  const auto crc = TRY(reader.little_endian<std::uint32_t>("header checksum"));
  Archive archive;
  archive.end = kSignatureSize;
  if (size == 0) return archive;
  if (offset > file.size() - kSignatureSize || size > file.size() - kSignatureSize - offset)
    return fail(Code::InvalidInput,
                "7z header at " + std::to_string(offset) + " is beyond the end of the file", 12);
  Bytes header = file.subspan(kSignatureSize + offset, size);
  archive.end = kSignatureSize + offset + size;
  archive.bad_header_crc = crc32_of(header) != crc;
  Parser parser(file, limits, archive);
  for (int layer = 0; layer < kMaxHeaderLayers; ++layer) {
    const bool complete = TRY(parser.header(header));
    if (complete) return archive;
    if (archive.folders[0].encrypted()) {
      archive.encrypted_header = true;
      return archive;
    }
    Decompressed plain = TRY(unpack(archive, archive.folders[0], std::min(kMaxHeader, limits.held_bytes)));
    if (plain.stopped) return std::unexpected(Error(*plain.stopped).within("7z header"));
    archive.headers.push_back(std::move(plain.bytes));
    header = archive.headers.back();
  }
  return fail(Code::LimitReached, "7z header is packed too often");
}

}  // namespace bulwark::scan::sevenzip
