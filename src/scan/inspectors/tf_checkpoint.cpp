// The text file "checkpoint" that TensorFlow keeps beside its checkpoints: which one is the latest.
//
// tf.train.latest_checkpoint joins the paths in it to the folder, so one that climbs out loads other weights
// than those beside it. Absolute paths are what older versions wrote, and lead nowhere on another machine.

#include <array>
#include <string>

#include "base/text.h"
#include "scan/inspectors/list.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kOutside{
    .id = "BW-TF-010",
    .title = "checkpoint file refers to weights outside of its folder",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0074",
    .why = "The weights that are restored are not those that were published and inspected with the file.",
    .fix = "Restore by the checkpoint's own name, or write the file again with relative paths.",
};
constexpr std::array kRules = {kOutside};

constexpr std::string_view kFirst = "model_checkpoint_path:";
constexpr std::string_view kAll = "all_model_checkpoint_paths:";

Match recognises(Bytes content) {
  return has_magic(content, kFirst) ? Match::Strong : Match::No;
}

Result<void> inspect(Inspection& in) {
  std::uint64_t offset = 0;
  std::uint32_t number = 0;
  for (const std::string_view line : split(text_of(in.bytes()), '\n')) {
    ++number;
    const std::uint64_t start = offset;
    offset += line.size() + 1;
    if (!line.starts_with(kFirst) && !line.starts_with(kAll)) continue;
    const std::size_t quote = line.find('"');
    const std::size_t end = line.rfind('"');
    if (quote == std::string_view::npos || end == quote) {
      in.gap(GapReason::Malformed, "path of a checkpoint is no text",
             {.offset = start, .line = number, .column = 1});
      continue;
    }
    const std::string_view path = line.substr(quote + 1, end - quote - 1);
    std::string_view why;
    if (!path_escapes(path, &why)) continue;
    const bool climbs = path.find("..") != std::string_view::npos;
    in.report(kOutside, {.place = {.offset = start + quote + 1, .line = number},
                         .message = "path of a checkpoint " + std::string(why),
                         .evidence = std::string(path),
                         .severity = climbs ? Severity::High : Severity::Info});
  }
  return {};
}

}  // namespace

const Inspector tf_checkpoint{
    .name = "tf_checkpoint",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
