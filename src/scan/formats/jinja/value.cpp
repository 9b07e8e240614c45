#include "scan/formats/jinja/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <limits>

#include "scan/formats/jinja/format.h"

namespace bulwark::scan::jinja {
namespace {

using Kind = Value::Kind;

std::string unknown_text() {
  return {kUnknownChar};
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
char lower_char(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
char upper_char(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string mapped(std::string text, char (*change)(char)) {
  std::ranges::transform(text, text.begin(), change);
  return text;
}
std::string title(std::string text) {
  bool start = true;
  for (char& c : text) {
    c = start ? upper_char(c) : lower_char(c);
    const char small = lower_char(c);
    start = small < 'a' || small > 'z';
  }
  return text;
}
std::string capitalised(std::string text) {
  text = mapped(std::move(text), lower_char);
  if (!text.empty()) text[0] = upper_char(text[0]);
  return text;
}
std::string swapped(std::string text) {
  for (char& c : text) c = lower_char(c) != c ? lower_char(c) : upper_char(c);
  return text;
}
std::string reversed(std::string text) {
  std::ranges::reverse(text);
  return text;
}
std::string stripped(std::string_view text, const Value* characters, bool left, bool right) {
  const auto strip = [&](char c) {
    if (characters == nullptr || !characters->is(Kind::String)) return is_blank(c);
    return characters->text.find(c) != std::string::npos;
  };
  while (left && !text.empty() && strip(text.front())) text.remove_prefix(1);
  while (right && !text.empty() && strip(text.back())) text.remove_suffix(1);
  return std::string(text);
}
std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  if (from.empty()) return std::string(text);
  while (out.size() <= kMaxString) {
    const std::size_t at = text.find(from);
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    out += to;
    text.remove_prefix(at + from.size());
  }
  return unknown_text();
}
Value split_text(std::string_view text, const Value* separator) {
  std::vector<Value> parts;
  const bool blanks = separator == nullptr || !separator->is(Kind::String) || separator->text.empty();
  while (parts.size() < kMaxItems) {
    if (blanks) {
      while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
      if (text.empty()) break;
    }
    const std::size_t at =
        blanks ? std::min(text.find_first_of(" \t\n\r\f\v"), text.size()) : text.find(separator->text);
    parts.push_back(string_value(std::string(text.substr(0, at))));
    if (at >= text.size()) break;
    text.remove_prefix(at + (blanks ? 1 : separator->text.size()));
  }
  return list_value(std::move(parts));
}

Value joined(const Value& items, std::string_view separator) {
  const auto list = items_of(items);
  if (!list) return {};
  std::string out;
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (i > 0) out += separator;
    out += text_of((*list)[i]);
    if (out.size() > kMaxString) return {};
  }
  return string_value(std::move(out));
}

std::int64_t clamped(const Value& value, std::int64_t fallback) {
  return value.is(Kind::Integer) ? value.number : fallback;
}

Value reversed_value(const Value& target) {
  if (target.is(Kind::String)) return string_value(reversed(target.text));
  auto list = items_of(target);
  if (!list) return {};
  std::ranges::reverse(*list);
  return list_value(std::move(*list));
}

Value sorted_value(const Value& target) {
  auto list = items_of(target);
  if (!list) return {};
  std::ranges::stable_sort(*list, {}, [](const Value& value) { return text_of(value); });
  return list_value(std::move(*list));
}

Value pairs_of(const Value& dict) {
  std::vector<Value> pairs;
  for (std::size_t i = 0; i + 1 < dict.list().size(); i += 2)
    pairs.push_back(list_value({dict.list()[i], dict.list()[i + 1]}));
  return list_value(std::move(pairs));
}
Value every_second(const Value& dict, std::size_t first) {
  std::vector<Value> out;
  for (std::size_t i = first; i < dict.list().size(); i += 2) out.push_back(dict.list()[i]);
  return list_value(std::move(out));
}

// Filters and methods from text to text that take no argument.
struct TextFunction {
  std::string_view name;
  std::string (*apply)(std::string);
};
std::string trimmed(std::string text) {
  return stripped(text, nullptr, true, true);
}
std::string unchanged(std::string text) {
  return text;
}
constexpr std::array kTextFunctions = {
    TextFunction{"lower", [](std::string text) { return mapped(std::move(text), lower_char); }},
    TextFunction{"casefold", [](std::string text) { return mapped(std::move(text), lower_char); }},
    TextFunction{"upper", [](std::string text) { return mapped(std::move(text), upper_char); }},
    TextFunction{"title", title},
    TextFunction{"capitalize", capitalised},
    TextFunction{"swapcase", swapped},
    TextFunction{"expandtabs", unchanged},
    TextFunction{"safe", unchanged},
    TextFunction{"escape", unchanged},
    TextFunction{"e", unchanged},
    TextFunction{"forceescape", unchanged},
    TextFunction{"striptags", unchanged},
    TextFunction{"urlize", unchanged},
    TextFunction{"indent", unchanged},
    TextFunction{"trim", trimmed},
    TextFunction{"center", trimmed},
};

const TextFunction* text_function(std::string_view name) {
  const auto* found = std::ranges::find(kTextFunctions, name, &TextFunction::name);
  return found == kTextFunctions.end() ? nullptr : found;
}

std::string removed_affix(std::string text, const Value* affix, bool front) {
  if (affix == nullptr || !affix->is(Kind::String)) return unknown_text();
  if (front && text.starts_with(affix->text)) return text.substr(affix->text.size());
  if (!front && text.ends_with(affix->text)) return text.substr(0, text.size() - affix->text.size());
  return text;
}

Value string_method(std::string_view name, const std::string& text, const Arguments& arguments) {
  const Value* first = arguments.find("", 0);
  const Value* second = arguments.find("", 1);
  if (name == "format") return brace_format(text, arguments);
  if (name == "format_map" && first != nullptr) {
    Arguments named;
    const auto& entries = first->list();
    for (std::size_t i = 0; first->is(Kind::Dict) && i + 1 < entries.size(); i += 2)
      named.named.emplace_back(text_of(entries[i]), entries[i + 1]);
    return brace_format(text, named);
  }
  if (name == "join" && first != nullptr) return joined(*first, text);
  if (name == "replace" && first != nullptr && second != nullptr)
    return string_value(replaced(text, text_of(*first), text_of(*second)));
  if (name == "strip") return string_value(stripped(text, first, true, true));
  if (name == "lstrip") return string_value(stripped(text, first, true, false));
  if (name == "rstrip") return string_value(stripped(text, first, false, true));
  if (name == "split" || name == "rsplit") return split_text(text, first);
  if (name == "splitlines") {
    const Value line_end = string_value("\n");
    return split_text(text, &line_end);
  }
  if (name == "removeprefix") return string_value(removed_affix(text, first, true));
  if (name == "removesuffix") return string_value(removed_affix(text, first, false));
  if (name == "__add__" && first != nullptr) return string_value(text + text_of(*first));
  if (name == "ljust" || name == "rjust" || name == "zfill" || name == "encode" || name == "decode" ||
      name == "translate")
    return string_value(text);
  if (const TextFunction* function = text_function(name)) return string_value(function->apply(text));
  return {};
}

Value dict_method(std::string_view name, const Value& object, const Arguments& arguments) {
  if (name == "keys") return every_second(object, 0);
  if (name == "values") return every_second(object, 1);
  if (name == "items") return pairs_of(object);
  if ((name == "get" || name == "pop" || name == "setdefault") && !arguments.positional.empty())
    return item_of(object, arguments.positional.front());
  return {};
}

Value integer_operation(std::string_view op, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  if (op == "+" && !__builtin_add_overflow(a, b, &out)) return integer_value(out);
  if (op == "-" && !__builtin_sub_overflow(a, b, &out)) return integer_value(out);
  if (op == "*" && !__builtin_mul_overflow(a, b, &out)) return integer_value(out);
  const bool divides = b != 0 && !(a == std::numeric_limits<std::int64_t>::min() && b == -1);
  if ((op == "//" || op == "%") && divides) {
    const std::int64_t remainder = ((a % b) + b) % b;  // Python floors
    return integer_value(op == "%" ? remainder : (a - remainder) / b);
  }
  return {};
}

Value repeated(const Value& value, std::int64_t count) {
  const std::uint64_t times = count > 0 ? static_cast<std::uint64_t>(count) : 0;
  if (value.is(Kind::String)) {
    if (value.text.empty() || times == 0) return string_value({});
    if (times > kMaxString / value.text.size()) return {};
    std::string out;
    for (std::uint64_t i = 0; i < times; ++i) out += value.text;
    return string_value(std::move(out));
  }
  const auto& list = value.list();
  if (!list.empty() && times > kMaxItems / list.size()) return {};
  std::vector<Value> out;
  for (std::uint64_t i = 0; i < times; ++i) out.insert(out.end(), list.begin(), list.end());
  return list_value(std::move(out));
}

}  // namespace

const std::vector<Value>& Value::list() const {
  static const std::vector<Value> kNone;
  return items == nullptr ? kNone : *items;
}

Value string_value(std::string text) {
  if (text.size() > kMaxString) return {};
  return {.kind = Kind::String, .text = std::move(text)};
}
Value integer_value(std::int64_t number) {
  return {.kind = Kind::Integer, .number = number};
}
Value list_value(std::vector<Value> items, Kind kind) {
  if (items.size() > kMaxItems) return {};
  return {.kind = kind, .items = std::make_shared<const std::vector<Value>>(std::move(items))};
}

std::string text_of(const Value& value) {
  switch (value.kind) {
    case Kind::String:
    case Kind::Global: break;
    case Kind::Generator: return value.text;
    case Kind::None: return "None";
    case Kind::Boolean: return value.number != 0 ? "True" : "False";
    case Kind::Integer: return std::to_string(value.number);
    case Kind::Unknown:
    case Kind::List:
    case Kind::Dict:
    case Kind::Range:
    case Kind::Namespace:
    case Kind::Macro:
    case Kind::Method: return unknown_text();
  }
  if (value.is(Kind::String)) return value.text;
  // The names of Python's own functions hold the underscore that "|string|list" tricks pick out.
  if (value.text == "lipsum") return "<function generate_lorem_ipsum at 0x7f" + unknown_text();
  if (value.text == "cycler" || value.text == "joiner" || value.text == "namespace")
    return "<class 'jinja2.utils." + capitalised(value.text) + "'>";
  if (value.text == "range" || value.text == "dict") return "<class '" + value.text + "'>";
  return unknown_text();
}

std::optional<bool> truth_of(const Value& value) {
  switch (value.kind) {
    case Kind::None: return false;
    case Kind::Boolean:
    case Kind::Integer:
    case Kind::Range: return value.number != 0;
    case Kind::String:
      if (value.text.find(kUnknownChar) != std::string::npos) return std::nullopt;
      return !value.text.empty();
    case Kind::List:
    case Kind::Dict: return !value.list().empty();
    default: return std::nullopt;
  }
}

std::optional<std::vector<Value>> items_of(const Value& value) {
  std::vector<Value> items;
  switch (value.kind) {
    case Kind::List:
    case Kind::Generator:
      if (value.items == nullptr) return std::nullopt;
      return value.list();
    case Kind::Dict:
      for (std::size_t i = 0; i < value.list().size(); i += 2) items.push_back(value.list()[i]);
      return items;
    case Kind::String:
      if (value.text.size() > kMaxItems) return std::nullopt;
      for (const char c : value.text) items.push_back(string_value(std::string(1, c)));
      return items;
    case Kind::Range:
      if (value.number > static_cast<std::int64_t>(kMaxItems)) return std::nullopt;
      for (std::int64_t i = 0; i < value.number; ++i) items.push_back(integer_value(i));
      return items;
    default: return std::nullopt;
  }
}

const Value* Arguments::find(std::string_view name, std::size_t position) const {
  if (position < positional.size()) return &positional[position];
  for (const auto& [key, value] : named) {
    if (key == name) return &value;
  }
  return nullptr;
}

Value binary(std::string_view op, const Value& left, const Value& right) {
  if (op == "~") return string_value(text_of(left) + text_of(right));
  if (left.is(Kind::Integer) && right.is(Kind::Integer))
    return integer_operation(op, left.number, right.number);
  if (op == "+") {
    if (left.is(Kind::String) || right.is(Kind::String)) return string_value(text_of(left) + text_of(right));
    if (left.is(Kind::List) && right.is(Kind::List)) {
      std::vector<Value> items = left.list();
      items.insert(items.end(), right.list().begin(), right.list().end());
      return list_value(std::move(items));
    }
  }
  if (op == "%" && left.is(Kind::String)) {
    if (right.is(Kind::List)) return percent_format(left.text, right.list(), nullptr);
    return percent_format(left.text, {right}, &right);
  }
  const bool repeats_left = (left.is(Kind::String) || left.is(Kind::List)) && right.is(Kind::Integer);
  if (op == "*" && repeats_left) return repeated(left, right.number);
  const bool repeats_right = (right.is(Kind::String) || right.is(Kind::List)) && left.is(Kind::Integer);
  if (op == "*" && repeats_right) return repeated(right, left.number);
  return {};
}

Value item_of(const Value& object, const Value& index) {
  if (object.is(Kind::Dict)) {
    const std::string key = text_of(index);
    const auto& entries = object.list();
    Value found;
    for (std::size_t i = 0; i + 1 < entries.size(); i += 2) {
      if (entries[i].kind == index.kind && text_of(entries[i]) == key) found = entries[i + 1];
    }
    return found;
  }
  if (!index.is(Kind::Integer)) return {};
  if (object.is(Kind::String)) {
    const auto size = static_cast<std::int64_t>(object.text.size());
    const std::int64_t at = index.number < 0 ? index.number + size : index.number;
    if (at < 0 || at >= size) return {};
    return string_value(std::string(1, object.text[static_cast<std::size_t>(at)]));
  }
  const auto items = items_of(object);
  if (!items) return {};
  const auto size = static_cast<std::int64_t>(items->size());
  const std::int64_t at = index.number < 0 ? index.number + size : index.number;
  if (at < 0 || at >= size) return {};
  return (*items)[static_cast<std::size_t>(at)];
}

Value slice_of(const Value& object, const Value& start, const Value& stop, const Value& step) {
  const bool text = object.is(Kind::String);
  const auto items = items_of(object);
  if (!items || object.is(Kind::Dict)) return {};
  const auto size = static_cast<std::int64_t>(items->size());
  const std::int64_t by = clamped(step, 1);
  if (by == 0 || by < -size - 1 || by > size + 1) return {};
  const auto bound = [&](const Value& value, std::int64_t fallback) {
    if (!value.is(Kind::Integer)) return fallback;
    const std::int64_t at =
        value.number < 0 ? std::max<std::int64_t>(value.number, -size - 1) + size : value.number;
    return by > 0 ? std::clamp<std::int64_t>(at, 0, size) : std::clamp<std::int64_t>(at, -1, size - 1);
  };
  const std::int64_t from = bound(start, by > 0 ? 0 : size - 1);
  const std::int64_t to = bound(stop, by > 0 ? size : -1);
  std::vector<Value> out;
  for (std::int64_t i = from; by > 0 ? i < to : i > to; i += by)
    out.push_back((*items)[static_cast<std::size_t>(i)]);
  if (!text) return list_value(std::move(out));
  return joined(list_value(std::move(out)), "");
}

Value apply_filter(std::string_view name, const Value& target, const Arguments& arguments) {
  const Value* first = arguments.find("", 0);
  if (name == "string") return string_value(text_of(target));
  if (name == "list") {
    auto items = items_of(target);
    return items ? list_value(std::move(*items)) : Value{};
  }
  if (name == "join") {
    const Value* separator = arguments.find("d", 0);
    return joined(target, separator != nullptr ? text_of(*separator) : std::string());
  }
  if (name == "first" || name == "last" || name == "random" || name == "min" || name == "max") {
    const auto items = items_of(target);
    if (!items || items->empty()) return {};
    return name == "last" ? items->back() : items->front();
  }
  if (name == "reverse") return reversed_value(target);
  if (name == "sort" || name == "unique") return name == "sort" ? sorted_value(target) : target;
  if (name == "format" && target.is(Kind::String)) {
    Value names;
    if (!arguments.named.empty()) {
      std::vector<Value> entries;
      for (const auto& [key, value] : arguments.named) {
        entries.push_back(string_value(key));
        entries.push_back(value);
      }
      names = list_value(std::move(entries), Kind::Dict);
    }
    return percent_format(target.text, arguments.positional, &names);
  }
  if (name == "default" || name == "d") return target.is(Kind::Unknown) && first != nullptr ? *first : target;
  if (name == "items" || name == "dictsort") return target.is(Kind::Dict) ? pairs_of(target) : Value{};
  if (name == "length" || name == "count") {
    const auto items = items_of(target);
    return items ? integer_value(static_cast<std::int64_t>(items->size())) : Value{};
  }
  if (name == "int" && target.is(Kind::Integer)) return target;
  if (name == "int" && target.is(Kind::String)) {
    std::int64_t number = 0;
    const auto [end, error] =
        std::from_chars(target.text.data(), target.text.data() + target.text.size(), number);
    return error == std::errc{} ? integer_value(number) : Value{};
  }
  // str() of the generators names their functions: "<generator object select_or_reject at 0x…>".
  if (name == "select" || name == "reject" || name == "selectattr" || name == "rejectattr") {
    return {.kind = Kind::Generator,
            .text = "<generator object select_or_reject at 0x7f" + unknown_text(),
            .items = items_of(target) ? list_value(*items_of(target)).items : nullptr};
  }
  if (name == "map")
    return {.kind = Kind::Generator, .text = "<generator object sync_do_map at 0x7f" + unknown_text()};
  if (target.is(Kind::String)) return string_method(name, target.text, arguments);
  return {};
}

Value call_method(std::string_view name, const Value& object, const Arguments& arguments) {
  if (object.is(Kind::String)) return string_method(name, object.text, arguments);
  if (object.is(Kind::Dict)) return dict_method(name, object, arguments);
  if (object.is(Kind::List) && (name == "pop" || name == "__getitem__")) {
    return item_of(object, arguments.positional.empty() ? integer_value(-1) : arguments.positional.front());
  }
  return {};
}

}  // namespace bulwark::scan::jinja
