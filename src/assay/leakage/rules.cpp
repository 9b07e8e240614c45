#include "assay/leakage/rules.h"

#include <array>

#include "assay/rules.h"

namespace bulwark::assay {

const Rule kSharedRows{
    .id = "BW-LEAK-001",
    .title = "rows are in both splits",
    .severity = Severity::High,
    .atlas = "AML.T0059",
    .why =
        "A model that has seen the rows it is measured on looks better than it is; whoever plants them "
        "decides how good it looks.",
    .fix = "Drop the shared rows from one side and measure again.",
    .controls = "DA-PROV DA-DRIFT"};
const Rule kNearRows{
    .id = "BW-LEAK-002",
    .title = "rows are nearly the same in both splits",
    .severity = Severity::Medium,
    .atlas = "AML.T0059",
    .why = "Edited copies, crops and re-encoded pictures are remembered as well as the originals.",
    .fix = "Group near copies before splitting, and keep each group on one side.",
    .controls = "DA-PROV DA-DRIFT"};
const Rule kLabelInColumn{
    .id = "BW-LEAK-003",
    .title = "a column tells the label",
    .severity = Severity::High,
    .atlas = "AML.T0059",
    .why =
        "A column that is filled in when the answer is known is not there when the model is asked: it "
        "learns nothing else, and fails in use.",
    .fix = "Find out when the column is written; drop it, or name it --ignore.",
    .controls = "DA-LABEL"};
const Rule kLabelInIdentifier{
    .id = "BW-LEAK-004",
    .title = "an identifier tells the label",
    .severity = Severity::Medium,
    .atlas = "AML.T0059",
    .why =
        "Numbers are given in order; where classes were collected one after the other, the number is the "
        "answer.",
    .fix = "Drop the identifier from the features (--id), and shuffle before splitting.",
    .controls = "DA-LABEL"};
const Rule kTimeOverlap{.id = "BW-LEAK-005",
                        .title = "training rows are younger than test rows",
                        .severity = Severity::Medium,
                        .atlas = "AML.T0059",
                        .why = "Whoever learns from the future predicts the past well and nothing else.",
                        .fix = "Split at one point of time.",
                        .controls = "DA-DRIFT"};
const Rule kSharedGroups{
    .id = "BW-LEAK-006",
    .title = "groups are on both sides of the split",
    .severity = Severity::High,
    .atlas = "AML.T0059",
    .why =
        "Rows of one patient, session or document resemble each other: the model recognises the group and "
        "not the class.",
    .fix = "Split by group.",
    .controls = "DA-PROV"};
const Rule kConflictAcrossSplits{
    .id = "BW-LEAK-007",
    .title = "the same row has another label in the other split",
    .severity = Severity::Medium,
    .atlas = "AML.T0059 AML.T0020",
    .why = "One of the labels is wrong: a mistake, or a flipped label that was planted.",
    .fix = "Look at the rows and correct the label; ask where the row comes from.",
    .controls = "DA-LABEL DA-POISON"};

std::span<const Rule* const> leakage_rules() {
  static constexpr std::array<const Rule*, 7> kAll = {&kSharedRows,          &kNearRows,    &kLabelInColumn,
                                                      &kLabelInIdentifier,   &kTimeOverlap, &kSharedGroups,
                                                      &kConflictAcrossSplits};
  return kAll;
}

}  // namespace bulwark::assay
