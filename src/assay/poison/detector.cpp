#include "assay/poison/detector.h"

namespace bulwark::assay {

LabelledRows labelled_rows(const Frame& frame) {
  LabelledRows labelled;
  for (std::uint32_t row = 0; row < frame.labels.size(); ++row) {
    if (frame.labels[row] < 0) continue;
    labelled.rows.push_back(row);
    labelled.labels.push_back(frame.labels[row]);
  }
  labelled.classes = frame.classes.size();
  return labelled;
}

std::string_view name_of(Attack attack) {
  switch (attack) {
    case Attack::Patch: return "patch";
    case Attack::Blended: return "blended";
    case Attack::Sinusoid: return "sinusoid";
    case Attack::CleanLabel: return "clean_label";
    case Attack::LabelFlip: return "label_flip";
    case Attack::Flood: return "flood";
  }
  return "";
}

DetectorRun did_not_run(std::string name, char tier, std::string why_not) {
  DetectorRun run;
  run.name = std::move(name);
  run.tier = tier;
  run.why_not = std::move(why_not);
  return run;
}

}  // namespace bulwark::assay
