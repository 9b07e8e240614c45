#include "assay/labels/noise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/parallel.h"
#include "stats/random.h"

namespace bulwark::assay::labels {
namespace {

constexpr std::size_t kDraws = 1000;

// Successes of n trials. Large counts by the normal limit, whose error is far below that of the bootstrap.
std::uint64_t binomial(stats::Philox& random, std::uint64_t n, double p) {
  if (n == 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(random, n, 1 - p);
  const double mean = static_cast<double>(n) * p;
  if (mean > 50) {
    const double drawn = std::round(mean + random.normal() * std::sqrt(mean * (1 - p)));
    return static_cast<std::uint64_t>(std::clamp(drawn, 0.0, static_cast<double>(n)));
  }
  // Gaps between successes are geometric.
  std::uint64_t successes = 0;
  double place = 0;
  while (true) {
    place += std::floor(std::log(1 - random.uniform()) / std::log1p(-p)) + 1;
    if (place > static_cast<double>(n)) return successes;
    ++successes;
  }
}

struct Cells {
  double on = 0;
  double off = 0;
  double none = 0;
};

// Calibration gives every class its own rows back, so the share of a class is that of its counted rows.
double off_share(const std::vector<Cells>& classes) {
  double off = 0;
  double rows = 0;
  for (const Cells& cells : classes) {
    const double all = cells.on + cells.off + cells.none;
    rows += all;
    if (cells.on + cells.off > 0) off += all * cells.off / (cells.on + cells.off);
  }
  return rows > 0 ? off / rows : 0;
}

std::vector<Cells> cells_of(const Confident& learned, const std::vector<std::uint64_t>& uncounted) {
  const Counts& joint = learned.joint();
  std::vector<Cells> classes(joint.classes);
  for (std::size_t k = 0; k < joint.classes; ++k) {
    if (learned.thresholds().rows[k] == 0) continue;
    for (std::size_t j = 0; j < joint.classes; ++j)
      (j == k ? classes[k].on : classes[k].off) += static_cast<double>(joint.at(k, j));
    classes[k].none = static_cast<double>(uncounted[k]);
  }
  return classes;
}

}  // namespace

std::vector<std::uint64_t> uncounted_rows(const Confident& learned) {
  const Counts& joint = learned.joint();
  std::vector<std::uint64_t> result(joint.classes);
  for (std::size_t k = 0; k < joint.classes; ++k) {
    const auto first = joint.cells.begin() + static_cast<std::ptrdiff_t>(k * joint.classes);
    const auto counted = static_cast<std::uint64_t>(
        std::accumulate(first, first + static_cast<std::ptrdiff_t>(joint.classes), std::int64_t{0}));
    const std::uint64_t rows = learned.thresholds().rows[k];
    result[k] = rows > counted ? rows - counted : 0;
  }
  return result;
}

stats::Interval noise_rate(const Confident& learned, const std::vector<std::uint64_t>& uncounted,
                           std::uint64_t seed, std::size_t jobs) {
  const std::vector<Cells> classes = cells_of(learned, uncounted);
  double rows = 0;
  double on = 0;
  double off = 0;
  for (const Cells& cells : classes) {
    rows += cells.on + cells.off + cells.none;
    on += cells.on;
    off += cells.off;
  }
  const double estimate = off_share(classes);
  // Nothing seen, or nothing but: a bootstrap would call that certain.
  if (off == 0 || on == 0) {
    stats::Interval certain =
        stats::wilson(static_cast<std::uint64_t>(off), static_cast<std::uint64_t>(on + off));
    return certain;
  }
  std::vector<double> drawn(kDraws);
  parallel_for(kDraws, jobs, [&](std::size_t draw) {
    stats::Philox random(seed, stats::stream_key("labels noise"), draw);
    // Multinomial over all cells, one after the other out of what is left.
    auto left = static_cast<std::uint64_t>(rows);
    double mass = rows;
    std::vector<Cells> again = classes;
    for (Cells& cells : again)
      for (double* const cell : {&cells.on, &cells.off, &cells.none}) {
        const std::uint64_t count = mass > 0 ? binomial(random, left, std::min(1.0, *cell / mass)) : 0;
        mass -= *cell;
        left -= count;
        *cell = static_cast<double>(count);
      }
    drawn[draw] = off_share(again);
  });
  std::ranges::sort(drawn);
  return {.estimate = estimate, .low = drawn[kDraws / 40], .high = drawn[kDraws - 1 - kDraws / 40]};
}

std::vector<Share> noise_by_class(const Confident& learned, const std::vector<std::string>& classes) {
  const std::vector<Cells> cells = cells_of(learned, uncounted_rows(learned));
  std::vector<Share> shares;
  for (std::size_t k = 0; k < cells.size(); ++k)
    shares.push_back({.name = classes[k],
                      .rows = learned.thresholds().rows[k],
                      .rate = stats::wilson(static_cast<std::uint64_t>(cells[k].off),
                                            static_cast<std::uint64_t>(cells[k].on + cells[k].off))});
  return shares;
}

std::vector<Share> noise_by_source(const Frame& frame, const std::vector<std::uint32_t>& flagged) {
  std::vector<Share> shares;
  if (frame.source.empty()) return shares;
  std::vector<std::uint64_t> rows(frame.source_names.size());
  std::vector<std::uint64_t> wrong(rows.size());
  for (std::size_t i = 0; i < frame.source.size(); ++i)
    if (frame.source[i] >= 0 && frame.labels[i] >= 0) ++rows[static_cast<std::size_t>(frame.source[i])];
  for (const std::uint32_t row : flagged)
    if (frame.source[row] >= 0) ++wrong[static_cast<std::size_t>(frame.source[row])];
  const double level = 1 - 0.05 / std::max<double>(1, static_cast<double>(rows.size()));
  for (std::size_t s = 0; s < rows.size(); ++s)
    shares.push_back(
        {.name = frame.source_names[s], .rows = rows[s], .rate = stats::wilson(wrong[s], rows[s], level)});
  return shares;
}

}  // namespace bulwark::assay::labels
