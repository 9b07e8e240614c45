#include "assay/profile/rules.h"

#include <array>

#include "assay/rules.h"

namespace bulwark::assay {

const Rule kContractBroken{
    .id = "BW-PROF-001",
    .title = "rows break a promise of the data contract",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0059",
    .why =
        "Whoever trains on these data relies on the contract. Rows that break it are errors of the feed, or "
        "were put there by somebody who can write into it.",
    .fix =
        "Look at the rows named; mend them at their source, or reject the delivery. Change the contract only "
        "if it was wrong.",
    .controls = "DA-PROV DA-POISON"};
const Rule kContractColumns{
    .id = "BW-PROF-002",
    .title = "a column that the contract names is not there, or one is there that it does not know",
    .severity = Severity::High,
    .atlas = "AML.T0020 AML.T0059",
    .why = "A renamed, dropped or added column silently becomes nulls, or a feature that nobody has vetted.",
    .fix = "Bring the columns and the contract into agreement at the source of the data.",
    .controls = "DA-PROV DA-POISON"};
const Rule kMixedTypes{
    .id = "BW-PROF-003",
    .title = "a few values are of another type than the rest of their column",
    .severity = Severity::Medium,
    .atlas = "AML.T0020",
    .why =
        "Readers turn such values into nulls or the whole column into text, each in its own way, so training "
        "and serving no longer see the same data.",
    .fix = "Look at the rows named: shifted columns, units, placeholders. Mend or drop them.",
    .controls = "DA-PROV"};
const Rule kMixedNulls{
    .id = "BW-PROF-004",
    .title = "missing values are written in several ways",
    .severity = Severity::Low,
    .atlas = "AML.T0020",
    .why =
        "A program that knows only one of them takes the others for values; the mixture often marks rows of "
        "different origin.",
    .fix = "Write missing values in one way.",
    .controls = "DA-PROV"};
const Rule kNotUtf8Text{.id = "BW-PROF-005",
                        .title = "text that is no UTF-8",
                        .severity = Severity::Low,
                        .atlas = "AML.T0043",
                        .why =
                            "Every reader decodes such bytes differently or drops them, so filters and "
                            "models see different text; "
                            "mixed encodings mark rows of different origin.",
                        .fix = "Convert the file to UTF-8, from the encoding that these rows really have.",
                        .controls = "DA-PROV"};
const Rule kControlBytes{
    .id = "BW-PROF-006",
    .title = "NUL bytes in cells",
    .severity = Severity::Medium,
    .atlas = "AML.T0043",
    .why =
        "Programs that end texts at a NUL see less than others do: what a filter has passed is not what the "
        "model reads.",
    .fix = "Find out which program wrote them; remove them or drop the rows.",
    .controls = "DA-PROV DA-POISON"};
const Rule kInfiniteNumbers{.id = "BW-PROF-007",
                            .title = "infinite numbers",
                            .severity = Severity::Low,
                            .atlas = "AML.T0020",
                            .why = "One infinity makes means, scalings and losses infinite or not a number.",
                            .fix = "Replace them by a null or a bound before training.",
                            .controls = "DA-PROV"};
const Rule kEmptyColumn{.id = "BW-PROF-008",
                        .title = "a column without any value",
                        .severity = Severity::Low,
                        .atlas = "AML.T0020",
                        .why = "A feature that is gone: the feed lost it, or a join failed.",
                        .fix = "Restore it at its source, or drop the column.",
                        .controls = "DA-PROV"};
const Rule kConstantColumn{
    .id = "BW-PROF-009",
    .title = "a column that holds one value only",
    .severity = Severity::Info,
    .atlas = "AML.T0020",
    .why = "It teaches a model nothing, and is often a default that replaced the data.",
    .fix = "Drop it, or find out what became of its values.",
    .controls = "DA-PROV"};
const Rule kIdentifierColumn{
    .id = "BW-PROF-010",
    .title = "a column that names rows: every value is another",
    .severity = Severity::Info,
    .atlas = "AML.T0024",
    .why = "As a feature an identifier lets a model memorise single rows, and rows can be linked to persons.",
    .fix = "Declare it (--id) or leave it out of training; tokenise it before data are passed on.",
    .controls = "DA-PII DA-PROV"};
const Rule kPaddedValues{.id = "BW-PROF-011",
                         .title = "values with blanks in front or behind",
                         .severity = Severity::Info,
                         .atlas = "AML.T0020",
                         .why = "\"yes\" and \"yes \" are two categories to a model and one to people.",
                         .fix = "Trim them when the data are read, in training and in serving.",
                         .controls = "DA-PROV"};
const Rule kLeadingZeros{.id = "BW-PROF-012",
                         .title = "numbers with leading zeros: codes rather than numbers",
                         .severity = Severity::Info,
                         .atlas = "AML.T0020",
                         .why =
                             "Read as numbers they lose their zeros, so different codes become one, and a "
                             "model computes with them.",
                         .fix = "Read the column as text.",
                         .controls = "DA-PROV"};
const Rule kSchemaChanged{
    .id = "BW-PROF-013",
    .title = "a column has appeared, vanished or changed its type since the reference profile",
    .severity = Severity::Medium,
    .atlas = "AML.T0020 AML.T0059",
    .why =
        "A model keeps reading the columns that it knows: what comes in their place is not what it learnt.",
    .fix = "Find out who changed the feed, and why; make a new profile once the change is accepted.",
    .controls = "DA-DRIFT DA-PROV"};
const Rule kValuesChanged{
    .id = "BW-PROF-014",
    .title = "a column holds values that the reference profile rules out",
    .severity = Severity::Medium,
    .atlas = "AML.T0020 AML.T0059",
    .why =
        "New categories, numbers out of range and missing values are what a broken or poisoned feed shows "
        "first.",
    .fix = "Look at the new values; make a new profile once they are accepted.",
    .controls = "DA-DRIFT DA-POISON"};

std::span<const Rule* const> profile_rules() {
  static constexpr std::array<const Rule*, 14> kRules = {
      &kContractBroken, &kContractColumns, &kMixedTypes,    &kMixedNulls,     &kNotUtf8Text,
      &kControlBytes,   &kInfiniteNumbers, &kEmptyColumn,   &kConstantColumn, &kIdentifierColumn,
      &kPaddedValues,   &kLeadingZeros,    &kSchemaChanged, &kValuesChanged};
  return kRules;
}

}  // namespace bulwark::assay
