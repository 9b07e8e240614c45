// 7z archives: header and folders through an own reader, streams through liblzma and friends.
//
// Files of one folder are one compressed stream ("solid"), so a folder is unpacked once and its files are
// slices.

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "scan/formats/sevenzip.h"
#include "scan/inspectors/list.h"
#include "scan/unpack.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kUnsupported{
    .id = "BW-7Z-001",
    .title = "7z uses a coder that cannot be read here",
    .severity = Severity::Low,
    .atlas = "AML.T0107",
    .why = "What cannot be unpacked cannot be judged.",
    .fix = "Unpack the archive in a sandbox and scan its content, or ask for a plain archive.",
};
constexpr Rule kBomb{
    .id = "BW-7Z-002",
    .title = "7z archive is a decompression bomb",
    .severity = Severity::High,
    .atlas = "AML.T0029",
    .why = "A few bytes unpack to gigabytes, or a header makes the reader allocate them.",
    .fix = "Refuse the file.",
};
constexpr Rule kTrailing{
    .id = "BW-7Z-003",
    .title = "data follows a 7z archive",
    .severity = Severity::Medium,
    .atlas = "AML.T0074 AML.T0107",
    .why = "The file may be something else for another reader.",
    .fix = "Repack the archive or refuse it.",
};
constexpr Rule kPathEscape{
    .id = "BW-7Z-004",
    .title = "name of a 7z member leaves the directory it is unpacked to",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0107",
    .why = "A careless unpacker writes the member over any file that the user may write.",
    .fix = "Refuse the file.",
};
constexpr Rule kDuplicate{
    .id = "BW-7Z-005",
    .title = "7z holds one name twice",
    .severity = Severity::High,
    .atlas = "AML.T0074 AML.T0107",
    .why = "Some readers take the first copy, others the last; a scanner can be shown a harmless one.",
    .fix = "Refuse the file; ask its producer for an archive in which every name is there once.",
};
constexpr Rule kEncrypted{
    .id = "BW-7Z-006",
    .title = "7z archive is encrypted",
    .severity = Severity::Low,
    .atlas = "AML.T0107",
    .why = "Nobody without the password can say what is in it.",
    .fix = "Unpack it where the password is known and scan the content.",
};
constexpr Rule kLink{
    .id = "BW-7Z-007",
    .title = "7z member is a symbolic link",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0107",
    .why =
        "Unpackers that create the link let later members, or the loader, write to or read from its target.",
    .fix = "Refuse the file; models need no links.",
};
constexpr std::array kRules = {kUnsupported, kBomb, kTrailing, kPathEscape, kDuplicate, kEncrypted, kLink};

constexpr std::uint32_t kUnixExtension = 0x8000;
constexpr std::uint32_t kUnixTypeMask = 0170000;
constexpr std::uint32_t kUnixLink = 0120000;

std::string quoted(std::string_view name) {
  return "\"" + printable(name, 120) + "\"";
}

class SevenZipPackage : public Package {
 public:
  explicit SevenZipPackage(sevenzip::Archive archive) : archive_(std::move(archive)) {
    for (const sevenzip::File& file : archive_.files) {
      members_.push_back({.name = file.name,
                          .size = file.size,
                          .offset = kNoOffset,
                          .kind = file.directory ? MemberKind::Directory : MemberKind::File});
    }
  }

  [[nodiscard]] std::string_view kind() const override { return "7z"; }
  [[nodiscard]] const sevenzip::Archive& archive() const { return archive_; }

  [[nodiscard]] Result<Content> read(std::size_t index, Inspection& in) const override {
    const sevenzip::File& file = archive_.files[index];
    if (!file.has_stream) return Content{};
    const Content folder = TRY(unpacked(file.folder, in));
    const std::uint64_t start = std::min<std::uint64_t>(file.offset, folder.bytes.size());
    const Bytes bytes =
        folder.bytes.subspan(start, std::min<std::uint64_t>(file.size, folder.bytes.size() - start));
    if (bytes.size() < file.size) {
      in.gap(GapReason::Truncated, quoted(file.name) + ": " + std::to_string(file.size) +
                                       " bytes announced, " + std::to_string(bytes.size()) + " came out");
    } else if (file.crc && crc32_of(bytes) != *file.crc) {
      in.gap(GapReason::Malformed, quoted(file.name) + ": checksum is wrong");
    }
    return Content{bytes, folder.keeps};
  }

 private:
  // The last folder is kept: files come in the order of their folders.
  [[nodiscard]] Result<Content> unpacked(std::size_t index, Inspection& in) const {
    if (last_ && *last_ == index) return last_content_;
    last_.reset();
    last_content_ = {};
    const sevenzip::Folder& folder = archive_.folders[index];
    const std::string what = "7z folder " + std::to_string(index);
    if (folder.encrypted()) {
      in.report(kEncrypted, {.message = what + " is encrypted; only names and sizes are known"});
      in.gap(GapReason::Encrypted, what + " is encrypted");
      return fail(Code::Unsupported, "encrypted");
    }
    TRY(in.budget().check_time("7z"));
    const Bytes packed =
        folder.first_stream < archive_.packed.size() ? archive_.packed[folder.first_stream] : Bytes{};
    auto done = sevenzip::unpack(archive_, folder, output_ceiling(packed.size(), in));
    if (!done) {
      if (done.error().code == Code::Unsupported)
        in.report(kUnsupported, {.message = what + ": " + done.error().message});
      if (done.error().code == Code::LimitReached)
        in.report(kBomb, {.message = what + ": " + done.error().message});
      return std::unexpected(std::move(done).error().within(what));
    }
    const bool cut = done->stopped && done->stopped->code == Code::LimitReached;
    judge_output(done->bytes.size(), cut, {packed, 0, what}, kBomb, in);
    if (done->stopped) {
      in.gap(done->truncated ? GapReason::Truncated : gap_reason_from(done->stopped->code),
             what + ": " + done->stopped->message);
    }
    last_content_ = owned_content(std::move(done->bytes));
    last_ = index;
    return last_content_;
  }

  sevenzip::Archive archive_;
  mutable std::optional<std::size_t> last_;
  mutable Content last_content_;
};

void judge_files(const sevenzip::Archive& archive, Inspection& in) {
  std::unordered_set<std::string_view> seen;
  for (const sevenzip::File& file : archive.files) {
    std::string_view why;
    if (path_escapes(file.name, &why))
      in.report(kPathEscape,
                {.message = "name " + quoted(file.name) + " " + std::string(why), .evidence = file.name});
    const bool link =
        (file.attributes & kUnixExtension) != 0 && (file.attributes >> 16 & kUnixTypeMask) == kUnixLink;
    if (link) in.report(kLink, {.message = quoted(file.name) + " is a symbolic link"});
    if (!seen.insert(file.name).second && !file.directory)
      in.report(kDuplicate, {.message = quoted(file.name) + " is there again", .evidence = file.name});
  }
}

Match recognises(Bytes content) {
  return has_magic(content, sevenzip::kMagic) ? Match::Strong : Match::No;
}

Result<void> inspect(Inspection& in) {
  auto archive = sevenzip::read(in.bytes(), in.limits());
  if (!archive) {
    // Cut downloads lose their header first: it stands at the end.
    const bool cut = archive.error().offset == 12 || in.bytes().size() < 32;
    in.gap(cut ? GapReason::Truncated : gap_reason_from(archive.error().code), archive.error().message);
    return {};
  }
  if (archive->bad_header_crc)
    in.gap(GapReason::Malformed, "7z: checksum of the header is wrong", {.offset = 8});
  if (archive->encrypted_header) {
    in.report(kEncrypted, 0, "the list of members is encrypted");
    in.gap(GapReason::Encrypted, "7z: the list of members is encrypted", {.offset = 0});
    return {};
  }
  for (std::size_t i = 0; i < archive->files.size(); ++i) TRY(in.budget().charge_member("7z"));
  judge_files(*archive, in);
  if (archive->end < in.bytes().size()) {
    in.report(kTrailing, archive->end,
              std::to_string(in.bytes().size() - archive->end) + " bytes follow the archive");
    in.child("trailing@" + std::to_string(archive->end), in.bytes().subspan(archive->end));
  }
  in.fact("members", std::to_string(archive->files.size()));
  in.open(std::make_unique<SevenZipPackage>(std::move(*archive)));
  return {};
}

}  // namespace

const Inspector sevenzip{
    .name = "7z",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
