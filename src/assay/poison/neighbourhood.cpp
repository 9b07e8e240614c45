#include "assay/poison/neighbourhood.h"

#include <algorithm>
#include <cmath>

namespace bulwark::assay {
namespace {

constexpr std::size_t kNear = 30;
constexpr double kDuplicateShare = 0.13;  // of the median distance to the nearest (as cleanlab decides)

void vote(const LabelledRows& labelled, Neighbourhood& result) {
  const std::size_t k = std::min(result.near.k, kVoters);
  std::vector<std::uint8_t> votes(labelled.classes);
  for (std::size_t i = 0; i < labelled.rows.size(); ++i) {
    std::ranges::fill(votes, 0);
    for (std::size_t n = 0; n < k; ++n)
      ++votes[static_cast<std::size_t>(labelled.labels[result.near.rows[i * result.near.k + n]])];
    const auto most = std::ranges::max_element(votes);
    result.looks_like.push_back(static_cast<std::int32_t>(most - votes.begin()));
    result.votes.push_back(*most);
    const std::size_t own = votes[static_cast<std::size_t>(labelled.labels[i])];
    result.disagree.push_back(2 * (k - own) > k ? 1 : 0);
  }
}

double median_nearest(const stats::Neighbours& near, std::size_t rows) {
  std::vector<float> nearest;
  for (std::size_t i = 0; i < rows; ++i) nearest.push_back(near.distances[i * near.k]);
  const auto middle = nearest.begin() + static_cast<std::ptrdiff_t>(nearest.size() / 2);
  std::ranges::nth_element(nearest, middle);
  return static_cast<double>(*middle);
}

}  // namespace

InputRows input_rows(const Frame& frame, const std::vector<std::uint32_t>& rows) {
  InputRows result;
  const auto take = [&](std::span<const float> all) {
    for (const std::uint32_t row : rows) {
      const auto values = all.subspan(row * result.width, result.width);
      result.values.insert(result.values.end(), values.begin(), values.end());
    }
  };
  if (frame.images) {
    result.width = frame.images->height * frame.images->width * frame.images->channels;
    take(frame.images->values);
  } else {
    const Features features = dense_features(frame, Scaling::Deviation);
    result.width = features.width;
    take(features.values);
  }
  if (result.width == 0) {
    result.why_not = "there are no numeric columns, categories or images";
  } else if (!std::ranges::all_of(result.values, [](float value) { return std::isfinite(value); })) {
    result.why_not = "the images hold values that are not numbers";
  }
  if (!result.why_not.empty()) result.values.clear();
  return result;
}

Neighbourhood neighbourhood_of(const Frame& frame, const LabelledRows& labelled, std::size_t jobs,
                               const NeighbourLimits& limits) {
  Neighbourhood result;
  InputRows inputs = input_rows(frame, labelled.rows);
  const auto rows = static_cast<double>(labelled.rows.size());
  if (!inputs.why_not.empty()) {
    result.why_not = inputs.why_not;
  } else if (rows * rows * static_cast<double>(inputs.width) > limits.work) {
    result.why_not = "comparing " + std::to_string(labelled.rows.size()) + " rows of " +
                     std::to_string(inputs.width) +
                     " values with each other is beyond the budget; use --sample";
  }
  if (!result.why_not.empty()) return result;
  result.width = inputs.width;
  result.values = std::move(inputs.values);
  result.near = stats::nearest_neighbours(
      {.values = result.values, .rows = labelled.rows.size(), .width = result.width}, kNear,
      stats::Distance::Euclidean, jobs);
  vote(labelled, result);
  result.duplicate = kDuplicateShare * median_nearest(result.near, labelled.rows.size());
  return result;
}

}  // namespace bulwark::assay
