#pragma once
// Which operators of two graphs are the same ones, and which new branches a graph has grown.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "scan/model_graph.h"

namespace bulwark::scan {

struct GraphMatch {
  bool same = false;                 // the same operators wired in the same way, whatever their names
  std::vector<std::size_t> added;    // nodes of the candidate
  std::vector<std::size_t> removed;  // nodes of the approved graph
  std::vector<std::pair<std::size_t, std::size_t>>
      rewired;  // (approved, candidate): same operator, other inputs
};

// Matches by name first, then by structure (operator and everything it is computed from). Linear but for
// sorting.
[[nodiscard]] GraphMatch match_graphs(const ModelGraph& approved, const ModelGraph& candidate);

// New operators that start at an old value or at an input of the model and end beside an old value.
struct NewBranch {
  std::size_t merge = 0;               // node of the candidate that joins old and new
  std::vector<std::string> sources;    // where the branch takes its values from
  std::vector<std::string> operators;  // of the branch, from the merge backwards
  std::vector<std::string> beside;     // old values that it is merged with
  bool decides = false;                // the branch compares or selects
};
[[nodiscard]] std::vector<NewBranch> find_branches(const ModelGraph& candidate, const GraphMatch& match);

// The node's name, or that of its first output.
[[nodiscard]] std::string name_of_node(const Node& node);

}  // namespace bulwark::scan
