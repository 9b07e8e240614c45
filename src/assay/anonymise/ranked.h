#pragma once
// Columns of all rows as small numbers, in order of their values: what partitions, classes and risks are
// computed from. 4 bytes a row, and every different text once.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bulwark::assay::anonymise {

struct Ranked {
  std::string name;
  bool numeric = false;              // every value is a number; then ranks follow the numbers
  std::vector<std::uint32_t> codes;  // per row; 0: nothing there; else the rank from 1
  std::vector<std::string> texts;    // of rank i + 1; of equal numbers the text that came first
  std::vector<double> numbers;       // the same, if numeric
  [[nodiscard]] std::size_t values() const { return texts.size(); }
  [[nodiscard]] std::uint32_t largest() const { return static_cast<std::uint32_t>(texts.size()); }
};

class Ranker {
 public:
  explicit Ranker(std::string name) { column_.name = std::move(name); }
  void take(std::string_view text);  // a value
  void take_nothing() { column_.codes.push_back(0); }
  [[nodiscard]] Ranked finish();  // once

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  Ranked column_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> seen_;
};

// Rows with the same codes in all columns get the same number, 0 to classes - 1, in order of the codes. All
// columns are equally long; without columns there is one class.
struct Classes {
  std::vector<std::uint32_t> of_row;
  std::vector<std::uint32_t> sizes;
};
[[nodiscard]] Classes classes_of(std::span<const Ranked* const> columns, std::size_t rows);
// Their sizes alone, in the same order: several times as fast.
[[nodiscard]] std::vector<std::uint32_t> class_sizes(std::span<const Ranked* const> columns,
                                                     std::size_t rows);

}  // namespace bulwark::assay::anonymise
