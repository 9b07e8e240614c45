#pragma once
// What is known about a value while a template is evaluated without its inputs, and the pure string functions
// of Jinja2 and Python that build names out of constants.
//
// Everything here over-approximates: a part of a string that is not known is one kUnknownChar, so that
// "__" ~ x ~ "__" is still seen to be a dunder name.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulwark::scan::jinja {

inline constexpr char kUnknownChar = '\x01';
// Strings longer than this become unknown: no attack needs them, and a template must not make us allocate.
inline constexpr std::size_t kMaxString = 65'536;
inline constexpr std::size_t kMaxItems = 4096;

struct Value {
  enum class Kind : std::uint8_t {
    Unknown,
    None,
    Boolean,    // number
    Integer,    // number
    String,     // text
    List,       // items
    Dict,       // items: key, value, key, value …
    Range,      // number: how many items
    Global,     // a function or class of Jinja's namespace; its name in `text`
    Generator,  // text: what str() of it starts with; items
    Namespace,  // number: index in the evaluator's table
    Macro,      // number: its node
    Method,     // text: name; items[0]: the object
  };
  Kind kind = Kind::Unknown;
  std::int64_t number = 0;
  std::string text = {};
  std::shared_ptr<const std::vector<Value>> items = nullptr;

  [[nodiscard]] bool is(Kind wanted) const { return kind == wanted; }
  [[nodiscard]] const std::vector<Value>& list() const;
};

[[nodiscard]] Value string_value(std::string text);
[[nodiscard]] Value integer_value(std::int64_t number);
[[nodiscard]] Value list_value(std::vector<Value> items, Value::Kind kind = Value::Kind::List);

// str(value), with kUnknownChar for what is not known.
[[nodiscard]] std::string text_of(const Value& value);
// Empty if the truth depends on what is not known.
[[nodiscard]] std::optional<bool> truth_of(const Value& value);
// The items of iterating over the value; empty if not known.
[[nodiscard]] std::optional<std::vector<Value>> items_of(const Value& value);

struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;

  [[nodiscard]] const Value* find(std::string_view name, std::size_t position) const;
};

[[nodiscard]] Value binary(std::string_view op, const Value& left, const Value& right);
[[nodiscard]] Value item_of(const Value& object, const Value& index);
[[nodiscard]] Value slice_of(const Value& object, const Value& start, const Value& stop, const Value& step);
// A filter of Jinja2 that is a pure function; Unknown for all others.
[[nodiscard]] Value apply_filter(std::string_view name, const Value& target, const Arguments& arguments);
// A method of str, list or dict; Unknown for all others.
[[nodiscard]] Value call_method(std::string_view name, const Value& object, const Arguments& arguments);

}  // namespace bulwark::scan::jinja
