#pragma once
// Our own map: the 54 controls, which of them answers which technique and mitigation, how each case study is
// replayed, and how other frameworks' items relate. Made for the pinned catalogue; a test holds every id and
// name against it.

#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::atlas {

struct Control {
  std::string_view id;         // "SC-MODEL"
  std::string_view module;     // "scan", "gateway" …
  std::string_view statement;  // what it does, one sentence
};

// What can be done against one technique.
struct Defence {
  std::string_view technique;
  std::string_view name;    // of the technique, to be held against the catalogue
  std::string_view family;  // "predictive", "genai", "agentic", "enterprise"
  std::string_view kind;    // primary class: "prevent", "detect", "test" or "document" (out of reach)
  bool can_prevent = false;
  bool can_detect = false;
  bool can_test = false;
  std::vector<std::string_view> phases;    // "DC" … "XI", see phases()
  std::vector<std::string_view> controls;  // ids, the most important first
  std::string_view control;                // in words
  std::string_view drill_id;               // "DR-0011.000"; empty if out of reach
  std::string_view drill;                  // the attack run in words
  std::string_view oracle;                 // what must be observed
  std::string_view drill_kind;             // "live", "static", "trial", "sandbox"
  std::string_view proof_type;             // "deterministic", "statistical", "measurement"
  int wave = 0;                            // building order 1-3; 0: out of reach

  [[nodiscard]] bool in_reach() const { return kind != "document"; }
};

// What answers one of ATLAS's mitigations.
struct Answer {
  std::string_view mitigation;
  std::string_view name;
  std::string_view coverage;  // "full", "partial", "none"
  std::vector<std::string_view> controls;
  std::string_view how;
  std::string_view proof;
};

struct Replay {
  std::string_view case_study;
  std::string_view name;
  bool full = false;          // else partial: some steps are replaced or only documented
  int first_preventable = 0;  // step number; 0: none
  int first_detectable = 0;
  std::string_view expected;  // "stop", "detect", "test only"
  std::string_view drill;     // in words
  std::string_view control;   // in words
  std::vector<std::string_view> controls;
};

// An item of another framework ("OWASP-ML10" ML01, "AIX", "ARTICLE") and the controls that answer it.
struct Crossing {
  std::string_view framework;
  std::string_view item;
  std::string_view note;
  std::vector<std::string_view> controls;  // empty: not covered
};

// What changed upstream after the pinned version.
struct UpstreamChange {
  std::string_view release;  // "2026.07"
  std::string_view kind;     // "format", "added", "retired", "renamed", "totals"
  std::string_view id;
  std::string_view change;
  std::string_view source;
};

struct Phase {
  std::string_view code;    // "DC"
  std::string_view name;    // "data collection"
  std::string_view survey;  // the survey's phase (arXiv 2506.02032): "Design / Setup" …
};

// Texts are views into embedded data.
struct Map {
  std::vector<Control> controls;    // in the order of the table
  std::vector<Defence> defences;    // one a technique, sorted by id
  std::vector<Answer> answers;      // one a mitigation, sorted by id
  std::vector<Replay> replays;      // one a case study, sorted by id
  std::vector<Crossing> crosswalk;  // in the order of the table
  std::vector<UpstreamChange> upstream;

  [[nodiscard]] const Control* control(std::string_view id) const;
  [[nodiscard]] const Defence* defence(std::string_view technique) const;
  [[nodiscard]] const Answer* answer(std::string_view mitigation) const;
  [[nodiscard]] const Replay* replay(std::string_view case_study) const;
};

// Parsed at the first call. Threads: safe.
[[nodiscard]] const Map& map();

// The ten phases in the order of a pipeline: collection first, cross-cutting last.
[[nodiscard]] const std::vector<Phase>& phases();
[[nodiscard]] const Phase* phase(std::string_view code);

}  // namespace bulwark::atlas
