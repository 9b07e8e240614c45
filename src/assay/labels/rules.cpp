#include "assay/labels/rules.h"

#include <array>

#include "assay/rules.h"

namespace bulwark::assay {

const Rule kWrongLabels{
    .id = "BW-LABEL-001",
    .title = "more labels are wrong than the threshold allows",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0059",
    .why =
        "A model learns what it is told. Wrong labels are the plainest way to poison training data, and "
        "careless annotation does the same harm.",
    .fix = "Review the rows listed, correct or drop them, and ask where they come from before training.",
    .controls = "DA-LABEL"};
const Rule kSuspectLabels{
    .id = "BW-LABEL-002",
    .title = "some labels look wrong",
    .severity = Severity::Low,
    .atlas = "AML.T0020",
    .why = "Single wrong labels cost accuracy, and a few well-chosen ones steer a class.",
    .fix = "Look at the rows listed, worst first; the suggested label is that of the model.",
    .controls = "DA-LABEL"};
const Rule kNoisySource{
    .id = "BW-LABEL-003",
    .title = "one source labels worse than the rest",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0059",
    .why =
        "A contributor who mislabels on purpose, or an annotator who does not know better, shows as a "
        "source whose labels disagree with everybody else's.",
    .fix = "Hold back the rows of that source, and ask it to label a sample again.",
    .controls = "DA-LABEL MN-FEEDBACK"};
const Rule kInSample{
    .id = "BW-LABEL-004",
    .title = "the probabilities were made by a model that has seen the labels",
    .severity = Severity::Medium,
    .atlas = "AML.T0020",
    .why =
        "A model that has learned the wrong labels agrees with them: label errors cannot be found with its "
        "own training predictions, and their absence says nothing.",
    .fix =
        "Give out-of-sample probabilities (cross-validation), leave them out so that they are made here, or "
        "say that these are allowed.",
    .controls = "DA-LABEL"};
const Rule kConflictingLabels{.id = "BW-LABEL-005",
                              .title = "equal rows carry different labels",
                              .severity = Severity::Medium,
                              .atlas = "AML.T0020",
                              .why =
                                  "At least one of the labels is wrong, whatever the model. Copies with "
                                  "another label are a poisoning too.",
                              .fix = "Decide which label is right, and keep one row of each.",
                              .controls = "DA-LABEL"};
const Rule kExactDuplicates{
    .id = "BW-LABEL-006",
    .title = "rows occur more than once",
    .severity = Severity::Low,
    .atlas = "AML.T0020 AML.T0059",
    .why =
        "Copies count several times in training, leak from training into test data, and are how a flood of "
        "poisoned rows gains weight.",
    .fix = "Keep one of each, or put all copies into the same split.",
    .controls = "DA-LABEL DA-POISON"};
const Rule kNearDuplicates{
    .id = "BW-LABEL-007",
    .title = "rows are almost copies of others",
    .severity = Severity::Low,
    .atlas = "AML.T0020 AML.T0059",
    .why = "What is copied with small changes escapes a search for duplicates and has the same effect.",
    .fix = "Look at the clusters; put each into one split, or keep one row of each.",
    .controls = "DA-LABEL DA-POISON"};
const Rule kOutlyingRows{
    .id = "BW-LABEL-008",
    .title = "rows lie far from all others",
    .severity = Severity::Low,
    .atlas = "AML.T0020",
    .why =
        "Broken measurements, rows of another population and crafted inputs lie where nothing else does, and "
        "a single one can bend a model.",
    .fix = "Look at the rows listed; remove what does not belong to the data.",
    .controls = "DA-LABEL DA-POISON"};
const Rule kRareClass{
    .id = "BW-LABEL-009",
    .title = "a class has few rows",
    .severity = Severity::Info,
    .atlas = "AML.T0059",
    .why = "Little is learned about a rare class, little noise outweighs it, and no check of it has power.",
    .fix = "Collect more rows of it, weigh them, or merge the class.",
    .controls = "DA-LABEL"};
const Rule kOrderedRows{
    .id = "BW-LABEL-010",
    .title = "rows that are alike stand together in the file",
    .severity = Severity::Info,
    .atlas = "AML.T0059",
    .why =
        "Rows in the order of time, source or class are not exchangeable: a split by position tests on "
        "something else than it trained on.",
    .fix = "Split by time or group where that is how the model will be used; otherwise shuffle.",
    .controls = "DA-LABEL"};

std::span<const Rule* const> label_rules() {
  static constexpr std::array kRules = {
      &kWrongLabels,     &kSuspectLabels,  &kNoisySource,  &kInSample,  &kConflictingLabels,
      &kExactDuplicates, &kNearDuplicates, &kOutlyingRows, &kRareClass, &kOrderedRows};
  return kRules;
}

}  // namespace bulwark::assay
