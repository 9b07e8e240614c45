#pragma once
// The walk behind judge_training(): follows data through training code. Internal to training*.cpp.
//
// training.cpp: statements and values; training_calls.cpp: what calls do to data.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scan/inspectors/training.h"
#include "scan/inspectors/training_names.h"

namespace bulwark::scan::inspectors::training {

using python::NodeId;
using python::Syntax;
using python::Token;
using python::Tree;

inline constexpr std::size_t kMarks = 60;       // fits on all data that are told apart
inline constexpr std::size_t kColumns = 200;    // remembered of one table
inline constexpr std::size_t kNames = 100'000;  // variables

// What is known about one value of training code.
struct Data {
  std::uint32_t roles = 0;
  std::uint64_t marks = 0;           // fits on all data that it went through
  std::uint32_t table = 0;           // what it was read from; 0: unknown
  std::uint32_t identity = 0;        // of the value: what X was when it was fitted
  bool whole = false;                // all columns of the table but the dropped ones
  std::string column;                // it is this column
  std::vector<std::string> columns;  // it is these, or was made from these
  std::vector<std::string> dropped;
  std::string dotted;           // of functions, classes and modules
  std::string made;             // class of an object
  std::uint64_t fitted = 0;     // marks that transform() adds
  std::string text;             // a constant
  std::uint32_t predicted = 0;  // identity of what a model predicted from
  std::vector<Data> items;      // of a tuple
};

struct Mark {
  const Rule* rule;
  Token at;
  std::string what;
  bool statistic = false;
};

class Walk {
 public:
  Walk(const Tree& tree, const RaiseCode& raise) : tree_(tree), raise_(raise) {}

  void run();

 private:
  using Variables = std::unordered_map<std::string, Data>;

  struct Called {
    std::string name;   // resolved function, or the method's name
    std::string owner;  // variable that the method is called on
    Token at;
    NodeId call = 0;
    bool method = false;
  };

  struct Arguments {
    std::vector<Data> positions;
    std::map<std::string, Data, std::less<>> keywords;
    std::map<std::string, std::string, std::less<>> written;
    [[nodiscard]] Data at(std::size_t index, std::string_view keyword = {}) const {
      if (const auto found = keywords.find(keyword); found != keywords.end()) return found->second;
      return index < positions.size() ? positions[index] : Data();
    }
    [[nodiscard]] bool says(std::string_view keyword, std::string_view text) const {
      const auto found = written.find(keyword);
      return found != written.end() && found->second == text;
    }
    [[nodiscard]] bool has(std::string_view keyword) const { return written.contains(keyword); }
  };

  void report(const Rule& rule, const Token& at, std::string message, std::string evidence = {},
              std::optional<Severity> severity = {});

  void block(NodeId id);
  void parts(NodeId id);
  void statement(NodeId id);

  void imports(NodeId id);
  void from(NodeId id);
  // On its own: what it is given is known by the names of its parameters only.
  void function(NodeId id);

  void set(std::string name, Data data);
  [[nodiscard]] std::string path_of(NodeId id) const;

  void bind(NodeId target, Data data);
  // df["new"] = …
  void stored(NodeId target, const Data& data);

  void assign(NodeId id);
  // del df["label"]
  void removed(NodeId id);

  void loop(NodeId id);

  // if test_accuracy > best_accuracy: in a loop.
  void condition(NodeId id);

  Data value(NodeId id);
  Data list(NodeId id);
  Data operation(NodeId id);
  Data name(NodeId id);

  Data chain(NodeId id);

  static Data field(Data data, const std::string& attribute);

  Data item(Data data, NodeId id);

  Arguments arguments(NodeId call);

  std::uint64_t mark(const Rule& rule, const Token& at, std::string what, bool statistic = false);
  // `data` is split or folded here: what was fitted on all of it shows.
  void leaks(const Data& data, std::string_view how, bool folds);
  void features(const Data& x, const Data& y, const Token& at);

  Data call(Data on, const Called& called);

  void seeds(std::string_view last);

  Data table(const Arguments& given, std::string_view reader);

  Data split(const Called& called, const Arguments& given);

  Data cross_validated(const Called& called, const Arguments& given);

  Data metric(const Arguments& given);

  Data concatenated(const Arguments& given);

  // XGBoost and LightGBM: train(params, data, evals=[(test, "eval")], early_stopping_rounds=…).
  void boosted(const Called& called, const Arguments& given);
  void trainer(const Called& called, const Arguments& given);

  Data method(Data on, const Called& called, const Arguments& given);

  Data fit_step(const Data& on, const Called& called, const Arguments& given);

  Data fit(const Data& on, const Called& called, const Arguments& given);

  Data scored(const Arguments& given);

  Data folds(const Data& on, const Called& called, const Arguments& given);

  Data of_table(Data on, const Called& called, const Arguments& given);

  Data dropped(Data on, Variables::iterator owner, const Arguments& given);

  // What only the whole file shows.
  void finish();

  const Tree& tree_;
  const RaiseCode& raise_;
  std::map<std::string, std::string> names_;  // imported
  Variables variables_;
  std::vector<Mark> marks_;
  std::map<std::pair<std::uint32_t, std::string>, std::vector<std::string>> made_from_;
  std::set<std::pair<std::string_view, std::uint64_t>> reported_;
  std::uint32_t tables_ = 0;
  std::uint32_t identities_ = 0;
  std::uint32_t loops_ = 0;
  std::uint32_t fitted_on_ = 0;  // identity of the last model's training data
  bool seeded_ = false;
  bool split_ = false;
  bool validated_ = false;
  bool measured_ = false;  // on data that was held out, or of unknown origin
  bool stops_early_ = false;
  bool keeps_best_ = false;
  Token last_call_;
  std::set<std::uint32_t> told_;  // tables whose label is known to be among the features
  std::optional<Token> first_split_, fit_on_all_, train_metric_, backward_, test_trainer_;
};

}  // namespace bulwark::scan::inspectors::training
