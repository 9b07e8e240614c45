// Threats: members that inflate without end (the header is read first and says how much may come), members
// that lie over one another or outside the file, two members of one name, names with paths (never used as
// paths), pickles (never read).

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "os/mapping.h"
#include "scan/formats/decompress.h"
#include "scan/formats/npy.h"
#include "scan/formats/zip.h"
#include "tables/array_table.h"
#include "tables/numpy.h"

namespace bulwark::tables {
namespace {

namespace zip = scan::zip;

// Published archives of arrays hold some thousand.
constexpr std::uint64_t kMembers = 100'000;
// What is inflated to see a member's header; NumPy writes some hundred bytes.
constexpr std::uint64_t kHeader = std::uint64_t{64} << 10;

// A member's bytes as they lie in the file.
struct Packed {
  Bytes bytes;
  std::uint16_t method = zip::kStored;
  std::uint64_t size = 0;  // unpacked
  std::uint32_t crc = 0;
};

Result<Packed> packed_of(Bytes file, const zip::CentralEntry& entry) {
  if ((entry.flags & (zip::kEncrypted | zip::kStrongEncryption)) != 0)
    return fail(Code::Unsupported, "it is encrypted");
  if (entry.method != zip::kStored && entry.method != zip::kDeflate)
    return fail(Code::Unsupported, "it is packed with method " + std::to_string(entry.method));
  const zip::Header local = TRY(zip::read_local(file, entry.local_offset));
  if (local.name != entry.name) return fail(Code::Corrupt, "its local header has another name");
  if (local.end > file.size() || file.size() - local.end < entry.compressed)
    return fail(Code::Corrupt, "it ends behind the file");
  if (entry.method == zip::kStored && entry.compressed != entry.size)
    return fail(Code::Corrupt, "it is stored, but its two sizes differ");
  return Packed{.bytes = file.subspan(local.end, entry.compressed),
                .method = entry.method,
                .size = entry.size,
                .crc = entry.crc};
}

Result<Held> unpacked(const Packed& packed, const Held& file, std::uint64_t most) {
  if (packed.method == zip::kStored) return Held{packed.bytes, file.owner};
  auto inflated = TRY(scan::decompress(scan::Codec::RawDeflate, packed.bytes, most));
  auto bytes = std::make_shared<std::vector<std::uint8_t>>(std::move(inflated.bytes));
  return Held{*bytes, bytes};
}

// The whole member, checked against its checksum.
Result<Held> content_of(const Packed& packed, const Held& file, std::uint64_t most) {
  if (packed.method != zip::kStored && packed.size > most)
    return fail(Code::LimitReached,
                "it unpacks to " + human_size(packed.size) + ", the limit is " + human_size(most));
  Held content = TRY(unpacked(packed, file, packed.size));
  if (content.bytes.size() != packed.size)
    return fail(Code::Corrupt, "it unpacks to " + std::to_string(content.bytes.size()) +
                                   " bytes instead of " + std::to_string(packed.size));
  if (scan::crc32_of(content.bytes) != packed.crc) return fail(Code::Corrupt, "its checksum is wrong");
  return content;
}

// The directory that Python reads: of the last end record, the one right before it.
Result<zip::Directory> directory_of(Bytes file) {
  const auto ends = zip::find_end_records(file);
  if (ends.empty()) return fail(Code::Corrupt, "the archive has no end record; it is cut or damaged");
  auto directories = zip::locate_directories(file, ends.back());
  if (directories.empty())
    return fail(Code::Corrupt, "the archive has no directory where its end record says");
  zip::Directory directory = std::move(directories.back());
  zip::read_directory(file, ends.back(), kMembers, directory);
  if (directory.broken)
    return std::unexpected(std::move(*directory.broken).within("directory of the archive"));
  return directory;
}

class Archive {
 public:
  Archive(Held file, const DatasetLimits& limits)
      : file_(std::move(file)), most_(std::min(limits.array_bytes, limits.memory)), limits_(limits) {}

  Result<void> read() {
    const zip::Directory directory = TRY(directory_of(file_.bytes));
    for (const zip::CentralEntry& entry : directory.entries) {
      if (entry.name.ends_with('/')) continue;
      if (auto added = add(entry); !added) leave_out(entry.name, added.error());
    }
    return {};
  }
  [[nodiscard]] std::vector<NamedArray> take_arrays() { return std::move(arrays_); }
  [[nodiscard]] std::vector<Gap> take_gaps() { return std::move(gaps_); }

 private:
  Result<void> add(const zip::CentralEntry& entry) {
    std::string name(entry.name);
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    if (!names_.insert(name).second) return fail(Code::Corrupt, "a second member of that name");
    const Packed packed = TRY(packed_of(file_.bytes, entry));
    const Held start = TRY(unpacked(packed, file_, std::min(kHeader, packed.size)));
    NpyLayout layout = TRY(npy_layout(start.bytes));
    if (layout.data_offset > packed.size || packed.size - layout.data_offset != layout.data_size)
      return fail(Code::Corrupt, "its array needs " + std::to_string(layout.data_size) +
                                     " bytes, the member has " + std::to_string(packed.size));
    arrays_.push_back({name, std::move(layout), [packed, file = file_, most = most_, name]() -> Result<Held> {
                         auto content = content_of(packed, file, most);
                         if (!content)
                           return std::unexpected(std::move(content).error().within(printable(name)));
                         return content;
                       }});
    return {};
  }
  void leave_out(std::string_view name, const Error& error) {
    if (gaps_.size() >= limits_.gaps) return;
    gaps_.push_back({.reason = gap_reason_from(error.code),
                     .path = {},
                     .origin = {std::string(name)},
                     .place = {},
                     .why = error.message});
  }

  Held file_;
  std::uint64_t most_;
  const DatasetLimits& limits_;
  std::vector<NamedArray> arrays_;
  std::vector<Gap> gaps_;
  std::unordered_set<std::string> names_;
};

}  // namespace

bool recognises_npz(const Candidate& candidate) {
  if (!has_magic(candidate.head, "PK\3\4"))
    return candidate.extension == "npz" && has_magic(candidate.head, "PK");
  const auto first = zip::read_local(candidate.head, 0);
  return candidate.extension == "npz" || (first && first->name.ends_with(".npy"));
}

Result<std::unique_ptr<Dataset>> read_npz(Held file, Description about, const DatasetLimits& limits) {
  Archive archive(std::move(file), limits);
  TRY(archive.read());
  std::vector<NamedArray> arrays = archive.take_arrays();
  std::vector<Gap> gaps = archive.take_gaps();
  if (arrays.empty() && !gaps.empty())
    return fail(Code::Unsupported, "no array can be read; the first member: " + gaps.front().why);
  return make_array_table(std::move(arrays), std::move(about), std::move(gaps), limits);
}

Result<std::unique_ptr<Dataset>> open_npz(const Candidate& candidate) {
  const auto file = TRY(os::Mapping::open(candidate.path, true));
  Description about;
  about.path = candidate.path;
  about.format = "npz";
  about.bytes = file->bytes().size();
  return read_npz({file->bytes(), file}, std::move(about), candidate.options.limits);
}

}  // namespace bulwark::tables
