// RKNN models (Rockchip NPU): a header, the compiled network, and a JSON description that tools around it
// read.

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/document.h"
#include "base/text.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kCommand{
    .id = "BW-RKNN-001",
    .title = "RKNN metadata holds a command line",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0050",
    .why =
        "Deployment scripts pass metadata of the model to a shell; a command in it runs on the device or on "
        "the build host.",
    .fix = "Do not deploy the model; ask its author what the field is for.",
};
constexpr Rule kLayout{
    .id = "BW-RKNN-002",
    .title = "RKNN header does not describe the file",
    .severity = Severity::Low,
    .atlas = "AML.T0076",
    .why =
        "The sizes in the header lead to no model description, so only the readable texts could be judged.",
    .fix = "Convert the model again from its source.",
};
constexpr std::array kRules = {kCommand, kLayout};

constexpr std::uint64_t kHeader = 24;
constexpr std::uint64_t kLongHeader = 64;
constexpr std::uint64_t kNewestVersion = 64;  // 6 is the newest seen

bool is_encrypted(Bytes content) {
  return has_magic(content, "CYPTRKNN");
}

Match recognises(Bytes content) {
  return is_encrypted(content) || (has_magic(content, "RKNN") && content.size() >= 8) ? Match::Strong
                                                                                      : Match::No;
}

// The JSON description: behind header and network, with its length in front.
std::optional<Bytes> description(Bytes content, std::uint64_t network) {
  for (const std::uint64_t header : {kHeader, kLongHeader}) {
    if (content.size() < header + 8 || network > content.size() - header - 8) continue;
    ByteReader in(content, header + network);
    const auto size = in.little_endian<std::uint64_t>("description length");
    if (!size || *size == 0 || *size > in.remaining()) continue;
    if (in.rest().front() == '{') return in.rest().first(*size);
  }
  return std::nullopt;
}

Result<void> inspect(Inspection& in) {
  const Bytes content = in.bytes();
  if (is_encrypted(content)) {
    in.gap(GapReason::Encrypted, "model is encrypted (CYPTRKNN)", {.offset = 0});
    return {};
  }
  ByteReader header(content, 8);
  const auto version = header.little_endian<std::uint64_t>("version");
  const auto network = header.little_endian<std::uint64_t>("network size");
  const bool plausible = version && network && *version >= 1 && *version <= kNewestVersion;
  if (plausible) {
    in.fact("rknn version", std::to_string(*version));
    if (const auto json = description(content, *network)) {
      const auto start = static_cast<std::uint64_t>(json->data() - content.data());
      auto parsed = parse_json(text_of(*json), in.limits(), TrailingBytes::Allow);
      if (parsed) {
        judge_document(in, kCommand, start, parsed->root);
      } else {
        in.gap(parsed.error(), "model description");
      }
      return {};
    }
    if (*network > content.size()) {
      in.gap(
          GapReason::Truncated,
          "network of " + std::to_string(*network) + " bytes, the file has " + std::to_string(content.size()),
          {.offset = 16});
    }
  }
  in.report(kLayout, 8, "the header names no model description");
  const Bytes searched = content.first(std::min<std::uint64_t>(content.size(), in.limits().searched_bytes));
  judge_texts(in, kCommand, 8, searched.subspan(8));
  if (searched.size() < content.size())
    in.gap(GapReason::Limit, "only the first " + human_size(searched.size()) + " were searched for texts");
  return {};
}

}  // namespace

const Inspector rknn{
    .name = "rknn",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
