#pragma once
// Reader of CPython's marshal format: the code objects of .pyc files, Keras Lambda layers and pickled
// functions.
//
// Reads what CPython 3.6 to 3.14 write; nothing is executed. Which interpreter wrote a code object decides
// its layout: a .pyc says so, of raw data the layout that fits to the last byte is taken.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"

namespace bulwark::marshal {

inline constexpr std::uint32_t kNone = ~std::uint32_t{0};

enum class Kind : std::uint8_t {
  Null,
  None,
  True,
  False,
  Ellipsis,
  StopIteration,
  Integer,
  Float,
  Complex,
  Bytes,
  Text,
  Tuple,
  List,
  Dict,  // items are key, value, key, value …
  Set,
  FrozenSet,
  Slice,
  Code,
};

struct Object {
  Kind kind = Kind::Null;
  std::uint32_t code = kNone;        // of Code: index into Program::codes
  std::uint64_t offset = 0;          // of the type byte
  std::int64_t number = 0;           // of Integer, where it fits
  Bytes content;                     // of Bytes and Text
  std::vector<std::uint32_t> items;  // of containers: indexes into Program::objects; kNone only after a cycle
};

// One code object. Indexes point into Program::objects.
struct Code {
  std::uint32_t instructions = kNone;  // Bytes
  std::uint32_t constants = kNone;     // Tuple
  std::uint32_t names = kNone;         // Tuple of Text
  std::uint32_t locals = kNone;        // Tuple of Text; from 3.11 on with cells and free variables
  std::uint32_t free = kNone;          // Tuple of Text, before 3.11
  std::uint32_t cells = kNone;         // Tuple of Text, before 3.11
  std::uint32_t filename = kNone;
  std::uint32_t name = kNone;
  std::int32_t first_line = 0;
  std::uint64_t offset = 0;
};

// The order of fields in a code object.
enum class Layout : std::uint8_t {
  Python36,   // to 3.7
  Python38,   // to 3.10: positional-only arguments
  Python311,  // and later: one list of locals, qualified name, exception table
};

struct Program {
  std::vector<Object> objects;
  std::vector<Code> codes;  // outermost first
  std::uint32_t root = kNone;
  Layout layout = Layout::Python38;
  std::string_view version;  // "3.11" if a .pyc header says so, else empty
  std::uint64_t end = 0;     // first byte that does not belong to it

  [[nodiscard]] std::string_view text(std::uint32_t object) const;
  // The text of entry `index` of a tuple of names; empty if there is none.
  [[nodiscard]] std::string_view name_at(std::uint32_t tuple, std::uint64_t index) const;
};

// "3.11" if the bytes begin with the header of a .pyc of a CPython we know, else empty.
[[nodiscard]] std::string_view version_of_pyc(Bytes content);

// Bytes of a .pyc header before the marshalled object.
inline constexpr std::uint64_t kPycHeader = 16;

// Reads a .pyc or raw marshalled data. Errors: InvalidInput (malformed, cut), LimitReached (depth, objects),
// Unsupported (not marshal at all). Cost: linear.
[[nodiscard]] Result<Program> read(Bytes content, const Limits& limits);

}  // namespace bulwark::marshal
