// XGBoost models: JSON, UBJSON and the old binary form. No code runs on loading, but the predictor follows
// the indexes of the trees without looking, and free-text attributes reach the scripts around the model.

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "base/document.h"
#include "base/text.h"
#include "scan/formats/ubjson.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kIndex{
    .id = "BW-XGB-001",
    .title = "XGBoost tree points outside of its arrays or back to itself",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0029",
    .why =
        "The predictor follows child and feature indexes without a check: it reads foreign memory, crashes "
        "or never ends.",
    .fix = "Do not load the model; train or export it again.",
};
constexpr Rule kCount{
    .id = "BW-XGB-002",
    .title = "arrays of an XGBoost tree contradict its number of nodes",
    .severity = Severity::Medium,
    .atlas = "AML.T0076",
    .why = "Releases differ in what they check; some read past the shorter array.",
    .fix = "Export the model again with XGBoost.",
};
constexpr Rule kCommand{
    .id = "BW-XGB-003",
    .title = "XGBoost text holds a command line",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0050",
    .why =
        "Attributes and feature names are read back by training and serving scripts; a command in them runs "
        "there.",
    .fix = "Do not use the model; ask its author what the attribute is for.",
};
constexpr Rule kBinary{
    .id = "BW-XGB-004",
    .title = "model is in XGBoost's abandoned binary format",
    .severity = Severity::Info,
    .atlas = "AML.T0076",
    .why = "The format is a memory image whose counts the old loader trusts; new releases cannot read it.",
    .fix = "Load it once in a sandbox with an old release and save it as JSON or UBJSON.",
};
constexpr std::array kRules = {kIndex, kCount, kCommand, kBinary};

// The old form: LearnerModelParam (136 bytes), then objective and booster names with their lengths.
constexpr std::uint64_t kParameters = 136;

bool is_word(Bytes bytes) {
  return std::ranges::all_of(
      bytes, [](std::uint8_t c) { return (c >= 'a' && c <= 'z') || c == ':' || c == '_' || c == '-'; });
}

bool is_old_binary(Bytes content) {
  ByteReader in(content, (has_magic(content, "binf") ? 4U : 0U) + kParameters);
  for (int i = 0; i < 2; ++i) {
    const auto size = in.little_endian<std::uint64_t>("name length");
    if (!size || *size < 4 || *size > 64) return false;
    const auto name = in.take(*size, "name");
    if (!name || !is_word(*name)) return false;
    if (i == 1) {
      const std::string_view booster = text_of(*name);
      return booster == "gbtree" || booster == "gblinear" || booster == "dart";
    }
  }
  return false;
}

// '{' and a key that is "learner" or "version", with or without the count that some writers add.
bool is_ubjson(Bytes content) {
  const std::string_view head = text_of(content.first(std::min<std::size_t>(content.size(), 64)));
  if (!head.starts_with('{') || head.size() < 10) return false;
  const bool typed = head[1] == 'L' || head[1] == 'i' || head[1] == 'U' || head[1] == 'l' || head[1] == 'I' ||
                     head[1] == '#';
  const std::size_t at = std::min(head.find("learner"), head.find("version"));
  return typed && at != std::string_view::npos && at <= 24 && head[at - 1] == 7;
}

bool is_json(Bytes content) {
  if (content.empty() || (content[0] != '{' && content[0] > ' ')) return false;
  const std::string_view head = text_of(content.first(std::min<std::size_t>(content.size(), 512)));
  return head.find_first_not_of(" \t\r\n") == head.find('{') && head.contains("\"learner\"");
}

Match recognises(Bytes content) {
  if (is_ubjson(content) || is_old_binary(content)) return Match::Strong;
  return is_json(content) ? Match::Weak : Match::No;
}

const Document* at(const Document* from, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (from == nullptr || !from->is_map()) return nullptr;
    from = from->find(key);
  }
  return from;
}

// XGBoost writes parameters as strings: "num_nodes": "3".
std::int64_t number_of(const Document* value) {
  if (value == nullptr) return -1;
  if (value->kind == Document::Kind::Integer) return value->integer;
  std::int64_t number = -1;
  std::from_chars(value->string.data(), value->string.data() + value->string.size(), number);
  return value->is_string() ? number : -1;
}

std::uint64_t size_of(const Document& list) {
  return list.list.empty() ? static_cast<std::uint64_t>(std::max<std::int64_t>(list.integer, 0))
                           : list.list.size();
}

class Trees {
 public:
  Trees(Inspection& in, std::int64_t features) : in_(in), features_(features) {}

  void judge(const Document& tree, std::size_t index) {
    name_ = "tree " + std::to_string(index);
    const std::int64_t declared = number_of(at(&tree, {"tree_param", "num_nodes"}));
    const Document* left = tree.find("left_children");
    const Document* right = tree.find("right_children");
    if (declared < 0 || left == nullptr || right == nullptr) return;
    const auto nodes = static_cast<std::uint64_t>(declared);
    for (const std::string_view key : {"left_children", "right_children", "parents", "split_indices",
                                       "split_conditions", "default_left", "sum_hessian", "loss_changes"}) {
      const Document* list = tree.find(key);
      if (list == nullptr || !list->is_list() || size_of(*list) == nodes) continue;
      // Multi-target and categorical trees store vectors per leaf; only the index arrays are one value a
      // node.
      if (key != "left_children" && key != "right_children" && key != "split_indices" && key != "parents")
        continue;
      in_.report(kCount, list->offset,
                 name_ + ": " + std::string(key) + " has " + std::to_string(size_of(*list)) + " values for " +
                     std::to_string(nodes) + " nodes");
    }
    judge_children(*left, *right);
    if (const Document* split = tree.find("split_indices"); split != nullptr) judge_features(*split, *left);
  }

 private:
  void judge_children(const Document& left, const Document& right) {
    const std::size_t nodes = left.list.size();
    std::vector<bool> has_parent(nodes, false);
    for (const Document* side : {&left, &right}) {
      for (const Document& child : side->list) {
        if (child.kind != Document::Kind::Integer || child.integer == -1) continue;
        if (child.integer < 0 || static_cast<std::uint64_t>(child.integer) >= nodes) {
          in_.report(
              kIndex, child.offset,
              name_ + ": child " + std::to_string(child.integer) + " of " + std::to_string(nodes) + " nodes");
        } else if (child.integer == 0 || has_parent[static_cast<std::size_t>(child.integer)]) {
          in_.report(kIndex, child.offset,
                     name_ + ": node " + std::to_string(child.integer) +
                         " has two parents: walking the tree may never end");
        } else {
          has_parent[static_cast<std::size_t>(child.integer)] = true;
        }
      }
    }
  }
  void judge_features(const Document& split, const Document& left) {
    if (features_ <= 0) return;
    for (std::size_t i = 0; i < split.list.size() && i < left.list.size(); ++i) {
      const Document& feature = split.list[i];
      const bool leaf = left.list[i].integer == -1;  // leaves leave this field unused
      if (leaf || feature.kind != Document::Kind::Integer ||
          (feature.integer >= 0 && feature.integer < features_))
        continue;
      in_.report(kIndex, feature.offset,
                 name_ + ": feature " + std::to_string(feature.integer) + " of " + std::to_string(features_));
    }
  }

  Inspection& in_;
  std::int64_t features_;
  std::string name_;
};

Result<void> judge(Inspection& in, const Document& root) {
  const Document* learner = root.find("learner");
  if (learner == nullptr || !learner->is_map()) return fail(Code::Unsupported, "not XGBoost");
  const Document* booster = learner->find("gradient_booster");
  if (booster == nullptr && learner->find("learner_model_param") == nullptr)
    return fail(Code::Unsupported, "not XGBoost");
  const Document* trees = at(booster, {"model", "trees"});
  if (trees == nullptr) trees = at(booster, {"gbtree", "model", "trees"});  // dart
  if (booster != nullptr) in.fact("booster", booster->text("name"));
  if (const Document* objective = at(learner, {"objective"})) in.fact("objective", objective->text("name"));
  judge_document(in, kCommand, 0, root);
  if (trees == nullptr) return {};
  in.fact("trees", std::to_string(trees->list.size()));
  Trees judge(in, number_of(at(learner, {"learner_model_param", "num_feature"})));
  for (std::size_t i = 0; i < trees->list.size(); ++i) judge.judge(trees->list[i], i);
  return {};
}

Result<void> inspect(Inspection& in) {
  const Bytes content = in.bytes();
  if (is_old_binary(content)) {
    in.report(kBinary, 0, "objective and booster are stored as a memory image");
    const std::uint64_t limit = std::min<std::uint64_t>(content.size(), in.limits().searched_bytes);
    judge_texts(in, kCommand, 0, content.first(limit));
    return {};
  }
  if (is_ubjson(content)) {
    const ParsedDocument parsed = TRY(read_ubjson(content, in.limits()));
    return judge(in, parsed.root);
  }
  const ParsedDocument parsed = TRY(parse_json(text_of(content), in.limits()));
  return judge(in, parsed.root);
}

}  // namespace

const Inspector xgboost{
    .name = "xgboost",
    .version = "1",
    .rules = kRules,
    .family = "json",
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
