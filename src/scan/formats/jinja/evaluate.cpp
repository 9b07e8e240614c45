#include "scan/formats/jinja/evaluate.h"

#include <algorithm>
#include <utility>

#include "scan/formats/jinja/evaluator.h"

namespace bulwark::scan::jinja {
namespace {

using Kind = Value::Kind;

// Which branch of an undecided "if" is walked last and so decides what later code sees differs between the
// rounds.
constexpr std::uint32_t kRounds = 3;
constexpr std::uint32_t kMaxCallDepth = 8;
// Iterations of a loop over constants that are walked one by one.
constexpr std::size_t kUnrolled = 128;

}  // namespace

void Evaluator::run(std::uint32_t round) {
  round_ = round;
  scopes_.assign(1, {});
  namespaces_.clear();
  walk(parsed_.body);
}

const Value* Evaluator::find(std::string_view name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    const auto found = scope->find(name);
    if (found != scope->end()) return &found->second;
  }
  return nullptr;
}

void Evaluator::assign(NodeId target, const Value& value) {
  const Node& node = nodes_[target];
  if (node.kind == NodeKind::Name) {
    scopes_.back()[node.text] = value;
  } else if (node.kind == NodeKind::Tuple) {
    for (std::size_t i = 0; i < node.kids.size(); ++i)
      assign(node.kids[i], item_of(value, integer_value(static_cast<std::int64_t>(i))));
  } else if (node.kind == NodeKind::Attribute) {
    const Value object = evaluate(node.kids[0]);
    touch(node, node.text, Via::Dot);
    if (object.is(Kind::Namespace) && dead_ == 0)
      namespaces_[static_cast<std::size_t>(object.number)][node.text] = value;
  }
}

std::string Evaluator::root_of(NodeId id) const {
  while (id != kNoNode) {
    const Node& node = nodes_[id];
    if (node.kind == NodeKind::Name) return find(node.text) == nullptr ? node.text : std::string();
    if (node.kids.empty() || (node.kind != NodeKind::Attribute && node.kind != NodeKind::Subscript &&
                              node.kind != NodeKind::Call && node.kind != NodeKind::Filter)) {
      return {};
    }
    id = node.kids[0];
  }
  return {};
}

void Evaluator::emit(const Node& node, EventKind kind, std::string name, Via via, std::uint64_t amount) {
  Event event{.kind = kind, .via = via, .offset = node.offset, .name = std::move(name), .amount = amount};
  if (!node.kids.empty()) event.root = root_of(node.kids[0]);
  // From the start of the chain, so that the reader sees what is walked.
  std::uint64_t begin = node.offset;
  for (const Node* at = &node; !at->kids.empty() && at->kids[0] != kNoNode;) {
    at = &nodes_[at->kids[0]];
    begin = std::min(begin, at->offset);
  }
  begin = std::min<std::uint64_t>(begin, source_.size());
  const std::uint64_t end = std::clamp<std::uint64_t>(
      kind == EventKind::Attribute ? std::max(node.end, whole_end_) : node.end, begin, source_.size());
  event.code = source_.substr(begin, end - begin);
  observe_(event);
}

void Evaluator::touch(const Node& node, std::string name, Via via) {
  if (name.find(kUnknownChar) == std::string::npos || is_dunder(name)) {
    emit(node, EventKind::Attribute, std::move(name), via);
  } else if (via != Via::Subscript) {
    emit(node, EventKind::Computed, std::move(name), via);
  }
}

bool Evaluator::is_dunder(std::string_view name) {
  return name.size() > 4 && name.starts_with("__") && name.ends_with("__");
}

Value Evaluator::walk(const std::vector<NodeId>& body) {
  std::string written;
  for (const NodeId id : body) {
    const std::string text = text_of(statement(nodes_[id]));
    if (written.size() <= kMaxString) written += text;
  }
  return string_value(std::move(written));
}

Value Evaluator::scoped_walk(const std::vector<NodeId>& body) {
  scopes_.emplace_back();
  Value written = walk(body);
  scopes_.pop_back();
  return written;
}

Value Evaluator::statement(const Node& node) {
  steps_ += 1 + node.text.size() / kBytesPerStep;
  switch (node.kind) {
    case NodeKind::Data: emit_text(node); return string_value(node.text);
    case NodeKind::Output: {
      whole_end_ = nodes_[node.kids[0]].end;
      const Value value = evaluate(node.kids[0]);
      whole_end_ = 0;
      if (value.is(Kind::String)) {
        observe_({.kind = EventKind::Text, .offset = node.offset, .name = value.text});
      }
      return value.is(Kind::String) ? value : string_value(text_of(value));
    }
    case NodeKind::For: return loop(node);
    case NodeKind::If: return choose(node);
    case NodeKind::Set: set(node); return string_value({});
    case NodeKind::Macro: define(node); return string_value({});
    case NodeKind::CallBlock: {
      scoped_walk(node.body);
      return string_value(text_of(evaluate(node.kids[0])));
    }
    case NodeKind::Scoped: return scoped(node);
    case NodeKind::Load: {
      const Value name = evaluate(node.kids[0]);
      emit(node, EventKind::Load, name.is(Kind::String) ? name.text : std::string(1, kUnknownChar));
      return {};
    }
    case NodeKind::Do: evaluate(node.kids[0]); return string_value({});
    default: return {};
  }
}

void Evaluator::emit_text(const Node& node) {
  observe_({.kind = EventKind::Text, .offset = node.offset, .name = node.text});
}

void Evaluator::set(const Node& node) {
  if (node.body.empty()) {
    if (node.kids[1] != kNoNode) assign(node.kids[0], evaluate(node.kids[1]));
    return;
  }
  Value written = scoped_walk(node.body);
  if (node.kids[1] != kNoNode) written = filter(nodes_[node.kids[1]], &written);
  assign(node.kids[0], written);
}

// The body is walked with unknown parameters when it is defined, and again with the real ones at each call.
void Evaluator::define(const Node& node) {
  const auto id = static_cast<std::int64_t>(&node - nodes_.data());
  scopes_.back()[node.text] = Value{.kind = Kind::Macro, .number = id};
  call_macro(node, {});
}

Value Evaluator::call_macro(const Node& macro, const Arguments& arguments) {
  if (call_depth_ >= kMaxCallDepth || ran_out()) return {};
  ++call_depth_;
  scopes_.emplace_back();
  for (std::size_t i = 0; i < macro.kids.size(); ++i) {
    const Node& parameter = nodes_[macro.kids[i]];
    const Value* given = arguments.find(parameter.text, i);
    Value value;
    if (given != nullptr)
      value = *given;
    else if (parameter.kind == NodeKind::Keyword)
      value = evaluate(parameter.kids[0]);
    scopes_.back()[parameter.text] = value;
  }
  for (const auto* name : {"caller", "varargs", "kwargs"}) scopes_.back()[name] = Value{};
  Value written = walk(macro.body);
  scopes_.pop_back();
  --call_depth_;
  return written;
}

Value Evaluator::scoped(const Node& node) {
  scopes_.emplace_back();
  const Node* last_filter = nullptr;
  for (const NodeId kid : node.kids) {
    if (nodes_[kid].kind == NodeKind::Set)
      set(nodes_[kid]);
    else if (node.text == "filter")
      last_filter = &nodes_[kid];
    else
      evaluate(kid);
  }
  Value written = walk(node.body);
  walk(node.otherwise);
  if (last_filter != nullptr) written = filter(*last_filter, &written);
  scopes_.pop_back();
  return written;
}

Value Evaluator::choose(const Node& node) {
  const std::size_t count = node.body.size();
  std::size_t certain = count;
  std::vector<bool> impossible(count, false);
  for (std::size_t i = 0; i < count; ++i) {
    const auto truth = i < node.kids.size() ? truth_of(evaluate(node.kids[i])) : std::optional<bool>(true);
    if (truth && *truth && certain == count)
      certain = i;
    else if (certain < i || (truth && !*truth))
      impossible[i] = true;
  }
  Value written = string_value({});
  for (std::size_t step = 0; step < count; ++step) {
    const std::size_t i = (step + round_) % count;
    if (impossible[i]) {
      // Dead code is looked at, but what it sets is not seen by the rest.
      ++dead_;
      scoped_walk(nodes_[node.body[i]].body);
      --dead_;
    } else {
      written = walk(nodes_[node.body[i]].body);
    }
  }
  const bool decided = certain == 0 || std::ranges::count(impossible, false) == 1;
  return decided ? written : Value{};
}

Value Evaluator::loop(const Node& node) {
  const Value iterable = evaluate(node.kids[1]);
  const std::uint64_t outer = loop_product_;
  auto items = items_of(iterable);
  if (iterable.is(Kind::Range) || items) {
    const std::uint64_t turns = items ? items->size() : static_cast<std::uint64_t>(iterable.number);
    if (__builtin_mul_overflow(loop_product_, std::max<std::uint64_t>(turns, 1), &loop_product_)) {
      loop_product_ = ~std::uint64_t{0};
    }
    emit(node, EventKind::Range, {}, Via::Dot, loop_product_);
  }
  std::string written;
  bool known = items.has_value();
  scopes_.emplace_back();
  const std::size_t turns = items && !ran_out() ? std::min(items->size(), kUnrolled) : 0;
  for (std::size_t i = 0; i < turns && !ran_out(); ++i) {
    scopes_.back().clear();
    assign(node.kids[0], (*items)[i]);
    scopes_.back()["loop"] = loop_variable(i, items->size());
    if (node.kids[2] != kNoNode) known = truth_of(evaluate(node.kids[2])).value_or(true) && known;
    if (written.size() <= kMaxString) written += text_of(walk(node.body));
  }
  if (turns == 0 || (items && turns < items->size()) || ran_out()) {
    scopes_.back().clear();
    assign_unknown(node.kids[0]);
    scopes_.back()["loop"] = Value{};
    if (node.kids[2] != kNoNode) evaluate(node.kids[2]);
    walk(node.body);
    known = false;
  }
  scopes_.pop_back();
  scoped_walk(node.otherwise);
  loop_product_ = outer;
  return known ? string_value(std::move(written)) : Value{};
}

void Evaluator::assign_unknown(NodeId target) {
  const Node& node = nodes_[target];
  if (node.kind == NodeKind::Tuple) {
    for (const NodeId kid : node.kids) assign_unknown(kid);
  } else if (node.kind == NodeKind::Name) {
    scopes_.back()[node.text] = Value{};
  }
}

Value Evaluator::loop_variable(std::size_t index, std::size_t size) {
  const auto number = [](std::size_t value) { return integer_value(static_cast<std::int64_t>(value)); };
  const auto boolean = [](bool value) { return Value{.kind = Kind::Boolean, .number = value ? 1 : 0}; };
  return list_value(
      {string_value("index0"), number(index), string_value("index"), number(index + 1), string_value("first"),
       boolean(index == 0), string_value("last"), boolean(index + 1 == size), string_value("length"),
       number(size), string_value("revindex"), number(size - index), string_value("revindex0"),
       number(size - index - 1)},
      Kind::Dict);
}

Result<void> evaluate(const Template& parsed, std::string_view source, const Limits& limits,
                      const std::function<void(const Event&)>& observe) {
  Evaluator evaluator(parsed, source, limits, observe);
  for (std::uint32_t round = 0; round < kRounds; ++round) evaluator.run(round);
  if (!evaluator.ran_out()) return {};
  return fail(Code::LimitReached, "template: more than " + std::to_string(limits.template_steps) +
                                      " evaluation steps; loops were no longer unrolled");
}

}  // namespace bulwark::scan::jinja
