// What byte code reaches: a walk over the instructions with a symbolic stack that knows modules, dotted names
// and constant texts, and treats everything else as unknown.
//
// Branches are walked in order, not followed; an instruction that is not modelled forgets the stack. Both
// only lose the link between a call and its callee: a name that was loaded is reported either way.

#include <algorithm>
#include <map>
#include <optional>

#include "scan/formats/marshal/bytecode.h"

namespace bulwark::marshal {
namespace {

// Uses kept; a hostile program may have millions.
constexpr std::size_t kUses = 1000;
constexpr std::size_t kInstructions = 200'000;
constexpr std::size_t kStack = 4096;

struct Value {
  std::string dotted = {};               // "os.system"; empty: unknown
  std::optional<std::string> text = {};  // a constant text or bytes
  bool import_only = false;              // a module as an import statement left it
};

class Walk {
 public:
  Walk(const Program& program, std::string_view version)
      : program_(program), version_(version), table_(opcodes_of(version)) {}

  Reach run() {
    for (const Code& code : program_.codes) {
      if (code.instructions == kNone) continue;
      code_ = &code;
      stack_.clear();
      const Bytes bytes = program_.objects[code.instructions].content;
      for (const Instruction& at : instructions_of(bytes, table_, kInstructions)) step(at);
    }
    return std::move(reach_);
  }

 private:
  void step(const Instruction& at);
  bool loads(const Instruction& at, std::string_view op);
  bool moves(const Instruction& at, std::string_view op);
  bool calls(const Instruction& at, std::string_view op);

  void import_name(std::string_view module);
  void load_attribute(std::string_view name, bool method);
  void load_name(std::string_view name, bool with_null);
  void bind(std::string_view name);
  void call(std::size_t arguments, std::size_t below);
  void use(const Value& value, bool called, std::string arguments = {});

  [[nodiscard]] std::string_view operand(const Instruction& at) {
    operand_ = {};
    const Code& code = *code_;
    std::uint32_t index = at.argument;
    if (at.opcode->indexes == Indexes::Name) {
      if (at.opcode->name == "LOAD_GLOBAL" && modern()) index >>= 1U;
      if (at.opcode->name == "LOAD_ATTR" && version_ != "3.11" && modern()) index >>= 1U;
      if (at.opcode->name == "LOAD_SUPER_ATTR") index >>= 2U;
      return program_.name_at(code.names, index);
    }
    if (at.opcode->indexes == Indexes::Local) return program_.name_at(code.locals, index);
    operand_ = describe(program_, code, at, version_);
    return operand_;
  }
  [[nodiscard]] bool modern() const { return program_.layout == Layout::Python311; }

  void push(Value value) {
    if (stack_.size() < kStack) stack_.push_back(std::move(value));
  }
  Value pop() {
    if (stack_.empty()) return {};
    Value value = std::move(stack_.back());
    stack_.pop_back();
    return value;
  }
  // A value that leaves the stack without being called was at least loaded.
  void drop(std::size_t count) {
    for (; count > 0; --count) use(pop(), false);
  }

  const Program& program_;
  std::string_view version_;
  OpcodeTable table_;
  const Code* code_ = nullptr;
  std::vector<Value> stack_;
  std::map<std::string, Value, std::less<>> bound_;  // by variable name, one namespace for the whole program
  std::string operand_;
  Reach reach_;
};

void Walk::use(const Value& value, bool called, std::string arguments) {
  if (value.dotted.empty() || reach_.uses.size() >= kUses) return;
  const auto known = scan::code_effect(value.dotted);
  const auto same = std::ranges::find_if(reach_.uses, [&](const Use& old) {
    return old.dotted == value.dotted && old.called == called && old.arguments == arguments;
  });
  if (same != reach_.uses.end()) return;
  reach_.uses.push_back({.dotted = value.dotted,
                         .arguments = std::move(arguments),
                         .known = known,
                         .called = called,
                         .imported = value.import_only && !called,
                         .offset = code_->offset});
}

void Walk::import_name(std::string_view module) {
  const Value names = pop();  // the names after "import", None for a plain import
  pop();
  reach_.pure = false;
  // `import a.b` binds a; `from a.b import c` needs a.b. The tuple of names is unknown here, None is "None".
  const bool plain = names.text == "None";
  use({.dotted = std::string(module), .import_only = true}, false);
  push({.dotted = std::string(plain ? module.substr(0, module.find('.')) : module), .import_only = true});
}

void Walk::load_name(std::string_view name, bool with_null) {
  if (with_null) push({});
  const auto found = bound_.find(name);
  if (found != bound_.end()) return push(found->second);
  Value value{.dotted = std::string(scan::unaliased(name))};
  const auto known = scan::look_up("builtins", name);
  const bool harmless_builtin = known.trust == scan::Trust::Safe;
  if (!harmless_builtin) reach_.pure = false;
  push(std::move(value));
}

void Walk::load_attribute(std::string_view name, bool method) {
  const Value value = pop();
  if (name.starts_with("__") && name.ends_with("__") && name.size() > 4 && reach_.dunders.size() < kUses)
    reach_.dunders.emplace_back(name);
  Value result;
  if (!value.dotted.empty() && value.dotted.size() < 400)
    result.dotted = value.dotted + "." + std::string(name);
  push(std::move(result));
  if (method) push({});
}

void Walk::bind(std::string_view name) {
  Value value = pop();
  if (!value.import_only) use(value, false);
  if (name.empty() || bound_.size() > 100'000) return;
  // A name once bound to something known stays so: over-reporting is the safe side.
  if (!value.dotted.empty() || value.text) bound_.insert_or_assign(std::string(name), std::move(value));
}

// Calls what lies under `arguments` values; `below` further slots may hold it (self, NULL).
void Walk::call(std::size_t arguments, std::size_t below) {
  std::vector<Value> values;
  for (std::size_t i = 0; i < std::min(arguments, kStack); ++i) values.push_back(pop());
  std::ranges::reverse(values);
  Value callee;
  for (std::size_t i = 0; i < below; ++i) {
    Value candidate = pop();
    if (callee.dotted.empty()) callee = std::move(candidate);
  }
  std::string text;
  for (const Value& value : values) {
    if (!value.text || value.text == "None") continue;
    text += (text.empty() ? "" : ", ") + ("'" + value.text->substr(0, 80) + "'");
  }
  for (const Value& value : values) use(value, false);
  use(callee, true, text);
  // Calls whose result is known: imports by name and attributes by name.
  Value result;
  const bool imports = callee.dotted == "__import__" || callee.dotted == "importlib.import_module";
  if (imports && !values.empty() && values[0].text) {
    result.dotted = *values[0].text;
    use({.dotted = result.dotted}, false);
  } else if (callee.dotted == "getattr" && values.size() >= 2 && !values[0].dotted.empty() &&
             values[1].text) {
    result.dotted = values[0].dotted + "." + *values[1].text;
    use(result, false);
  }
  push(std::move(result));
}

bool Walk::loads(const Instruction& at, std::string_view op) {
  if (op == "LOAD_CONST" || op == "RETURN_CONST") {
    if (code_->constants == kNone) return true;
    const auto& items = program_.objects[code_->constants].items;
    Value value;
    if (at.argument < items.size()) {
      const Object& constant = program_.objects[items[at.argument]];
      if (constant.kind == Kind::Text || constant.kind == Kind::Bytes) value.text = text_of(constant.content);
      if (constant.kind == Kind::None) value.text = "None";
    }
    if (op == "LOAD_CONST") push(std::move(value));
  } else if (op == "LOAD_SMALL_INT" || op == "LOAD_BUILD_CLASS" || op == "PUSH_NULL" ||
             op == "LOAD_CLOSURE" || op == "LOAD_COMMON_CONSTANT" || op == "LOAD_ASSERTION_ERROR") {
    push({});
  } else if (op == "LOAD_NAME" || op == "LOAD_GLOBAL" || op == "LOAD_FROM_DICT_OR_GLOBALS") {
    if (op == "LOAD_FROM_DICT_OR_GLOBALS") pop();
    load_name(operand(at), op == "LOAD_GLOBAL" && modern() && (at.argument & 1U) != 0);
  } else if (op == "LOAD_FAST_LOAD_FAST" || op == "LOAD_FAST_BORROW_LOAD_FAST_BORROW") {
    for (const std::uint32_t index : {at.argument >> 4U, at.argument & 15U}) {
      const auto found = bound_.find(program_.name_at(code_->locals, index));
      push(found == bound_.end() ? Value{} : found->second);
    }
  } else if (op.starts_with("LOAD_FAST") || op.starts_with("LOAD_DEREF") || op == "LOAD_CLASSDEREF") {
    const auto found = bound_.find(operand(at));
    push(found == bound_.end() ? Value{} : found->second);
  } else if (op == "LOAD_ATTR") {
    load_attribute(operand(at), modern() && version_ != "3.11" && (at.argument & 1U) != 0);
  } else if (op == "LOAD_METHOD") {
    load_attribute(operand(at), true);
  } else if (op == "IMPORT_NAME") {
    import_name(operand(at));
  } else if (op == "IMPORT_FROM") {
    Value value = stack_.empty() ? Value{} : stack_.back();
    if (!value.dotted.empty()) value.dotted += "." + std::string(operand(at));
    if (scan::code_effect(value.dotted).effect != scan::Effect::None) use(value, false);
    push(std::move(value));
  } else {
    return false;
  }
  return true;
}

bool Walk::moves(const Instruction& at, std::string_view op) {
  if (op.starts_with("STORE_NAME") || op == "STORE_GLOBAL" || op == "STORE_FAST" || op == "STORE_DEREF") {
    bind(operand(at));
  } else if (op == "POP_TOP" || op == "RETURN_VALUE" || op.starts_with("POP_JUMP_")) {
    drop(1);
  } else if (op == "DUP_TOP") {
    if (!stack_.empty()) push(Value(stack_.back()));
  } else if (op == "COPY" || op == "SWAP") {
    if (at.argument == 0 || at.argument > stack_.size()) return false;
    if (op == "COPY") {
      push(Value(stack_[stack_.size() - at.argument]));
    } else {
      std::swap(stack_.back(), stack_[stack_.size() - at.argument]);
    }
  } else if (op == "ROT_TWO") {
    if (stack_.size() >= 2) std::swap(stack_.back(), stack_[stack_.size() - 2]);
  } else if (op.starts_with("BUILD_") && at.argument < kStack) {
    std::string joined;
    bool all = op == "BUILD_STRING";
    const std::size_t count = op == "BUILD_MAP"             ? std::size_t{at.argument} * 2
                              : op == "BUILD_CONST_KEY_MAP" ? std::size_t{at.argument} + 1
                                                            : at.argument;
    for (std::size_t i = 0; i < count; ++i) {
      const Value value = pop();
      use(value, false);
      all = all && value.text.has_value();
      if (all) joined.insert(0, *value.text);
    }
    push(all ? Value{.text = joined.substr(0, 4096)} : Value{});
  } else if (op == "BINARY_ADD" || op == "BINARY_OP" || op == "COMPARE_OP" || op == "BINARY_SUBSCR") {
    const Value right = pop();
    const Value left = pop();
    use(left, false);
    use(right, false);
    const bool adds = op == "BINARY_ADD" || (op == "BINARY_OP" && at.argument == 0);
    const bool fits = adds && left.text && right.text && left.text->size() + right.text->size() < 4096;
    push(fits ? Value{.text = *left.text + *right.text} : Value{});
  } else {
    return op == "NOP" || op == "RESUME" || op == "PRECALL" || op == "KW_NAMES" || op == "MAKE_CELL" ||
           op == "COPY_FREE_VARS" || op == "CACHE" || op == "NOT_TAKEN" || op == "SETUP_ANNOTATIONS" ||
           op == "JUMP_FORWARD";
  }
  return true;
}

bool Walk::calls(const Instruction& at, std::string_view op) {
  const std::size_t count = at.argument;
  if (op == "CALL_FUNCTION") {
    call(count, 1);
  } else if (op == "CALL_METHOD" || op == "CALL") {
    call(count, 2);
  } else if (op == "CALL_KW") {
    pop();
    call(count, 2);
  } else if (op == "CALL_FUNCTION_KW") {
    pop();
    call(count, 1);
  } else if (op == "CALL_FUNCTION_EX") {
    const bool always = version_ == "3.14";
    call(always || (count & 1U) != 0 ? 2 : 1, modern() ? 2 : 1);
  } else if (op == "MAKE_FUNCTION") {
    pop();
    if (!modern()) pop();
    push({});
  } else {
    return false;
  }
  return true;
}

void Walk::step(const Instruction& at) {
  const std::string_view op = at.opcode->name;
  if (loads(at, op) || calls(at, op) || moves(at, op)) return;
  drop(stack_.size());
}

}  // namespace

Reach reach_of(const Program& program, std::string_view version) {
  return Walk(program, version).run();
}

}  // namespace bulwark::marshal
