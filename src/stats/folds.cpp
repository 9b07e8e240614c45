#include "stats/folds.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "stats/random.h"

namespace bulwark::stats {

std::vector<std::uint32_t> stratified_folds(std::span<const std::int32_t> labels,
                                            std::span<const std::uint32_t> groups, std::size_t folds,
                                            std::uint64_t seed) {
  const std::size_t rows = labels.size();
  folds = std::max<std::size_t>(folds, 1);
  std::vector<std::uint32_t> order(rows);
  std::iota(order.begin(), order.end(), 0U);
  Philox random(seed, stream_key("folds"));
  random.shuffle(std::span(order));
  // Rows of a group side by side, large groups first: small ones even out what large ones have upset.
  std::map<std::uint32_t, std::vector<std::uint32_t>> members;
  for (const std::uint32_t row : order) members[groups.empty() ? row : groups[row]].push_back(row);
  std::vector<const std::vector<std::uint32_t>*> large_first;
  for (const std::uint32_t row : order)
    if (const auto& group = members[groups.empty() ? row : groups[row]]; group.front() == row)
      large_first.push_back(&group);
  std::ranges::stable_sort(large_first, [](const auto* a, const auto* b) { return a->size() > b->size(); });

  const auto class_of = [&](std::uint32_t row) {
    return static_cast<std::size_t>(std::max(labels[row] + 1, 0));
  };
  std::size_t classes = 0;
  for (std::size_t i = 0; i < rows; ++i)
    classes = std::max(classes, class_of(static_cast<std::uint32_t>(i)) + 1);
  std::vector<double> counts(folds * classes);
  std::vector<double> sizes(folds);
  std::vector<std::uint32_t> result(rows);
  for (const auto* group : large_first) {
    std::size_t best = 0;
    double best_cost = 0;
    for (std::size_t fold = 0; fold < folds; ++fold) {
      double cost = 0;
      for (const std::uint32_t row : *group) cost += counts[fold * classes + class_of(row)];
      cost += sizes[fold] / (static_cast<double>(rows) + 1);  // among equals the smallest fold
      if (fold == 0 || cost < best_cost) {
        best = fold;
        best_cost = cost;
      }
    }
    for (const std::uint32_t row : *group) {
      counts[best * classes + class_of(row)] += 1;
      sizes[best] += 1;
      result[row] = static_cast<std::uint32_t>(best);
    }
  }
  return result;
}

}  // namespace bulwark::stats
