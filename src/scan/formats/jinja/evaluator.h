#pragma once
// The walk behind evaluate(): statements in evaluate.cpp, expressions in evaluate_expressions.cpp. Internal
// to scan/formats/jinja.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scan/formats/jinja/evaluate.h"
#include "scan/formats/jinja/value.h"

namespace bulwark::scan::jinja {

// Large values cost more than one step.
inline constexpr std::size_t kBytesPerStep = 256;

class Evaluator {
 public:
  Evaluator(const Template& parsed, std::string_view source, const Limits& limits,
            const std::function<void(const Event&)>& observe)
      : nodes_(parsed.nodes), parsed_(parsed), source_(source), limits_(limits), observe_(observe) {}

  void run(std::uint32_t round);
  [[nodiscard]] bool ran_out() const { return steps_ > limits_.template_steps; }

 private:
  using Scope = std::map<std::string, Value, std::less<>>;

  // ---- environment
  [[nodiscard]] const Value* find(std::string_view name) const;
  void assign(NodeId target, const Value& value);

  // ---- events
  [[nodiscard]] std::string root_of(NodeId id) const;
  void emit(const Node& node, EventKind kind, std::string name, Via via = Via::Dot, std::uint64_t amount = 0);
  void touch(const Node& node, std::string name, Via via);
  [[nodiscard]] static bool is_dunder(std::string_view name);

  // ---- statements; the value is the text they write
  Value walk(const std::vector<NodeId>& body);
  Value scoped_walk(const std::vector<NodeId>& body);

  Value statement(const Node& node);
  void emit_text(const Node& node);

  void set(const Node& node);

  void define(const Node& node);
  Value call_macro(const Node& macro, const Arguments& arguments);

  Value scoped(const Node& node);

  Value choose(const Node& node);

  Value loop(const Node& node);
  void assign_unknown(NodeId target);
  [[nodiscard]] static Value loop_variable(std::size_t index, std::size_t size);

  // ---- expressions
  Value evaluate(NodeId id);
  Value compute(const Node& node);

  Value name(const Node& node);
  Value collect(const Node& node, Value::Kind kind);
  Value attribute(const Node& node);
  Value subscript(const Node& node);

  Arguments arguments_of(const Node& node);
  static void spread(const Value& value, Arguments& arguments);

  Value call(const Node& node);
  Value call_method_of(const Node& node, const Value& method, const Arguments& arguments);
  Value call_global(const Node& node, const std::string& name, const Arguments& arguments);
  Value range(const Node& node, const Arguments& arguments);

  Value binary_operation(const Node& node);
  void emit_growth(const Node& node, std::int64_t count, std::size_t size);
  Value conditional(const Node& node);

  Value filter(const Node& node, const Value* block);
  void attribute_arguments(const Node& node, const Arguments& arguments);

  const std::vector<Node>& nodes_;
  const Template& parsed_;
  std::string_view source_;
  const Limits& limits_;
  const std::function<void(const Event&)>& observe_;

  std::uint32_t round_ = 0;
  std::vector<Scope> scopes_;
  std::vector<Scope> namespaces_;
  std::uint64_t steps_ = 0;
  std::uint64_t loop_product_ = 1;
  std::uint64_t whole_end_ = 0;  // end of the output expression that is being evaluated
  std::uint32_t call_depth_ = 0;
  std::uint32_t dead_ = 0;  // branches around us whose condition is known to be false
};

}  // namespace bulwark::scan::jinja
