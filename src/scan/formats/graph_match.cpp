#include "scan/formats/graph_match.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace bulwark::scan {
namespace {

using Hash = std::uint64_t;
constexpr Hash kSeed = 0xCBF2'9CE4'8422'2325;

Hash mixed(Hash hash, std::string_view text) {  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3;
  return hash;
}
Hash mixed(Hash hash, std::uint64_t number) {
  for (int i = 0; i < 8; ++i) hash = (hash ^ ((number >> (8 * i)) & 0xFF)) * 0x100'0000'01B3;
  return hash;
}

// For every node, what it computes from what, down to tensors (by type and shape) and inputs.
std::vector<Hash> structure_of(const ModelGraph& graph) {
  std::unordered_map<std::string_view, Hash> values;
  for (const Tensor& tensor : graph.tensors) {
    Hash hash = mixed(mixed(kSeed, "tensor"), tensor.type);
    for (const std::uint64_t dimension : tensor.shape) hash = mixed(hash, dimension);
    values[tensor.name] = hash;
  }
  std::vector<Hash> nodes;
  nodes.reserve(graph.nodes.size());
  for (const Node& node : graph.nodes) {
    Hash hash = mixed(kSeed, node.op);
    for (const std::string& input : node.inputs) {
      const auto known = values.find(input);
      hash = mixed(hash, known == values.end() ? (input.empty() ? 1U : 2U) : known->second);
    }
    nodes.push_back(hash);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) values[node.outputs[i]] = mixed(hash, i);
  }
  return nodes;
}

std::unordered_map<std::string, std::size_t> by_name(const ModelGraph& graph) {
  std::unordered_map<std::string, std::size_t> names;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) names.emplace(name_of_node(graph.nodes[i]), i);
  return names;
}

bool is_decision(std::string_view op) {
  constexpr auto kDecisions = std::to_array<std::string_view>(
      {"And",      "ArgMax", "ArgMin", "Equal",    "Greater",     "GreaterEqual", "GreaterOrEqual",
       "If",       "IsInf",  "IsNaN",  "Less",     "LessEqual",   "LessOrEqual",  "Not",
       "NotEqual", "Or",     "Select", "SelectV2", "StatelessIf", "Where",        "Xor"});
  return std::ranges::binary_search(kDecisions, op);
}

// Walks from one merge backwards through new nodes.
class BranchWalk {
 public:
  BranchWalk(const ModelGraph& graph, const std::vector<bool>& is_new) : graph_(graph), is_new_(is_new) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
      for (const std::string& output : graph.nodes[i].outputs) producers_.emplace(output, i);
    for (const Tensor& tensor : graph.tensors) tensors_.insert(tensor.name);
  }

  enum class Origin : std::uint8_t { Constant, Old, New };
  [[nodiscard]] Origin origin_of(std::string_view value) const {
    if (value.empty() || tensors_.contains(value)) return Origin::Constant;
    const auto producer = producers_.find(value);
    // A value that nobody produces is an input of the model.
    if (producer == producers_.end()) return Origin::Old;
    return is_new_[producer->second] ? Origin::New : Origin::Old;
  }

  // Nodes of the branch that ends in the new inputs of `merge`; fills everything but `merge`.
  [[nodiscard]] std::vector<std::size_t> walk(const Node& merge, NewBranch& branch) const {
    std::vector<std::size_t> found;
    std::unordered_set<std::size_t> seen;
    std::unordered_set<std::string_view> sources;
    const auto step = [&](const Node& node, bool is_merge) {
      for (const std::string& input : node.inputs) {
        const Origin origin = origin_of(input);
        if (origin == Origin::New) {
          const std::size_t producer = producers_.at(input);
          if (seen.insert(producer).second) found.push_back(producer);
        } else if (origin == Origin::Old) {
          if (is_merge) {
            branch.beside.push_back(input);
          } else if (sources.insert(input).second) {
            branch.sources.push_back(input);
          }
        }
      }
    };
    step(merge, true);
    if (found.empty() || branch.beside.empty()) return {};  // all old or all new: joins nothing
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Node& node = graph_.nodes[found[i]];
      branch.operators.push_back(node.op);
      branch.decides |= is_decision(node.op);
      step(node, false);
    }
    branch.decides |= is_decision(merge.op);
    return found;
  }

 private:
  const ModelGraph& graph_;
  const std::vector<bool>& is_new_;
  std::unordered_map<std::string_view, std::size_t> producers_;
  std::unordered_set<std::string_view> tensors_;
};

}  // namespace

std::string name_of_node(const Node& node) {
  if (!node.name.empty()) return node.name;
  return node.outputs.empty() ? node.op : node.outputs.front();
}

GraphMatch match_graphs(const ModelGraph& approved, const ModelGraph& candidate) {
  GraphMatch match;
  const std::vector<Hash> before = structure_of(approved);
  const std::vector<Hash> after = structure_of(candidate);
  std::vector<Hash> sorted_before = before;
  std::vector<Hash> sorted_after = after;
  std::ranges::sort(sorted_before);
  std::ranges::sort(sorted_after);
  match.same = sorted_before == sorted_after;
  if (match.same) return match;

  const auto old_names = by_name(approved);
  std::vector<bool> taken(approved.nodes.size(), false);
  std::vector<std::size_t> unnamed;
  for (std::size_t i = 0; i < candidate.nodes.size(); ++i) {
    const auto found = old_names.find(name_of_node(candidate.nodes[i]));
    const bool fits = found != old_names.end() && !taken[found->second] &&
                      approved.nodes[found->second].op == candidate.nodes[i].op;
    if (!fits) {
      unnamed.push_back(i);
      continue;
    }
    taken[found->second] = true;
    // Renamed values with the same structure are no rewiring.
    if (approved.nodes[found->second].inputs != candidate.nodes[i].inputs &&
        before[found->second] != after[i])
      match.rewired.emplace_back(found->second, i);
  }
  std::unordered_multimap<Hash, std::size_t> old_structures;
  for (std::size_t i = 0; i < approved.nodes.size(); ++i)
    if (!taken[i]) old_structures.emplace(before[i], i);
  for (const std::size_t i : unnamed) {
    const auto found = old_structures.find(after[i]);
    if (found == old_structures.end()) {
      match.added.push_back(i);
    } else {
      taken[found->second] = true;
      old_structures.erase(found);
    }
  }
  for (std::size_t i = 0; i < taken.size(); ++i)
    if (!taken[i]) match.removed.push_back(i);
  return match;
}

std::vector<NewBranch> find_branches(const ModelGraph& candidate, const GraphMatch& match) {
  std::vector<bool> is_new(candidate.nodes.size(), false);
  for (const std::size_t i : match.added) is_new[i] = true;
  std::vector<std::size_t> merges = match.added;
  for (const auto& [before, after] : match.rewired) merges.push_back(after);

  const BranchWalk walk(candidate, is_new);
  std::unordered_set<std::size_t> inner;
  std::vector<NewBranch> branches;
  // From the end of the graph, so that a join within a branch is seen as a part of it. Bounded: a graph of
  // thousands of new joins is another model, and its first branches tell as much.
  constexpr std::size_t kBranches = 64;
  std::ranges::sort(merges, std::greater<>());
  for (const std::size_t merge : merges) {
    if (branches.size() >= kBranches) break;
    if (inner.contains(merge)) continue;
    NewBranch branch;
    branch.merge = merge;
    const std::vector<std::size_t> members = walk.walk(candidate.nodes[merge], branch);
    if (members.empty() || branch.beside.empty() || branch.sources.empty()) continue;
    inner.insert(members.begin(), members.end());
    branches.push_back(std::move(branch));
  }
  return branches;
}

}  // namespace bulwark::scan
