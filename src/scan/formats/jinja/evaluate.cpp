#include "scan/formats/jinja/evaluate.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "scan/formats/jinja/value.h"

namespace bulwark::scan::jinja {
namespace {

using Kind = Value::Kind;

// Which branch of an undecided "if" is walked last and so decides what later code sees differs between the
// rounds.
constexpr std::uint32_t kRounds = 3;
constexpr std::uint32_t kMaxCallDepth = 8;
// Large values cost more than one step.
constexpr std::size_t kBytesPerStep = 256;
constexpr std::size_t kItemsPerStep = 16;
// Iterations of a loop over constants that are walked one by one.
constexpr std::size_t kUnrolled = 128;

constexpr std::array<std::string_view, 6> kGlobals = {"range",  "dict",   "lipsum",
                                                      "cycler", "joiner", "namespace"};

constexpr std::array<std::string_view, 66> kFilters = {
    "abs",         "attr",     "batch",     "capitalize", "center",         "count",      "d",
    "default",     "dictsort", "e",         "escape",     "filesizeformat", "first",      "float",
    "forceescape", "format",   "from_json", "fromjson",   "groupby",        "indent",     "int",
    "items",       "join",     "last",      "length",     "list",           "lower",      "lstrip",
    "map",         "max",      "min",       "pprint",     "random",         "reject",     "rejectattr",
    "replace",     "reverse",  "round",     "rstrip",     "safe",           "select",     "selectattr",
    "slice",       "sort",     "split",     "string",     "strip",          "striptags",  "sum",
    "title",       "to_json",  "tojson",    "trim",       "truncate",       "unique",     "upper",
    "urlencode",   "urlize",   "wordcount", "wordwrap",   "xmlattr",        "startswith", "endswith",
    "keys",        "values",   "get",
};
// Filters whose first argument, or "attribute", names an attribute path.
constexpr std::array<std::string_view, 8> kAttributeFilters = {"map",  "selectattr", "rejectattr", "groupby",
                                                               "sort", "unique",     "min",        "max"};

class Evaluator {
 public:
  Evaluator(const Template& parsed, std::string_view source, const Limits& limits,
            const std::function<void(const Event&)>& observe)
      : nodes_(parsed.nodes), parsed_(parsed), source_(source), limits_(limits), observe_(observe) {}

  void run(std::uint32_t round) {
    round_ = round;
    scopes_.assign(1, {});
    namespaces_.clear();
    walk(parsed_.body);
  }
  [[nodiscard]] bool ran_out() const { return steps_ > limits_.template_steps; }

 private:
  using Scope = std::map<std::string, Value, std::less<>>;

  // ---- environment
  [[nodiscard]] const Value* find(std::string_view name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      const auto found = scope->find(name);
      if (found != scope->end()) return &found->second;
    }
    return nullptr;
  }
  void assign(NodeId target, const Value& value) {
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

  // ---- events
  [[nodiscard]] std::string root_of(NodeId id) const {
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
  void emit(const Node& node, EventKind kind, std::string name, Via via = Via::Dot,
            std::uint64_t amount = 0) {
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
  void touch(const Node& node, std::string name, Via via) {
    if (name.find(kUnknownChar) == std::string::npos || is_dunder(name)) {
      emit(node, EventKind::Attribute, std::move(name), via);
    } else if (via != Via::Subscript) {
      emit(node, EventKind::Computed, std::move(name), via);
    }
  }
  [[nodiscard]] static bool is_dunder(std::string_view name) {
    return name.size() > 4 && name.starts_with("__") && name.ends_with("__");
  }

  // ---- statements; the value is the text they write
  Value walk(const std::vector<NodeId>& body) {
    std::string written;
    for (const NodeId id : body) {
      const std::string text = text_of(statement(nodes_[id]));
      if (written.size() <= kMaxString) written += text;
    }
    return string_value(std::move(written));
  }
  Value scoped_walk(const std::vector<NodeId>& body) {
    scopes_.emplace_back();
    Value written = walk(body);
    scopes_.pop_back();
    return written;
  }

  Value statement(const Node& node) {
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
  void emit_text(const Node& node) {
    observe_({.kind = EventKind::Text, .offset = node.offset, .name = node.text});
  }

  void set(const Node& node) {
    if (node.body.empty()) {
      if (node.kids[1] != kNoNode) assign(node.kids[0], evaluate(node.kids[1]));
      return;
    }
    Value written = scoped_walk(node.body);
    if (node.kids[1] != kNoNode) written = filter(nodes_[node.kids[1]], &written);
    assign(node.kids[0], written);
  }

  // The body is walked with unknown parameters when it is defined, and again with the real ones at each call.
  void define(const Node& node) {
    const auto id = static_cast<std::int64_t>(&node - nodes_.data());
    scopes_.back()[node.text] = Value{.kind = Kind::Macro, .number = id};
    call_macro(node, {});
  }
  Value call_macro(const Node& macro, const Arguments& arguments) {
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

  Value scoped(const Node& node) {
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

  Value choose(const Node& node) {
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

  Value loop(const Node& node) {
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
  void assign_unknown(NodeId target) {
    const Node& node = nodes_[target];
    if (node.kind == NodeKind::Tuple) {
      for (const NodeId kid : node.kids) assign_unknown(kid);
    } else if (node.kind == NodeKind::Name) {
      scopes_.back()[node.text] = Value{};
    }
  }
  [[nodiscard]] static Value loop_variable(std::size_t index, std::size_t size) {
    const auto number = [](std::size_t value) { return integer_value(static_cast<std::int64_t>(value)); };
    const auto boolean = [](bool value) { return Value{.kind = Kind::Boolean, .number = value ? 1 : 0}; };
    return list_value(
        {string_value("index0"), number(index), string_value("index"), number(index + 1),
         string_value("first"), boolean(index == 0), string_value("last"), boolean(index + 1 == size),
         string_value("length"), number(size), string_value("revindex"), number(size - index),
         string_value("revindex0"), number(size - index - 1)},
        Kind::Dict);
  }

  // ---- expressions
  Value evaluate(NodeId id) {
    if (id == kNoNode) return {};
    Value value = compute(nodes_[id]);
    steps_ += 1 + value.text.size() / kBytesPerStep + value.list().size() / kItemsPerStep;
    // Without steps left nothing is computed any more, which keeps the rest of the walk linear.
    return ran_out() ? Value{} : value;
  }
  Value compute(const Node& node) {
    switch (node.kind) {
      case NodeKind::Name: return name(node);
      case NodeKind::String: return string_value(node.text);
      case NodeKind::Integer: return integer_value(node.number);
      case NodeKind::Constant:
        if (node.text == "none" || node.text == "None") return {.kind = Kind::None};
        return {.kind = Kind::Boolean, .number = node.text == "true" || node.text == "True" ? 1 : 0};
      case NodeKind::List:
      case NodeKind::Tuple: return collect(node, Kind::List);
      case NodeKind::Dict: return collect(node, Kind::Dict);
      case NodeKind::Attribute: return attribute(node);
      case NodeKind::Subscript: return subscript(node);
      case NodeKind::Call: return call(node);
      case NodeKind::Filter: return filter(node, nullptr);
      case NodeKind::Test:
        for (const NodeId kid : node.kids) evaluate(kid);
        return {};
      case NodeKind::Unary: {
        const Value value = evaluate(node.kids[0]);
        if (node.text == "-" && value.is(Kind::Integer)) return integer_value(-value.number);
        const auto truth = truth_of(value);
        if (node.text == "not" && truth) return {.kind = Kind::Boolean, .number = *truth ? 0 : 1};
        return node.text == "+" ? value : Value{};
      }
      case NodeKind::Binary: return binary_operation(node);
      case NodeKind::Conditional: return conditional(node);
      case NodeKind::Keyword:
      case NodeKind::Splat: return evaluate(node.kids[0]);
      default: return {};
    }
  }

  Value name(const Node& node) {
    if (const Value* value = find(node.text)) return *value;
    emit(node, EventKind::Global, node.text);
    if (std::ranges::find(kGlobals, node.text) != kGlobals.end())
      return {.kind = Kind::Global, .text = node.text};
    return {};
  }
  Value collect(const Node& node, Kind kind) {
    std::vector<Value> items;
    for (const NodeId kid : node.kids) items.push_back(evaluate(kid));
    return list_value(std::move(items), kind);
  }
  Value attribute(const Node& node) {
    const Value object = evaluate(node.kids[0]);
    touch(node, node.text, Via::Dot);
    if (object.is(Kind::Namespace)) {
      const auto& table = namespaces_[static_cast<std::size_t>(object.number)];
      const auto found = table.find(node.text);
      return found == table.end() ? Value{} : found->second;
    }
    if (object.is(Kind::Dict)) {
      Value item = item_of(object, string_value(node.text));
      if (!item.is(Kind::Unknown)) return item;
    }
    if (object.is(Kind::Generator) && node.text == "current")
      return object.list().empty() ? Value{} : object.list()[0];
    if (object.is(Kind::Unknown) || object.is(Kind::Global)) return {};
    return {.kind = Kind::Method,
            .text = node.text,
            .items = std::make_shared<const std::vector<Value>>(std::vector<Value>{object})};
  }
  Value subscript(const Node& node) {
    const Value object = evaluate(node.kids[0]);
    const Node& index_node = nodes_[node.kids[1]];
    if (index_node.kind == NodeKind::Slice) {
      const Value start = evaluate(index_node.kids[0]);
      const Value stop = evaluate(index_node.kids[1]);
      const Value step = evaluate(index_node.kids[2]);
      return slice_of(object, start, stop, step);
    }
    const Value index = evaluate(node.kids[1]);
    if (index.is(Kind::String)) {
      touch(node, index.text, Via::Subscript);
      if (object.is(Kind::Namespace)) {
        const auto& table = namespaces_[static_cast<std::size_t>(object.number)];
        const auto found = table.find(index.text);
        return found == table.end() ? Value{} : found->second;
      }
    }
    return item_of(object, index);
  }

  Arguments arguments_of(const Node& node) {
    Arguments arguments;
    for (std::size_t i = 1; i < node.kids.size(); ++i) {
      const Node& kid = nodes_[node.kids[i]];
      Value value = evaluate(node.kids[i]);
      if (kid.kind == NodeKind::Keyword)
        arguments.named.emplace_back(kid.text, std::move(value));
      else if (kid.kind == NodeKind::Splat)
        spread(value, arguments);
      else
        arguments.positional.push_back(std::move(value));
    }
    return arguments;
  }
  static void spread(const Value& value, Arguments& arguments) {
    if (value.is(Kind::Dict)) {
      for (std::size_t i = 0; i + 1 < value.list().size(); i += 2)
        arguments.named.emplace_back(text_of(value.list()[i]), value.list()[i + 1]);
    } else if (const auto items = items_of(value)) {
      for (const Value& item : *items) arguments.positional.push_back(item);
    }
  }

  Value call(const Node& node) {
    const NodeId callee_id = node.kids[0];
    const Node& callee_node = nodes_[callee_id];
    const Value callee = evaluate(callee_id);
    const Arguments arguments = arguments_of(node);
    if (callee_node.kind == NodeKind::Name && find(callee_node.text) == nullptr) {
      emit(node, EventKind::Call, callee_node.text);
    } else if (callee_node.kind == NodeKind::Attribute) {
      const Node& object = nodes_[callee_node.kids[0]];
      if (object.kind == NodeKind::Name && find(object.text) == nullptr)
        emit(node, EventKind::Call, object.text + "." + callee_node.text);
    }
    if (callee.is(Kind::Macro)) return call_macro(nodes_[static_cast<std::size_t>(callee.number)], arguments);
    if (callee.is(Kind::Method)) return call_method_of(node, callee, arguments);
    if (callee.is(Kind::Global)) return call_global(node, callee.text, arguments);
    if (callee_node.kind == NodeKind::Name && callee_node.text == "chr" && !arguments.positional.empty() &&
        arguments.positional[0].is(Kind::Integer)) {
      return binary("%", string_value("%c"), arguments.positional[0]);
    }
    return {};
  }
  Value call_method_of(const Node& node, const Value& method, const Arguments& arguments) {
    const Value& object = method.list().front();
    if (object.is(Kind::String) && (method.text == "format" || method.text == "format_map")) {
      for (const FormatField& field : format_fields(object.text)) {
        for (const std::string& step : field.steps) touch(node, step, Via::Format);
      }
    }
    const Value* width = arguments.find("width", 0);
    if (width != nullptr && width->is(Kind::Integer) &&
        (method.text == "center" || method.text == "ljust" || method.text == "rjust" ||
         method.text == "zfill")) {
      emit_growth(node, width->number, 1);
    }
    if (object.is(Kind::Generator) && method.text == "next")
      return object.list().empty() ? Value{} : object.list()[0];
    return call_method(method.text, object, arguments);
  }
  Value call_global(const Node& node, const std::string& name, const Arguments& arguments) {
    if (name == "range") return range(node, arguments);
    if (name == "cycler") return list_value(arguments.positional, Kind::Generator);
    if (name == "namespace") {
      Scope table;
      for (const auto& [key, value] : arguments.named) table[key] = value;
      if (namespaces_.size() > kMaxItems) return {};
      namespaces_.push_back(std::move(table));
      return {.kind = Kind::Namespace, .number = static_cast<std::int64_t>(namespaces_.size() - 1)};
    }
    if (name == "dict") {
      std::vector<Value> entries;
      for (const auto& [key, value] : arguments.named) {
        entries.push_back(string_value(key));
        entries.push_back(value);
      }
      return list_value(std::move(entries), Kind::Dict);
    }
    return {};
  }
  Value range(const Node& node, const Arguments& arguments) {
    const auto& given = arguments.positional;
    if (given.empty() || given.size() > 3) return {};
    for (const Value& value : given) {
      if (!value.is(Kind::Integer)) return {};
    }
    const std::int64_t start = given.size() > 1 ? given[0].number : 0;
    const std::int64_t stop = given.size() > 1 ? given[1].number : given[0].number;
    const std::int64_t step = given.size() > 2 ? given[2].number : 1;
    std::int64_t span = 0;
    if (step == 0 || __builtin_sub_overflow(stop, start, &span)) return {};
    if (step == -1 && span < 0 && span > -(std::int64_t{1} << 62))
      span = -span;
    else if (step < 0)
      span = span < 0 && step != INT64_MIN && span != INT64_MIN ? -span / -step : 0;
    else
      span = span > 0 ? (span - 1) / step + 1 : 0;
    emit(node, EventKind::Range, {}, Via::Dot, static_cast<std::uint64_t>(std::max<std::int64_t>(span, 0)));
    if (step == 1 && span <= static_cast<std::int64_t>(kMaxItems)) {
      std::vector<Value> items;
      for (std::int64_t i = 0; i < span; ++i) items.push_back(integer_value(start + i));
      return list_value(std::move(items));
    }
    if (step != 1 || start != 0) return {};
    return {.kind = Kind::Range, .number = span};
  }

  Value binary_operation(const Node& node) {
    const Value left = evaluate(node.kids[0]);
    const Value right = evaluate(node.kids[1]);
    if (node.text == "*") {
      const Value& text = left.is(Kind::String) || left.is(Kind::List) ? left : right;
      const Value& count = &text == &left ? right : left;
      const std::size_t size = text.is(Kind::String) ? text.text.size() : text.list().size();
      if (count.is(Kind::Integer) && !text.is(Kind::Integer)) emit_growth(node, count.number, size);
    }
    if (node.text == "**" && left.is(Kind::Integer) && right.is(Kind::Integer) && left.number > 1)
      emit_growth(node, right.number, 1);
    if (node.text == "or" || node.text == "and") {
      const auto truth = truth_of(left);
      if (!truth) return node.text == "or" ? right : Value{};
      return *truth == (node.text == "or") ? left : right;
    }
    if (node.text == "==" || node.text == "!=") {
      const bool comparable = left.is(Kind::String) && right.is(Kind::String) &&
                              (left.text + right.text).find(kUnknownChar) == std::string::npos;
      if (comparable || (left.is(Kind::Integer) && right.is(Kind::Integer))) {
        const bool same = left.number == right.number && left.text == right.text;
        return {.kind = Kind::Boolean, .number = same == (node.text == "==") ? 1 : 0};
      }
    }
    return binary(node.text, left, right);
  }
  void emit_growth(const Node& node, std::int64_t count, std::size_t size) {
    if (count <= 0) return;
    std::uint64_t amount = 0;
    if (__builtin_mul_overflow(static_cast<std::uint64_t>(count), size, &amount)) amount = ~std::uint64_t{0};
    emit(node, EventKind::Growth, {}, Via::Dot, amount);
  }
  Value conditional(const Node& node) {
    const auto truth = truth_of(evaluate(node.kids[0]));
    const Value yes = evaluate(node.kids[1]);
    const Value no = evaluate(node.kids[2]);
    if (truth) return *truth ? yes : no;
    return round_ % 2 == 0 ? yes : no;
  }

  Value filter(const Node& node, const Value* block) {
    const Value target = node.kids[0] == kNoNode ? (block != nullptr ? *block : Value{})
                         : block != nullptr && nodes_[node.kids[0]].kind == NodeKind::Filter
                             ? filter(nodes_[node.kids[0]], block)
                             : evaluate(node.kids[0]);
    const Arguments arguments = arguments_of(node);
    attribute_arguments(node, arguments);
    if (node.text == "attr") {
      const Value* name = arguments.find("name", 0);
      touch(node, name == nullptr ? std::string(1, kUnknownChar) : text_of(*name), Via::Filter);
      return {};
    }
    if (std::ranges::find(kFilters, node.text) == kFilters.end()) emit(node, EventKind::Filter, node.text);
    if (node.text == "center" || node.text == "indent") {
      const Value* width = arguments.find("width", 0);
      if (width != nullptr && width->is(Kind::Integer)) emit_growth(node, width->number, 1);
    }
    return apply_filter(node.text, target, arguments);
  }
  void attribute_arguments(const Node& node, const Arguments& arguments) {
    if (std::ranges::find(kAttributeFilters, node.text) == kAttributeFilters.end() && node.text != "sum" &&
        node.text != "join") {
      return;
    }
    const Value* path = nullptr;
    for (const auto& [key, value] : arguments.named) {
      if (key == "attribute") path = &value;
    }
    const bool first_is_path =
        node.text == "selectattr" || node.text == "rejectattr" || node.text == "groupby";
    if (path == nullptr && first_is_path && !arguments.positional.empty()) path = &arguments.positional[0];
    // map('attr', name), map('format', …), select('…'): the first argument names the filter that is applied.
    if (path == nullptr && node.text == "map" && !arguments.positional.empty()) {
      const Value& applied = arguments.positional[0];
      const bool is_attr = applied.is(Kind::String) && applied.text == "attr";
      if (is_attr && arguments.positional.size() > 1) {
        touch(node, text_of(arguments.positional[1]), Via::Filter);
      } else if (is_attr || !applied.is(Kind::String) ||
                 applied.text.find(kUnknownChar) != std::string::npos) {
        touch(node, std::string(1, kUnknownChar), Via::Argument);
      }
    }
    if (path == nullptr || path->is(Kind::Integer) || path->is(Kind::None)) return;
    std::string text = text_of(*path);
    std::size_t begin = 0;
    while (begin <= text.size()) {
      const std::size_t end = std::min(text.find('.', begin), text.size());
      touch(node, text.substr(begin, end - begin), Via::Argument);
      begin = end + 1;
    }
  }

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

}  // namespace

Result<void> evaluate(const Template& parsed, std::string_view source, const Limits& limits,
                      const std::function<void(const Event&)>& observe) {
  Evaluator evaluator(parsed, source, limits, observe);
  for (std::uint32_t round = 0; round < kRounds; ++round) evaluator.run(round);
  if (!evaluator.ran_out()) return {};
  return fail(Code::LimitReached, "template: more than " + std::to_string(limits.template_steps) +
                                      " evaluation steps; loops were no longer unrolled");
}

}  // namespace bulwark::scan::jinja
