// Format 6 keeps the edges between objects apart: relationships, and the order of the matrix.
//
// Upstream: source id -> type -> list of {source, target, relationship-type, …}. Lists of edges and type ->
// list are read, too; what an edge says itself counts more than where it stands.

#include <algorithm>
#include <charconv>
#include <climits>

#include "atlas/import_draft.h"

namespace bulwark::atlas {
namespace {

constexpr int kNesting = 4;  // source -> type -> list -> edge

struct Edge {
  const Document* value = nullptr;
  std::string type, source, target;
};

bool is_type(std::string_view text) {
  constexpr std::string_view kTypes[] = {"sequences", "achieves", "specializes", "mitigates", "employs"};
  return std::ranges::find(kTypes, text) != std::end(kTypes);
}

template <class Item>
Item* find_in(std::vector<Item>& items, std::string_view id) {
  const auto found = std::ranges::find(items, id, &Item::id);
  return found == items.end() ? nullptr : &*found;
}

class Relationships {
 public:
  explicit Relationships(Draft& draft) : draft_(draft) {}

  Result<void> walk(const Document& value, const Edge& context, int depth) {
    if (value.kind == Document::Kind::Null) return {};
    if (depth > kNesting)
      return fail(Code::InvalidInput, at_line(value) + "relationships are nested deeper than " +
                                          std::to_string(kNesting) + " levels");
    if (value.is_list()) {
      for (const Document& item : value.list) TRY(walk(item, context, depth + 1));
      return {};
    }
    if (!value.is_map())
      return fail(Code::InvalidInput,
                  at_line(value) + "relationships: expected a map with source and target");
    if (value.find("target") != nullptr) return read_edge(value, context);
    for (const auto& [key, below] : value.map) {
      Edge inner = context;
      if (key.starts_with("AML.") || key.starts_with("ATLAS-")) {
        inner.source = cell(key);
      } else {
        inner.type = cell(key);
      }
      TRY(walk(below, inner, depth + 1));
    }
    return {};
  }

 private:
  Result<void> read_edge(const Document& value, const Edge& context) {
    TRY(within_limit(++edges_, draft_.limits.relationships, "relationships"));
    Fields fields(value, "relationships " + context.source, draft_);
    Edge edge = context;
    edge.value = &value;
    const std::string type = TRY(fields.text({"relationship-type", "type"}));
    const std::string source = TRY(fields.text({"source"}));
    edge.target = TRY(fields.text({"target"}));
    TRY(fields.prose({"description"}));
    if (!source.empty() && !edge.source.empty() && source != edge.source) {
      draft_.gaps.push_back(at_line(value) + "relationships: an edge under '" + edge.source +
                            "' says that its source is '" + source + "'; left out");
      return {};
    }
    if (!source.empty()) edge.source = source;
    if (!type.empty()) edge.type = type;
    if (!is_type(edge.type)) {
      ++draft_.unknown_keys["relationships: " + edge.type];
      draft_.extras.push_back({edge.source, "relationship " + edge.type, edge.target});
      return {};
    }
    TRY(apply(edge, fields));
    fields.finish(edge.source);
    return {};
  }

  Result<void> apply(const Edge& edge, Fields& fields) {
    if (edge.type == "sequences") return sequence(edge, fields);
    if (edge.type == "employs") return employ(edge, fields);
    if (edge.type == "mitigates") {
      DraftMitigation* mitigation = find_in(draft_.mitigations, edge.source);
      if (mitigation == nullptr) return unknown(edge);
      mitigation->links.push_back({edge.target, ""});
      return {};
    }
    DraftTechnique* technique = find_in(draft_.techniques, edge.source);
    if (technique == nullptr) return unknown(edge);
    if (edge.type == "specializes") {
      technique->parent = edge.target;
    } else if (std::ranges::find(technique->tactics, edge.target) == technique->tactics.end()) {
      technique->tactics.push_back(edge.target);
    }
    return {};
  }

  Result<void> employ(const Edge& edge, Fields& fields) {
    DraftStep step;
    step.line = edge.value->line;
    step.technique = edge.target;
    step.tactic = TRY(fields.text({"tactic"}));
    step.step_id = TRY(fields.text({"step-id"}));
    step.leads_to = TRY(fields.texts({"leads-to"}));
    DraftCase* study = find_in(draft_.cases, edge.source);
    if (study == nullptr) return unknown(edge);
    study->steps.push_back(std::move(step));
    return within_limit(study->steps.size(), draft_.limits.objects, study->id);
  }

  // Moves the tactic behind those that were sequenced before; `position`, if given, is sorted on.
  Result<void> sequence(const Edge& edge, Fields& fields) {
    const std::string position = TRY(fields.text({"position"}));
    if (find_in(draft_.tactics, edge.target) == nullptr) return unknown(edge);
    int number = INT_MAX;
    std::from_chars(position.data(), position.data() + position.size(), number);
    draft_.sequence.push_back({number, edge.target});
    return {};
  }

  Result<void> unknown(const Edge& edge) {
    draft_.gaps.push_back(at_line(*edge.value) + "relationships: " + edge.type + " from '" + edge.source +
                          "' to '" + edge.target + "' names an object that is not in the file; left out");
    return {};
  }

  Draft& draft_;
  std::size_t edges_ = 0;
};

}  // namespace

Result<void> read_relationships(const Document& values, Draft& draft) {
  return Relationships(draft).walk(values, {}, 0);
}

Result<void> read_matrix(const Document& value, Draft& draft) {
  if (!value.is_map()) return {};
  const Document* sequences = value.find("sequences");
  if (sequences == nullptr || !sequences->is_list()) return {};
  for (const Document& item : sequences->list) {
    const Document* target = item.is_map() ? item.find("target") : &item;
    if (target == nullptr) continue;
    std::string id = TRY(scalar(*target, "matrix: an item of 'sequences'"));
    draft.sequence.push_back({INT_MAX, std::move(id)});
  }
  return {};
}

}  // namespace bulwark::atlas
