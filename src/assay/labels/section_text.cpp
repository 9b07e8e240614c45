#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "assay/labels/sections.h"

namespace bulwark::assay::labels {

std::string rows_text(const Frame& frame, std::span<const std::uint32_t> rows) {
  if (rows.empty()) return {};
  std::string text = rows.size() == 1 ? "row" : "rows";
  for (std::size_t i = 0; i < std::min(rows.size(), kWorst); ++i)
    text += (i == 0 ? " " : ", ") + std::to_string(frame.row_number(rows[i]));
  return rows.size() > kWorst ? text + " …" : text;
}

std::string percent(double share) {
  std::array<char, 32> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.1f %%", 100 * share);
  return {text.data(), static_cast<std::size_t>(std::max(size, 0))};
}

std::string percent(const stats::Interval& interval) {
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.1f %% [%.1f, %.1f]", 100 * interval.estimate,
                                 100 * interval.low, 100 * interval.high);
  return {text.data(), static_cast<std::size_t>(std::max(size, 0))};
}

void show_image(PartResult& result, const Frame& frame, std::uint32_t row, std::string title,
                std::string says) {
  if (!frame.images || (frame.images->channels != 1 && frame.images->channels != 3)) return;
  const Images& images = *frame.images;
  const std::size_t plane = images.height * images.width;
  if (plane == 0 || plane > 256 * 256 || !(images.top > 0)) return;
  Raster raster{.title = std::move(title),
                .height = images.height,
                .width = images.width,
                .channels = images.channels,
                .says = std::move(says)};
  raster.values.resize(plane * images.channels);
  const float* const from = images.values.data() + row * plane * images.channels;
  for (std::size_t channel = 0; channel < images.channels; ++channel)
    for (std::size_t i = 0; i < plane; ++i) {
      const double level = std::clamp(double{from[channel * plane + i]} / images.top, 0.0, 1.0);
      raster.values[i * images.channels + channel] = static_cast<std::uint8_t>(std::lround(255 * level));
    }
  result.rasters.push_back(std::move(raster));
}

}  // namespace bulwark::assay::labels
