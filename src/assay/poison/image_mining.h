#pragma once
// Mining of triggers in images by windows of 1 to 4 pixels.

#include "assay/frame.h"
#include "assay/poison/trigger.h"

namespace bulwark::assay {

inline constexpr std::size_t kLevels = 4;
inline constexpr std::size_t kLargestWindow = 4;

// Levels 0..3 of all values of the places of a space, column by column: places × channels × height × width.
struct LevelColumns {
  std::vector<std::uint8_t> values;
  std::size_t rows = 0;
  float low = 0;    // smallest value of the space
  float scale = 0;  // levels for each unit above it
  [[nodiscard]] std::uint8_t level(float value) const;
  [[nodiscard]] std::span<const std::uint8_t> column(std::size_t c) const {
    return std::span<const std::uint8_t>(values).subspan(c * rows, rows);
  }
};
// Equal steps from the smallest to the largest value of the space; of whole numbers the top level is as wide
// as the others.
[[nodiscard]] LevelColumns levels_of(const MaskedSpace& space);

struct ImageShape {
  std::size_t height = 0, width = 0, channels = 0;
};

// Codes are the levels of square windows of all channels at one place; the window is hidden, and at a second
// look the window and a border of one pixel, which larger patches need.
[[nodiscard]] Mined mine_windows(const MaskedSpace& space, const LevelColumns& levels,
                                 const ImageShape& shape, std::size_t jobs);

// Codes are windows of 2 and 3 pixels wherever they are in the image, for triggers without a fixed place.
[[nodiscard]] Mined mine_anywhere(const MaskedSpace& space, const LevelColumns& levels,
                                  const ImageShape& shape, std::size_t jobs);

}  // namespace bulwark::assay
