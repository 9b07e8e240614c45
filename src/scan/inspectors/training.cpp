#include "scan/inspectors/training.h"

#include "scan/inspectors/training_walk.h"

namespace bulwark::scan::inspectors {
namespace training {

void Walk::run() {
  block(tree_.root);
  finish();
}

void Walk::report(const Rule& rule, const Token& at, std::string message, std::string evidence,
                  std::optional<Severity> severity) {
  if (!reported_.emplace(rule.id, at.offset).second) return;
  const std::string_view rest = tree_.source.substr(at.offset, 160);
  if (evidence.empty()) evidence = rest.substr(0, rest.find('\n'));
  raise_(rule, at, {.message = std::move(message), .evidence = std::move(evidence), .severity = severity});
}

void Walk::block(NodeId id) {
  for (const NodeId child : tree_.children(id)) statement(child);
}

void Walk::parts(NodeId id) {
  for (const NodeId child : tree_.children(id)) {
    if (tree_.kind(child) >= Syntax::Block) {
      statement(child);
    } else {
      value(child);
    }
  }
}

void Walk::statement(NodeId id) {
  switch (tree_.kind(id)) {
    case Syntax::Block: return block(id);
    case Syntax::Import: return imports(id);
    case Syntax::From: return from(id);
    case Syntax::Function: return function(id);
    case Syntax::Class:
      for (const NodeId child : tree_.children(id))
        if (tree_.kind(child) == Syntax::Block) block(child);
      return;
    case Syntax::Assign: return assign(id);
    case Syntax::For: return loop(id);
    case Syntax::While: {
      ++loops_;
      parts(id);
      --loops_;
      return;
    }
    case Syntax::If:
    case Syntax::Elif: condition(tree_.first(id)); return parts(id);
    case Syntax::Delete: return removed(id);
    default: return parts(id);
  }
}

void Walk::imports(NodeId id) {
  for (const NodeId module : tree_.children(id)) {
    const python::Node& node = tree_.at(module);
    std::string dotted(tree_.written(module).substr(0, 200));
    if (node.link != 0) dotted = dotted.substr(0, dotted.find(' '));
    names_[std::string(node.link != 0 ? tree_.tokens[node.link].text : tree_.text(module))] =
        node.link != 0 ? dotted : std::string(tree_.text(module));
  }
}

void Walk::from(NodeId id) {
  const NodeId module = tree_.first(id);
  const std::string prefix(tree_.written(module).substr(0, 200));
  for (NodeId each = tree_.next(module); each != 0; each = tree_.next(each)) {
    const std::uint32_t alias = tree_.at(each).link;
    names_[std::string(alias != 0 ? tree_.tokens[alias].text : tree_.text(each))] =
        prefix + "." + std::string(tree_.text(each));
  }
}

void Walk::function(NodeId id) {
  Variables outer;
  outer.swap(variables_);
  const std::uint32_t loops = std::exchange(loops_, 0);
  for (const NodeId part : tree_.children(id))
    if (tree_.kind(part) == Syntax::Block) block(part);
  loops_ = loops;
  variables_.swap(outer);
}

void Walk::set(std::string name, Data data) {
  if (name.empty() || name.size() > 200) return;
  if (variables_.size() < kNames || variables_.contains(name)) variables_[std::move(name)] = std::move(data);
}

std::string Walk::path_of(NodeId id) const {
  if (tree_.kind(id) == Syntax::Name) return std::string(tree_.text(id));
  if (tree_.kind(id) != Syntax::Chain) return {};
  for (const NodeId part : tree_.children(id))
    if (tree_.kind(part) != Syntax::Name && tree_.kind(part) != Syntax::Attribute) return {};
  return std::string(tree_.written(id));
}

void Walk::bind(NodeId target, Data data) {
  const Syntax kind = tree_.kind(target);
  if (kind == Syntax::Tuple || kind == Syntax::List) {
    std::size_t at = 0;
    for (const NodeId child : tree_.children(target)) {
      Data each = data;
      each.items.clear();
      if (at < data.items.size()) each = data.items[at];
      ++at;
      bind(child, std::move(each));
    }
    return;
  }
  const std::string path = path_of(target);
  if (!path.empty()) {
    // A split gives its parts the roles that they are called by.
    const std::uint32_t said = role_of_name(last_of(path));
    if ((data.roles & (kTrain | kTest)) != 0 && (said & kVal) != 0)
      data.roles = (data.roles & ~(kTrain | kTest)) | kVal;
    return set(path, std::move(data));
  }
  if (kind == Syntax::Chain) stored(target, data);
}

void Walk::stored(NodeId target, const Data& data) {
  const NodeId base = tree_.first(target);
  const NodeId item = tree_.last(target);
  const auto found = variables_.find(std::string(tree_.text(base)));
  if (found == variables_.end() || tree_.kind(item) != Syntax::Item || tree_.next(base) != item) return;
  Data& table = found->second;
  table.roles |= data.roles & kTime;
  table.marks |= data.marks;
  const Data key = value(tree_.first(item));
  if (key.text.empty() || data.columns.empty() || made_from_.size() > kColumns) return;
  std::erase(table.dropped, key.text);
  made_from_[{table.table, key.text}] = data.columns;
}

void Walk::assign(NodeId id) {
  const NodeId last = tree_.last(id);
  const Data data = value(last);
  for (NodeId target = tree_.first(id); target != last; target = tree_.next(target)) bind(target, data);
}

void Walk::removed(NodeId id) {
  for (const NodeId child : tree_.children(id)) {
    if (tree_.kind(child) != Syntax::Chain || tree_.kind(tree_.last(child)) != Syntax::Item) continue;
    const auto found = variables_.find(std::string(tree_.text(tree_.first(child))));
    const Data key = value(tree_.first(tree_.last(child)));
    if (found != variables_.end() && !key.text.empty() && found->second.dropped.size() < kColumns)
      found->second.dropped.push_back(key.text);
  }
}

void Walk::loop(NodeId id) {
  const NodeId target = tree_.first(id);
  const NodeId iterated = tree_.next(target);
  const Data over = value(iterated);
  bind(target, over);
  ++loops_;
  for (NodeId part = tree_.next(iterated); part != 0; part = tree_.next(part)) statement(part);
  --loops_;
}

void Walk::condition(NodeId id) {
  if (loops_ == 0 || tree_.kind(id) != Syntax::Operation) return;
  bool best = false;
  bool compared = false;
  std::uint32_t roles = 0;
  for (const NodeId operand : tree_.children(id)) {
    const Token& op = tree_.tokens[tree_.at(operand).link];
    compared = compared || op.is(">") || op.is("<") || op.is(">=") || op.is("<=");
    const std::string_view written = tree_.written(operand);
    if (written.find("best") != std::string_view::npos || written.find("max_") != std::string_view::npos) {
      best = true;
    } else {
      roles |= value(operand).roles;
    }
  }
  if (best && compared && (roles & kTest) != 0 && (roles & kVal) == 0)
    report(kSelectedByTest, tree_.token(id),
           "keeps the model that is best on the test data; compare a validation score instead");
}

Data Walk::value(NodeId id) {
  switch (tree_.kind(id)) {
    case Syntax::Name: return name(id);
    case Syntax::Chain: return chain(id);
    case Syntax::String: {
      Data data;
      if (tree_.at(id).end - tree_.at(id).token == 1 && tree_.text(id).size() < 200)
        data.text = python::literal_of(tree_.text(id)).text;
      return data;
    }
    case Syntax::Number: return {.text = std::string(tree_.text(id).substr(0, 40))};
    case Syntax::Tuple:
    case Syntax::List: return list(id);
    case Syntax::Operation: return operation(id);
    case Syntax::Dict:
    case Syntax::Set:
    case Syntax::Pair:
    case Syntax::Slice:
    case Syntax::Format: {
      Data all;
      for (const NodeId child : tree_.children(id)) all.roles |= value(child).roles & (kTrain | kTest | kVal);
      return all;
    }
    case Syntax::Comprehension: {
      Data all;
      for (const NodeId child : tree_.children(id)) {
        if (tree_.kind(child) != Syntax::Clause) continue;
        const NodeId target = tree_.first(child);
        const Data over = value(tree_.next(target));
        bind(target, over);
      }
      for (const NodeId child : tree_.children(id))
        if (tree_.kind(child) != Syntax::Clause) all.roles |= value(child).roles;
      return all;
    }
    case Syntax::Unary:
    case Syntax::Star:
    case Syntax::Keyword: return tree_.first(id) == 0 ? Data() : value(tree_.first(id));
    case Syntax::Walrus: {
      const NodeId target = tree_.first(id);
      Data data = value(tree_.next(target));
      bind(target, data);
      return data;
    }
    default: return {};
  }
}

Data Walk::list(NodeId id) {
  Data data;
  for (const NodeId child : tree_.children(id)) {
    Data item = value(child);
    data.roles |= item.roles;
    data.marks |= item.marks;
    if (!item.text.empty() && data.columns.size() < kColumns) data.columns.push_back(item.text);
    item.items.clear();
    if (data.items.size() < 16) data.items.push_back(std::move(item));
  }
  return data;
}

Data Walk::operation(NodeId id) {
  Data all;
  std::uint32_t statistics = 0;
  const NodeId first = tree_.first(id);
  for (NodeId each = first; each != 0; each = tree_.next(each)) {
    const Data operand = value(each);
    if ((operand.roles & kStatistic) != 0 && operand.table != 0) statistics = operand.table;
    if (each == first) {
      all = operand;
      all.text.clear();
      continue;
    }
    all.roles |= operand.roles & ~static_cast<std::uint32_t>(kStatistic);
    all.marks |= operand.marks;
    for (const std::string& column : operand.columns)
      if (all.columns.size() < 16) all.columns.push_back(column);
    if (all.table == 0) all.table = operand.table;
  }
  if (statistics != 0 && all.table == statistics && (all.roles & (kTrain | kTest | kVal | kStatistic)) == 0)
    all.marks |= mark(kFitBeforeSplit, tree_.token(id), "scaled by the mean or range of all rows", true);
  return all;
}

Data Walk::name(NodeId id) {
  const std::string written(tree_.text(id));
  if (const auto found = variables_.find(written); found != variables_.end()) return found->second;
  if (const auto found = names_.find(written); found != names_.end()) return {.dotted = found->second};
  return {.roles = role_of_name(written), .dotted = written};
}

Data Walk::chain(NodeId id) {
  const NodeId base = tree_.first(id);
  Data data = value(base);
  std::string path(tree_.kind(base) == Syntax::Name ? tree_.text(base) : std::string_view());
  std::string owner = path;
  for (NodeId part = tree_.next(base); part != 0; part = tree_.next(part)) {
    const NodeId next = tree_.next(part);
    if (tree_.kind(part) == Syntax::Attribute) {
      const bool calls = next != 0 && tree_.kind(next) == Syntax::Call;
      const std::string attribute(tree_.text(part));
      const bool module = !data.dotted.empty() && data.table == 0 && data.made.empty() &&
                          (data.roles & (kTrain | kTest | kVal)) == 0;
      owner = path;
      if (!path.empty() && path.size() < 200) path += "." + attribute;
      if (const auto known = variables_.find(path); known != variables_.end()) {
        data = known->second;
      } else if (calls) {
        const bool function = module && names_.contains(std::string(tree_.text(base)));
        data = call(data, {function ? data.dotted + "." + attribute : attribute, owner, tree_.token(id), next,
                           !function});
        part = next;
        path.clear();
      } else if (module) {
        data.dotted = data.dotted.size() < 200 ? data.dotted + "." + attribute : std::string();
        data.roles |= role_of_name(attribute);
      } else {
        data = field(data, attribute);
      }
    } else if (tree_.kind(part) == Syntax::Call) {
      data = call(data, {data.dotted, {}, tree_.token(id), part, false});
      path.clear();
    } else {
      data = item(data, part);
      path.clear();
    }
  }
  return data;
}

Data Walk::field(Data data, const std::string& attribute) {
  if (attribute == "columns" || attribute == "shape" || attribute == "size" || attribute == "best_params_")
    return {};
  if (attribute == "target") data.column = "target", data.whole = false;
  if (attribute == "data") data.whole = false, data.columns.clear();
  return data;
}

Data Walk::item(Data data, NodeId id) {
  const NodeId first = tree_.first(id);
  const Data key = value(first);
  if ((data.roles & kCurve) != 0 && (data.roles & kTest) != 0) {
    const std::string_view written = tree_.written(first);
    if ((key.roles & kChosen) != 0 || written.find("argmax") != std::string_view::npos ||
        written.find("argmin") != std::string_view::npos)
      report(kThresholdOnTest, tree_.token(id),
             "picks the threshold that is best on the test data; use validation data");
    return data;
  }
  if ((key.roles & kIndex) != 0) {
    data.roles = (data.roles & ~static_cast<std::uint32_t>(kTrain | kTest)) | (key.roles & (kTrain | kVal));
    data.marks = 0;
    return data;
  }
  if (!key.text.empty() && tree_.kind(first) == Syntax::String) {
    if (data.table == 0) return {.roles = data.roles | role_of_name(key.text), .marks = data.marks};
    data.roles |= is_time_name(key.text) ? 0U : 0U;
    data.whole = false;
    data.column = key.text;
    data.columns = {key.text};
    return data;
  }
  data.whole = false;
  data.column.clear();
  data.columns = tree_.kind(first) == Syntax::List ? key.columns : std::vector<std::string>();
  return data;
}

}  // namespace training

namespace {

bool trains(const python::Program& program) {
  constexpr std::array<std::string_view, 14> kPackages = {
      "sklearn",   "xgboost",           "lightgbm", "catboost",     "imblearn",
      "keras",     "tensorflow",        "torch",    "transformers", "pytorch_lightning",
      "lightning", "category_encoders", "fastai",   "cuml"};
  return std::ranges::any_of(program.imports, [&](std::string_view module) {
    return training::contains(kPackages, module.substr(0, module.find('.')));
  });
}

}  // namespace

void judge_training(const python::Tree& tree, const python::Program& program, const RaiseCode& raise) {
  if (!trains(program) || is_test_code(tree, program)) return;
  training::Walk(tree, raise).run();
}

}  // namespace bulwark::scan::inspectors
