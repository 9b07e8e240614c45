#pragma once
// The storages that a torch pickle asks its archive for: persistent ids ("storage", type, key, location,
// count).
//
// A light walk over the opcodes that keeps just enough of the stack to see these tuples. What else the pickle
// does is the pickle machine's business.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"

namespace bulwark::scan {

struct TorchStorage {
  std::string_view type;     // "FloatStorage"; a view into the pickle, as is the key
  std::string_view key;      // "0": the record data/0
  std::uint64_t count = 0;   // elements
  std::uint64_t offset = 0;  // of the BINPERSID opcode
};

// All that are named before the end or the first defect; at most `most`.
[[nodiscard]] std::vector<TorchStorage> read_torch_storages(Bytes pickle, std::size_t most);

// "float32" of "FloatStorage"; the name itself if it is none that is known.
[[nodiscard]] std::string_view torch_element_name(std::string_view type);
// Bytes of one element of that storage type; 0 if unknown or packed.
[[nodiscard]] std::uint64_t torch_element_size(std::string_view type);

}  // namespace bulwark::scan
