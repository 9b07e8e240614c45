#include "scan/formats/python/parser.h"

namespace bulwark::python {

std::string normal(std::string dotted) {
  for (const std::string_view prefix : {"builtins.", "__builtins__.", "__builtin__."})
    if (dotted.starts_with(prefix)) dotted.erase(0, prefix.size());
  return dotted;
}

void Parser::gadget(std::string_view what, const Token& where) {
  if (state_.program.gadgets.size() >= kCalls) return;
  const Token& at = place_of(where);
  state_.program.gadgets.push_back({std::string(what), at.offset, at.line, at.column});
}

Value Parser::call(const Value& callee, const Value& subject, std::string_view method, const Token& where,
                   std::uint32_t depth) {
  next();
  std::vector<Value> arguments;
  while (!failed_ && !ends() && !now().is(")")) {
    const std::size_t before = at_;
    if (now().kind == Kind::Name && after().is("=")) {
      next();
      next();
      Value named = expression(depth + 1);
      // Keyword arguments count for what they carry, not for their place.
      if (!arguments.empty()) {
        arguments.front().taint |= named.taint;
      } else {
        arguments.push_back(std::move(named));
      }
    } else {
      arguments.push_back(expression(depth + 1));
    }
    take(",");
    if (at_ == before) failed_ = true;
  }
  if (!take(")")) failed_ = true;
  return result_of(callee, subject, method, arguments, where);
}

void Parser::record(const Value& callee, const std::vector<Value>& arguments, const Token& where,
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
            .offset = at.offset,
            .line = at.line,
            .column = at.column};
  call.import_time = import_time_ && !on_function_line_ && std::ranges::find(blocks_, true) == blocks_.end();
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

Value Parser::result_of(const Value& callee, const Value& subject, std::string_view method,
                        std::vector<Value>& arguments, const Token& where) {
  const std::string dotted = callee.dotted;
  Value result;
  result.taint = callee.taint;
  result.taint |= subject.taint;
  for (const Value& argument : arguments) result.taint |= argument.taint;

  // A text may be used a million times, and every use copies it.
  std::size_t cost = subject.text ? subject.text->size() : 0;
  for (const Value& argument : arguments)
    cost += argument.text ? argument.text->size() : argument.items ? argument.items->size() * 16 : 1;
  const bool pays = affordable(cost);
  const bool imports = dotted == "__import__" || dotted == "importlib.import_module";
  if (imports && pays && !arguments.empty() && arguments[0].text) {
    state_.program.imports.push_back(*arguments[0].text);
    return {.dotted = normal(*arguments[0].text)};
  }
  if (dotted == "getattr" && pays && arguments.size() >= 2 && !arguments[0].dotted.empty()) {
    if (arguments[1].text) return {.dotted = normal(arguments[0].dotted + "." + *arguments[1].text)};
    // getattr(os, <computed>): the name is hidden on purpose.
    if (scan::look_up(arguments[0].dotted, "*").effect != scan::Effect::None &&
        scan::is_standard_library(arguments[0].dotted) && arguments[1].taint.computed)
      gadget("getattr(" + arguments[0].dotted + ", …)", where);
    return result;
  }
  if ((dotted == "globals" || dotted == "locals" || dotted == "vars") && arguments.size() <= 1)
    return {.dotted = arguments.empty() ? dotted + "()" : arguments[0].dotted + ".()"};
  if (dotted == "map" && arguments.size() >= 2 && arguments[0].dotted == "chr") {
    if (!arguments[1].items || !affordable(arguments[1].items->size() * sizeof(Value))) return result;
    std::vector<Value> items;
    for (const Value& number : *arguments[1].items) items.push_back(pure_function("chr", {number}));
    return {.items = std::make_shared<const std::vector<Value>>(std::move(items)), .taint = result.taint};
  }
  if (dotted == "os.getenv" || dotted.starts_with("os.environ")) {
    state_.program.reads_environment = true;
    result.taint.secret =
        dotted != "os.getenv" && !dotted.ends_with(".get") && !dotted.ends_with(".setdefault");
    return result;
  }
  record(callee, arguments, where, pays);
  const auto known = scan::code_effect(dotted);
  const bool runs = dotted == "exec" || dotted == "eval" || dotted == "compile" || dotted == "execfile";
  if (runs && !arguments.empty() && arguments[0].text && nesting_ < state_.options.nested_texts &&
      affordable(arguments[0].text->size() * 16)) {
    const Token place = place_of(where);
    Parser inner(*arguments[0].text, state_, nesting_ + 1, &place);
    const bool now_runs =
        import_time_ && !on_function_line_ && std::ranges::find(blocks_, true) == blocks_.end();
    inner.statements(now_runs);
  }
  if (known.effect == scan::Effect::Network) result.taint.remote = true;
  if (!pays) return result;
  if (known.decodes || dotted == "chr" || dotted == "bytes" || dotted == "bytearray" || dotted == "str") {
    Value pure = pure_function(dotted, arguments);
    pure.taint |= result.taint;
    return pure;
  }
  if (subject.text && dotted.empty()) {
    Value pure = text_method(subject, method, arguments);
    pure.taint |= result.taint;
    return pure;
  }
  const std::string& local = callee.path;
  if (const auto found = state_.functions.find(local.substr(local.rfind('.') + 1));
      found != state_.functions.end())
    result.taint |= found->second;
  if (!dotted.empty() && dotted.size() < 300 && known.effect == scan::Effect::Network) result.dotted = dotted;
  return result;
}

}  // namespace bulwark::python
