#pragma once
// Rules over code that trains models: mistakes that make a model look better than it is. Whoever relies on
// such figures admits models that fail, and poisoned ones pass unseen.
//
// None of these is an attack, and ATLAS has no technique for a mistake. The nearest honest ones are what the
// mistake leaves standing: an eroded model that nobody notices (AML.T0031), poisoned training data that the
// evaluation does not show (AML.T0020), an eroded data set (AML.T0059).

#include "core/rule.h"

namespace bulwark::scan::inspectors {

inline constexpr Rule kFitBeforeSplit{
    .id = "BW-TRN-001",
    .title = "preprocessing is fitted on all data before the split",
    .severity = Severity::Medium,
    .atlas = "AML.T0031",
    .why =
        "Means, ranges and vocabularies of the test rows flow into training: the measured quality is too "
        "good.",
    .fix =
        "Split first, then `fit_transform(X_train)` and `transform(X_test)`; in cross-validation put the "
        "step into a Pipeline.",
    .controls = "SC-CODE",
};
inline constexpr Rule kSelectedBeforeSplit{
    .id = "BW-TRN-002",
    .title = "features are selected or encoded with the labels of all data before the split",
    .severity = Severity::Medium,
    .atlas = "AML.T0031",
    .why = "The selection has seen the labels of the test rows: even noise then predicts them well.",
    .fix = "Put the selector and the model into one Pipeline and split or cross-validate that.",
    .controls = "SC-CODE",
};
inline constexpr Rule kResampledBeforeSplit{
    .id = "BW-TRN-003",
    .title = "classes are resampled before the split",
    .severity = Severity::Medium,
    .atlas = "AML.T0031 AML.T0059",
    .why =
        "Copies and blends of one row land on both sides of the split: the model is tested on what it has "
        "learned.",
    .fix =
        "Resample the training part only: imblearn.pipeline.Pipeline([(\"smote\", SMOTE()), (\"model\", "
        "model)]).",
    .controls = "SC-CODE",
};
inline constexpr Rule kFitOnTest{
    .id = "BW-TRN-004",
    .title = "something is fitted on the test data",
    .severity = Severity::Medium,
    .atlas = "AML.T0031",
    .why = "The test data no longer tells how the model does on data it has not seen.",
    .fix = "Write `transform(X_test)` with what was fitted on the training data.",
    .controls = "SC-CODE",
};
inline constexpr Rule kSelectedByTest{
    .id = "BW-TRN-005",
    .title = "test data decides which model is kept",
    .severity = Severity::Medium,
    .atlas = "AML.T0031 AML.T0020",
    .why =
        "The best of many scores on one test set is luck in part; a backdoor tuned to that set is chosen "
        "with it.",
    .fix =
        "Split off a validation set for early stopping and selection, and use the test set once, at the end.",
    .controls = "SC-CODE",
};
inline constexpr Rule kNoValidation{
    .id = "BW-TRN-006",
    .title = "model is trained without any validation",
    .severity = Severity::Low,
    .atlas = "AML.T0020",
    .why = "Nobody would see that the model learned nothing, or learned what poisoned data taught it.",
    .fix =
        "Hold out data: `X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)`, and "
        "score on X_test.",
    .controls = "SC-CODE",
};
inline constexpr Rule kTrainMetric{
    .id = "BW-TRN-007",
    .title = "model is measured on its training data only",
    .severity = Severity::Medium,
    .atlas = "AML.T0020 AML.T0031",
    .why =
        "A model that learned its data by heart scores perfectly here; poisoned rows score perfectly, too.",
    .fix = "Score on data that was held out: `model.score(X_test, y_test)` or cross_val_score.",
    .controls = "SC-CODE",
};
inline constexpr Rule kTargetInFeatures{
    .id = "BW-TRN-008",
    .title = "the label is among the features",
    .severity = Severity::Medium,
    .atlas = "AML.T0031",
    .why =
        "The model reads the answer from its input: perfect in tests, useless where the answer is not known.",
    .fix = "Write `X = df.drop(columns=[\"label\"])` with every column that is made from the label.",
    .controls = "SC-CODE",
};
inline constexpr Rule kShuffledTime{
    .id = "BW-TRN-009",
    .title = "data ordered by time is split at random",
    .severity = Severity::Medium,
    .atlas = "AML.T0031",
    .why = "The model is trained on the future of its test rows: forecasts look better than they can be.",
    .fix = "Write train_test_split(…, shuffle=False) or use TimeSeriesSplit.",
    .controls = "SC-CODE",
};
inline constexpr Rule kNoSeed{
    .id = "BW-TRN-010",
    .title = "training uses randomness without a seed",
    .severity = Severity::Low,
    .atlas = "AML.T0031",
    .why = "The run cannot be repeated, so a changed model cannot be told from an unlucky one.",
    .fix = "Pass random_state=0, or set the seeds at the start (random, numpy, torch.manual_seed).",
    .controls = "SC-CODE",
};
inline constexpr Rule kThresholdOnTest{
    .id = "BW-TRN-011",
    .title = "decision threshold is tuned on the test data",
    .severity = Severity::Medium,
    .atlas = "AML.T0031",
    .why = "The threshold fits the test rows, and the score reported for it holds for no others.",
    .fix =
        "Choose the threshold on validation data (TunedThresholdClassifierCV) and report the test set once.",
    .controls = "SC-CODE",
};
inline constexpr Rule kDuplicatesBeforeSplit{
    .id = "BW-TRN-012",
    .title = "rows that belong together may land on both sides of the split",
    .severity = Severity::Low,
    .atlas = "AML.T0031 AML.T0059",
    .why =
        "Copies of a row, or rows of one patient, in training and test let the model recognise instead of "
        "predict.",
    .fix =
        "Remove duplicates before the split; split by group: GroupShuffleSplit, "
        "GroupKFold(groups=df[\"patient_id\"]).",
    .controls = "SC-CODE",
};

}  // namespace bulwark::scan::inspectors
