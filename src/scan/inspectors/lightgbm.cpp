// LightGBM text models: free-text fields, and trees whose indexes the predictor follows without looking.

#include <array>
#include <string>

#include "scan/formats/lightgbm.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kCommand{
    .id = "BW-LGB-001",
    .title = "LightGBM field holds a command line",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0050",
    .why =
        "Fields and training parameters are read back by training and serving scripts; a command in them "
        "runs there.",
    .fix = "Do not use the model; ask its author what the field is for.",
};
constexpr Rule kIndex{
    .id = "BW-LGB-002",
    .title = "LightGBM tree points outside of its arrays",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0029",
    .why =
        "The predictor follows child and feature indexes without a check: it reads foreign memory, crashes "
        "or never ends.",
    .fix = "Do not load the model; train or export it again.",
};
constexpr Rule kCount{
    .id = "BW-LGB-003",
    .title = "arrays of a LightGBM tree contradict its number of leaves",
    .severity = Severity::Medium,
    .atlas = "AML.T0076",
    .why = "LightGBM reads as many values as the number of leaves says, whatever the line holds.",
    .fix = "Export the model again with LightGBM.",
};
constexpr Rule kFrame{
    .id = "BW-LGB-004",
    .title = "LightGBM model has no end mark or another number of trees than it declares",
    .severity = Severity::Low,
    .atlas = "AML.T0076",
    .why = "The file was cut, put together by hand, or written by another program.",
    .fix = "Compare it with the original; export it again if in doubt.",
};
constexpr std::array kRules = {kCommand, kIndex, kCount, kFrame};

Match recognises(Bytes content) {
  return is_lightgbm(content) ? Match::Strong : Match::No;
}

Result<void> inspect(Inspection& in) {
  const LightgbmModel model = TRY(read_lightgbm(text_of(in.bytes()), in.budget()));
  in.fact("lightgbm version", model.version);
  in.fact("trees", std::to_string(model.trees));
  for (const LightgbmField& field : model.fields)
    judge_field(in, kCommand, field.offset, field.key, field.value);
  for (const LightgbmDefect& defect : model.defects)
    in.report(defect.outside ? kIndex : kCount, defect.offset, defect.what);
  if (!model.end_of_trees) {
    in.report(kFrame, in.bytes().size(), "the line \"end of trees\" is missing");
  } else if (model.declared_trees != 0 && model.declared_trees != model.trees) {
    in.report(kFrame, 0,
              "tree_sizes lists " + std::to_string(model.declared_trees) + " trees, the file holds " +
                  std::to_string(model.trees));
  }
  return {};
}

}  // namespace

const Inspector lightgbm{
    .name = "lightgbm",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
