#include "assay/poison/image_mining.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "assay/poison/positions.h"
#include "base/parallel.h"

namespace bulwark::assay {
namespace {

struct Window {
  std::size_t row = 0, column = 0, size = 0;
};

// Columns of the window grown by `border` on each side, ascending.
std::vector<std::uint32_t> columns_of(const ImageShape& shape, const Window& window, std::size_t border) {
  const std::size_t top = window.row - std::min(window.row, border);
  const std::size_t left = window.column - std::min(window.column, border);
  const std::size_t bottom = std::min(shape.height, window.row + window.size + border);
  const std::size_t right = std::min(shape.width, window.column + window.size + border);
  std::vector<std::uint32_t> columns;
  for (std::size_t channel = 0; channel < shape.channels; ++channel)
    for (std::size_t r = top; r < bottom; ++r)
      for (std::size_t c = left; c < right; ++c)
        columns.push_back(static_cast<std::uint32_t>((channel * shape.height + r) * shape.width + c));
  return columns;
}

// Up to 32 values of two bits make a code exactly; more are hashed.
void codes_of(const LevelColumns& levels, std::span<const std::uint32_t> columns,
              std::vector<std::uint64_t>& codes) {
  codes.assign(levels.rows, 0);
  const bool exact = columns.size() <= 32;
  for (const std::uint32_t c : columns) {
    const std::span<const std::uint8_t> column = levels.column(c);
    for (std::size_t place = 0; place < codes.size(); ++place)
      codes[place] = exact ? codes[place] << 2 | column[place]
                           : std::rotl((codes[place] ^ (column[place] + 1U)) * 0x9E3779B97F4A7C15U, 29);
  }
}

// Looks at all codes of one window.
class WindowLook {
 public:
  WindowLook(const MaskedSpace& space, const LevelColumns& levels, const ImageShape& shape)
      : space_(space), levels_(levels), shape_(shape) {}

  void at(const Window& window, PositionResult& out) {
    const std::vector<std::uint32_t> columns = columns_of(shape_, window, 0);
    const std::vector<std::uint32_t> grown = columns_of(shape_, window, 1);
    codes_of(levels_, columns, codes_);
    const auto& found = counter_.count(space_, codes_);
    for (std::uint32_t id = 0; id < found.size(); ++id) {
      if (!counts_as_test(space_, found[id])) continue;
      ++out.tests;
      if (!worth_a_look(space_, found[id])) continue;
      ++out.owned;
      counter_.carriers(space_, id, found[id].label, carriers_);
      const std::size_t before = out.triggers.size();
      look(columns, "window", found[id].label, out);
      // Smaller patches have a larger window around them.
      if (out.triggers.size() == before && window.size == kLargestWindow)
        look(grown, "window and a border of one pixel", found[id].label, out);
      if (out.triggers.size() == before) continue;
      Trigger& trigger = out.triggers.back();
      trigger.kind = "window";
      trigger.row = window.row;
      trigger.column = window.column;
      trigger.size = window.size;
      trigger.columns = columns;
      for (const std::uint32_t c : columns) trigger.values.push_back(levels_.column(c)[carriers_.front()]);
    }
  }

 private:
  void look(std::span<const std::uint32_t> hidden, std::string_view name, std::int32_t label,
            PositionResult& out) {
    auto verdict = judge(space_, carriers_, label, {.columns = hidden, .barred = {}}, scratch_);
    if (!verdict) return;
    out.triggers.push_back(trigger_of(space_, carriers_, label, std::move(*verdict)));
    out.triggers.back().mask = name;
    out.triggers.back().hidden.assign(hidden.begin(), hidden.end());
  }

  const MaskedSpace& space_;
  const LevelColumns& levels_;
  ImageShape shape_;
  MaskedSpace::Scratch scratch_;
  CodeCounter counter_;
  std::vector<std::uint64_t> codes_;
  std::vector<std::uint32_t> carriers_;
};

}  // namespace

std::uint8_t LevelColumns::level(float value) const {
  return static_cast<std::uint8_t>(std::clamp((value - low) * scale, 0.0F, static_cast<float>(kLevels - 1)));
}

LevelColumns levels_of(const MaskedSpace& space) {
  float low = std::numeric_limits<float>::infinity();
  float high = -low;
  bool whole = true;
  for (std::size_t c = 0; c < space.width(); ++c)
    for (const float value : space.column(c)) {
      low = std::min(low, value);
      high = std::max(high, value);
      whole = whole && value == std::floor(value);
    }
  const float range = whole ? high - low + 1 : high - low;
  LevelColumns levels;
  levels.rows = space.rows();
  levels.low = low;
  levels.scale = range > 0 ? static_cast<float>(kLevels) / range : 0;
  levels.values.reserve(space.rows() * space.width());
  for (std::size_t c = 0; c < space.width(); ++c)
    for (const float value : space.column(c)) levels.values.push_back(levels.level(value));
  return levels;
}

Mined mine_windows(const MaskedSpace& space, const LevelColumns& levels, const ImageShape& shape,
                   std::size_t jobs) {
  std::vector<Window> windows;
  for (std::size_t size = 1; size <= kLargestWindow; ++size)
    for (std::size_t r = 0; r + size <= shape.height; ++r)
      for (std::size_t c = 0; c + size <= shape.width; ++c)
        windows.push_back({.row = r, .column = c, .size = size});
  constexpr std::size_t kAtOnce = 16;  // windows of one round, which share its buffers
  std::vector<PositionResult> parts((windows.size() + kAtOnce - 1) / kAtOnce);
  parallel_for(parts.size(), jobs, [&](std::size_t part) {
    WindowLook look(space, levels, shape);
    const std::size_t end = std::min(windows.size(), (part + 1) * kAtOnce);
    for (std::size_t i = part * kAtOnce; i < end; ++i) look.at(windows[i], parts[part]);
  });
  Mined mined = merged(std::move(parts));
  explain_away(mined);
  return mined;
}

}  // namespace bulwark::assay
