#pragma once
// What a NumPy array looks like in its file, and how it becomes one of ours.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "tables/dataset.h"

namespace bulwark::tables {

struct NpyLayout {
  // Numbers; empty for strings.
  std::optional<Element> element;
  bool wide_text = false;  // strings of UTF-32 ("<U8"), else of bytes ("|S8")
  bool swapped = false;    // bytes are in the other order than ours
  bool fortran_order = false;
  std::size_t item_size = 0;         // bytes of one element
  std::vector<std::uint64_t> shape;  // empty: a single value
  std::uint64_t data_offset = 0;
  std::uint64_t data_size = 0;  // shape * item_size
  std::string declared;         // "<f8"

  [[nodiscard]] bool is_column() const { return shape.size() == 1; }
  [[nodiscard]] Kind kind() const;  // as a column
};

// Reads the header; `start` holds it, not necessarily the array.
// Errors: Unsupported (objects, which are a pickle and never read; records; complex numbers, dates), Corrupt.
[[nodiscard]] Result<NpyLayout> npy_layout(Bytes start);

// Bytes of a file or of a member, and who keeps them.
struct Held {
  Bytes bytes;
  std::shared_ptr<const void> owner;
};

// The array in C order and native byte order: a view of `content` where it is that already, else a copy of at
// most `most` bytes. `content`: the whole file. Errors: Corrupt (cut), Unsupported (strings), LimitReached.
[[nodiscard]] Result<Array> npy_array(const NpyLayout& layout, const std::string& name, const Held& content,
                                      std::uint64_t most);

}  // namespace bulwark::tables
