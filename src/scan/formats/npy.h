#pragma once
// The header of a NumPy .npy file, versions 1 to 3, read without evaluating anything.
//
// NumPy hands this text to ast.literal_eval (older readers to eval), so only the literals that numpy.save
// writes are understood here; everything else is an error with its offset. Layout: "\x93NUMPY", major, minor,
// header length (u16, from version 2 u32), a Python dict literal, then the array or, for dtypes with objects,
// one pickle.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/result.h"

namespace bulwark::scan {

inline constexpr std::string_view kNpyMagic = "\x93NUMPY";

struct NpyHeader {
  std::uint8_t version = 0;       // 1, 2 or 3
  std::uint64_t text_offset = 0;  // of the dict literal
  std::uint64_t text_size = 0;
  std::uint64_t data_offset = 0;  // of the array or the pickle
  bool has_objects = false;       // the content is a pickle
  bool structured = false;
  bool fortran_order = false;  // the first dimension varies fastest
  std::string type;            // "<f8", or "structured"
  std::vector<std::uint64_t> shape;
  std::optional<std::uint64_t> item_size;     // empty: a dtype whose size we do not know
  std::optional<std::uint64_t> content_size;  // shape * item size; empty if unknown or overflowing
  bool overflows = false;                     // the product does not fit into 63 bits
};

// Errors: InvalidInput with an offset from the start of `content`. A header that is Python but no literal
// says so with Code::Denied, because that is an attack on readers that evaluate it.
[[nodiscard]] Result<NpyHeader> read_npy_header(Bytes content, const Limits& limits);

}  // namespace bulwark::scan
