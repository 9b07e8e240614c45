#pragma once
// Images of our own making, with and without poison, for the tests of the detectors.

#include <cmath>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "assay/frame.h"
#include "stats/random.h"

namespace bulwark::test {

struct PoisonCase {
  assay::Frame frame;
  std::vector<bool> poisoned;
};

// 10 x 10 images of `classes` shapes (bars and rings at places of their own, thick and thin, shifted and
// noisy) on a black background, levels 0..top.
inline PoisonCase drawn_images(std::size_t rows, std::uint64_t seed, std::size_t classes = 5,
                               float top = 16) {
  constexpr std::size_t kSide = 10;
  PoisonCase made;
  assay::Frame& frame = made.frame;
  stats::Philox random(seed, 77);
  frame.rows = frame.rows_in_all = rows;
  frame.images = assay::Images{.height = kSide, .width = kSide, .channels = 1, .top = top, .values = {}};
  for (std::size_t k = 0; k < classes; ++k) frame.classes.push_back("c" + std::to_string(k));
  made.poisoned.assign(rows, false);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t label = random.below(classes);
    frame.labels.push_back(static_cast<std::int32_t>(label));
    std::vector<float> image(kSide * kSide, 0.0F);
    const double shift = random.uniform() * 2 - 1;
    const double slant = random.uniform() - 0.5;
    const double thick = 0.8 + random.uniform();
    for (std::size_t r = 0; r < kSide; ++r)
      for (std::size_t c = 0; c < kSide; ++c) {
        const double y = static_cast<double>(r) - 4.5;
        const double x = static_cast<double>(c) - 4.5 - shift - slant * y / 4;
        double distance = 0;
        switch (label % 5) {
          case 0: distance = std::abs(x); break;
          case 1: distance = std::abs(y - shift); break;
          case 2: distance = std::abs(std::sqrt(x * x + y * y) - 3); break;
          case 3: distance = std::abs(x - y) / 1.4; break;
          default: distance = std::abs(x + y) / 1.4; break;
        }
        if (std::max(std::abs(x), std::abs(y)) > 4) continue;
        const double ink = std::min(1.0, std::max(0.0, thick - distance)) * (0.8 + 0.2 * random.uniform());
        image[r * kSide + c] = std::round(static_cast<float>(ink) * top);
      }
    frame.images->values.insert(frame.images->values.end(), image.begin(), image.end());
  }
  return made;
}

// Changes the first rows (which come in random order) that have another label: `change` gets the image, then
// the row gets the label.
inline void poison(PoisonCase& made, std::size_t count, std::int32_t label,
                   const std::function<void(std::span<float>)>& change) {
  const assay::Images& images = *made.frame.images;
  const std::size_t width = images.height * images.width * images.channels;
  for (std::size_t i = 0; i < made.frame.labels.size() && count > 0; ++i) {
    if (made.frame.labels[i] == label) continue;
    change(std::span<float>(made.frame.images->values).subspan(i * width, width));
    made.frame.labels[i] = label;
    made.poisoned[i] = true;
    --count;
  }
}

// Of the rows that a part's json lists under "rows".
struct Score {
  std::size_t flagged = 0;
  std::size_t right = 0;
  std::size_t poisoned = 0;
  [[nodiscard]] double precision() const {
    return flagged == 0 ? 1 : static_cast<double>(right) / static_cast<double>(flagged);
  }
  [[nodiscard]] double recall() const {
    return poisoned == 0 ? 1 : static_cast<double>(right) / static_cast<double>(poisoned);
  }
};
inline Score score(const assay::PartResult& result, const std::vector<bool>& poisoned) {
  Score score;
  for (const bool bad : poisoned) score.poisoned += bad ? 1 : 0;
  const Document* rows = result.details.find("rows");
  if (rows == nullptr) return score;
  for (const Document& row : rows->list) {
    ++score.flagged;
    if (poisoned[static_cast<std::size_t>(row.find("row")->integer)]) ++score.right;
  }
  return score;
}

}  // namespace bulwark::test
