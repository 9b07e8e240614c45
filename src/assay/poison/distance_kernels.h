#pragma once
// Squared distances, many at a time. The instructions are chosen when the program runs; sums are taken in the
// same order with all of them, so results are the same to the last bit.

#include <cstddef>
#include <cstdint>

namespace bulwark::assay {

// Rows that a kernel takes at once; arrays are padded to a multiple.
inline constexpr std::size_t kLaneRows = 16;

enum class Instructions : std::uint8_t { Plain, Best };

// out[r * stride + j] = sum over c of (columns[c * stride + first + r] - columns[c * stride + j])², for the
// four rows r < 4 and begin <= j < end; begin and end are multiples of kLaneRows.
void squared_distances(const float* columns, std::size_t width, std::size_t stride, std::size_t first,
                       std::size_t begin, std::size_t end, float* out,
                       Instructions instructions = Instructions::Best);

// What is hidden from the distances of one row: columns of `columns`, and the row's values there.
struct HiddenColumns {
  const float* columns = nullptr;  // of all of them; `stride` floats each
  std::size_t stride = 0;
  const std::uint32_t* which = nullptr;
  std::size_t count = 0;
  std::size_t row = 0;
};

// out[j] = from[j] - sum over the hidden columns of (column[j] - column[row])², for j < count, which is a
// multiple of kLaneRows.
void hide_columns(const HiddenColumns& hidden, const float* from, std::size_t count, float* out,
                  Instructions instructions = Instructions::Best);

// distances[j] += (column[j] - value)².
void add_column(const float* column, float value, std::size_t count, float* distances,
                Instructions instructions = Instructions::Best);

// How many of `count` values lie below `bound`; any count.
[[nodiscard]] std::size_t count_below(const float* values, std::size_t count, float bound,
                                      Instructions instructions = Instructions::Best);

}  // namespace bulwark::assay
