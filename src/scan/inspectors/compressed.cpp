// Streams that hold one compressed file: gzip, bzip2, xz, lzma, zstd, lz4, zlib. The content is one child.
//
// gzip.open, joblib, pandas and torch.load of a wrapped file all read such a stream piece by piece, so a
// payload runs before a defect behind it is noticed: what came out is inspected, whatever follows.

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.h"
#include "scan/inspectors/list.h"
#include "scan/unpack.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kBomb{
    .id = "BW-GZ-002",
    .title = "compressed stream is a decompression bomb",
    .severity = Severity::High,
    .atlas = "AML.T0029",
    .why = "A few bytes unpack to gigabytes, or a header makes the loader allocate them.",
    .fix = "Refuse the file.",
};
constexpr Rule kTrailing{
    .id = "BW-GZ-003",
    .title = "data follows the compressed stream",
    .severity = Severity::Medium,
    .atlas = "AML.T0107",
    .why =
        "Readers stop at different places; the rest is a place for a second payload that most tools never "
        "see.",
    .fix = "Unpack and pack the file again, or refuse it.",
};
constexpr std::array kRules = {kBomb, kTrailing};
// Shortest output of a broken zlib stream that chance does not produce behind an accepted header.
constexpr std::size_t kConvincing = 256;
// joblib before 0.10: "ZF", the length in hexadecimal padded to 19 characters (one more in Python 2), a zlib
// stream.
constexpr std::string_view kZFile = "ZF0x";
constexpr std::size_t kZFileHeader = 21;

bool is_zfile(Bytes content) {
  return has_magic(content, kZFile);
}

// zlib and lzma have no magic number: a stream that breaks is only theirs if something sensible came out.
bool convincing(Codec codec, Bytes packed, const Decompressed& done) {
  if (!done.stopped || done.stopped->code == Code::LimitReached) return !done.bytes.empty();
  const bool usual = codec == Codec::Zlib ? packed[0] == 0x78 && (packed[1] == 0x01 || packed[1] == 0x5E ||
                                                                  packed[1] == 0x9C || packed[1] == 0xDA)
                                          : packed[0] == 0x5D;
  const bool pickle = done.bytes.size() >= 2 && done.bytes[0] == 0x80 && done.bytes[1] <= 5;
  return pickle || (usual && done.bytes.size() >= kConvincing);
}

void judge_trailing(Bytes packed, const Decompressed& done, Inspection& in) {
  if (done.stopped || done.consumed >= packed.size()) return;
  const Bytes rest = packed.subspan(done.consumed);
  const Bytes edge = rest.first(std::min<std::size_t>(rest.size(), in.limits().searched_bytes));
  const bool zeros = std::ranges::all_of(edge, [](std::uint8_t byte) { return byte == 0; });
  in.report(kTrailing, {.place = {.offset = done.consumed},
                        .message = std::to_string(rest.size()) + (zeros ? " zero" : "") +
                                   " bytes follow the compressed stream",
                        // Tapes and block devices pad with zeros.
                        .severity = zeros ? Severity::Info : Severity::Medium});
  if (!zeros) in.child("trailing@" + std::to_string(done.consumed), rest);
}

Result<void> inspect_stream(Codec codec, Inspection& in) {
  const Bytes packed = in.bytes();
  const bool weak = codec == Codec::Zlib || codec == Codec::LzmaAlone;
  if (weak) {
    // A first taste decides whether this is such a stream at all, before anything is reported.
    const auto taste = decompress(codec, packed, std::uint64_t{64} << 10);
    if (!taste || !convincing(codec, packed, *taste)) return fail(Code::Unsupported, "no compressed stream");
  }
  Decompressed done = TRY(unpack(codec, {packed, 0, name_of(codec)}, kBomb, in));
  const std::optional<std::uint64_t> declared = declared_size(codec, packed);
  if (declared && !done.truncated && out_of_proportion(*declared, packed.size(), in.limits()) &&
      *declared > done.bytes.size()) {
    in.budget().count_bomb();
    in.report(kBomb, 0, "the header declares " + human_size(*declared) + " in " + human_size(packed.size()));
  }
  if (declared && done.streams == 1 && !done.stopped && *declared != done.bytes.size()) {
    in.gap(GapReason::Malformed,
           "the header declares " + std::to_string(*declared) + " bytes, " +
               std::to_string(done.bytes.size()) + " came out",
           {.offset = 0});
  }
  if (done.streams > 1) in.fact("members", std::to_string(done.streams));
  judge_trailing(packed, done, in);
  in.child("content", std::move(done.bytes));
  return {};
}

template <Codec kCodec>
Match recognises(Bytes content) {
  return recognise_codec(content) == kCodec ? Match::Strong : Match::No;
}
template <Codec kCodec>
Result<void> inspect(Inspection& in) {
  return inspect_stream(kCodec, in);
}

Match recognises_zlib(Bytes content) {
  if (is_zfile(content)) return Match::Strong;
  return recognise_codec(content) == Codec::Zlib ? Match::Weak : Match::No;
}
Result<void> inspect_zlib(Inspection& in) {
  if (!is_zfile(in.bytes())) return inspect_stream(Codec::Zlib, in);
  const Bytes content = in.bytes();
  if (content.size() <= kZFileHeader) return fail(Code::InvalidInput, "joblib header is cut", content.size());
  in.child("content", content.subspan(kZFileHeader + (content[kZFileHeader] == ' ' ? 1 : 0)), "zlib");
  return {};
}

Match recognises_lzma(Bytes content) {
  return recognise_codec(content) == Codec::LzmaAlone ? Match::Weak : Match::No;
}

}  // namespace

const Inspector bzip2{.name = "bzip2",
                      .version = "1",
                      .rules = kRules,
                      .recognises = recognises<Codec::Bzip2>,
                      .inspect = inspect<Codec::Bzip2>};
const Inspector gzip{.name = "gzip",
                     .version = "1",
                     .rules = kRules,
                     .recognises = recognises<Codec::Gzip>,
                     .inspect = inspect<Codec::Gzip>};
const Inspector lz4{.name = "lz4",
                    .version = "1",
                    .rules = kRules,
                    .recognises = recognises<Codec::Lz4Frame>,
                    .inspect = inspect<Codec::Lz4Frame>};
const Inspector lzma{.name = "lzma",
                     .version = "1",
                     .rules = kRules,
                     .recognises = recognises_lzma,
                     .inspect = inspect<Codec::LzmaAlone>};
const Inspector xz{.name = "xz",
                   .version = "1",
                   .rules = kRules,
                   .recognises = recognises<Codec::Xz>,
                   .inspect = inspect<Codec::Xz>};
const Inspector zlib{
    .name = "zlib", .version = "1", .rules = kRules, .recognises = recognises_zlib, .inspect = inspect_zlib};
const Inspector zstd{.name = "zstd",
                     .version = "1",
                     .rules = kRules,
                     .recognises = recognises<Codec::Zstd>,
                     .inspect = inspect<Codec::Zstd>};

}  // namespace bulwark::scan::inspectors
