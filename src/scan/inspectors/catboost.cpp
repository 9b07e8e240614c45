// CatBoost models (.cbm): "CBM1", the size of a FlatBuffer, the FlatBuffer (trees and an info map), further
// parts.

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "scan/formats/catboost.h"
#include "scan/formats/payload.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kCommand{
    .id = "BW-CBM-001",
    .title = "CatBoost metadata holds a command line",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0050",
    .why =
        "The info map is free text that training and serving scripts read back; a command in it runs there.",
    .fix = "Do not use the model; ask its author what the entry is for.",
};
constexpr Rule kCore{
    .id = "BW-CBM-002",
    .title = "CatBoost core is not a readable FlatBuffer",
    .severity = Severity::Low,
    .atlas = "AML.T0076",
    .why = "CatBoost refuses such a file or reads outside of it; only the readable texts could be judged.",
    .fix = "Save the model again with CatBoost.",
};
constexpr std::array kRules = {kCommand, kCore};

Match recognises(Bytes content) {
  return has_magic(content, "CBM1") && content.size() >= 8 ? Match::Strong : Match::No;
}

Result<void> inspect(Inspection& in) {
  const Bytes content = in.bytes();
  const Bytes core = TRY(catboost_core(content));
  const auto start = static_cast<std::uint64_t>(core.data() - content.data());
  const auto model = read_catboost(core);
  if (model) {
    in.fact("catboost format", model->format);
    for (const CatboostEntry& entry : model->info)
      judge_field(in, kCommand, start + entry.offset, entry.key, entry.value);
  } else {
    in.report(kCore, start + (model.error().offset == kNoOffset ? 0 : model.error().offset),
              model.error().message);
    const Bytes searched = core.first(std::min<std::uint64_t>(core.size(), in.limits().searched_bytes));
    judge_texts(in, kCommand, start, searched);
    if (searched.size() < core.size())
      in.gap(GapReason::Limit, "only the first " + human_size(searched.size()) + " were searched for texts");
  }
  const Bytes rest = content.subspan(start + core.size());
  if (!rest.empty()) {
    // Text and embedding collections follow the core; anything else hides there as well.
    in.fact("catboost parts", human_size(rest.size()) + " after the core");
    if (begins_like_payload(rest)) in.child("after the core", rest);
  }
  return {};
}

}  // namespace

const Inspector catboost{
    .name = "catboost",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
