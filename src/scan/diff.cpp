#include "scan/diff.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "scan/formats/graph_match.h"
#include "scan/formats/weight_change.h"

namespace bulwark::scan {
namespace {

constexpr Rule kOperators{
    .id = "BW-DIFF-001",
    .title = "operators were added or removed",
    .severity = Severity::High,
    .atlas = "AML.T0018.001",
    .why =
        "The candidate computes something else than the approved model; a backdoor in the architecture "
        "survives every retraining.",
    .fix = "Ask for the reason of the change and validate the candidate as a new model.",
    .controls = "SC-ARCH",
};
constexpr Rule kRewired{
    .id = "BW-DIFF-002",
    .title = "an operator takes other inputs than before",
    .severity = Severity::High,
    .atlas = "AML.T0018.001",
    .why = "Rewiring leads data around or through other operators without adding a visible one.",
    .fix = "Compare the path of the named values and validate the candidate as a new model.",
    .controls = "SC-ARCH",
};
constexpr Rule kBranch{
    .id = "BW-DIFF-003",
    .title = "a new branch runs beside an old path and is merged into it",
    .severity = Severity::High,
    .atlas = "AML.T0018.001",
    .why =
        "This is the shape of an architectural backdoor: a detector looks for a trigger in the input and "
        "overrides the "
        "approved result when it finds one.",
    .fix =
        "Refuse the candidate unless the branch is explained; trace what its operators compare the input "
        "with.",
    .controls = "SC-ARCH",
};
constexpr Rule kTensors{
    .id = "BW-DIFF-004",
    .title = "tensors were added or removed",
    .severity = Severity::Medium,
    .atlas = "AML.T0018.001",
    .why =
        "New weights can hold a trigger pattern or a second network; missing ones change what the model "
        "computes.",
    .fix = "Ask for the reason of the change and validate the candidate as a new model.",
    .controls = "SC-ARCH",
};
constexpr Rule kShape{
    .id = "BW-DIFF-005",
    .title = "a tensor has another type or shape",
    .severity = Severity::Medium,
    .atlas = "AML.T0018.001",
    .why = "The layer was widened, cut or quantised: earlier validation does not hold for it.",
    .fix = "Ask for the reason of the change and validate the candidate as a new model.",
    .controls = "SC-ARCH",
};
constexpr Rule kWeights{
    .id = "BW-DIFF-006",
    .title = "weights of a layer changed",
    .severity = Severity::Info,
    .atlas = "AML.T0018.000",
    .why =
        "Training changes weights; so does planting a behaviour. The figures help to tell which layers to "
        "look at.",
    .fix = "Check that the change fits the training that was announced; run the model trials again.",
    .controls = "SC-ARCH",
};
constexpr Rule kEdit{
    .id = "BW-DIFF-007",
    .title = "a matrix changed by a low-rank update",
    .severity = Severity::Low,
    .atlas = "AML.T0018.000",
    .why =
        "Model editing (ROME, MEMIT) plants one fact or behaviour by adding a rank-one matrix to one layer; "
        "adapters "
        "leave the same trace in all layers. Ordinary training does not.",
    .fix = "Ask which adapter or edit was merged; compare the answers of both models around the change.",
    .controls = "SC-ARCH",
};
constexpr Rule kValues{
    .id = "BW-DIFF-008",
    .title = "single values of a layer changed",
    .severity = Severity::Medium,
    .atlas = "AML.T0018.000",
    .why =
        "Bit-flip attacks and hand-made neurons change a handful of weights, often a sign or an exponent, "
        "and leave all others alone.",
    .fix = "Refuse the candidate unless the change is explained; restore the approved weights.",
    .controls = "SC-ARCH",
};
constexpr Rule kSummary{
    .id = "BW-DIFF-009",
    .title = "comparison with the approved model",
    .severity = Severity::Info,
    .atlas = "AML.T0018",
    .why = "Says what is the same, so that the other findings can be read in proportion.",
    .fix = "Read the other findings of the comparison.",
    .controls = "SC-ARCH",
};
constexpr std::array kRules = {kOperators, kRewired, kBranch, kTensors, kShape,
                               kWeights,   kEdit,    kValues, kSummary};

// Names listed in one finding; the rest is counted.
constexpr std::size_t kNamesShown = 8;

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i)
    text += (i == 0 ? "" : ", ") + printable(names[i], 60);
  if (names.size() > kNamesShown) text += " and " + std::to_string(names.size() - kNamesShown) + " more";
  return text;
}

std::string number(double value) {
  std::array<char, 32> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.3g", value);
  return {text.data(), static_cast<std::size_t>(std::max(size, 0))};
}

std::string shape_text(const Tensor& tensor) {
  std::string text = tensor.type + "[";
  for (std::size_t i = 0; i < tensor.shape.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(tensor.shape[i]);
  return text + "]";
}

class Comparison {
 public:
  Comparison(const ModelGraph& approved, const ModelGraph& candidate, std::string_view path,
             const Limits& limits)
      : approved_(approved), candidate_(candidate), path_(path), limits_(limits) {}

  [[nodiscard]] Report run() {
    const bool with_operators = !approved_.nodes.empty() && !candidate_.nodes.empty();
    if (with_operators) {
      operators();
    } else if (approved_.nodes.empty() != candidate_.nodes.empty()) {
      gap(std::string("only the ") + (approved_.nodes.empty() ? "candidate" : "approved model") +
          " tells its operators; tensors alone were compared");
    }
    tensors();
    weights();
    summary(with_operators);
    report_.normalise();
    return std::move(report_);
  }

 private:
  void report(const Rule& rule, std::string_view message, std::string_view subject = {},
              std::string_view evidence = {}, std::optional<Severity> severity = {}) {
    if (++raised_[rule.id] > limits_.findings_per_rule) return;
    report_.findings.push_back({.rule = &rule,
                                .severity = severity.value_or(rule.severity),
                                .path = path_,
                                .origin = {},
                                .place = {},
                                .message = printable(message, 400),
                                .evidence = printable(evidence),
                                .subject = printable(subject)});
  }
  void gap(std::string_view why) {
    report_.gaps.push_back({GapReason::Unsupported, path_, {}, {}, printable(why, 400)});
  }

  void operators() {
    const GraphMatch match = match_graphs(approved_, candidate_);
    same_operators_ = match.same;
    if (match.same) return;
    std::map<std::string, std::vector<std::string>> added;
    std::map<std::string, std::vector<std::string>> removed;
    for (const std::size_t i : match.added)
      added[candidate_.nodes[i].op].push_back(name_of_node(candidate_.nodes[i]));
    for (const std::size_t i : match.removed)
      removed[approved_.nodes[i].op].push_back(name_of_node(approved_.nodes[i]));
    for (const auto& [op, names] : added)
      report(kOperators, std::to_string(names.size()) + " " + op + " added: " + listed(names), op,
             listed(names));
    for (const auto& [op, names] : removed)
      report(kOperators, std::to_string(names.size()) + " " + op + " removed: " + listed(names), op,
             listed(names));
    for (const auto& [before, after] : match.rewired) {
      const Node& was = approved_.nodes[before];
      const Node& is = candidate_.nodes[after];
      report(kRewired,
             is.op + " " + name_of_node(is) + " took (" + listed(was.inputs) + "), now takes (" +
                 listed(is.inputs) + ")",
             name_of_node(is), listed(is.inputs));
    }
    for (const NewBranch& branch : find_branches(candidate_, match)) {
      const Node& merge = candidate_.nodes[branch.merge];
      report(kBranch,
             "from " + listed(branch.sources) + " through " + listed(branch.operators) + ", merged by " +
                 merge.op + " " + name_of_node(merge) + " beside " + listed(branch.beside),
             name_of_node(merge), listed(branch.operators),
             branch.decides ? Severity::Critical : Severity::High);
    }
  }

  void tensors() {
    std::unordered_map<std::string_view, const Tensor*> before;
    for (const Tensor& tensor : approved_.tensors) before.emplace(tensor.name, &tensor);
    std::vector<const Tensor*> fresh;
    for (const Tensor& tensor : candidate_.tensors) {
      const auto found = before.find(tensor.name);
      if (found == before.end()) {
        fresh.push_back(&tensor);
        continue;
      }
      pair(*found->second, tensor);
      before.erase(found);
    }
    std::vector<const Tensor*> gone;
    for (const Tensor& tensor : approved_.tensors) {
      const auto found = before.find(tensor.name);
      if (found != before.end() && found->second == &tensor) gone.push_back(&tensor);
    }
    if (renamed(gone, fresh)) {
      for (std::size_t i = 0; i < gone.size(); ++i) pair(*gone[i], *fresh[i]);
      renamed_ = gone.size();
      return;
    }
    for (const Tensor* tensor : fresh)
      report(kTensors, tensor->name + " " + shape_text(*tensor) + " was added", tensor->name);
    for (const Tensor* tensor : gone)
      report(kTensors, tensor->name + " " + shape_text(*tensor) + " was removed", tensor->name);
  }
  // An exporter that numbers its tensors anew changes all names and nothing else.
  [[nodiscard]] bool renamed(const std::vector<const Tensor*>& gone,
                             const std::vector<const Tensor*>& fresh) const {
    return !gone.empty() && std::ranges::equal(gone, fresh, [](const Tensor* was, const Tensor* is) {
      return was->type == is->type && was->shape == is->shape;
    }) && (approved_.nodes.empty() ? pairs_.empty() : same_operators_);
  }
  void pair(const Tensor& was, const Tensor& is) {
    if (was.type == is.type && was.shape == is.shape) {
      pairs_.emplace_back(&was, &is);
    } else {
      report(kShape, is.name + " was " + shape_text(was) + ", is " + shape_text(is), is.name);
    }
  }

  void weights() {
    std::vector<std::pair<const Tensor*, WeightChange>> changes;
    for (const auto& [was, is] : pairs_) {
      if (was->content.empty() != is->content.empty() || (was->content.empty() && !is_empty(*is))) {
        unread_.push_back(is->name);
      } else if (!std::ranges::equal(was->content, is->content)) {
        changes.emplace_back(is, weight_change(*was, *is));
      }
    }
    changed_ = changes.size();
    // Editing touches a few layers; adapters and training touch most.
    const bool few = changes.size() * 10 <= pairs_.size();
    for (const auto& [tensor, change] : changes) judge(*tensor, change, few);
    if (!unread_.empty()) gap("weights outside of the file were not compared: " + listed(unread_));
  }
  static bool is_empty(const Tensor& tensor) {
    return std::ranges::find(tensor.shape, 0U) != tensor.shape.end();
  }

  void judge(const Tensor& tensor, const WeightChange& change, bool few) {
    if (change.values == 0) {
      report(kWeights, tensor.name + ": bytes differ; values of type " + tensor.type + " were not read",
             tensor.name);
      return;
    }
    const double share = static_cast<double>(change.changed) / static_cast<double>(change.values);
    const std::string figures = "mean " + number(change.before.mean) + " -> " + number(change.after.mean) +
                                ", deviation " + number(change.before.deviation) + " -> " +
                                number(change.after.deviation) + ", largest " +
                                number(change.before.largest) + " -> " + number(change.after.largest);
    const std::string how_many =
        std::to_string(change.changed) + " of " + std::to_string(change.values) + " values";
    report(kWeights, tensor.name + ": " + how_many + " changed; " + figures, tensor.name, figures,
           shifted(change) ? Severity::Low : Severity::Info);
    constexpr double kSingle = 0.001;
    if (change.exploded > 0 || (change.values >= 1000 && change.changed > 0 && share <= kSingle)) {
      report(kValues,
             tensor.name + ": only " + how_many + " changed, " + std::to_string(change.flipped) +
                 " by their sign, " + std::to_string(change.exploded) + " by orders of magnitude",
             tensor.name, figures);
    }
    if (change.rank > 0) {
      report(kEdit,
             tensor.name + " " + shape_text(tensor) + " changed by a matrix of rank " +
                 std::to_string(change.rank) + (few ? ", and nearly all other layers did not change" : ""),
             tensor.name, figures, few ? Severity::Medium : Severity::Low);
    }
    if (change.after.not_finite > change.before.not_finite) {
      report(kValues,
             tensor.name + ": " + std::to_string(change.after.not_finite) +
                 " values are not numbers or infinite",
             tensor.name);
    }
  }
  // Far beyond what further training does to a layer.
  static bool shifted(const WeightChange& change) {
    const double was = change.before.deviation;
    const double is = change.after.deviation;
    const bool spread = was > 0 && (is > 3 * was || is * 3 < was);
    return spread || change.after.largest > 8 * change.before.largest ||
           std::abs(change.after.mean - change.before.mean) > std::max(was, is);
  }

  void summary(bool with_operators) {
    std::string text = with_operators
                           ? (same_operators_ ? "same operators and wiring" : "different operators or wiring")
                           : "operators are not told by this format";
    text += "; " + std::to_string(pairs_.size()) + " tensors of the same type and shape, " +
            std::to_string(changed_) + " of them with other weights";
    if (renamed_ != 0)
      text += "; " + std::to_string(renamed_) + " tensors were renamed and compared in their order";
    if (approved_.format != candidate_.format)
      text += "; formats differ: " + approved_.format + ", " + candidate_.format;
    report(kSummary, text);
    for (const auto& [rule, count] : raised_) {
      if (count <= limits_.findings_per_rule) continue;
      report_.gaps.push_back({GapReason::Limit,
                              path_,
                              {},
                              {},
                              std::string(rule) + " was raised " + std::to_string(count) +
                                  " times; the first " + std::to_string(limits_.findings_per_rule) +
                                  " are shown"});
    }
  }

  const ModelGraph& approved_;
  const ModelGraph& candidate_;
  const std::string path_;
  const Limits& limits_;
  Report report_;
  std::map<std::string_view, std::uint32_t> raised_;
  std::vector<std::pair<const Tensor*, const Tensor*>> pairs_;
  std::vector<std::string> unread_;
  bool same_operators_ = true;
  std::size_t changed_ = 0;
  std::size_t renamed_ = 0;
};

}  // namespace

Report compare(const ModelGraph& approved, const ModelGraph& candidate, std::string_view path,
               const Limits& limits) {
  return Comparison(approved, candidate, path, limits).run();
}

std::span<const Rule> diff_rules() {
  return kRules;
}

}  // namespace bulwark::scan
