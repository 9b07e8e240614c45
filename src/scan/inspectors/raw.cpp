// Searches data for programs and pickles that stand in the middle of it.
//
// Where can a payload be executed from? (1) From the start of an artifact: the inspectors of the formats see
// it. (2) By a loader that seeks into a file: torch legacy, joblib and stacked pickles, which the pickle
// engine follows itself. (3) By a second stage that cuts a program out of weights at an offset it knows
// (steganographic droppers: "EvilModel", safetensors with an ELF behind the header). Only (3) is looked for
// here, in artifacts that are plain data for their loaders: raw weights, safetensors, GGUF, HDF5, protobuf,
// unknown.
//
// Not searched unless --deep is given: pickles and archives (their members are artifacts of their own, and a
// byte string in a pickle does nothing that the calls around it do not show), compressed streams (no program
// can be seen in them), programs (they hold what they hold). Of large data only the edges are searched: both
// ends, where payloads are appended or put in place of a header. Random weights do not raise anything: "MZ"
// alone occurs every 64 KiB, so headers have to make sense in all their fields.

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "scan/formats/decompress.h"
#include "scan/formats/native.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/native_rules.h"

namespace bulwark::scan::inspectors {
namespace {

using namespace native_rules;

constexpr Rule kUniform{
    .id = "BW-RAW-001",
    .title = "file holds one byte value only",
    .severity = Severity::Info,
    .atlas = "AML.T0076",
    .why =
        "No model consists of one repeated byte: the weights were never written, were wiped, or are "
        "somewhere else.",
    .fix = "Fetch the file again from its publisher and compare the digest.",
};
constexpr std::array kRules = {kProgram, kUniform};
// One program is enough to refuse; more are of interest only up to a point.
constexpr std::size_t kMaxHits = 16;
constexpr std::uint64_t kEdge = std::uint64_t{16} << 10;

bool is_structured(Bytes content) {
  if (content.size() < 4) return true;
  if ((content[0] == 0x80 && content[1] <= 5) || has_magic(content, "PK") ||
      has_magic(content, "\x93NUMPY") || has_magic(content, "7z\xBC\xAF") || has_magic(content, "ustar", 257))
    return true;
  const auto codec = recognise_codec(content);
  return (codec && *codec != Codec::Zlib) || native::identify(content).has_value();
}

void search(Inspection& in, std::uint64_t from, std::uint64_t to) {
  const Bytes content = in.bytes();
  // The first byte belongs to the format inspectors.
  from = std::max<std::uint64_t>(from, 1);
  for (const native::Hit& hit : native::find_embedded(content, from, to, kMaxHits)) {
    const bool device = hit.kind == native::Kind::DeviceElf;
    in.report(kProgram, {.place = {.offset = hit.offset},
                         .message = "a " + std::string(native::name_of(hit.kind)) + " stands inside the data",
                         // Graph compilers put code for the GPU into their engines.
                         .severity = device ? Severity::Low : Severity::High});
  }
  const native::PickleHits pickles = native::find_pickles(content, from, to, kMaxHits);
  if (!pickles.complete)
    in.gap(GapReason::Limit, "more places look like the start of a pickle than can be followed",
           {.offset = from});
  for (const native::PickleHit& hit : pickles.hits)
    in.child("pickle@" + std::to_string(hit.offset), content.subspan(hit.offset, hit.length), "pickle");
}

// Cheap: the first byte that differs ends it.
bool is_uniform(Bytes content) {
  return std::ranges::find_if(content, [&](std::uint8_t byte) { return byte != content.front(); }) ==
         content.end();
}

Match recognises(Bytes) {
  return Match::Beside;
}

Result<void> inspect(Inspection& in) {
  const Bytes content = in.bytes();
  const bool deep = in.options().deep;
  // Members of archives are empty storages and markers often enough; a file of its own is not.
  const bool affordable = deep || content.size() <= in.limits().searched_bytes;
  if (!content.empty() && affordable && in.artifact().origin.empty() && is_uniform(content)) {
    in.report(kUniform, 0, "all " + std::to_string(content.size()) + " bytes are alike",
              hex(content.first(1)));
    return {};
  }
  if (!deep && is_structured(content)) return {};
  if (deep || (content.size() <= in.limits().searched_bytes && in.budget().take_search(content.size()))) {
    search(in, 0, content.size());
    return {};
  }
  // Enough of a header is left beyond the edge to judge what starts in it.
  search(in, 0, std::min<std::uint64_t>(kEdge, content.size()));
  if (content.size() > kEdge) search(in, content.size() - kEdge, content.size());
  return {};
}

}  // namespace

const Inspector raw{
    .name = "raw",
    .version = "2",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
