#include "assay/poison/masked_space.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "assay/poison/distance_kernels.h"
#include "base/parallel.h"
#include "stats/random.h"

namespace bulwark::assay {
namespace {

constexpr float kFar = std::numeric_limits<float>::infinity();
constexpr std::size_t kBlock = 64;  // rows whose distances one round computes

std::size_t padded(std::size_t rows) {
  return (rows + kLaneRows - 1) / kLaneRows * kLaneRows;
}

// The sum of the distances of the one at which the label wins a majority of ten: the fifth of its own class.
constexpr std::size_t kOwn = kVoters - kOthers + 1;

float fifth_smallest(std::span<const float> values) {
  std::array<float, kOwn> least;
  least.fill(kFar);
  for (const float value : values) {
    if (!(value < least.back())) continue;
    std::size_t at = kOwn - 1;
    for (; at > 0 && value < least[at - 1]; --at) least[at] = least[at - 1];
    least[at] = value;
  }
  return least.back();
}

}  // namespace

MaskedSpace::MaskedSpace(const stats::MatrixView& points, std::span<const std::int32_t> labels,
                         std::uint64_t seed, std::size_t jobs)
    : width_(points.width), stride_(padded(points.rows)), row_(points.rows) {
  std::iota(row_.begin(), row_.end(), 0U);
  stats::Philox random(seed, stats::stream_key("poison.order"));
  random.shuffle(std::span<std::uint32_t>(row_));
  std::ranges::stable_sort(row_, {}, [&](std::uint32_t row) { return labels[row]; });
  const std::size_t classes =
      labels.empty() ? 0 : static_cast<std::size_t>(*std::ranges::max_element(labels)) + 1;
  begin_.assign(classes + 1, 0);
  for (const std::uint32_t row : row_) {
    label_.push_back(labels[row]);
    ++begin_[static_cast<std::size_t>(labels[row]) + 1];
  }
  for (std::size_t k = 0; k < classes; ++k) begin_[k + 1] += begin_[k];

  columns_.assign(width_ * stride_, 0.0F);
  for (std::size_t place = 0; place < row_.size(); ++place) {
    const std::span<const float> values = points.row(row_[place]);
    for (std::size_t c = 0; c < width_; ++c) columns_[c * stride_ + place] = values[c];
  }
  // The kernel takes four rows at once, so the last of them may be padding. The lower triangle is the mirror
  // of the upper one.
  distances_.resize(stride_ * stride_);
  const std::size_t blocks = (stride_ + kBlock - 1) / kBlock;
  parallel_for(blocks, jobs, [&](std::size_t block) {
    const std::size_t end = std::min(stride_, (block + 1) * kBlock);
    // Columns in blocks as well, so that one block of them stays in the cache for all rows of this one.
    for (std::size_t across = block; across < blocks; ++across)
      for (std::size_t first = block * kBlock; first < end; first += 4)
        squared_distances(columns_.data(), width_, stride_, first, across * kBlock,
                          std::min(stride_, (across + 1) * kBlock), distances_.data() + first * stride_);
  });
  parallel_for(blocks, jobs, [&](std::size_t block) {
    for (std::size_t across = 0; across < block; ++across)
      for (std::size_t i = block * kBlock; i < std::min(stride_, (block + 1) * kBlock); ++i)
        for (std::size_t j = across * kBlock; j < (across + 1) * kBlock; ++j)
          distances_[i * stride_ + j] = distances_[j * stride_ + i];
  });
  for (std::size_t i = 0; i < stride_; ++i) distances_[i * stride_ + i] = kFar;
}

bool MaskedSpace::vote(std::int32_t label, std::span<const float> distances) const {
  const auto own = static_cast<std::size_t>(label);
  const std::size_t begin = own + 1 < begin_.size() ? begin_[own] : rows();
  const std::size_t end = own + 1 < begin_.size() ? begin_[own + 1] : rows();
  const float bound = fifth_smallest(distances.subspan(begin, end - begin));
  std::size_t others = count_below(distances.data(), begin, bound);
  if (others < kOthers) others += count_below(distances.data() + end, rows() - end, bound);
  return others >= kOthers;
}

bool MaskedSpace::disagrees(std::size_t place, const Mask& mask, Scratch& scratch) const {
  scratch.distances.resize(stride_);
  hide_columns({.columns = columns_.data(),
                .stride = stride_,
                .which = mask.columns.data(),
                .count = mask.columns.size(),
                .row = place},
               distances_.data() + place * stride_, stride_, scratch.distances.data());
  for (std::size_t j = 0; j < mask.barred.size(); ++j) scratch.distances[j] += mask.barred[j];
  return vote(label_[place], scratch.distances);
}

bool MaskedSpace::disagrees(std::span<const float> point, std::int32_t label, const Mask& mask,
                            Scratch& scratch) const {
  scratch.distances.assign(stride_, 0.0F);
  for (std::size_t c = 0; c < width_; ++c)
    if (!std::ranges::binary_search(mask.columns, static_cast<std::uint32_t>(c)))
      add_column(columns_.data() + c * stride_, point[c], stride_, scratch.distances.data());
  for (std::size_t j = 0; j < mask.barred.size(); ++j) scratch.distances[j] += mask.barred[j];
  return vote(label, scratch.distances);
}

std::vector<std::uint32_t> MaskedSpace::nearest(std::size_t place, std::size_t k, const Mask& mask,
                                                Scratch& scratch) const {
  static_cast<void>(disagrees(place, mask, scratch));  // leaves the masked distances behind
  std::vector<std::uint32_t> places(rows());
  std::iota(places.begin(), places.end(), 0U);
  k = std::min(k, places.size());
  const auto nearer = [&](std::uint32_t a, std::uint32_t b) {
    const float left = scratch.distances[a];
    const float right = scratch.distances[b];
    return left != right ? left < right : row_[a] < row_[b];
  };
  std::ranges::partial_sort(places, places.begin() + static_cast<std::ptrdiff_t>(k), nearer);
  places.resize(k);
  return places;
}

}  // namespace bulwark::assay
