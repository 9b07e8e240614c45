#include "assay/labels/sort_order.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

namespace bulwark::assay::labels {
namespace {

constexpr std::size_t kInsertion = 16;  // values of a run that is sorted by insertion

struct Run {
  std::size_t first = 0;
  std::size_t last = 0;  // included
  int depth = 0;         // partitions left before the run counts as hostile
};

template <class T>
class Introsort {
 public:
  explicit Introsort(std::span<const T> values) : values_(values), order_(values.size()) {
    std::iota(order_.begin(), order_.end(), 0U);
  }

  std::vector<std::uint32_t> run() {
    if (order_.empty()) return std::move(order_);
    std::vector<Run> runs = {{.first = 0,
                              .last = order_.size() - 1,
                              .depth = 2 * (static_cast<int>(std::bit_width(order_.size())) - 1)}};
    while (!runs.empty()) {
      Run run = runs.back();
      runs.pop_back();
      while (run.depth >= 0 && run.last - run.first >= kInsertion) {
        const std::size_t pivot = partition(run.first, run.last);
        --run.depth;
        // The larger side waits, so that the stack stays short.
        if (pivot - run.first < run.last - pivot) {
          runs.push_back({.first = pivot + 1, .last = run.last, .depth = run.depth});
          run.last = pivot - 1;
        } else {
          runs.push_back({.first = run.first, .last = pivot - 1, .depth = run.depth});
          run.first = pivot + 1;
        }
      }
      if (run.last - run.first >= kInsertion)
        sort_hostile(run);
      else
        insert(run.first, run.last);
    }
    return std::move(order_);
  }

 private:
  [[nodiscard]] T at(std::size_t place) const { return values_[order_[place]]; }

  std::size_t partition(std::size_t first, std::size_t last) {
    const std::size_t middle = first + (last - first) / 2;
    if (at(middle) < at(first)) std::swap(order_[middle], order_[first]);
    if (at(last) < at(middle)) std::swap(order_[last], order_[middle]);
    if (at(middle) < at(first)) std::swap(order_[middle], order_[first]);
    const T pivot = at(middle);
    std::swap(order_[middle], order_[last - 1]);
    std::size_t up = first;
    std::size_t down = last - 1;
    while (true) {
      do ++up;
      while (at(up) < pivot);
      do --down;
      while (pivot < at(down));
      if (up >= down) break;
      std::swap(order_[up], order_[down]);
    }
    std::swap(order_[up], order_[last - 1]);
    return up;
  }

  void insert(std::size_t first, std::size_t last) {
    for (std::size_t i = first + 1; i <= last; ++i) {
      const std::uint32_t moving = order_[i];
      std::size_t place = i;
      for (; place > first && values_[moving] < at(place - 1); --place) order_[place] = order_[place - 1];
      order_[place] = moving;
    }
  }

  void sort_hostile(const Run& run) {
    std::sort(order_.begin() + static_cast<std::ptrdiff_t>(run.first),
              order_.begin() + static_cast<std::ptrdiff_t>(run.last + 1),
              [&](std::uint32_t a, std::uint32_t b) {
                return values_[a] != values_[b] ? values_[a] < values_[b] : a < b;
              });
  }

  std::span<const T> values_;
  std::vector<std::uint32_t> order_;
};

}  // namespace

std::vector<std::uint32_t> numpy_order(std::span<const float> values) {
  return Introsort<float>(values).run();
}

std::vector<std::uint32_t> numpy_order(std::span<const double> values) {
  return Introsort<double>(values).run();
}

}  // namespace bulwark::assay::labels
