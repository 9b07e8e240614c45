#include "scan/formats/lightgbm.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/text.h"

namespace bulwark::scan {
namespace {

constexpr std::size_t kDefectsKept = 100;

// Arrays of numbers; everything else is free text that somebody may read back.
constexpr auto kNumeric = std::to_array<std::string_view>(
    {"cat_boundaries",  "cat_threshold", "decision_type", "internal_count", "internal_value",
     "internal_weight", "is_linear",     "leaf_coeff",    "leaf_const",     "leaf_count",
     "leaf_features",   "leaf_value",    "leaf_weight",   "left_child",     "num_cat",
     "num_features",    "num_leaves",    "right_child",   "shrinkage",      "split_feature",
     "split_gain",      "threshold",     "tree_sizes"});

std::optional<std::int64_t> integer(std::string_view word) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

// Calls visit(word) for each blank-separated word.
template <class Visit>
void each_word(std::string_view text, Visit&& visit) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t start = text.find_first_not_of(' ', at);
    if (start == std::string_view::npos) return;
    at = std::min(text.find(' ', start), text.size());
    visit(text.substr(start, at - start));
  }
}

// The arrays of one tree that index each other.
struct Tree {
  std::uint64_t offset = 0;
  std::int64_t leaves = -1;
  bool has_values = false;
  std::vector<LightgbmField> checked;
};

class Reader {
 public:
  Reader(std::string_view text, Budget& budget) : text_(text), budget_(budget) {}

  [[nodiscard]] Result<LightgbmModel> read() {
    std::uint64_t lines = 0;
    while (at_ < text_.size()) {
      if ((++lines & 0xFFF) == 0) TRY(budget_.check_time("LightGBM lines"));
      const std::uint64_t start = at_;
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      at_ = end + 1;
      std::string_view line = text_.substr(start, end - start);
      if (line.ends_with('\r')) line.remove_suffix(1);
      this->line(line, start);
    }
    close_tree();
    if (cut_) return fail(Code::InvalidInput, "the last tree is cut: it has no leaf values", last_tree_);
    return std::move(model_);
  }

 private:
  void line(std::string_view line, std::uint64_t start) {
    if (line.starts_with("Tree=")) {
      close_tree();
      ++model_.trees;
      tree_ = Tree{.offset = start, .leaves = -1, .has_values = false, .checked = {}};
      last_tree_ = start;
      in_tree_ = true;
      return;
    }
    if (line == "end of trees" || line == "parameters:" || line == "feature_importances:" ||
        line.starts_with("pandas_categorical:")) {
      close_tree();
      model_.end_of_trees |= line == "end of trees";
      if (line.starts_with("pandas")) keep("pandas_categorical", line.substr(19), start + 19);
      return;
    }
    const std::size_t mark = line.starts_with('[') ? line.find(": ") : line.find('=');
    if (mark == std::string_view::npos) {
      if (!line.empty()) keep("(line)", line, start);
      return;
    }
    const bool parameter = line.starts_with('[');
    const std::string_view key = line.substr(parameter ? 1 : 0, parameter ? mark - 1 : mark);
    std::string_view value = line.substr(mark + (parameter ? 2 : 1));
    const std::uint64_t offset = start + mark + (parameter ? 2 : 1);
    if (parameter && value.ends_with(']')) value.remove_suffix(1);
    field({key, value, offset});
  }

  void field(LightgbmField field) {
    if (field.key == "version") model_.version = field.value;
    if (field.key == "max_feature_idx") last_feature_ = integer(field.value).value_or(-1);
    if (field.key == "tree_sizes") {
      each_word(field.value, [&](std::string_view) { ++model_.declared_trees; });
      return;
    }
    if (in_tree_) {
      if (field.key == "num_leaves") tree_.leaves = integer(field.value).value_or(-1);
      if (field.key == "leaf_value") tree_.has_values = true;
      constexpr auto kChecked = std::to_array<std::string_view>(
          {"left_child", "right_child", "leaf_value", "split_feature", "threshold"});
      if (std::ranges::find(kChecked, field.key) != kChecked.end()) tree_.checked.push_back(field);
    }
    if (!std::ranges::binary_search(kNumeric, field.key)) keep(field.key, field.value, field.offset);
  }
  void keep(std::string_view key, std::string_view value, std::uint64_t offset) {
    if (value.size() >= 8) model_.fields.push_back({key, value, offset});
  }

  void close_tree() {
    if (!in_tree_) return;
    in_tree_ = false;
    if (!tree_.has_values) {
      cut_ = true;
      return;
    }
    if (tree_.leaves < 1) {
      defect(tree_.offset, "tree without a number of leaves", false);
      return;
    }
    if (tree_.leaves == 1) return;
    for (const LightgbmField& field : tree_.checked) check(field);
  }

  // An index outside of the tree makes the predictor read outside of its arrays: it trusts the file.
  void check(const LightgbmField& field) {
    const std::int64_t inner = tree_.leaves - 1;
    const bool child = field.key == "left_child" || field.key == "right_child";
    const bool feature = field.key == "split_feature";
    const std::int64_t expected = field.key == "leaf_value" ? tree_.leaves : inner;
    std::int64_t count = 0;
    each_word(field.value, [&](std::string_view word) {
      ++count;
      if (!child && !feature) return;
      const auto value = integer(word);
      const std::int64_t lowest = child ? -tree_.leaves : 0;
      const std::int64_t highest = child ? inner - 1 : last_feature_ < 0 ? INT32_MAX : last_feature_;
      if (value && *value >= lowest && *value <= highest) return;
      defect(field.offset + static_cast<std::uint64_t>(word.data() - field.value.data()),
             std::string(field.key) + " " + printable(word, 24) + " is not within " + std::to_string(lowest) +
                 " and " + std::to_string(highest),
             true);
    });
    if (count != expected) {
      defect(field.offset,
             std::string(field.key) + " has " + std::to_string(count) + " values, " +
                 std::to_string(tree_.leaves) + " leaves need " + std::to_string(expected),
             false);
    }
  }
  void defect(std::uint64_t offset, std::string what, bool outside) {
    if (model_.defects.size() < kDefectsKept) model_.defects.push_back({offset, std::move(what), outside});
  }

  std::string_view text_;
  Budget& budget_;
  std::uint64_t at_ = 0;
  LightgbmModel model_;
  Tree tree_;
  bool in_tree_ = false;
  bool cut_ = false;
  std::uint64_t last_tree_ = 0;
  std::int64_t last_feature_ = -1;
};

}  // namespace

bool is_lightgbm(Bytes content) {
  if (!has_magic(content, "tree\n") && !has_magic(content, "tree\r\n")) return false;
  const std::string_view head = text_of(content.first(std::min<std::size_t>(content.size(), 256)));
  return head.contains("\nversion=") || head.contains("\nnum_class=");
}

Result<LightgbmModel> read_lightgbm(std::string_view text, Budget& budget) {
  return Reader(text, budget).read();
}

}  // namespace bulwark::scan
