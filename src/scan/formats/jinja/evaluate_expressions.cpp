#include "scan/formats/jinja/evaluator.h"

#include <algorithm>
#include <array>
#include <utility>

#include "scan/formats/jinja/format.h"

namespace bulwark::scan::jinja {
namespace {

using Kind = Value::Kind;

constexpr std::size_t kItemsPerStep = 16;

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

}  // namespace

Value Evaluator::evaluate(NodeId id) {
  if (id == kNoNode) return {};
  Value value = compute(nodes_[id]);
  steps_ += 1 + value.text.size() / kBytesPerStep + value.list().size() / kItemsPerStep;
  // Without steps left nothing is computed any more, which keeps the rest of the walk linear.
  return ran_out() ? Value{} : value;
}

Value Evaluator::compute(const Node& node) {
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

Value Evaluator::name(const Node& node) {
  if (const Value* value = find(node.text)) return *value;
  emit(node, EventKind::Global, node.text);
  if (std::ranges::find(kGlobals, node.text) != kGlobals.end())
    return {.kind = Kind::Global, .text = node.text};
  return {};
}

Value Evaluator::collect(const Node& node, Kind kind) {
  std::vector<Value> items;
  for (const NodeId kid : node.kids) items.push_back(evaluate(kid));
  return list_value(std::move(items), kind);
}

Value Evaluator::attribute(const Node& node) {
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

Value Evaluator::subscript(const Node& node) {
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

Arguments Evaluator::arguments_of(const Node& node) {
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

void Evaluator::spread(const Value& value, Arguments& arguments) {
  if (value.is(Kind::Dict)) {
    for (std::size_t i = 0; i + 1 < value.list().size(); i += 2)
      arguments.named.emplace_back(text_of(value.list()[i]), value.list()[i + 1]);
  } else if (const auto items = items_of(value)) {
    for (const Value& item : *items) arguments.positional.push_back(item);
  }
}

Value Evaluator::call(const Node& node) {
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

Value Evaluator::call_method_of(const Node& node, const Value& method, const Arguments& arguments) {
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

Value Evaluator::call_global(const Node& node, const std::string& name, const Arguments& arguments) {
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

Value Evaluator::range(const Node& node, const Arguments& arguments) {
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

Value Evaluator::binary_operation(const Node& node) {
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

void Evaluator::emit_growth(const Node& node, std::int64_t count, std::size_t size) {
  if (count <= 0) return;
  std::uint64_t amount = 0;
  if (__builtin_mul_overflow(static_cast<std::uint64_t>(count), size, &amount)) amount = ~std::uint64_t{0};
  emit(node, EventKind::Growth, {}, Via::Dot, amount);
}

Value Evaluator::conditional(const Node& node) {
  const auto truth = truth_of(evaluate(node.kids[0]));
  const Value yes = evaluate(node.kids[1]);
  const Value no = evaluate(node.kids[2]);
  if (truth) return *truth ? yes : no;
  return round_ % 2 == 0 ? yes : no;
}

Value Evaluator::filter(const Node& node, const Value* block) {
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

void Evaluator::attribute_arguments(const Node& node, const Arguments& arguments) {
  if (std::ranges::find(kAttributeFilters, node.text) == kAttributeFilters.end() && node.text != "sum" &&
      node.text != "join") {
    return;
  }
  const Value* path = nullptr;
  for (const auto& [key, value] : arguments.named) {
    if (key == "attribute") path = &value;
  }
  const bool first_is_path = node.text == "selectattr" || node.text == "rejectattr" || node.text == "groupby";
  if (path == nullptr && first_is_path && !arguments.positional.empty()) path = &arguments.positional[0];
  // map('attr', name), map('format', …), select('…'): the first argument names the filter that is applied.
  if (path == nullptr && node.text == "map" && !arguments.positional.empty()) {
    const Value& applied = arguments.positional[0];
    const bool is_attr = applied.is(Kind::String) && applied.text == "attr";
    if (is_attr && arguments.positional.size() > 1) {
      touch(node, text_of(arguments.positional[1]), Via::Filter);
    } else if (is_attr || !applied.is(Kind::String) || applied.text.find(kUnknownChar) != std::string::npos) {
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

}  // namespace bulwark::scan::jinja
