#pragma once
// Inside of the importer: what both formats are read into, before it becomes tables.

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/import.h"
#include "base/document.h"

namespace bulwark::atlas {

// All texts are cells already: no control characters, one line, of bounded length.
struct DraftTactic {
  std::string id, name, attack_ref;
};
struct DraftTechnique {
  std::string id, name, parent, attack_ref, maturity, created, modified;
  std::vector<std::string> tactics;  // its own; empty: the parent's
};
struct DraftLink {
  std::string technique, note;
};
struct DraftMitigation {
  std::string id, name, attack_ref;
  std::vector<std::string> lifecycle, categories;
  std::vector<DraftLink> links;
};
struct DraftStep {
  std::string tactic, technique;
  std::string step_id;                // format 6: "S00"
  std::vector<std::string> leads_to;  // format 6: ids of the next steps
  std::uint32_t line = 0;
};
struct DraftCase {
  std::string id, name, type, date, granularity, actor, target, reporter;
  std::vector<DraftStep> steps;
};
struct DraftPlace {
  int position = 0;  // in the matrix; equal ones stay in their order
  std::string tactic;
};
struct DraftExtra {
  std::string id, key, value;
};

struct Draft {
  ImportLimits limits;
  std::string version, format;
  std::vector<DraftTactic> tactics;
  std::vector<DraftPlace> sequence;  // format 6: order of the tactics; empty: as they stand
  std::vector<DraftTechnique> techniques;
  std::vector<DraftMitigation> mitigations;
  std::vector<DraftCase> cases;
  std::vector<DraftExtra> extras;
  // Report.
  std::vector<std::string> gaps;
  std::vector<std::string> repairs;
  std::map<std::string, std::size_t, std::less<>> unknown_keys;
};

// "line 12: "
[[nodiscard]] std::string at_line(const Document& value);
// LimitReached if `count` is above `limit`.
[[nodiscard]] Result<void> within_limit(std::size_t count, std::size_t limit, std::string_view what);
// Text as a cell of a table.
[[nodiscard]] std::string cell(std::string_view text);
// The scalar's text, or an error that names `what`, the line and the likely reason.
[[nodiscard]] Result<std::string> scalar(const Document& value, std::string_view what);
// The list's scalars; a single scalar is a list of one.
[[nodiscard]] Result<std::vector<std::string>> scalars(const Document& value, std::string_view what);

// The keys of one object: reads known ones, then tells the rest.
class Fields {
 public:
  // `kind`: "techniques"; `draft` outlives it. A key that comes twice is reported.
  Fields(const Document& object, std::string_view kind, Draft& draft);

  // The value under the first of `names` that is there (the last of equal keys), or null.
  [[nodiscard]] const Document* get(std::initializer_list<std::string_view> names);
  [[nodiscard]] Result<std::string> text(std::initializer_list<std::string_view> names);
  [[nodiscard]] Result<std::vector<std::string>> texts(std::initializer_list<std::string_view> names);
  // `id` of the map under one of the names: {id: T1596, url: …}.
  [[nodiscard]] Result<std::string> reference(std::initializer_list<std::string_view> names);
  // Prose that is not taken over, but must be text.
  [[nodiscard]] Result<void> prose(std::initializer_list<std::string_view> names);
  // A gap if `value` is empty.
  void require(std::string_view value, std::string_view what);
  // Call last, with the object's id: counts and keeps the keys that nobody asked for.
  void finish(std::string_view id);

  [[nodiscard]] std::string where() const;

 private:
  const Document& object_;
  std::string kind_;
  Draft& draft_;
  std::string id_;  // as written, for messages
  std::set<std::string, std::less<>> known_;
};

// Objects are lists in format 5 and maps keyed by id in format 6; both are read in both.
[[nodiscard]] Result<void> read_tactics(const Document& values, Draft& draft);
[[nodiscard]] Result<void> read_techniques(const Document& values, Draft& draft);
[[nodiscard]] Result<void> read_mitigations(const Document& values, Draft& draft);
[[nodiscard]] Result<void> read_cases(const Document& values, Draft& draft);
// Format 6: adds tactics, parents, links and steps to what was read before.
[[nodiscard]] Result<void> read_relationships(const Document& values, Draft& draft);
// Format 6: tactics in the order of the matrix.
[[nodiscard]] Result<void> read_matrix(const Document& value, Draft& draft);

// Repairs, resolves, counts and writes. Consumes the draft.
[[nodiscard]] Result<Import> tables_from(Draft draft);

}  // namespace bulwark::atlas
