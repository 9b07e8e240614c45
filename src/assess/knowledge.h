#pragma once
// Our own tables: which components make which technique applicable, and what each control asks for.
// data/assess/*.tsv; a test holds them against the catalogue and the map.

#include <string_view>
#include <vector>

#include "assess/component.h"
#include "base/result.h"

namespace bulwark::assess {

struct Applicability {
  std::string_view technique;
  std::string_view name;                 // of the technique, to be held against the catalogue
  bool always = false;                   // any component will do
  std::vector<std::vector<Kind>> needs;  // one of these sets, each of it as a whole
  std::string_view knowledge;            // the attacker's least: "black", "grey" or "white" box
  std::vector<std::string_view> access;  // any of access_words()
  std::string_view because;              // why these components make it apply, one sentence
};

struct Change {
  std::string_view control;
  std::string_view phase;   // where it is made: "CI"
  int effort = 1;           // 1 a step in an existing pipeline … 4 a change of how people and services work
  std::string_view change;  // in the imperative, one sentence
};

struct Knowledge {
  std::vector<Applicability> applicability;  // one a technique, sorted by id
  std::vector<Change> changes;               // one a control, in the order of the table

  [[nodiscard]] const Applicability* applicability_of(std::string_view technique) const;
  [[nodiscard]] const Change* change_of(std::string_view control) const;
};

// Views into embedded data. Parsed at the first call. Threads: safe.
[[nodiscard]] const Knowledge& knowledge();
// The same from other texts, for tests. Errors: InvalidInput naming table and row.
[[nodiscard]] Result<Knowledge> read_knowledge(std::string_view applicability, std::string_view controls);

// What "black", "query" … mean, for people.
struct Word {
  std::string_view word;
  std::string_view meaning;
};
[[nodiscard]] const std::vector<Word>& knowledge_words();
[[nodiscard]] const std::vector<Word>& access_words();

}  // namespace bulwark::assess
