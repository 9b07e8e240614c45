#pragma once
// The names by which training code is known: steps, splitters, metrics, and what variables are called.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace bulwark::scan::inspectors::training {

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

inline std::string_view last_of(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}

// Learn means, ranges, components or vocabularies.
inline constexpr std::array<std::string_view, 21> kScalers = {"StandardScaler",
                                                              "MinMaxScaler",
                                                              "RobustScaler",
                                                              "MaxAbsScaler",
                                                              "QuantileTransformer",
                                                              "PowerTransformer",
                                                              "SimpleImputer",
                                                              "KNNImputer",
                                                              "IterativeImputer",
                                                              "Imputer",
                                                              "PCA",
                                                              "TruncatedSVD",
                                                              "KernelPCA",
                                                              "FastICA",
                                                              "NMF",
                                                              "UMAP",
                                                              "KBinsDiscretizer",
                                                              "TfidfVectorizer",
                                                              "ColumnTransformer",
                                                              "FeatureUnion",
                                                              "IncrementalPCA"};
// Learn from the labels.
inline constexpr std::array<std::string_view, 14> kSelectors = {"SelectKBest",
                                                                "SelectPercentile",
                                                                "RFE",
                                                                "RFECV",
                                                                "SelectFromModel",
                                                                "SequentialFeatureSelector",
                                                                "SelectFdr",
                                                                "SelectFpr",
                                                                "TargetEncoder",
                                                                "BorutaPy",
                                                                "CatBoostEncoder",
                                                                "WOEEncoder",
                                                                "LeaveOneOutEncoder",
                                                                "GenericUnivariateSelect"};
inline constexpr std::array<std::string_view, 11> kSamplers = {
    "SMOTE",      "ADASYN",          "RandomOverSampler", "SMOTENC",
    "SMOTEN",     "BorderlineSMOTE", "SVMSMOTE",          "SMOTEENN",
    "SMOTETomek", "KMeansSMOTE",     "RandomUnderSampler"};
inline constexpr std::array<std::string_view, 5> kSearches = {
    "GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV", "BayesSearchCV"};
inline constexpr std::array<std::string_view, 12> kFolds = {
    "KFold",        "StratifiedKFold",        "RepeatedKFold",     "RepeatedStratifiedKFold",
    "ShuffleSplit", "StratifiedShuffleSplit", "GroupKFold",        "StratifiedGroupKFold",
    "LeaveOneOut",  "TimeSeriesSplit",        "GroupShuffleSplit", "LeaveOneGroupOut"};
inline constexpr std::array<std::string_view, 5> kCrossValidations = {
    "cross_val_score", "cross_validate", "cross_val_predict", "learning_curve", "validation_curve"};
inline constexpr std::array<std::string_view, 24> kMetrics = {"accuracy_score",
                                                              "f1_score",
                                                              "precision_score",
                                                              "recall_score",
                                                              "roc_auc_score",
                                                              "mean_squared_error",
                                                              "mean_absolute_error",
                                                              "r2_score",
                                                              "log_loss",
                                                              "balanced_accuracy_score",
                                                              "classification_report",
                                                              "confusion_matrix",
                                                              "average_precision_score",
                                                              "matthews_corrcoef",
                                                              "cohen_kappa_score",
                                                              "fbeta_score",
                                                              "jaccard_score",
                                                              "explained_variance_score",
                                                              "median_absolute_error",
                                                              "root_mean_squared_error",
                                                              "mean_absolute_percentage_error",
                                                              "brier_score_loss",
                                                              "precision_recall_fscore_support",
                                                              "hamming_loss"};
inline constexpr std::array<std::string_view, 14> kEstimators = {"LinearRegression",
                                                                 "LogisticRegression",
                                                                 "Ridge",
                                                                 "Lasso",
                                                                 "ElasticNet",
                                                                 "SVC",
                                                                 "SVR",
                                                                 "LinearSVC",
                                                                 "LinearSVR",
                                                                 "GaussianNB",
                                                                 "MultinomialNB",
                                                                 "BernoulliNB",
                                                                 "Sequential",
                                                                 "Pipeline"};

inline bool is_estimator(std::string_view made) {
  return contains(kEstimators, made) || made.ends_with("Classifier") || made.ends_with("Regressor") ||
         made == "make_pipeline" || contains(kSearches, made);
}

enum Role : std::uint32_t {
  kTrain = 1,
  kTest = 2,
  kVal = 4,
  kTime = 8,         // ordered by time
  kDuplicated = 16,  // holds rows twice
  kStatistic = 32,   // mean, standard deviation … of its table
  kCurve = 64,       // thresholds of a ROC or precision–recall curve
  kChosen = 128,     // index of the best of something
  kIndex = 256,      // row numbers of a fold
  kGrouped = 512,    // rows of one person or session belong together
};

// "X_test" -> kTest; 0 for names that say nothing.
inline std::uint32_t role_of_name(std::string_view name) {
  std::uint32_t roles = 0;
  std::string word;
  const auto flush = [&] {
    if (word == "test" || word == "testing" || word == "xtest" || word == "ytest") roles |= kTest;
    if (word == "train" || word == "training" || word == "tr" || word == "xtrain" || word == "ytrain")
      roles |= kTrain;
    if (word == "val" || word == "valid" || word == "validation" || word == "dev" || word == "eval" ||
        word == "holdout" || word == "xval" || word == "yval" || word == "cv" || word == "calib")
      roles |= kVal;
    word.clear();
  };
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool letter = upper || (c >= 'a' && c <= 'z');
    if (!letter || (upper && !word.empty() && word.back() >= 'a')) flush();
    if (letter) word += static_cast<char>(c | 0x20);
  }
  flush();
  return roles;
}

inline bool is_time_name(std::string_view name) {
  std::string small;
  for (const char c : name) small += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return small == "date" || small == "time" || small == "timestamp" || small == "datetime" ||
         small == "day" || small == "ds" || small.ends_with("_date") || small.ends_with("_time") ||
         small.ends_with("_at") || small.starts_with("date_") || small.ends_with("timestamp") ||
         small == "month" || small == "year_month";
}

inline bool is_group_name(std::string_view name) {
  constexpr std::array<std::string_view, 10> kNames = {
      "patient_id",     "subject_id", "session_id", "speaker_id", "person_id",
      "participant_id", "PatientID",  "patientId",  "SubjectID",  "subject"};
  return contains(kNames, name);
}

}  // namespace bulwark::scan::inspectors::training
