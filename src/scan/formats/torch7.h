#pragma once
// The serialisation of Lua Torch (torch7 File.lua): a pre-order walk of nil, numbers, strings, booleans,
// tables, torch classes and functions, as binary or as text.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::scan {

struct Torch7File {
  struct Piece {
    std::uint64_t offset;  // of its first byte in the file
    Bytes bytes;
  };
  bool text = false;                 // the ASCII form
  std::vector<Piece> functions;      // bytecode or source, as handed to loadstring()
  std::vector<Piece> strings;        // of eight bytes and more
  std::vector<std::string> classes;  // distinct, at most 64, in order
  std::uint64_t objects = 0;
  std::uint64_t consumed = 0;
  std::optional<Error> stopped;  // why the walk ended early
};

// True if the first object can only be a torch7 object; touches the first 512 bytes.
enum class Torch7Shape : std::uint8_t { No, Perhaps, Yes };
[[nodiscard]] Torch7Shape torch7_shape(Bytes content);

// Walks as far as the file goes; `stopped` says what went wrong. Holds one record per function and long
// string.
[[nodiscard]] Torch7File read_torch7(Bytes content, Budget& budget);

}  // namespace bulwark::scan
