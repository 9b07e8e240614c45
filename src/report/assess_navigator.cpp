// A layer for the MITRE ATLAS Navigator: what applies, by weight, with the reason as comment.

#include "report/assess.h"
#include "report/assess_words.h"
#include "report/navigator.h"

namespace bulwark::report {

std::string assess_navigator(const AssessRun& run) {
  const assess::Assessment& assessment = run.assessment;
  const LayerHead head{
      .name = "Threats to " + assessment.looked.name,
      .description =
          "Techniques that apply to this pipeline; the score is their weight in points, an estimate",
      .metadata = {{"bulwark_version", std::string(run.version)}},
      .gradient = {"#ffffff", "#aacfe9", "#1c5f99"},
      .highest_score = assess::weight_of("realized", 3, 0, assess::Exposure::Public)};
  return navigator_layer(*assessment.catalogue, head, [&](const atlas::Technique& technique) {
    LayerEntry entry;
    const assess::Threat* threat = assessment.threat(technique.id);
    if (threat == nullptr) return entry;
    entry.score = threat->weight;
    entry.comment = std::string(best_state(assessment, *threat)) + " here; because of " +
                    because_words(assessment, *threat, 3);
    return entry;
  });
}

}  // namespace bulwark::report
