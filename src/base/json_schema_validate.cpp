// Validating: the schema is walked in step with the value. Alternatives are first tried silently; only when
// none fits is the nearest one walked again to say why.

#include <algorithm>
#include <cmath>
#include <set>

#include "base/json_schema_compiled.h"
#include "base/text.h"
#include "base/text_format.h"

namespace bulwark {
namespace {

using Kind = Document::Kind;

bool is_number(const Document& value) {
  return value.kind == Kind::Integer || value.kind == Kind::Number;
}

bool has_type(const Document& value, std::string_view type) {
  if (type == "null") return value.kind == Kind::Null;
  if (type == "boolean") return value.kind == Kind::Boolean;
  if (type == "integer") {
    return value.kind == Kind::Integer ||
           (value.kind == Kind::Number && std::trunc(value.number) == value.number);
  }
  if (type == "number") return is_number(value);
  if (type == "string") return value.is_string();
  if (type == "array") return value.is_list();
  return type == "object" && value.is_map();
}

std::string_view type_of(const Document& value) {
  constexpr std::array<std::string_view, 7> kNames = {"null",   "boolean", "integer", "number",
                                                      "string", "array",   "object"};
  return kNames[static_cast<std::size_t>(value.kind)];
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// The same for values that are equal_json(); keys in any order.
std::size_t hash_of(const Document& value) {
  const std::hash<std::string_view> text;
  constexpr std::size_t kMix = 0x9E3779B97F4A7C15U;
  switch (value.kind) {
    case Kind::Null: return 1;
    case Kind::Boolean: return value.boolean ? 2 : 3;
    case Kind::Integer:
    case Kind::Number: return std::hash<double>()(value.number);
    case Kind::String: return text(value.string);
    case Kind::List: {
      std::size_t sum = 5;
      for (const Document& each : value.list) sum = sum * kMix + hash_of(each);
      return sum;
    }
    case Kind::Map: {
      std::size_t sum = 7;
      for (const auto& [key, each] : value.map) sum += (text(key) ^ (hash_of(each) * kMix)) * kMix;
      return sum;
    }
  }
  return 0;
}

bool all_unique(const std::vector<Document>& values) {
  std::multimap<std::size_t, const Document*> seen;
  for (const Document& value : values) {
    const std::size_t hash = hash_of(value);
    const auto [begin, end] = seen.equal_range(hash);
    if (std::any_of(begin, end, [&](const auto& other) { return equal_json(*other.second, value); }))
      return false;
    seen.emplace(hash, &value);
  }
  return true;
}

std::string shown(const Document& value) {
  if (value.is_string()) return "'" + printable(value.string, 60) + "'";
  if (value.kind == Kind::Integer) return std::to_string(value.integer);
  return "a value of type " + std::string(type_of(value));
}

}  // namespace

class SchemaChecker {
 public:
  SchemaChecker(const JsonSchema::Compiled& schema, const SchemaLimits& limits)
      : schema_(schema), limits_(limits) {}

  Result<std::vector<SchemaProblem>> run(const Document& value) {
    if (!fits(*schema_.root, value) && !exhausted_) explain(*schema_.root, value);
    if (exhausted_)
      return fail(Code::LimitReached, "judging the document takes more than " +
                                          std::to_string(limits_.steps) + " steps or nests too deep");
    return std::move(problems_);
  }

 private:
  using Step = std::pair<std::string_view, std::size_t>;  // a key, or (empty) the index of a list

  bool fits(const Document& schema, const Document& value) {
    std::vector<SchemaProblem>* before = std::exchange(told_, nullptr);
    const bool good = check(schema, value);
    told_ = before;
    return good;
  }
  void explain(const Document& schema, const Document& value) {
    told_ = &problems_;
    check(schema, value);
    told_ = nullptr;
  }

  bool tell(const Document& value, std::string message) {
    if (told_ != nullptr && told_->size() < limits_.problems)
      told_->push_back({place(), std::move(message), value.offset});
    return false;
  }
  [[nodiscard]] std::string place() const {
    std::string text;
    for (const auto& [key, index] : at_) {
      text += '/';
      if (key.data() == nullptr) {
        text += std::to_string(index);
        continue;
      }
      for (const char c : key) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return text;
  }
  // Whether looking further is worth it after a first mismatch.
  [[nodiscard]] bool go_on() const { return told_ != nullptr && told_->size() < limits_.problems; }

  bool check(const Document& schema, const Document& value) {
    if (exhausted_) return false;
    if (++steps_ > limits_.steps || depth_ >= limits_.depth) {
      exhausted_ = true;
      return false;
    }
    if (schema.kind == Kind::Boolean) return schema.boolean || tell(value, "nothing may stand here");
    ++depth_;
    const bool good = check_map(schema, value);
    --depth_;
    return good;
  }

  bool check_map(const Document& schema, const Document& value) {
    if (const auto reference = schema_.references.find(&schema); reference != schema_.references.end()) {
      const bool good = check(*reference->second, value);
      if (!schema_.siblings_of_references || (!good && !go_on())) return good;
      return keywords(schema, value) && good;
    }
    return keywords(schema, value);
  }
  bool keywords(const Document& schema, const Document& value) {
    bool good = true;
    for (const auto& [keyword, rule] : schema.map) {
      good = keyword_holds(schema, keyword, rule, value) && good;
      if (!good && !go_on()) return false;
    }
    return good;
  }

  bool keyword_holds(const Document& schema, std::string_view keyword, const Document& rule,
                     const Document& value) {
    if (keyword == "type") return type(rule, value);
    if (keyword == "enum") return one_of(rule, value);
    if (keyword == "const") return equal_json(rule, value) || tell(value, "must be " + shown(rule));
    if (keyword == "allOf") return all_of(rule, value);
    if (keyword == "anyOf") return any_of(rule, value);
    if (keyword == "oneOf") return exactly_one_of(rule, value);
    if (keyword == "not") return !fits(rule, value) || tell(value, "is what the schema excludes");
    if (keyword == "if") {
      const Document* next = schema.find(fits(rule, value) ? "then" : "else");
      return next == nullptr || check(*next, value);
    }
    if (value.is_map()) return object(schema, keyword, rule, value);
    if (value.is_list()) return array(schema, keyword, rule, value);
    if (value.is_string()) return text(keyword, rule, value);
    if (is_number(value)) return number(schema, keyword, rule, value);
    return true;
  }

  bool type(const Document& rule, const Document& value) {
    if (rule.is_string() && has_type(value, rule.string)) return true;
    std::string wanted = rule.string;
    for (const Document& each : rule.list) {
      if (has_type(value, each.string)) return true;
      wanted += (wanted.empty() ? "" : " or ") + each.string;
    }
    return tell(value, "must be of type " + wanted + ", is " + std::string(type_of(value)));
  }
  bool one_of(const Document& rule, const Document& value) {
    if (std::ranges::any_of(rule.list, [&](const Document& each) { return equal_json(each, value); }))
      return true;
    if (told_ == nullptr) return false;
    constexpr std::size_t kShown = 8;
    std::string wanted;
    std::vector<std::string_view> known;
    for (const Document& each : rule.list) {
      if (each.is_string()) known.push_back(each.string);
      if (rule.list.size() <= kShown) wanted += (wanted.empty() ? "" : ", ") + shown(each);
    }
    if (wanted.empty()) wanted = "the " + std::to_string(rule.list.size()) + " allowed values";
    const std::string_view guess = value.is_string() ? nearest(value.string, known) : std::string_view();
    return tell(value, shown(value) + " is none of " + wanted +
                           (guess.empty() ? "" : "; did you mean '" + std::string(guess) + "'?"));
  }

  bool all_of(const Document& rule, const Document& value) {
    bool good = true;
    for (const Document& each : rule.list) {
      good = check(each, value) && good;
      if (!good && !go_on()) return false;
    }
    return good;
  }
  bool any_of(const Document& rule, const Document& value) {
    if (std::ranges::any_of(rule.list, [&](const Document& each) { return fits(each, value); })) return true;
    return tell_nearest(rule, value);
  }
  bool exactly_one_of(const Document& rule, const Document& value) {
    const auto fitting =
        std::ranges::count_if(rule.list, [&](const Document& each) { return fits(each, value); });
    if (fitting == 1) return true;
    if (fitting == 0) return tell_nearest(rule, value);
    return tell(value, "fits " + std::to_string(fitting) + " of " + std::to_string(rule.list.size()) +
                           " alternatives that exclude one another");
  }
  // Of alternatives that all fail, the one that fails furthest inside is what was meant.
  bool tell_nearest(const Document& rule, const Document& value) {
    if (told_ == nullptr) return false;
    std::vector<SchemaProblem> best;
    std::size_t best_depth = 0;
    std::vector<SchemaProblem>* before = told_;
    for (const Document& each : rule.list) {
      std::vector<SchemaProblem> here;
      told_ = &here;
      check(each, value);
      if (here.empty()) continue;
      const auto deep = [](const SchemaProblem& problem) {
        return static_cast<std::size_t>(std::ranges::count(problem.place, '/'));
      };
      const std::size_t depth = deep(*std::ranges::max_element(here, {}, deep));
      if (best.empty() || depth > best_depth || (depth == best_depth && here.size() < best.size())) {
        best = std::move(here);
        best_depth = depth;
      }
    }
    told_ = before;
    if (best.empty()) return tell(value, "fits none of the alternatives");
    for (SchemaProblem& problem : best)
      if (told_->size() < limits_.problems) told_->push_back(std::move(problem));
    return false;
  }

  bool inside(std::string_view key, const Document& schema, const Document& value) {
    at_.emplace_back(key, 0);
    const bool good = check(schema, value);
    at_.pop_back();
    return good;
  }
  bool inside(std::size_t index, const Document& schema, const Document& value) {
    at_.emplace_back(std::string_view(), index);
    const bool good = check(schema, value);
    at_.pop_back();
    return good;
  }

  bool object(const Document& schema, std::string_view keyword, const Document& rule, const Document& value) {
    if (keyword == "required" && rule.is_list()) return required(rule, value, {});
    if (keyword == "properties") {
      return for_each(rule.map, [&](const Document::Entry& entry) {
        const Document* found = value.find(entry.first);
        return found == nullptr || inside(entry.first, entry.second, *found);
      });
    }
    if (keyword == "patternProperties") {
      return for_each(rule.map, [&](const Document::Entry& entry) {
        return for_each(value.map, [&](const Document::Entry& member) {
          return !matches(entry.first, member.first) || inside(member.first, entry.second, member.second);
        });
      });
    }
    if (keyword == "additionalProperties") return additional(schema, rule, value);
    if (keyword == "propertyNames") {
      return for_each(value.map, [&](const Document::Entry& member) {
        Document name;
        name.kind = Kind::String;
        name.string = member.first;
        name.offset = member.second.offset;
        return inside(member.first, rule, name);
      });
    }
    if (keyword == "minProperties") return at_least(rule, value.map.size(), value, "keys");
    if (keyword == "maxProperties") return at_most(rule, value.map.size(), value, "keys");
    if (keyword == "dependencies" || keyword == "dependentRequired" || keyword == "dependentSchemas") {
      return for_each(rule.map, [&](const Document::Entry& entry) {
        if (value.find(entry.first) == nullptr) return true;
        return entry.second.is_list() ? required(entry.second, value, entry.first)
                                      : check(entry.second, value);
      });
    }
    return true;
  }
  bool required(const Document& names, const Document& value, std::string_view because) {
    return for_each(names.list, [&](const Document& name) {
      if (value.find(name.string) != nullptr) return true;
      return tell(value, "'" + printable(name.string, 60) + "' is missing" +
                             (because.empty() ? "" : ", which '" + std::string(because) + "' needs"));
    });
  }
  bool additional(const Document& schema, const Document& rule, const Document& value) {
    const Document* named = schema.find("properties");
    const Document* patterned = schema.find("patternProperties");
    return for_each(value.map, [&](const Document::Entry& member) {
      if (named != nullptr && named->find(member.first) != nullptr) return true;
      if (patterned != nullptr && std::ranges::any_of(patterned->map, [&](const Document::Entry& entry) {
            return matches(entry.first, member.first);
          }))
        return true;
      if (rule.kind != Kind::Boolean) return inside(member.first, rule, member.second);
      if (rule.boolean) return true;
      std::vector<std::string_view> known;
      if (named != nullptr && told_ != nullptr)
        for (const auto& [key, ignored] : named->map) known.push_back(key);
      const std::string_view guess = known.empty() ? std::string_view() : nearest(member.first, known);
      return tell(member.second, "no '" + printable(member.first, 60) + "' may stand here" +
                                     (guess.empty() ? "" : "; did you mean '" + std::string(guess) + "'?"));
    });
  }

  bool array(const Document& schema, std::string_view keyword, const Document& rule, const Document& value) {
    if (keyword == "items" || keyword == "prefixItems") return items(schema, rule, value);
    if (keyword == "additionalItems") {
      const Document* first = schema.find("items");
      return first == nullptr || !first->is_list() || tail(first->list.size(), rule, value);
    }
    if (keyword == "minItems") return at_least(rule, value.list.size(), value, "elements");
    if (keyword == "maxItems") return at_most(rule, value.list.size(), value, "elements");
    if (keyword == "uniqueItems")
      return !rule.boolean || all_unique(value.list) || tell(value, "holds the same element twice");
    if (keyword != "contains") return true;
    const auto found = static_cast<double>(
        std::ranges::count_if(value.list, [&](const Document& each) { return fits(rule, each); }));
    const Document* least = schema.find("minContains");
    const Document* most = schema.find("maxContains");
    if (found < (least == nullptr ? 1 : least->number)) return tell(value, "lacks an element that it needs");
    return most == nullptr || found <= most->number || tell(value, "holds too many elements of a kind");
  }
  bool items(const Document& schema, const Document& rule, const Document& value) {
    if (!rule.is_list()) {
      const Document* prefix = schema.find("prefixItems");
      return tail(prefix == nullptr ? 0 : prefix->list.size(), rule, value);
    }
    bool good = true;
    for (std::size_t i = 0; i < std::min(rule.list.size(), value.list.size()); ++i)
      good = inside(i, rule.list[i], value.list[i]) && good;
    return good;
  }
  bool tail(std::size_t from, const Document& rule, const Document& value) {
    bool good = true;
    for (std::size_t i = from; i < value.list.size(); ++i) {
      good = inside(i, rule, value.list[i]) && good;
      if (!good && !go_on()) return false;
    }
    return good;
  }

  bool text(std::string_view keyword, const Document& rule, const Document& value) {
    if (keyword == "pattern")
      return matches(rule.string, value.string) ||
             tell(value, shown(value) + " does not match " + printable(rule.string, 100));
    if (keyword == "format") {
      const auto good = fits_format(rule.string, value.string);
      return !good || *good || tell(value, shown(value) + " is no " + rule.string);
    }
    if (keyword == "minLength") return at_least(rule, characters(value.string), value, "characters");
    if (keyword == "maxLength") return at_most(rule, characters(value.string), value, "characters");
    return true;
  }

  bool number(const Document& schema, std::string_view keyword, const Document& rule, const Document& value) {
    const double x = value.number;
    const auto exclusive = [&](std::string_view name) {  // of draft-04
      const Document* flag = schema.find(name);
      return flag != nullptr && flag->kind == Kind::Boolean && flag->boolean;
    };
    if (keyword == "minimum" && (x < rule.number || (exclusive("exclusiveMinimum") && x <= rule.number)))
      return tell(value, "is below the minimum");
    if (keyword == "maximum" && (x > rule.number || (exclusive("exclusiveMaximum") && x >= rule.number)))
      return tell(value, "is above the maximum");
    if (keyword == "exclusiveMinimum" && is_number(rule) && x <= rule.number)
      return tell(value, "must be above the minimum");
    if (keyword == "exclusiveMaximum" && is_number(rule) && x >= rule.number)
      return tell(value, "must be below the maximum");
    if (keyword == "multipleOf" && rule.number > 0) {
      const double quotient = x / rule.number;
      if (std::abs(quotient - std::round(quotient)) > 1e-9) return tell(value, "is no multiple");
    }
    return true;
  }

  bool at_least(const Document& rule, std::size_t count, const Document& value, std::string_view what) {
    return static_cast<double>(count) >= rule.number ||
           tell(value, "has " + std::to_string(count) + " " + std::string(what) + ", needs " +
                           std::to_string(rule.integer));
  }
  bool at_most(const Document& rule, std::size_t count, const Document& value, std::string_view what) {
    return static_cast<double>(count) <= rule.number ||
           tell(value, "has " + std::to_string(count) + " " + std::string(what) + ", may have " +
                           std::to_string(rule.integer));
  }
  [[nodiscard]] bool matches(std::string_view pattern, std::string_view name) const {
    const auto found = schema_.patterns.find(pattern);
    return found != schema_.patterns.end() && found->second.found_in(name);
  }
  template <class Range, class Holds>
  bool for_each(const Range& range, Holds holds) {
    bool good = true;
    for (const auto& each : range) {
      good = holds(each) && good;
      if (!good && !go_on()) return false;
    }
    return good;
  }

  const JsonSchema::Compiled& schema_;
  const SchemaLimits& limits_;
  std::vector<SchemaProblem> problems_;
  std::vector<SchemaProblem>* told_ = nullptr;  // null: only yes or no is asked for
  std::vector<Step> at_;
  std::uint64_t steps_ = 0;
  std::uint32_t depth_ = 0;
  bool exhausted_ = false;
};

Result<std::vector<SchemaProblem>> JsonSchema::validate(const Document& value,
                                                        const SchemaLimits& limits) const {
  return SchemaChecker(*compiled_, limits).run(value);
}

}  // namespace bulwark
