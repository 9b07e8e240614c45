// Mining of windows wherever they are in the image. A trigger without a fixed place has a code of its own at
// no position, but its levels are the same at all of them.

#include <algorithm>
#include <bit>

#include "assay/poison/barred_look.h"
#include "assay/poison/image_mining.h"
#include "assay/poison/positions.h"
#include "base/parallel.h"

namespace bulwark::assay {
namespace {

struct Occurrence {
  std::uint64_t code = 0;
  std::uint32_t place = 0;
  std::uint32_t position = 0;  // row × width + column of the corner; the first in the image

  friend auto operator<=>(const Occurrence&, const Occurrence&) = default;
};

// Codes of all windows of one image, each once.
void codes_of(const LevelColumns& levels, const ImageShape& shape, std::size_t size, std::uint32_t place,
              std::vector<Occurrence>& out) {
  const std::size_t before = out.size();
  const bool exact = size * size * shape.channels <= 32;
  for (std::size_t r = 0; r + size <= shape.height; ++r)
    for (std::size_t c = 0; c + size <= shape.width; ++c) {
      std::uint64_t code = 0;
      for (std::size_t channel = 0; channel < shape.channels; ++channel)
        for (std::size_t i = 0; i < size; ++i)
          for (std::size_t j = 0; j < size; ++j) {
            const std::uint8_t level =
                levels.values[((channel * shape.height + r + i) * shape.width + c + j) * levels.rows + place];
            code = exact ? code << 2 | level : std::rotl((code ^ (level + 1U)) * 0x9E3779B97F4A7C15U, 29);
          }
      out.push_back(
          {.code = code, .place = place, .position = static_cast<std::uint32_t>(r * shape.width + c)});
    }
  const auto begin = out.begin() + static_cast<std::ptrdiff_t>(before);
  std::sort(begin, out.end());
  out.erase(std::unique(begin, out.end(),
                        [](const Occurrence& a, const Occurrence& b) { return a.code == b.code; }),
            out.end());
}

// A run of `all` with one code: its carriers, and the class that most of them have.
struct Candidate {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::int32_t label = 0;
};

class AnywhereLook {
 public:
  AnywhereLook(const MaskedSpace& space, const LevelColumns& levels, const ImageShape& shape)
      : space_(space), levels_(levels), shape_(shape) {}

  void of_size(std::size_t size, std::size_t jobs, PositionResult& out) {
    all_.clear();
    for (std::uint32_t place = 0; place < space_.rows(); ++place)
      codes_of(levels_, shape_, size, place, all_);
    std::ranges::sort(all_);
    const std::vector<Candidate> candidates = owned_codes(out);
    constexpr std::size_t kAtOnce = 64;
    std::vector<PositionResult> parts((candidates.size() + kAtOnce - 1) / kAtOnce);
    parallel_for(parts.size(), jobs, [&](std::size_t part) {
      BarredLook look(space_);
      const std::size_t end = std::min(candidates.size(), (part + 1) * kAtOnce);
      for (std::size_t i = part * kAtOnce; i < end; ++i) judge_one(candidates[i], size, look, parts[part]);
    });
    for (PositionResult& part : parts) std::ranges::move(part.triggers, std::back_inserter(out.triggers));
  }

 private:
  [[nodiscard]] std::vector<Candidate> owned_codes(PositionResult& out) const {
    std::vector<Candidate> candidates;
    for (std::size_t begin = 0; begin < all_.size();) {
      CodeCounter::Code code;
      std::size_t end = begin;
      for (; end < all_.size() && all_[end].code == all_[begin].code; ++end)
        CodeCounter::add(code, space_.label(all_[end].place));
      if (counts_as_test(space_, code)) {
        ++out.tests;
        if (worth_a_look(space_, code)) {
          ++out.owned;
          candidates.push_back({.begin = begin, .end = end, .label = code.label});
        }
      }
      begin = end;
    }
    return candidates;
  }

  void judge_one(const Candidate& candidate, std::size_t size, BarredLook& look, PositionResult& out) const {
    std::vector<std::uint32_t> places;
    for (std::size_t i = candidate.begin; i < candidate.end; ++i) places.push_back(all_[i].place);
    auto trigger = look.at(places, candidate.label);
    if (!trigger) return;
    trigger->kind = "anywhere";
    trigger->size = size;
    // Outlined and read where the first flagged carrier has it.
    for (std::size_t i = candidate.begin; i < candidate.end; ++i) {
      if (space_.row(all_[i].place) != trigger->rows.front()) continue;
      trigger->row = all_[i].position / shape_.width;
      trigger->column = all_[i].position % shape_.width;
      for (std::size_t channel = 0; channel < shape_.channels; ++channel)
        for (std::size_t r = 0; r < size; ++r)
          for (std::size_t c = 0; c < size; ++c) {
            const std::size_t column =
                (channel * shape_.height + trigger->row + r) * shape_.width + trigger->column + c;
            trigger->columns.push_back(static_cast<std::uint32_t>(column));
            trigger->values.push_back(levels_.column(column)[all_[i].place]);
          }
    }
    out.triggers.push_back(std::move(*trigger));
  }

  const MaskedSpace& space_;
  const LevelColumns& levels_;
  ImageShape shape_;
  std::vector<Occurrence> all_;  // in order of code and place
};

}  // namespace

Mined mine_anywhere(const MaskedSpace& space, const LevelColumns& levels, const ImageShape& shape,
                    std::size_t jobs) {
  AnywhereLook look(space, levels, shape);
  std::vector<PositionResult> parts(2);
  for (const std::size_t size : {2U, 3U})
    if (size <= std::min(shape.height, shape.width)) look.of_size(size, jobs, parts[size - 2]);
  Mined mined = merged(std::move(parts));
  explain_away(mined);
  return mined;
}

}  // namespace bulwark::assay
