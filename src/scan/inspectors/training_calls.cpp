#include "scan/inspectors/training_walk.h"

namespace bulwark::scan::inspectors::training {

Walk::Arguments Walk::arguments(NodeId call) {
  Arguments given;
  for (const NodeId child : tree_.children(call)) {
    if (tree_.kind(child) == Syntax::Keyword && given.keywords.size() < 60) {
      const std::string keyword(tree_.text(child));
      given.keywords[keyword] = value(tree_.first(child));
      given.written[keyword] = tree_.written(tree_.first(child)).substr(0, 400);
      if (keyword == "random_state" || keyword.find("seed") != std::string::npos) seeded_ = true;
    } else if (given.positions.size() < 60) {
      given.positions.push_back(value(child));
    }
  }
  return given;
}

std::uint64_t Walk::mark(const Rule& rule, const Token& at, std::string what, bool statistic) {
  if (marks_.size() >= kMarks) return 0;
  marks_.push_back({&rule, at, std::move(what), statistic});
  return std::uint64_t{1} << (marks_.size() - 1);
}

void Walk::leaks(const Data& data, std::string_view how, bool folds) {
  for (std::size_t i = 0; i < marks_.size(); ++i) {
    if ((data.marks >> i & 1) == 0) continue;
    const bool of_training = folds && (data.roles & kTrain) != 0;
    const Severity severity = marks_[i].statistic || (of_training && marks_[i].rule == &kFitBeforeSplit)
                                  ? Severity::Low
                                  : Severity::Medium;
    report(*marks_[i].rule, marks_[i].at, marks_[i].what + ", and " + std::string(how) + " only afterwards",
           {}, severity);
  }
}

void Walk::features(const Data& x, const Data& y, const Token& at) {
  // Once for a table: split, search and training are given the same columns.
  if (x.table == 0 || x.table != y.table || y.column.empty() || told_.contains(x.table)) return;
  const auto holds = [&](const std::string& column) {
    return x.whole ? !contains(x.dropped, column) : contains(x.columns, column) && x.column.empty();
  };
  std::string message;
  if (holds(y.column))
    message = "the features still hold the label \"" + y.column + "\"; write `drop(columns=[\"" + y.column +
              "\"])`";
  for (const auto& [made, from] : made_from_)
    if (message.empty() && made.first == x.table && made.second != y.column && contains(from, y.column) &&
        holds(made.second))
      message = "the feature \"" + made.second + "\" is made from the label \"" + y.column + "\"";
  if (message.empty()) return;
  told_.insert(x.table);
  report(kTargetInFeatures, at, message);
}

Data Walk::call(Data on, const Called& called) {
  const Arguments given = arguments(called.call);
  const std::string_view last = last_of(called.name);
  seeds(last);
  if (called.method) return method(std::move(on), called, given);
  if (last == "train_test_split") return split(called, given);
  if (contains(kCrossValidations, last)) return cross_validated(called, given);
  if (contains(kMetrics, last)) return metric(given);
  if (last == "roc_curve" || last == "precision_recall_curve") {
    Data curve = metric(given);
    curve.roles |= kCurve;
    curve.items.assign(3, Data{.roles = curve.roles});
    return curve;
  }
  if (last == "argmax" || last == "argmin" || last == "nanargmax")
    return {.roles = given.at(0).roles | kChosen};
  if (last == "concat" || last == "concatenate" || last == "vstack") return concatenated(given);
  if (last == "scale" || last == "minmax_scale" || last == "robust_scale") {
    Data x = given.at(0);
    if (called.name.starts_with("sklearn.") && (x.roles & (kTrain | kTest | kVal)) == 0)
      x.marks |= mark(kFitBeforeSplit, called.at, std::string(last) + "() sees all rows");
    return x;
  }
  if ((called.name.starts_with("pandas.read_") || last.starts_with("load_") || last.starts_with("fetch_") ||
       last == "DataFrame") &&
      (called.name.starts_with("pandas.") || called.name.starts_with("sklearn.") ||
       called.name.starts_with("seaborn.")))
    return table(given, last);
  if (last == "get_dummies" || last == "asarray" || last == "array" || last == "to_numeric")
    return given.at(0);
  if (last == "TrainingArguments" || last == "Seq2SeqTrainingArguments")
    keeps_best_ = keeps_best_ || given.says("load_best_model_at_end", "True");
  if (last == "Trainer" || last == "Seq2SeqTrainer" || last == "SFTTrainer") trainer(called, given);
  if (last == "EarlyStopping" || last == "ModelCheckpoint" || last == "early_stopping") stops_early_ = true;
  if (called.name == "lightgbm.train" || called.name == "xgboost.train") boosted(called, given);
  Data object;
  if (!last.empty() && last[0] >= 'A' && last[0] <= 'Z') object.made = last;
  if (last == "make_pipeline") object.made = "make_pipeline";
  if (given.says("shuffle", "True") || last.find("ShuffleSplit") != std::string_view::npos)
    object.text = "shuffles";
  if (contains(kFolds, last) || contains(kSearches, last)) validated_ = true;
  for (const Data& each : given.positions) object.roles |= each.roles & (kTrain | kTest | kVal);
  return object;
}

void Walk::seeds(std::string_view last) {
  if (last == "seed" || last == "manual_seed" || last == "manual_seed_all" || last == "set_seed" ||
      last == "seed_everything" || last == "set_random_seed" || last == "default_rng" ||
      last == "RandomState" || last == "PRNGKey" || last == "fix_seed")
    seeded_ = true;
}

Data Walk::table(const Arguments& given, std::string_view reader) {
  Data data{.table = ++tables_, .identity = ++identities_, .whole = true};
  const Data index = given.at(99, "index_col");
  if (is_time_name(index.text) && given.has("index_col")) data.roles |= kTime;
  if (reader.starts_with("load_") || reader.starts_with("fetch_")) data.whole = false;
  if (given.says("return_X_y", "True")) {
    Data x = data;
    Data y = data;
    y.column = "target";
    data.items = {x, y};
  }
  return data;
}

Data Walk::split(const Called& called, const Arguments& given) {
  split_ = true;
  const bool shuffles = !given.says("shuffle", "False");
  for (const Data& data : given.positions) {
    leaks(data, "the split comes", false);
    if ((data.roles & kTime) != 0 && shuffles)
      report(kShuffledTime, called.at, "shuffles rows that are ordered by time; write `shuffle=False`");
    if ((data.roles & kDuplicated) != 0)
      report(kDuplicatesBeforeSplit, called.at, "splits rows that were copied before", {}, Severity::Medium);
    if ((data.roles & kGrouped) != 0 && !given.has("groups"))
      report(kDuplicatesBeforeSplit, called.at,
             "splits rows of one person or session at random; split by group", {}, Severity::Low);
  }
  if (given.positions.size() >= 2) features(given.positions[0], given.positions[1], called.at);
  if (!given.has("random_state") && shuffles && !first_split_) first_split_ = called.at;
  Data result;
  for (const Data& data : given.positions)
    for (const std::uint32_t role : {kTrain, kTest}) {
      Data half = data;
      half.roles = (half.roles & (kTime | kGrouped)) | role;
      half.marks = 0;
      half.identity = ++identities_;
      result.items.push_back(std::move(half));
    }
  return result;
}

Data Walk::cross_validated(const Called& called, const Arguments& given) {
  validated_ = true;
  const Data x = given.at(1, "X");
  const Data y = given.at(2, "y");
  leaks(x, "the folds are made", true);
  features(x, y, called.at);
  const Data folds = given.at(99, "cv");
  if ((x.roles & kTime) != 0 && folds.text == "shuffles")
    report(kShuffledTime, called.at, "shuffles rows that are ordered by time; use TimeSeriesSplit");
  return {};
}

Data Walk::metric(const Arguments& given) {
  const Data truth = given.at(0, "y_true");
  const Data said = given.at(1, "y_pred");
  const std::uint32_t roles = truth.roles | said.roles;
  if ((roles & (kTest | kVal)) != 0) {
    measured_ = true;
  } else if ((roles & kTrain) != 0 || (said.predicted != 0 && said.predicted == fitted_on_)) {
    if (!train_metric_) train_metric_ = last_call_;
  } else {
    measured_ = measured_ || fitted_on_ == 0 || said.predicted == 0;
  }
  return {.roles = roles & (kTest | kVal | kTrain)};
}

Data Walk::concatenated(const Arguments& given) {
  Data list = given.at(0);
  for (std::size_t i = 0; i < list.items.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (list.items[i].identity != 0 && list.items[i].identity == list.items[k].identity)
        list.roles |= kDuplicated;
  list.items.clear();
  return list;
}

void Walk::boosted(const Called& called, const Arguments& given) {
  Data sets = given.at(99, "valid_sets");
  if (given.has("evals")) sets = given.at(99, "evals");
  if (given.has("valid_sets") || given.has("evals")) validated_ = true;
  const bool stops = given.has("early_stopping_rounds") || stops_early_;
  if ((sets.roles & kTest) != 0 && (sets.roles & kVal) == 0 && stops)
    report(kSelectedByTest, called.at,
           "training stops where the test data is best; give it a validation set");
}

void Walk::trainer(const Called& called, const Arguments& given) {
  validated_ = validated_ || given.has("eval_dataset");
  const std::uint32_t roles = given.at(99, "eval_dataset").roles;
  if ((roles & kTest) != 0 && (roles & kVal) == 0) test_trainer_ = called.at;
}

Data Walk::method(Data on, const Called& called, const Arguments& given) {
  last_call_ = called.at;
  const std::string& name = called.name;
  const bool step =
      contains(kScalers, on.made) || contains(kSelectors, on.made) || contains(kSamplers, on.made);
  if (name == "fit_transform" || name == "fit_resample" || name == "fit_sample" || (name == "fit" && step))
    return fit_step(on, called, given);
  if (name == "transform" && !on.made.empty()) {
    Data x = given.at(0);
    x.marks |= on.fitted;
    return x;
  }
  if (name == "fit" || name == "partial_fit") return fit(on, called, given);
  if (name == "predict" || name == "predict_proba" || name == "decision_function") {
    Data x = given.at(0);
    return {.roles = x.roles & (kTrain | kTest | kVal), .predicted = x.identity};
  }
  if (name == "score" || name == "evaluate") return scored(given);
  if (name == "split" && contains(kFolds, on.made)) return folds(on, called, given);
  if (name == "backward" && !backward_) backward_ = called.at;
  if (contains(kMetrics, name)) return metric(given);
  if (on.table != 0) return of_table(std::move(on), called, given);
  if (name == "train_test_split") return {.roles = role_of_name(name)};
  // What is computed from test data tells about test data.
  Data result{.roles = on.roles & (kTrain | kTest | kVal | kCurve)};
  if (name == "argmax" || name == "argmin") result.roles |= kChosen;
  for (const Data& each : given.positions) result.roles |= each.roles & (kTrain | kTest | kVal);
  if (name == "load_data") return {};
  if (result.roles & (kTest | kVal)) measured_ = true;
  return result;
}

Data Walk::fit_step(const Data& on, const Called& called, const Arguments& given) {
  Data x = given.at(0, "X");
  const bool step =
      contains(kScalers, on.made) || contains(kSelectors, on.made) || contains(kSamplers, on.made);
  const bool sampler = contains(kSamplers, on.made) || called.name.ends_with("sample");
  if ((x.roles & kTest) != 0 && (step || called.name == "fit_transform") && on.made != "LabelEncoder" &&
      on.made != "OneHotEncoder") {
    report(kFitOnTest, called.at,
           (on.made.empty() ? called.owner : on.made) + " is fitted on test data; write `" + called.owner +
               ".transform(…)` with what was fitted on the training data");
  } else if (step) {
    const Rule& rule = sampler                         ? kResampledBeforeSplit
                       : contains(kSelectors, on.made) ? kSelectedBeforeSplit
                                                       : kFitBeforeSplit;
    const std::uint64_t added =
        mark(rule, called.at,
             on.made + " is fitted on " + ((x.roles & kTrain) != 0 ? "the training data" : "all rows"));
    if (const auto owner = variables_.find(called.owner); owner != variables_.end())
      owner->second.fitted |= added;
    x.marks |= added;
    if (called.name == "fit") {
      Data self = on;
      self.fitted |= added;
      return self;
    }
  }
  if (sampler) {
    Data y = given.at(1);
    y.marks |= x.marks;
    Data both;
    both.items = {x, y};
    return both;
  }
  return x;
}

Data Walk::fit(const Data& on, const Called& called, const Arguments& given) {
  const Data x = given.at(0, given.has("X") ? "X" : "x");
  const Data y = given.at(1, "y");
  const bool search = contains(kSearches, on.made);
  if (search) {
    validated_ = true;
    leaks(x, "the folds are made", true);
  }
  features(x, y, called.at);
  if ((x.roles & kTest) != 0 && (x.roles & kTrain) == 0 &&
      (is_estimator(on.made) || given.positions.size() >= 2)) {
    if (search)
      report(kSelectedByTest, called.at, "the search picks parameters on the test data");
    else if (on.made != "Trainer")
      report(kFitOnTest, called.at,
             "the model is trained on test data; write `" + called.owner + ".fit(X_train, y_train)`");
  }
  Data watched;
  for (const std::string_view keyword :
       {"eval_set", "validation_data", "eval_data", "val_dataloaders", "valid_sets"})
    if (given.has(keyword)) {
      validated_ = true;
      watched = given.at(99, keyword);
    }
  validated_ = validated_ || given.has("validation_split") || given.has("datamodule");
  if (on.made == "Trainer" && given.positions.size() >= 3) {
    validated_ = true;
    watched = given.positions[2];
  }
  const auto callbacks = given.written.find("callbacks");
  const bool stops = given.has("early_stopping_rounds") || stops_early_ ||
                     (callbacks != given.written.end() && callbacks->second.find("top") != std::string::npos);
  if ((watched.roles & kTest) != 0 && (watched.roles & (kVal | kTrain)) == 0)
    report(kSelectedByTest, called.at,
           stops ? "training stops where the test data is best; give it a validation set"
                 : "watches the test data while it trains; give it a validation set",
           {}, stops ? Severity::Medium : Severity::Low);
  if (is_estimator(on.made) && x.table != 0 && (x.roles & (kTrain | kTest | kVal)) == 0 && !fit_on_all_)
    fit_on_all_ = called.at;
  if (is_estimator(on.made)) fitted_on_ = x.identity;
  return on;
}

Data Walk::scored(const Arguments& given) {
  const Data x = given.at(0);
  if ((x.roles & (kTest | kVal)) != 0)
    measured_ = true;
  else if ((x.roles & kTrain) != 0 || (x.identity != 0 && x.identity == fitted_on_)) {
    if (!train_metric_) train_metric_ = last_call_;
  } else {
    measured_ = true;
  }
  return {.roles = x.roles & (kTest | kVal | kTrain)};
}

Data Walk::folds(const Data& on, const Called& called, const Arguments& given) {
  const Data x = given.at(0);
  leaks(x, "the folds are made", true);
  validated_ = true;
  measured_ = true;
  if ((x.roles & kTime) != 0 && on.text == "shuffles")
    report(kShuffledTime, called.at, "shuffles rows that are ordered by time; use TimeSeriesSplit");
  Data pair;
  pair.items = {Data{.roles = kTrain | kIndex}, Data{.roles = kVal | kIndex}};
  return pair;
}

Data Walk::of_table(Data on, const Called& called, const Arguments& given) {
  const std::string& name = called.name;
  const auto owner = variables_.find(called.owner);
  if (name == "drop") return dropped(std::move(on), owner, given);
  if (name == "pop") {
    const Data key = given.at(0);
    if (owner != variables_.end() && owner->second.dropped.size() < kColumns)
      owner->second.dropped.push_back(key.text);
    on.whole = false;
    on.column = key.text;
    return on;
  }
  constexpr std::array<std::string_view, 8> kStatistics = {"mean",   "std",      "min",  "max",
                                                           "median", "quantile", "mode", "var"};
  if (contains(kStatistics, name) && !given.has("axis")) on.roles |= kStatistic;
  if (name == "fillna" && (given.at(0).roles & kStatistic) != 0 && (on.roles & (kTrain | kTest | kVal)) == 0)
    on.marks |= mark(kFitBeforeSplit, called.at, "gaps are filled with a statistic of all rows", true);
  const Data key = given.at(0, "by");
  const bool by_time = is_time_name(key.text) || std::ranges::any_of(key.columns, is_time_name);
  if ((name == "sort_values" && by_time) || (name == "set_index" && is_time_name(given.at(0, "keys").text)) ||
      name == "shift" || name == "rolling" || name == "resample") {
    // What was known yesterday is no leak of today's label.
    if (name == "shift" || name == "rolling") on.columns.clear();
    on.roles |= kTime;
    if (given.says("inplace", "True") && owner != variables_.end()) owner->second.roles |= kTime;
  }
  if (name == "sample") {
    if (given.says("replace", "True")) on.roles |= kDuplicated;
    // Shuffled on purpose.
    on.roles &= ~static_cast<std::uint32_t>(kTime);
  }
  if (name == "drop_duplicates") on.roles &= ~static_cast<std::uint32_t>(kDuplicated);
  if (name == "select_dtypes" || name == "filter" || name == "pivot_table" || name == "corr" ||
      name == "apply")
    on.whole = false;
  if (name == "head" || name == "describe" || name == "info" || name == "plot" || name == "hist") return {};
  return on;
}

Data Walk::dropped(Data on, Variables::iterator owner, const Arguments& given) {
  Data what = given.at(0, given.has("columns") ? "columns" : "labels");
  std::vector<std::string> names = what.columns;
  if (!what.text.empty()) names.push_back(what.text);
  if (names.empty()) on.whole = false;  // decided elsewhere
  if (std::ranges::any_of(names, is_group_name)) on.roles |= kGrouped;
  for (const std::string& column : names)
    if (on.dropped.size() < kColumns) on.dropped.push_back(column);
  if (given.says("inplace", "True") && owner != variables_.end()) owner->second = on;
  return on;
}

void Walk::finish() {
  if (test_trainer_ && keeps_best_)
    report(
        kSelectedByTest, *test_trainer_,
        "load_best_model_at_end keeps the checkpoint that is best on the test data; pass a validation set");
  if (train_metric_ && !measured_ && !validated_) {
    report(kTrainMetric, *train_metric_, "the only score is of data that the model was trained on");
  } else if (fit_on_all_ && !split_ && !validated_ && !measured_ && !train_metric_) {
    report(kNoValidation, *fit_on_all_, "trains on all rows, and nothing is held out");
  }
  if (seeded_) return;
  if (first_split_) {
    report(kNoSeed, *first_split_, "another split with every run; pass `random_state=0`");
  } else if (backward_ && tree_.source.find("__main__") != std::string_view::npos) {
    report(kNoSeed, *backward_,
           "trains from other random numbers with every run; call torch.manual_seed(0) first");
  }
}

}  // namespace bulwark::scan::inspectors::training
