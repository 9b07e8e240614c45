#include "assay/drift/rules.h"

#include <array>

#include "assay/rules.h"

namespace bulwark::assay {

const Rule kColumnDrift{
    .id = "BW-DRIFT-001",
    .title = "a column's distribution has moved",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0059",
    .why =
        "A model answers for the data it learnt from. A column that has moved means other answers, and a "
        "feed that somebody else fills moves first where it is poisoned.",
    .fix =
        "Find out why it moved (unit, source, season, an attack on the feed); retrain, or reject the batch.",
    .controls = "DA-DRIFT"};
const Rule kJointDrift{
    .id = "BW-DRIFT-002",
    .title = "the rows as a whole have moved",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0059",
    .why =
        "A classifier tells the two data sets apart although single columns may look the same: what "
        "belongs together has changed.",
    .fix = "Look at pairs of columns and at the sources of the new rows before training on them.",
    .controls = "DA-DRIFT"};
const Rule kLabelShift{
    .id = "BW-DRIFT-003",
    .title = "the shares of the classes have changed",
    .severity = Severity::Medium,
    .atlas = "AML.T0020 AML.T0059",
    .why = "Prior shares enter every decision of a model; whoever can add rows of one class bends them.",
    .fix = "Check how labels were given and where the added rows come from; weight or resample.",
    .controls = "DA-DRIFT"};
const Rule kSchemaDrift{
    .id = "BW-DRIFT-004",
    .title = "a column has appeared, vanished or changed its type",
    .severity = Severity::Medium,
    .atlas = "AML.T0059",
    .why = "A pipeline that fills missing columns with defaults goes on and answers wrongly.",
    .fix = "Restore the column, or change the contract and retrain on purpose.",
    .controls = "DA-DRIFT"};

std::span<const Rule* const> drift_rules() {
  static constexpr std::array<const Rule*, 4> kAll = {&kColumnDrift, &kJointDrift, &kLabelShift,
                                                      &kSchemaDrift};
  return kAll;
}

}  // namespace bulwark::assay
