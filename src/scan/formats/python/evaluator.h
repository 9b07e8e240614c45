#pragma once
// Walks a syntax tree and evaluates it. Internal to scan/formats/python.
//
// evaluate_statements.cpp: statements, scopes, bindings; evaluate_expressions.cpp: operators, names,
// literals; calls.cpp: what a call means.

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scan/formats/python/observer.h"
#include "scan/formats/python/program.h"
#include "scan/formats/python/syntax.h"
#include "scan/formats/python/value.h"

namespace bulwark::python {

inline constexpr std::size_t kCalls = 20'000;  // kept
inline constexpr std::size_t kItems = 4096;    // of one list whose elements are remembered
inline constexpr std::uint64_t kEvaluated = std::uint64_t{64}
                                            << 20;  // bytes that constants may cost in one source
inline constexpr std::size_t kLongestFrom = 160;    // names of values that calls made

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

struct Variable {
  Value value;
  std::uint32_t branch = 0;  // in which it was assigned
  std::uint32_t scope = 0;   // how many scopes were open then
};

// State that nested texts (exec of a constant) share with the source around them.
struct State {
  Program program;
  Options options;
  std::unordered_map<std::string, Variable, StringHash, std::equal_to<>> variables;
  std::map<std::string, Taint, std::less<>> functions;  // local ones: what they return
  std::vector<std::string> stars;                       // modules of "from m import *"
  std::uint64_t evaluated = 0;                          // bytes that pure functions have looked at
  // What scopes have hidden: name and the value it had outside, none if it had none.
  std::vector<std::pair<std::string, std::optional<Variable>>> hidden;
  std::uint32_t scopes = 0;                    // open ones
  std::set<std::string, std::less<>> globals;  // names that functions declared to be global
};

// "builtins.eval" and its like are "eval".
[[nodiscard]] std::string normal(std::string dotted);

class Evaluator {
 public:
  // `place`: where nested text stands in the source; null: it is the source.
  Evaluator(const Tree& tree, State& state, std::uint32_t nesting, const Token* place)
      : tree_(tree), state_(state), nesting_(nesting), place_(place) {}

  void run(bool import_time) {
    later_ = import_time ? 0 : 1;
    if (tree_.kind(tree_.root) == Syntax::Block) block(tree_.root);
  }

 private:
  // Names bound while it lives are forgotten, and what they hid comes back.
  class Scope {
   public:
    explicit Scope(State& state) : state_(state), mark_(state.hidden.size()) { ++state_.scopes; }
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    State& state_;
    std::size_t mark_;
  };

  void block(NodeId id);
  void statement(NodeId id);
  void import_modules(NodeId id);
  void from_import(NodeId id);
  void function(NodeId id);
  void class_of(NodeId id);
  void conditional(NodeId id);
  void loop(NodeId id);
  void with(NodeId id);
  void except(NodeId id);
  void branch(NodeId id);
  void assign(NodeId id);
  void returned(NodeId id);
  void children(NodeId id);
  [[nodiscard]] std::string guarded(NodeId condition) const;
  [[nodiscard]] bool leaves(NodeId block) const;
  void check(const std::string& name);
  void bind(const std::string& name, Value value);
  void bind_target(NodeId target, const Value& value);
  [[nodiscard]] std::string path_of(NodeId target) const;
  [[nodiscard]] std::string dotted_of(NodeId module) const;

  Value expression(NodeId id);
  Value operation(NodeId id);
  Value chain(NodeId id);
  Value comprehension(NodeId id);
  Value lambda(NodeId id);
  Value strings(NodeId id);
  Value number(NodeId id);
  Value collection(NodeId id);
  Value name(NodeId id);
  Value attribute(const Value& of, NodeId id);
  Value item(const Value& of, NodeId id);

  struct Called {
    const Value& callee;
    const Value& subject;
    std::string_view method;
    const Token& where;
    NodeId chain = 0;
    NodeId part = 0;
  };
  Value call(const Called& called, NodeId id);
  Value result_of(const Called& called, const std::vector<Argument>& written);
  std::optional<Value> reflection(const Called& called, const std::vector<Value>& arguments, bool pays,
                                  const Value& result);
  void flows(const Called& called, Value& result) const;
  void run_text(const Called& called, const std::string& text);
  void record(const Value& callee, const std::vector<Value>& arguments, const Token& where, bool keep_text);
  void gadget(std::string_view what, const Token& where);

  // Charges the evaluation of constants; false once a source has cost more than any real one does.
  bool affordable(std::size_t bytes) {
    state_.evaluated += bytes;
    if (state_.evaluated <= kEvaluated) return true;
    state_.program.complete = false;
    return false;
  }
  Value sum(const Value& left, const Value& right);
  [[nodiscard]] bool import_time() const { return later_ == 0; }
  [[nodiscard]] const Token& place_of(const Token& token) const {
    return place_ != nullptr ? *place_ : token;
  }

  const Tree& tree_;
  State& state_;
  std::uint32_t nesting_;
  const Token* place_;
  std::uint32_t later_ = 0;     // functions around this code, and `if __name__ == "__main__"`
  std::uint32_t branch_ = 0;    // the innermost conditional block; 0: none
  std::uint32_t branches_ = 0;  // so far
  bool rows_ = false;           // inside of df.apply(…): a lambda gets what the table holds
  std::string function_;        // the innermost definition, for what it returns
};

}  // namespace bulwark::python
