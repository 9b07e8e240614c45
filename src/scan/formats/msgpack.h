#pragma once
// MessagePack as model checkpoints use it: one value, read in one pass with an explicit stack.
//
// Only what an inspector judges is kept: texts, binary blobs, extension values and where they stand. Numbers,
// which may be millions, cost nothing.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::scan {

struct MsgpackItem {
  enum class Kind : std::uint8_t { Key, Text, Binary, Extension } kind;
  std::int8_t type = 0;      // of an Extension
  std::uint64_t offset = 0;  // of the content
  Bytes content;
  std::string path;  // keys from the outside in, joined by "/"; empty for Key
};

struct Msgpack {
  std::vector<MsgpackItem> items;
  std::uint64_t consumed = 0;
  std::optional<Error>
      stopped;  // why reading ended early: InvalidInput (truncated, lying count), LimitReached
};

[[nodiscard]] Msgpack read_msgpack(Bytes content, Budget& budget);

// NumPy array as flax.serialization packs it: [shape, dtype name, buffer] inside extension 1.
struct FlaxArray {
  std::vector<std::uint64_t> shape;
  std::string_view type;
  Bytes buffer;
  std::uint64_t buffer_offset = 0;  // within the extension's content
};
// Errors: InvalidInput.
[[nodiscard]] Result<FlaxArray> read_flax_array(Bytes extension);

// True if `content` begins with a map whose first key is a word: touches a few bytes.
[[nodiscard]] bool begins_with_named_map(Bytes content);

}  // namespace bulwark::scan
