#include <algorithm>

#include "scan/formats/python/evaluator.h"
#include "scan/formats/python/flows.h"

namespace bulwark::python {
namespace {

// Functions that need no import and that the evaluation knows.
constexpr std::array<std::string_view, 30> kBuiltins = {
    "eval",   "exec", "compile",    "execfile", "__import__", "getattr",     "setattr", "globals",
    "locals", "vars", "chr",        "str",      "bytes",      "bytearray",   "open",    "__builtins__",
    "map",    "dict", "list",       "tuple",    "input",      "raw_input",   "int",     "float",
    "len",    "bool", "isinstance", "print",    "sum",        "get_ipython",
};
constexpr std::array<std::string_view, 15> kGadgets = {
    "__subclasses__", "__globals__", "__builtins__", "__bases__",    "__mro__",
    "__code__",       "__closure__", "f_globals",    "f_builtins",   "gi_frame",
    "cr_frame",       "tb_frame",    "f_back",       "func_globals", "__base__",
};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

bool compares(const Token& op) {
  constexpr std::array<std::string_view, 7> kOps = {"==", "!=", "<", ">", "<=", ">=", "<>"};
  if (op.kind == Kind::Name) return op.text == "in" || op.text == "is" || op.text == "not";
  return contains(kOps, op.text);
}

}  // namespace

Value Evaluator::expression(NodeId id) {
  switch (tree_.kind(id)) {
    case Syntax::Name: return name(id);
    case Syntax::Number: return number(id);
    case Syntax::String:
    case Syntax::Format: return strings(id);
    case Syntax::Chain: return chain(id);
    case Syntax::Operation: return operation(id);
    case Syntax::Comprehension: return comprehension(id);
    case Syntax::Lambda: return lambda(id);
    case Syntax::Tuple:
    case Syntax::List:
    case Syntax::Set:
    case Syntax::Dict: return collection(id);
    case Syntax::Unary: {
      Value value = tree_.first(id) == 0 ? Value() : expression(tree_.first(id));
      if (tree_.token(id).word("not")) return {.taint = value.taint.checked()};
      if (value.number && tree_.token(id).is("-")) value.number = -*value.number;
      return value;
    }
    case Syntax::Star:
    case Syntax::Keyword: return tree_.first(id) == 0 ? Value() : expression(tree_.first(id));
    case Syntax::Walrus: {
      const NodeId target = tree_.first(id);
      Value value = expression(tree_.next(target));
      bind_target(target, value);
      return value;
    }
    case Syntax::Pair:
    case Syntax::Slice: {
      Value all;
      for (const NodeId child : tree_.children(id)) all.taint |= expression(child).taint;
      return all;
    }
    default: return {};
  }
}

Value Evaluator::sum(const Value& left, const Value& right) {
  const std::size_t bytes = left.text && right.text ? left.text->size() + right.text->size() : 0;
  if (affordable(bytes)) return add(left, right);
  Value value{.taint = left.taint};
  value.taint |= right.taint;
  value.taint.computed = true;
  return value;
}

Value Evaluator::operation(NodeId id) {
  const NodeId first = tree_.first(id);
  Value value = expression(first);
  bool compared = false;
  bool chosen = false;
  for (NodeId each = tree_.next(first); each != 0; each = tree_.next(each)) {
    const Token& op = tree_.tokens[tree_.at(each).link];
    Value right = expression(each);
    compared = compared || compares(op);
    if (op.is("+")) {
      value = sum(value, right);
    } else if (op.word("or") || op.word("and") || op.word("if") || op.word("else")) {
      chosen = true;
      // Either side may be the result; what is dangerous wins. A condition is none.
      if (op.word("if")) right.taint = right.taint.checked();
      if (value.dotted.empty()) value.dotted = right.dotted;
      if (value.from.empty() && !op.word("if")) value.from = right.from;
      if (!value.text) value.text = right.text;
      value.taint |= right.taint;
    } else {
      const Taint taint = value.taint;
      value = {.taint = right.taint};
      value.taint |= taint;
      value.taint.computed |= op.is("%") || op.is("*");
    }
  }
  value.choice = chosen;
  if (compared && !chosen) value.taint = value.taint.checked();
  return value;
}

Value Evaluator::comprehension(NodeId id) {
  const Scope scope(state_);
  Value value;
  for (const NodeId part : tree_.children(id)) {
    if (tree_.kind(part) != Syntax::Clause) continue;
    const NodeId target = tree_.first(part);
    const NodeId iterated = tree_.next(target);
    Value all = iterated == 0 ? Value() : expression(iterated);
    for (NodeId more = iterated == 0 ? 0 : tree_.next(iterated); more != 0; more = tree_.next(more))
      expression(more);
    bind_target(target, {.taint = all.taint});
    value.taint |= all.taint;
  }
  for (const NodeId part : tree_.children(id))
    if (tree_.kind(part) != Syntax::Clause) value.taint |= expression(part).taint;
  return value;
}

Value Evaluator::lambda(NodeId id) {
  const Scope scope(state_);
  Value body;
  for (const NodeId part : tree_.children(id)) {
    if (tree_.kind(part) == Syntax::Parameter) {
      Value preset = tree_.first(part) == 0 ? Value() : expression(tree_.first(part));
      const std::string parameter(tree_.text(part));
      if (rows_) preset.taint.row = true;
      if (rows_ || !state_.variables.contains(parameter))
        bind(parameter, {.path = parameter, .taint = preset.taint});
    } else {
      body = expression(part);
    }
  }
  return {.taint = body.taint};
}

Value Evaluator::strings(NodeId id) {
  Value value;
  const Node& node = tree_.at(id);
  if (node.kind == Syntax::Format) {
    value.taint.computed = true;
    for (const NodeId field : tree_.children(id)) value.taint |= expression(field).taint;
    return value;
  }
  std::string text;
  for (std::uint32_t i = node.token; i < node.end; ++i) {
    const std::string_view written = tree_.tokens[i].text;
    // An embedded payload is too long to evaluate.
    if (text.size() + written.size() > kLongestText + 8) return value;
    text += literal_of(written).text;
  }
  value.text = shared(std::move(text));
  return value;
}

Value Evaluator::number(NodeId id) {
  const std::string_view written = tree_.text(id);
  Value value;
  if (written.size() >= 10 || !std::ranges::all_of(written, [](char c) { return c >= '0' && c <= '9'; }))
    return value;
  std::int64_t number = 0;
  for (const char c : written) number = number * 10 + (c - '0');
  value.number = number;
  return value;
}

Value Evaluator::collection(NodeId id) {
  Value value;
  std::vector<Value> items;
  for (const NodeId child : tree_.children(id)) {
    Value entry = expression(child);
    value.taint |= entry.taint;
    if (items.size() < kItems) items.push_back(std::move(entry));
  }
  value.items = std::make_shared<const std::vector<Value>>(std::move(items));
  return value;
}

Value Evaluator::name(NodeId id) {
  const std::string_view written = tree_.text(id);
  if (const auto found = state_.variables.find(written); found != state_.variables.end())
    return found->second.value;
  if (written == "True" || written == "False" || written == "None") return {.word = written};
  Value value{.path = std::string(written)};
  if (contains(kBuiltins, written)) value.dotted = written;
  for (const std::string& star : state_.stars) {
    const std::string dotted = star + "." + value.path;
    if (scan::code_effect(dotted).effect != scan::Effect::None) value.dotted = dotted;
  }
  if (written == "__builtins__") gadget(written, tree_.token(id));
  return value;
}

// base.name(…)[…]
Value Evaluator::chain(NodeId id) {
  const NodeId base = tree_.first(id);
  const Token& where = tree_.token(id);  // where people look for the call
  Value subject;
  std::string_view method;
  Value value = expression(base);
  for (NodeId part = tree_.next(base); part != 0; part = tree_.next(part)) {
    if (tree_.kind(part) == Syntax::Attribute) {
      subject = std::move(value);
      method = tree_.text(part);
      value = attribute(subject, part);
    } else if (tree_.kind(part) == Syntax::Call) {
      value = call({value, subject, method, where, id, part}, part);
      subject = {};
      method = {};
    } else {
      value = item(value, part);
    }
  }
  return value;
}

Value Evaluator::attribute(const Value& of, NodeId id) {
  const Token& token = tree_.token(id);
  if (token.text.size() > 5 && contains(kGadgets, token.text)) gadget(token.text, token);
  Value value{.taint = of.taint};
  if (!of.path.empty() && of.path.size() < 300) {
    value.path = of.path + "." + std::string(token.text);
    if (const auto found = state_.variables.find(value.path); found != state_.variables.end()) {
      Value known = found->second.value;
      known.taint |= of.taint;
      return known;
    }
  }
  if (!of.from.empty() && of.from.size() < kLongestFrom) value.from = of.from + "." + std::string(token.text);
  if (!of.dotted.empty() && of.dotted.size() <= 300) {
    value.dotted = normal(of.dotted + "." + std::string(token.text));
    if (value.dotted == "os.environ" || value.dotted == "os.environb") {
      value.taint.secret = true;
      state_.program.reads_environment = true;
    }
  }
  value.taint |= flow_of_attribute(value.name());
  return value;
}

Value Evaluator::item(const Value& of, NodeId id) {
  Value index;
  bool sliced = false;
  bool reversed = false;
  for (const NodeId child : tree_.children(id)) {
    if (tree_.kind(child) != Syntax::Slice) {
      index = expression(child);
      continue;
    }
    sliced = true;
    const NodeId step = tree_.last(child);
    std::size_t parts = 0;
    for (const NodeId part : tree_.children(child)) {
      ++parts;
      index.taint |= expression(part).taint;
    }
    reversed = parts == 3 && tree_.kind(step) == Syntax::Unary && tree_.token(step).is("-") &&
               tree_.text(tree_.first(step)) == "1";
  }
  Value value{.taint = of.taint};
  // What an index picks from a table of ours is ours.
  value.taint |= index.taint.checked();
  if (reversed && of.text) {
    if (affordable(of.text->size())) value.text = shared(std::string(of.text->rbegin(), of.text->rend()));
    return value;
  }
  if (!of.from.empty() && of.from.size() < kLongestFrom) value.from = of.from + "[]";
  if (sliced) {
    value.taint.computed = true;
    return value;
  }
  if (of.items && index.number && *index.number >= 0 &&
      static_cast<std::size_t>(*index.number) < of.items->size())
    return (*of.items)[static_cast<std::size_t>(*index.number)];
  if (!index.text) return value;
  if (of.dotted == "os.environ") {
    // One variable is configuration; the whole environment is a harvest.
    value.taint.secret = false;
  } else if (of.dotted == "sys.modules" || of.dotted == "__builtins__" || of.dotted == "globals()" ||
             of.dotted == "locals()") {
    value.dotted = normal(*index.text);
  } else if (of.dotted.ends_with(".__dict__") || of.dotted.ends_with("()")) {
    value.dotted = normal(of.dotted.substr(0, of.dotted.rfind('.')) + "." + *index.text);
  }
  return value;
}

}  // namespace bulwark::python
