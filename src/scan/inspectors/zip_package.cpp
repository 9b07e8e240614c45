// Content of zip members: whatever a loader may get to see, in spite of flags, checksums and declared sizes.

#include "scan/inspectors/zip_package.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "scan/formats/lzma_raw.h"
#include "scan/inspectors/zip_rules.h"
#include "scan/unpack.h"

namespace bulwark::scan {

// What unpacking gave, for the judgement afterwards.
struct ZipOutcome {
  Bytes content;
  std::uint64_t packed = 0;    // bytes available
  std::uint64_t consumed = 0;  // bytes used
  bool whole = false;          // reached the end of the stream
};

namespace {

using namespace zip_rules;

// CRC costs a pass; of stored members, which are otherwise never touched, only those get one that can hold a
// program.
constexpr std::uint64_t kCheckedStored = std::uint64_t{1} << 20;
constexpr std::uint16_t kSuspectFlags = zip::kEncrypted | zip::kPatched | zip::kStrongEncryption;
constexpr std::uint64_t kZipCryptoHeader = 12;
// What is unpacked of a member that is a bomb by its own declaration: enough to say what it pretends to be.
constexpr std::uint64_t kBombSample = std::uint64_t{64} << 10;

std::string label(const ZipSource& source) {
  return "member " + printable(source.name, 120);
}

std::unexpected<Error> encrypted(const ZipSource& source, Inspection& in) {
  in.report(
      kEncryptedMember, source.header,
      label(source) + " (" + human_size(source.size) + ") is encrypted; only its name and size are known");
  in.gap(GapReason::Encrypted, label(source) + " is encrypted", {.offset = source.header});
  return fail(Code::Unsupported, "encrypted", source.header);
}

// Method 14: version (2 bytes), size of the properties (2), properties, stream.
Result<Decompressed> unpack_lzma(const ZipSource& source, Bytes packed, std::uint64_t ceiling) {
  ByteReader reader(packed);
  TRY(reader.skip(2, "LZMA version"));
  const auto length = TRY(reader.little_endian<std::uint16_t>("LZMA properties size"));
  const Bytes properties = TRY(reader.take(length, "LZMA properties"));
  Decompressed done =
      TRY(decompress_raw({{RawFilter::Kind::Lzma1, properties}}, reader.rest(), source.size, ceiling));
  done.consumed += reader.offset();
  return done;
}

std::optional<Codec> codec_of(std::uint16_t method) {
  switch (method) {
    case zip::kDeflate: return Codec::RawDeflate;
    case zip::kBzip2: return Codec::Bzip2;
    case zip::kZstdOld:
    case zip::kZstd: return Codec::Zstd;
    case zip::kXz: return Codec::Xz;
    default: return std::nullopt;
  }
}

}  // namespace

void ZipPackage::add(const ZipSource& source) {
  sources_.push_back(source);
  torch_ |= source.name.ends_with("/.data/serialization_id");
  Member member;
  member.name = std::string(source.name);
  member.size = source.size;
  if (source.method == zip::kStored && source.data != kNoOffset) member.offset = source.data;
  const bool directory = !source.name.empty() && source.name.back() == '/';
  if (directory && source.size == 0 && source.compressed == 0) member.kind = MemberKind::Directory;
  // A thousand entries over the same bytes are one content with a thousand names.
  const bool first = contents_.insert({source.data, source.compressed, source.method}).second;
  if (!first && source.data != kNoOffset && source.compressed > 0 && member.kind == MemberKind::File)
    member.kind = MemberKind::Link;
  members_.push_back(std::move(member));
}

Result<Content> ZipPackage::read(std::size_t index, Inspection& in) const {
  const ZipSource& source = sources_[index];
  if (source.data == kNoOffset || source.data > file_.size())
    return fail(Code::Corrupt, "the content is not where the directory says", source.header);
  Bytes packed = file_.subspan(source.data);
  if (packed.size() < source.compressed) {
    in.gap(GapReason::Truncated,
           label(source) + ": " + std::to_string(source.compressed) + " bytes announced, " +
               std::to_string(packed.size()) + " remain",
           {.offset = source.data});
  } else {
    packed = packed.first(source.compressed);
  }
  if (source.method == zip::kAes) return encrypted(source, in);
  return source.method == zip::kStored ? stored(source, packed, in) : unpacked(source, packed, in);
}

Result<Content> ZipPackage::stored(const ZipSource& source, Bytes packed, Inspection& in) const {
  const bool marked = (source.flags & kSuspectFlags) != 0;
  const bool cipher_header = source.compressed == source.size + kZipCryptoHeader;
  if ((source.flags & zip::kEncrypted) != 0 && cipher_header) return encrypted(source, in);
  if (marked) {
    in.report(kFalseFlag, source.header,
              label(source) + " is stored in plain text although its flags say otherwise",
              "flags " + std::to_string(source.flags));
  }
  if (source.listed && source.size != source.compressed) {
    in.report(kContradiction, source.header,
              label(source) + ": stored, but " + std::to_string(source.compressed) + " bytes packed and " +
                  std::to_string(source.size) + " unpacked are declared");
  }
  if (source.listed && packed.size() <= kCheckedStored)
    judge_unpacked(source, {packed, packed.size(), packed.size(), packed.size() == source.compressed}, in);
  return Content{packed, nullptr};
}

Result<Content> ZipPackage::unpacked(const ZipSource& source, Bytes packed, Inspection& in) const {
  const std::optional<Codec> codec = codec_of(source.method);
  if (!codec && source.method != zip::kLzma) {
    if ((source.flags & zip::kEncrypted) != 0) return encrypted(source, in);
    return fail(Code::Unsupported, "compression method " + std::to_string(source.method), source.header);
  }
  TRY(in.budget().check_time("zip"));
  const std::string what = label(source);
  const Packed about{packed, source.data, what};
  // Loaders allocate what is declared before they read, so a lie is as good as a bomb.
  const bool declared = source.listed && packed.size() == source.compressed &&
                        out_of_proportion(source.size, source.compressed, in.limits());
  if (declared) {
    in.budget().count_bomb();
    in.report(kBomb, source.header,
              what + " declares " + human_size(source.size) + " in " + human_size(source.compressed));
  }
  std::uint64_t ceiling = output_ceiling(packed.size(), in);
  if (declared || bomb_) ceiling = std::min(ceiling, kBombSample);
  Result<Decompressed> done =
      codec ? decompress(*codec, packed, ceiling) : unpack_lzma(source, packed, ceiling);
  const bool whole = done && !done->stopped;
  // Encrypted data is no valid stream, or by chance one of another length.
  if ((source.flags & zip::kEncrypted) != 0 &&
      !(whole && (done->bytes.size() == source.size || !source.listed)))
    return encrypted(source, in);
  if (!done) return std::unexpected(std::move(done).error());
  if ((source.flags & kSuspectFlags) != 0) {
    in.report(kFalseFlag, source.header, what + " is compressed in plain although its flags say otherwise",
              "flags " + std::to_string(source.flags));
  }
  const bool cut = done->stopped && done->stopped->code == Code::LimitReached;
  judge_output(done->bytes.size(), cut, about, kBomb, in);
  if (done->stopped) {
    in.gap(done->truncated ? GapReason::Truncated : gap_reason_from(done->stopped->code),
           what + ": " + done->stopped->message + " (" + std::to_string(done->bytes.size()) +
               " bytes came out and were inspected)",
           {.offset = source.data + done->consumed});
  }
  judge_unpacked(source, {done->bytes, packed.size(), done->consumed, whole}, in);
  return owned_content(std::move(done->bytes));
}

void ZipPackage::judge_unpacked(const ZipSource& source, const ZipOutcome& outcome, Inspection& in) const {
  if (!outcome.whole || !source.listed) return;
  if (source.method != zip::kStored && outcome.content.size() != source.size) {
    in.report(kContradiction, source.header,
              label(source) + " declares " + std::to_string(source.size) + " bytes but unpacks to " +
                  std::to_string(outcome.content.size()));
  }
  if (outcome.consumed < outcome.packed) {
    in.report(kContradiction, source.data + outcome.consumed,
              label(source) + ": " + std::to_string(outcome.packed - outcome.consumed) +
                  " bytes follow the end of its compressed stream");
  }
  if (crc32_of(outcome.content) == source.crc) return;
  // PyTorch writes wrong ones on purpose when it is told not to compute them (set_crc32_options), always
  // stored.
  const bool torch = torch_ && source.method == zip::kStored;
  in.report(kBadCrc, {.place = {.offset = source.header},
                      .message = "checksum of " + label(source) + " does not match its content",
                      .severity = torch ? Severity::Low : Severity::Medium});
}

}  // namespace bulwark::scan
