// Compiling: every subschema is visited once, references are resolved and expressions built.

#include "base/json_schema.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/json_schema_compiled.h"
#include "base/text.h"

namespace bulwark {
namespace {

// A schema of schemas nests as its text does; Limits::document_depth has bounded that.
constexpr std::array<std::string_view, 4> kMapsOfSchemas = {"properties", "patternProperties", "definitions",
                                                            "$defs"};
constexpr std::array<std::string_view, 4> kListsOfSchemas = {"allOf", "anyOf", "oneOf", "prefixItems"};
constexpr std::array<std::string_view, 10> kSchemas = {"additionalProperties",
                                                       "additionalItems",
                                                       "propertyNames",
                                                       "contains",
                                                       "not",
                                                       "if",
                                                       "then",
                                                       "else",
                                                       "items",
                                                       "contentSchema"};
constexpr std::array<std::string_view, 8> kRefused = {
    "$dynamicRef",    "$recursiveRef",    "unevaluatedItems", "unevaluatedProperties",
    "$dynamicAnchor", "$recursiveAnchor", "extends",          "disallow"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// "%25" and "~1" of a JSON pointer in a fragment, undone.
std::string unescaped(std::string_view step) {
  std::string text;
  for (std::size_t i = 0; i < step.size(); ++i) {
    unsigned byte = 0;
    if (step[i] == '%' && i + 2 < step.size() &&
        std::from_chars(step.data() + i + 1, step.data() + i + 3, byte, 16).ptr == step.data() + i + 3) {
      text += static_cast<char>(byte);
      i += 2;
    } else if (step[i] == '~' && i + 1 < step.size() && (step[i + 1] == '0' || step[i + 1] == '1')) {
      text += step[++i] == '0' ? '~' : '/';
    } else {
      text += step[i];
    }
  }
  return text;
}

const Document* at_pointer(const Document& root, std::string_view pointer) {
  const Document* at = &root;
  if (pointer.empty()) return at;
  for (const std::string_view raw : split(pointer.substr(1), '/')) {
    const std::string step = unescaped(raw);
    if (at->is_map()) {
      at = at->find(step);
    } else if (at->is_list()) {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
      const bool good = error == std::errc{} && end == step.data() + step.size() && index < at->list.size();
      at = good ? &at->list[index] : nullptr;
    } else {
      at = nullptr;
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string_view without_fragment(std::string_view uri) {
  return uri.substr(0, std::min(uri.find('#'), uri.size()));
}

std::string resolved(std::string_view base, std::string_view reference) {
  if (reference.empty()) return std::string(base);
  if (reference.contains("://") || reference.starts_with("urn:")) return std::string(reference);
  const std::size_t slash = base.rfind('/');
  if (slash == std::string_view::npos) return std::string(reference);
  return std::string(base.substr(0, slash + 1)) + std::string(reference);
}

// One of the documents that were given.
struct Resource {
  const Document* root;
  std::string id;                                               // without fragment; may be empty
  std::map<std::string, const Document*, std::less<>> anchors;  // "#name" -> schema
};

}  // namespace

bool equal_json(const Document& a, const Document& b) {
  using Kind = Document::Kind;
  const auto numeric = [](const Document& value) {
    return value.kind == Kind::Integer || value.kind == Kind::Number;
  };
  if (numeric(a) && numeric(b)) {
    if (a.kind == Kind::Integer && b.kind == Kind::Integer) return a.integer == b.integer;
    return !(a.number < b.number) && !(a.number > b.number);
  }
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::Boolean: return a.boolean == b.boolean;
    case Kind::String: return a.string == b.string;
    case Kind::List: return std::ranges::equal(a.list, b.list, equal_json);
    case Kind::Map:
      return a.map.size() == b.map.size() && std::ranges::all_of(a.map, [&](const Document::Entry& entry) {
               const Document* other = b.find(entry.first);
               return other != nullptr && equal_json(entry.second, *other);
             });
    default: return true;
  }
}

class SchemaCompiler {
 public:
  SchemaCompiler(JsonSchema::Compiled& out, const Document& root, std::span<const Document> others)
      : out_(out) {
    const auto add = [&](const Document& document) {
      const std::string_view id = document.text("$id").empty() ? document.text("id") : document.text("$id");
      resources_.push_back({&document, std::string(without_fragment(id)), {}});
    };
    add(root);
    for (const Document& other : others) add(other);
  }

  Result<void> run() {
    out_.root = resources_.front().root;
    const std::string_view dialect = out_.root->text("$schema");
    out_.siblings_of_references = dialect.contains("/2019-09/") || dialect.contains("/2020-12/");
    for (Resource& resource : resources_) TRY(visit(*resource.root, resource));
    for (const Pending& pending : pending_) TRY(resolve(pending));
    return {};
  }

 private:
  struct Pending {
    const Document* schema;
    std::string_view reference;
    const Resource* resource;
  };

  Result<void> visit(const Document& schema, Resource& resource) {
    if (!schema.is_map()) return {};  // true and false are schemas, too
    for (const auto& [keyword, value] : schema.map) {
      if (among(kRefused, keyword))
        return fail(Code::Unsupported, "the schema uses '" + keyword + "', which is not implemented");
      if (keyword == "$ref" && value.is_string()) pending_.push_back({&schema, value.string, &resource});
      if ((keyword == "$id" || keyword == "id") && value.string.starts_with('#'))
        resource.anchors[value.string] = &schema;
      if (keyword == "$anchor" && value.is_string()) resource.anchors["#" + value.string] = &schema;
      if (keyword == "pattern" && value.is_string()) TRY(add_pattern(value.string));
      if (keyword == "patternProperties")
        for (const auto& [pattern, ignored] : value.map) TRY(add_pattern(pattern));
      TRY(visit_inner(keyword, value, resource));
    }
    return {};
  }
  Result<void> visit_inner(std::string_view keyword, const Document& value, Resource& resource) {
    if (among(kMapsOfSchemas, keyword) || keyword == "dependencies" || keyword == "dependentSchemas")
      for (const auto& [name, inner] : value.map) TRY(visit(inner, resource));
    if (among(kListsOfSchemas, keyword) || keyword == "items")
      for (const Document& inner : value.list) TRY(visit(inner, resource));
    if (among(kSchemas, keyword)) return visit(value, resource);
    return {};
  }
  Result<void> add_pattern(const std::string& text) {
    if (out_.patterns.contains(text)) return {};
    TextPattern pattern = TRY(TextPattern::compile(text));
    out_.patterns.emplace(text, std::move(pattern));
    return {};
  }

  Result<void> resolve(const Pending& pending) {
    const std::string_view name = without_fragment(pending.reference);
    const std::string_view fragment = pending.reference.substr(name.size());
    const Resource* resource = pending.resource;
    if (!name.empty()) {
      const std::string uri = resolved(resource->id, name);
      const auto found = std::ranges::find(resources_, uri, &Resource::id);
      if (found == resources_.end())
        return fail(Code::InvalidInput,
                    "the schema refers to '" + printable(uri, 200) + "', which was not given");
      resource = &*found;
    }
    const Document* target = nullptr;
    if (fragment.size() <= 1 || fragment[1] == '/') {
      target = at_pointer(*resource->root, fragment.empty() ? fragment : fragment.substr(1));
    } else if (const auto anchor = resource->anchors.find(fragment); anchor != resource->anchors.end()) {
      target = anchor->second;
    }
    if (target == nullptr)
      return fail(Code::InvalidInput,
                  "the schema refers to '" + printable(pending.reference, 200) + "', which is not there");
    out_.references[pending.schema] = target;
    return {};
  }

  JsonSchema::Compiled& out_;
  std::vector<Resource> resources_;
  std::vector<Pending> pending_;
};

JsonSchema::JsonSchema(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
JsonSchema::~JsonSchema() = default;
JsonSchema::JsonSchema(JsonSchema&&) noexcept = default;
JsonSchema& JsonSchema::operator=(JsonSchema&&) noexcept = default;

Result<JsonSchema> JsonSchema::compile(const Document& root, std::span<const Document> others) {
  auto compiled = std::make_unique<Compiled>();
  TRY(SchemaCompiler(*compiled, root, others).run());
  return JsonSchema(std::move(compiled));
}

}  // namespace bulwark
