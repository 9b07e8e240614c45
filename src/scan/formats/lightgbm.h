#pragma once
// LightGBM's text models: "tree", key=value lines, one block per tree, a section of training parameters.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::scan {

struct LightgbmField {
  std::string_view key;
  std::string_view value;
  std::uint64_t offset = 0;  // of the value
};
// A tree whose arrays do not fit together.
struct LightgbmDefect {
  std::uint64_t offset = 0;
  std::string what;
  bool outside = false;  // an index points outside of its array (else: only the counts differ)
};
struct LightgbmModel {
  std::string_view version;
  std::uint64_t trees = 0;
  std::uint64_t declared_trees = 0;  // entries of tree_sizes; 0 if there is none
  bool end_of_trees = false;
  std::vector<LightgbmField> fields;    // of the header, of trees if unknown, and parameters
  std::vector<LightgbmDefect> defects;  // at most 100
};

// Cheap look at the first lines.
[[nodiscard]] bool is_lightgbm(Bytes content);
// One linear pass. Errors: InvalidInput (a tree is cut), LimitReached (time).
[[nodiscard]] Result<LightgbmModel> read_lightgbm(std::string_view text, Budget& budget);

}  // namespace bulwark::scan
