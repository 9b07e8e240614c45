#pragma once
// Runs inspectors over an artifact and everything inside it.
//
// Recognise by content -> every inspector that claims the bytes reads them (a polyglot is inspected as
// everything it is) -> children and archive members, depth first, under one budget -> one normalised report.

#include <span>

#include "base/clock.h"
#include "base/limits.h"
#include "scan/inspector.h"

namespace bulwark::scan {

// Every inspector of this build, in the order of the list.
[[nodiscard]] std::span<const Inspector* const> builtin_inspectors();
// The rules that the engine itself raises (BW-POLY).
[[nodiscard]] std::span<const Rule> engine_rules();
// The rule of that id among `engine_rules`, `diff_rules`, `waiver_rules` and all built-in inspectors, or
// null.
[[nodiscard]] const Rule* find_rule(std::string_view id);
// Every rule, sorted by id.
[[nodiscard]] std::vector<const Rule*> all_rules();

class Engine {
 public:
  // `inspectors` and `clock` must outlive the engine.
  Engine(std::span<const Inspector* const> inspectors, const Limits& limits, const Options& options,
         const Clock& clock)
      : inspectors_(inspectors), limits_(limits), options_(options), clock_(clock) {}

  // Inspects one top-level artifact. `directory`: the package of its siblings, or null.
  // Never fails: what could not be done is a gap. Threads: safe from many at once.
  [[nodiscard]] Report scan(const Artifact& artifact, const Package* directory = nullptr) const;
  // Runs the package inspectors over a directory; its files are not inspected by this.
  [[nodiscard]] Report scan_directory(const std::string& path, const Package& directory) const;
  // The architecture of a model file, by the first inspector that can tell.
  [[nodiscard]] Result<ModelGraph> graph(const Artifact& artifact) const;

 private:
  struct Walk;  // state of one top-level artifact
  void visit(Walk& walk, const Artifact& artifact, const Package* package, std::string_view as) const;
  void visit_inside(Walk& walk, const Artifact& artifact, Inspection& inspection) const;
  void visit_package(Walk& walk, const Artifact& artifact, const Package& package, Inspected& about) const;

  std::span<const Inspector* const> inspectors_;
  const Limits limits_;
  const Options options_;
  const Clock& clock_;
};

}  // namespace bulwark::scan
