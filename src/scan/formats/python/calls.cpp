#include <algorithm>

#include <utility>

#include "scan/formats/python/evaluator.h"
#include "scan/formats/python/flows.h"

namespace bulwark::python {

std::string normal(std::string dotted) {
  for (const std::string_view prefix : {"builtins.", "__builtins__.", "__builtin__."})
    if (dotted.starts_with(prefix)) dotted.erase(0, prefix.size());
  return dotted;
}

void Evaluator::gadget(std::string_view what, const Token& where) {
  if (state_.program.gadgets.size() >= kCalls) return;
  const Token& at = place_of(where);
  state_.program.gadgets.push_back({std::string(what), at.offset, at.line, at.column});
}

Value Evaluator::call(const Called& called, NodeId id) {
  std::vector<Argument> arguments;
  const bool outer_rows = std::exchange(rows_, applies_to_rows(called.method));
  for (const NodeId child : tree_.children(id)) {
    Argument argument{.keyword = {}, .value = expression(child), .node = child};
    if (tree_.kind(child) == Syntax::Keyword || tree_.kind(child) == Syntax::Star)
      argument.keyword = tree_.text(child);
    if (tree_.kind(child) == Syntax::Keyword) argument.node = tree_.first(child);
    arguments.push_back(std::move(argument));
  }
  rows_ = outer_rows;
  return result_of(called, arguments);
}

void Evaluator::record(const Value& callee, const std::vector<Value>& arguments, const Token& where,
                       bool keep_text) {
  const std::string& dotted = callee.dotted.empty() ? callee.path : callee.dotted;
  const auto known = scan::code_effect(callee.dotted);
  const bool wanted = state_.options.also != nullptr && state_.options.also(dotted);
  if (known.effect == scan::Effect::None && !wanted) return;
  if (state_.program.calls.size() >= kCalls) {
    state_.program.complete = false;
    return;
  }
  const Token& at = place_of(where);
  Call call{.dotted = dotted,
            .has_arguments = !arguments.empty(),
            .known = known,
            .import_time = import_time(),
            .offset = at.offset,
            .line = at.line,
            .column = at.column};
  for (const Value& argument : arguments) {
    call.taint |= argument.taint;
    const Value& shown =
        argument.text || !argument.items || argument.items->empty() ? argument : argument.items->front();
    if (call.arguments.size() < 200)
      call.arguments +=
          (call.arguments.empty() ? "" : ", ") + (shown.text ? "'" + shown.text->substr(0, 120) + "'"
                                                  : shown.dotted.empty() ? "…"
                                                                         : shown.dotted);
  }
  if (!arguments.empty() && arguments[0].text) {
    call.constant = true;
    if (keep_text) call.text = *arguments[0].text;
  }
  state_.program.calls.push_back(std::move(call));
}

// Calls that make names out of texts: __import__, getattr, globals. None: another call.
std::optional<Value> Evaluator::reflection(const Called& called, const std::vector<Value>& arguments,
                                           bool pays, const Value& result) {
  const std::string& dotted = called.callee.dotted;
  const bool imports = dotted == "__import__" || dotted == "importlib.import_module";
  if (imports && pays && !arguments.empty() && arguments[0].text) {
    state_.program.imports.push_back(*arguments[0].text);
    return Value{.dotted = normal(*arguments[0].text)};
  }
  if (dotted == "getattr" && pays && arguments.size() >= 2 && !arguments[0].dotted.empty()) {
    if (arguments[1].text) return Value{.dotted = normal(arguments[0].dotted + "." + *arguments[1].text)};
    // getattr(os, <computed>): the name is hidden on purpose.
    if (scan::look_up(arguments[0].dotted, "*").effect != scan::Effect::None &&
        scan::is_standard_library(arguments[0].dotted) && arguments[1].taint.computed)
      gadget("getattr(" + arguments[0].dotted + ", …)", called.where);
    return result;
  }
  if ((dotted == "globals" || dotted == "locals" || dotted == "vars") && arguments.size() <= 1)
    return Value{.dotted = arguments.empty() ? dotted + "()" : arguments[0].dotted + ".()"};
  if (dotted == "map" && arguments.size() >= 2 && arguments[0].dotted == "chr") {
    if (!arguments[1].items || !affordable(arguments[1].items->size() * sizeof(Value))) return result;
    std::vector<Value> items;
    for (const Value& number : *arguments[1].items) items.push_back(pure_function("chr", {number}));
    return Value{.items = std::make_shared<const std::vector<Value>>(std::move(items)),
                 .taint = result.taint};
  }
  if (dotted == "os.getenv" || dotted.starts_with("os.environ")) {
    state_.program.reads_environment = true;
    Value secret = result;
    secret.taint.secret =
        dotted != "os.getenv" && !dotted.ends_with(".get") && !dotted.ends_with(".setdefault");
    return secret;
  }
  return std::nullopt;
}

// A constant text that is run: what it calls, this call does.
void Evaluator::run_text(const Called& called, const std::string& text) {
  const Token place = place_of(called.where);
  const Tree inner = parse_tree(text, {.tokens = state_.options.tokens});
  state_.program.complete = state_.program.complete && inner.complete;
  Evaluator(inner, state_, nesting_ + 1, &place).run(import_time());
}

// What a call brings in from outside, and what it takes away.
void Evaluator::flows(const Called& called, Value& result) const {
  const std::string& name = called.callee.name();
  const bool known = !called.callee.dotted.empty() || !called.callee.from.empty();
  if (known && name.size() < kLongestFrom) result.from = name + "()";
  if (checks(name)) {
    result.taint = result.taint.checked();
    return;
  }
  Taint added = flow_of_call(name);
  const std::string& path = called.callee.path;
  const bool local = path.find('.') == std::string::npos ||
                     (path.starts_with("self.") && path.find('.', 5) == std::string::npos);
  if (const auto found = state_.functions.find(std::string_view(path).substr(path.rfind('.') + 1));
      found != state_.functions.end() && called.callee.dotted.empty()) {
    const Taint returned = local ? found->second : found->second.checked();
    added |= returned;
  }
  result.taint |= added;
}

Value Evaluator::result_of(const Called& called, const std::vector<Argument>& written) {
  const Value& callee = called.callee;
  const std::string& dotted = callee.dotted;
  Value result;
  result.taint = callee.taint;
  result.taint |= called.subject.taint;
  std::vector<Value> arguments;
  for (const Argument& argument : written) {
    result.taint |= argument.value.taint;
    const bool named = !argument.keyword.empty() && argument.keyword[0] != '*';
    // Keyword arguments count for what they carry, not for their place.
    if (named && !arguments.empty()) {
      arguments.front().taint |= argument.value.taint;
    } else {
      arguments.push_back(argument.value);
    }
  }
  if (state_.options.observer != nullptr)
    state_.options.observer->called({.tree = tree_,
                                     .chain = called.chain,
                                     .part = called.part,
                                     .place = place_of(called.where),
                                     .callee = callee,
                                     .subject = called.subject,
                                     .method = called.method,
                                     .arguments = written,
                                     .import_time = import_time(),
                                     .nested = place_ != nullptr});

  // A text may be used a million times, and every use copies it.
  std::size_t cost = called.subject.text ? called.subject.text->size() : 0;
  for (const Value& argument : arguments)
    cost += argument.text ? argument.text->size() : argument.items ? argument.items->size() * 16 : 1;
  const bool pays = affordable(cost);
  if (auto made = reflection(called, arguments, pays, result)) return *std::move(made);
  record(callee, arguments, called.where, pays);
  const auto known = scan::code_effect(dotted);
  const bool runs = dotted == "exec" || dotted == "eval" || dotted == "compile" || dotted == "execfile";
  if (runs && !arguments.empty() && arguments[0].text && nesting_ < state_.options.nested_texts &&
      affordable(arguments[0].text->size() * 16))
    run_text(called, *arguments[0].text);
  if (known.effect == scan::Effect::Network) result.taint.remote = true;
  flows(called, result);
  if (!pays) return result;
  if (known.decodes || dotted == "chr" || dotted == "bytes" || dotted == "bytearray" || dotted == "str") {
    Value pure = pure_function(dotted, arguments);
    pure.taint |= result.taint;
    return pure;
  }
  if (called.subject.text && dotted.empty()) {
    Value pure = text_method(called.subject, called.method, arguments);
    pure.taint |= result.taint;
    return pure;
  }
  if (!dotted.empty() && dotted.size() < 300 && known.effect == scan::Effect::Network) result.dotted = dotted;
  return result;
}

}  // namespace bulwark::python
