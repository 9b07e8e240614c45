#pragma once
// Which cell of a notebook an offset of its JSON lies in. Positions only; the notebook need not be whole.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::scan {

// The beginning of a text says so: an object with cells, and with nbformat somewhere.
[[nodiscard]] bool looks_like_notebook(std::string_view text);

class NotebookCells {
 public:
  NotebookCells() = default;
  explicit NotebookCells(std::string_view text);

  // "cell 3", "an output of cell 3", "the metadata of cell 3", "the notebook's metadata". Cells count from 1.
  [[nodiscard]] std::string describe(std::uint64_t offset) const;

 private:
  struct Part {
    std::uint64_t begin;
    std::uint32_t cell;  // 0: outside of the cells
    std::string key;     // of the cell's object: "source", "outputs", "metadata" …
  };
  std::vector<Part> parts_;
};

}  // namespace bulwark::scan
