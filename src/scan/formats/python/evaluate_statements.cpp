#include <algorithm>

#include "scan/formats/python/evaluator.h"
#include "scan/formats/python/flows.h"

namespace bulwark::python {
namespace {

constexpr std::size_t kVariables = 200'000;
constexpr std::size_t kStars = 64;           // "from m import *": every unknown name is tried in each
constexpr std::size_t kLongestName = 1'000;  // longer ones, dots included, are no names that anybody wrote

}  // namespace

Evaluator::Scope::~Scope() {
  --state_.scopes;
  while (state_.hidden.size() > mark_) {
    auto& [name, outside] = state_.hidden.back();
    if (state_.globals.contains(name)) {
      // It stays.
    } else if (outside) {
      state_.variables.insert_or_assign(name, *std::move(outside));
    } else if (const auto found = state_.variables.find(name); found != state_.variables.end()) {
      state_.variables.erase(found);
    }
    state_.hidden.pop_back();
  }
}

void Evaluator::block(NodeId id) {
  for (const NodeId child : tree_.children(id)) statement(child);
}

void Evaluator::children(NodeId id) {
  for (const NodeId child : tree_.children(id)) {
    if (tree_.kind(child) == Syntax::Block) {
      block(child);
    } else if (tree_.kind(child) == Syntax::Unreadable || tree_.kind(child) >= Syntax::Block) {
      statement(child);
    } else {
      expression(child);
    }
  }
}

void Evaluator::statement(NodeId id) {
  switch (tree_.kind(id)) {
    case Syntax::Import: return import_modules(id);
    case Syntax::From: return from_import(id);
    case Syntax::Function: return function(id);
    case Syntax::Class: return class_of(id);
    case Syntax::If:
    case Syntax::Elif:
    case Syntax::While: return conditional(id);
    case Syntax::Else:
    case Syntax::Case: return branch(id);
    case Syntax::For: return loop(id);
    case Syntax::With: return with(id);
    case Syntax::Except: return except(id);
    case Syntax::Assign:
    case Syntax::Annotated:
    case Syntax::Augmented: return assign(id);
    case Syntax::Return: return returned(id);
    case Syntax::Global:
      for (std::uint32_t i = tree_.at(id).token + 1; i < tree_.at(id).end; ++i)
        if (tree_.tokens[i].kind == Kind::Name && state_.globals.size() < kVariables)
          state_.globals.emplace(tree_.tokens[i].text);
      return;
    case Syntax::Print: {
      const Token& word = tree_.token(id);
      const NodeId first = tree_.first(id);
      if (first == 0) return;
      const Value value = expression(first);
      const Value none;
      if (word.word("exec"))
        result_of({{.dotted = "exec"}, none, {}, word}, {{.keyword = {}, .value = value, .node = first}});
      return;
    }
    default: return children(id);
  }
}

std::string Evaluator::dotted_of(NodeId module) const {
  std::string dotted;
  for (std::uint32_t i = tree_.at(module).token; i < tree_.at(module).end && dotted.size() < 400; ++i)
    dotted += tree_.tokens[i].text;
  return dotted;
}

void Evaluator::import_modules(NodeId id) {
  for (const NodeId child : tree_.children(id)) {
    const std::string module = dotted_of(child);
    state_.program.imports.push_back(module);
    if (const std::uint32_t alias = tree_.at(child).link; alias != 0) {
      bind(std::string(tree_.tokens[alias].text), {.dotted = module});
    } else {
      const std::string top = module.substr(0, module.find('.'));
      bind(top, {.dotted = top});
    }
  }
}

void Evaluator::from_import(NodeId id) {
  const NodeId first = tree_.first(id);
  const std::string module = dotted_of(first);
  state_.program.imports.push_back(module);
  for (NodeId child = tree_.next(first); child != 0; child = tree_.next(child)) {
    if (tree_.kind(child) == Syntax::ImportAll) {
      if (std::ranges::find(state_.stars, module) != state_.stars.end()) return;
      if (state_.stars.size() >= kStars) {
        state_.program.complete = false;
        return;
      }
      state_.stars.push_back(module);
      return;
    }
    const std::uint32_t alias = tree_.at(child).link;
    const std::string imported(tree_.text(child));
    bind(alias != 0 ? std::string(tree_.tokens[alias].text) : imported,
         {.dotted = normal(module + (module.ends_with('.') ? "" : ".") + imported)});
  }
}

void Evaluator::function(NodeId id) {
  const std::string defined(tree_.text(id));
  const bool outside_class = tree_.token(id).column < 6 || later_ > 0;
  Taint given;
  for (const NodeId part : tree_.children(id)) {
    if (tree_.kind(part) != Syntax::Decorator) continue;
    const NodeId called = tree_.first(part);
    const Value decorator = expression(called);
    std::string_view name = decorator.name();
    if (name.ends_with("()")) name.remove_suffix(2);
    const bool has_path = tree_.kind(called) == Syntax::Chain &&
                          tree_.kind(tree_.last(called)) == Syntax::Call &&
                          tree_.kind(tree_.first(tree_.last(called))) == Syntax::String;
    given |= flow_of_decorator(name, has_path);
  }
  if (outside_class) bind(defined, {.path = defined});
  state_.functions.try_emplace(defined);
  const Scope scope(state_);
  const std::string outer = std::exchange(function_, defined);
  const std::uint32_t outer_branch = std::exchange(branch_, 0);
  bool first = true;
  for (const NodeId part : tree_.children(id)) {
    if (tree_.kind(part) == Syntax::Parameter) {
      std::string from;
      for (const NodeId detail : tree_.children(part)) {
        if (tree_.kind(detail) != Syntax::Annotation) {
          expression(detail);
          continue;
        }
        const Value type = expression(tree_.first(detail));
        if (!type.dotted.empty() && type.dotted.size() < kLongestFrom) from = type.dotted + "()";
      }
      const std::string parameter(tree_.text(part));
      if (parameter == "self" || (parameter == "cls" && first)) {
        first = false;
        continue;
      }
      // The framework refuses what is no number.
      const bool number = from == "int()" || from == "float()" || from == "bool()";
      bind(parameter, {.path = parameter, .from = from, .taint = number ? given.checked() : given});
      first = false;
    } else if (tree_.kind(part) == Syntax::Annotation) {
      expression(tree_.first(part));
    } else if (tree_.kind(part) == Syntax::Block) {
      ++later_;
      block(part);
      --later_;
    }
  }
  function_ = outer;
  branch_ = outer_branch;
}

void Evaluator::class_of(NodeId id) {
  for (const NodeId part : tree_.children(id)) {
    if (tree_.kind(part) == Syntax::Block) {
      block(part);
    } else if (tree_.kind(part) == Syntax::Decorator) {
      expression(tree_.first(part));
    } else {
      expression(part);
    }
  }
}

// The variable whose content a condition limits: `x in ALLOWED`, `re.fullmatch(…, x)`, `x.isdigit()`.
std::string Evaluator::guarded(NodeId condition) const {
  NodeId looked = condition;
  while (tree_.kind(looked) == Syntax::Unary && tree_.token(looked).word("not")) looked = tree_.first(looked);
  if (tree_.kind(looked) == Syntax::Operation) {
    const NodeId left = tree_.first(looked);
    const NodeId right = tree_.next(left);
    const Token& op = tree_.tokens[tree_.at(right).link];
    return op.word("in") || op.word("not") ? path_of(left) : std::string();
  }
  if (tree_.kind(looked) != Syntax::Chain) return {};
  std::string_view last;
  NodeId call = 0;
  for (const NodeId part : tree_.children(looked)) {
    if (tree_.kind(part) == Syntax::Attribute) last = tree_.text(part);
    if (tree_.kind(part) == Syntax::Call) call = part;
  }
  if (call == 0) return {};
  if (last == "isdigit" || last == "isalnum" || last == "isidentifier" || last == "isalpha")
    return path_of(tree_.first(looked));
  if (last == "is_relative_to" || last == "startswith") return path_of(tree_.first(looked));
  const bool asks = last == "fullmatch" || last == "match" || last.starts_with("is_allowed") ||
                    last.starts_with("is_safe") || last.starts_with("is_valid");
  return asks ? path_of(tree_.last(call)) : std::string();
}

// Whether a block ends by leaving what is around it.
bool Evaluator::leaves(NodeId block) const {
  const NodeId end = tree_.last(block);
  const Syntax kind = tree_.kind(end);
  if (kind == Syntax::Return || kind == Syntax::Raise) return true;
  return kind == Syntax::Pass && !tree_.token(end).word("pass");
}

void Evaluator::check(const std::string& name) {
  const auto found = state_.variables.find(name);
  if (found == state_.variables.end() || !found->second.value.taint.foreign()) return;
  Value checked = found->second.value;
  checked.taint = checked.taint.checked();
  const std::uint32_t outer = std::exchange(branch_, found->second.branch);
  bind(name, checked);
  branch_ = outer;
}

void Evaluator::conditional(NodeId id) {
  const NodeId condition = tree_.first(id);
  const NodeId body = tree_.next(condition);
  expression(condition);
  const bool main_only = tree_.kind(id) == Syntax::If && tree_.token(condition).word("__name__");
  if (main_only) ++later_;
  const std::string guard = guarded(condition);
  const bool refuses = tree_.token(condition).word("not") ||
                       (tree_.kind(condition) == Syntax::Operation &&
                        tree_.tokens[tree_.at(tree_.next(tree_.first(condition))).link].word("not"));
  const std::uint32_t outer = branch_;
  if (!main_only) branch_ = ++branches_;
  if (!guard.empty() && !refuses) {
    std::optional<Variable> before;
    if (const auto found = state_.variables.find(guard); found != state_.variables.end())
      before = found->second;
    check(guard);
    block(body);
    if (before) bind(guard, before->value);
  } else {
    block(body);
  }
  branch_ = outer;
  if (!guard.empty() && refuses && leaves(body)) check(guard);
  if (main_only) --later_;
}

void Evaluator::branch(NodeId id) {
  const std::uint32_t outer = std::exchange(branch_, ++branches_);
  children(id);
  branch_ = outer;
}

void Evaluator::loop(NodeId id) {
  const NodeId target = tree_.first(id);
  const NodeId iterated = tree_.next(target);
  const Value value = expression(iterated);
  bind_target(target, {.taint = value.taint});
  if (const NodeId body = tree_.next(iterated); body != 0) block(body);
}

void Evaluator::with(NodeId id) {
  for (const NodeId part : tree_.children(id)) {
    if (tree_.kind(part) == Syntax::Block) {
      block(part);
      continue;
    }
    const NodeId opened = tree_.first(part);
    const Value value = expression(opened);
    if (const NodeId target = tree_.next(opened); target != 0) bind_target(target, value);
  }
}

void Evaluator::except(NodeId id) {
  bool type = true;
  const std::uint32_t outer = std::exchange(branch_, ++branches_);
  for (const NodeId part : tree_.children(id)) {
    if (tree_.kind(part) == Syntax::Block) {
      block(part);
    } else if (type) {
      expression(part);
      type = false;
    } else {
      bind_target(part, {});
    }
  }
  branch_ = outer;
}

void Evaluator::returned(NodeId id) {
  const NodeId first = tree_.first(id);
  if (first == 0) return;
  const Value value = expression(first);
  if (!function_.empty()) state_.functions[function_] |= value.taint;
}

void Evaluator::assign(NodeId id) {
  const NodeId first = tree_.first(id);
  if (tree_.kind(id) == Syntax::Annotated) {
    const NodeId annotation = tree_.next(first);
    expression(tree_.first(annotation));
    if (const NodeId given = tree_.next(annotation); given != 0) bind_target(first, expression(given));
    return;
  }
  if (tree_.kind(id) == Syntax::Augmented) {
    const Value old = expression(first);
    const NodeId given = tree_.next(first);
    return bind_target(first, sum(old, expression(given)));
  }
  const NodeId last = tree_.last(id);
  const Value value = expression(last);
  for (NodeId target = first; target != last; target = tree_.next(target)) bind_target(target, value);
}

void Evaluator::bind(const std::string& variable, Value value) {
  // Every use copies the value with its names.
  const bool long_name = value.dotted.size() > kLongestName || value.path.size() > kLongestName;
  if (variable.empty() || long_name) return;
  const bool local = state_.scopes > 0 && variable.find('.') == std::string::npos;
  const auto found = state_.variables.find(variable);
  if (found == state_.variables.end()) {
    if (state_.variables.size() >= kVariables) return;
    if (local) state_.hidden.emplace_back(variable, std::nullopt);
    state_.variables.emplace(variable, Variable{std::move(value), branch_, state_.scopes});
    return;
  }
  Variable& known = found->second;
  // What another branch assigned may still be there.
  if (known.branch != branch_ && branch_ != 0) {
    const Taint& before = known.value.taint;
    value.taint.model |= before.model;
    value.taint.tool |= before.tool;
    value.taint.input |= before.input;
    value.taint.typed |= before.typed;
    value.taint.file |= before.file;
  }
  if (local && known.scope != state_.scopes) state_.hidden.emplace_back(variable, std::move(known));
  known = {std::move(value), branch_, state_.scopes};
}

// "a", "self.a"; up to the first subscript of "a[0].b".
std::string Evaluator::path_of(NodeId target) const {
  if (tree_.kind(target) == Syntax::Name) return std::string(tree_.text(target));
  std::string path;
  if (tree_.kind(target) != Syntax::Chain) return path;
  for (const NodeId part : tree_.children(target)) {
    if (tree_.kind(part) == Syntax::Name) {
      path = tree_.text(part);
    } else if (tree_.kind(part) == Syntax::Attribute && !path.empty()) {
      path += ".";
      path += tree_.text(part);
    } else {
      break;
    }
    if (path.size() > kLongestName) return {};
  }
  return path;
}

void Evaluator::bind_target(NodeId target, const Value& value) {
  switch (tree_.kind(target)) {
    case Syntax::Star: return bind_target(tree_.first(target), {.taint = value.taint});
    case Syntax::Tuple:
    case Syntax::List: {
      std::size_t count = 0;
      for ([[maybe_unused]] const NodeId child : tree_.children(target)) ++count;
      const bool each = value.items && value.items->size() == count;
      std::size_t at = 0;
      for (const NodeId child : tree_.children(target)) {
        if (each) {
          bind_target(child, (*value.items)[at++]);
        } else {
          bind_target(child, {.taint = value.taint});
        }
      }
      return;
    }
    case Syntax::Name:
    case Syntax::Chain: break;
    default: return;
  }
  if (state_.options.observer != nullptr) state_.options.observer->assigned(tree_, target, value);
  const std::string path = path_of(target);
  const NodeId last = tree_.last(target);
  const bool subscript = tree_.kind(target) == Syntax::Chain && tree_.kind(last) != Syntax::Attribute;
  Value bound = value;
  if (subscript) {
    // The key runs, too; and what is put into a container taints it.
    for (const NodeId part : tree_.children(target))
      if (tree_.kind(part) == Syntax::Item)
        for (const NodeId key : tree_.children(part)) expression(key);
    bound = {.path = path, .taint = value.taint};
    if (const auto old = state_.variables.find(path); old != state_.variables.end()) {
      const Taint added = bound.taint;
      bound = old->second.value;
      bound.taint |= added;
      bound.items = {};
      bound.text = {};
    }
  }
  bound.path = path;
  bind(path, std::move(bound));
}

}  // namespace bulwark::python
