#pragma once
// What the inspector of dependencies asks about a list, apart from how it was read.

#include "scan/formats/dependencies/kinds.h"
#include "scan/inspector.h"

namespace bulwark::scan::inspectors {

// Everything that a check needs to know about the list at hand.
struct DependencyContext {
  Inspection& in;
  std::string_view text;
  const DependencyFile& file;
  const DependencyList& list;
  bool beside_model =
      false;              // in a model's folder: what a serving tool may install, not what a project asks for
  bool has_lock = false;  // a lock file lies beside it and decides
  bool model_rules = false;  // the MLflow and TorchServe inspectors judge where packages come from
};

void report(const DependencyContext& at, const Rule& rule, const Place& place, std::string message,
            std::string_view evidence, std::optional<Severity> severity = {});
// "name==1.0", "name@1.0" …
[[nodiscard]] std::string shown(const Dependency& dependency);
// An address on this machine: file:, a path, localhost.
[[nodiscard]] bool is_local(std::string_view url);
// Servers of the PyTorch and JAX projects whose wheels lie beside the public index.
[[nodiscard]] bool is_well_known_host(std::string_view url);

void check_pins(const DependencyContext& at);        // 002, 003, 007, 010, 011
void check_indexes(const DependencyContext& at);     // 004, 015
void check_names(const DependencyContext& at);       // 005, 012, 013, 014
void check_advisories(const DependencyContext& at);  // 001, 006, 008, 009

}  // namespace bulwark::scan::inspectors
