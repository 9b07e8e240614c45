// How fast a data set is read, without looking at its cells: csv_bench FILE…  Best of five passes, by
// processor time.

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "tables/dataset.h"

using namespace bulwark;

namespace {

// Processor seconds of one pass; negative: an error.
double pass(const tables::Dataset& dataset, std::uint64_t& rows) {
  const std::clock_t start = std::clock();
  const auto reader = dataset.read({});
  tables::Block block;
  for (rows = 0; reader;) {
    const auto more = (*reader)->next(block);
    if (!more) return -1;
    if (!*more) return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    rows += block.rows;
  }
  return -1;
}

}  // namespace

int main(int count, char** arguments) {
  for (int i = 1; i < count; ++i) {
    const auto dataset = tables::open_dataset(arguments[i]);
    if (!dataset) {
      (void)std::fprintf(stderr, "%s\n", dataset.error().message.c_str());
      return 1;
    }
    double best = -1;
    std::uint64_t rows = 0;
    for (int k = 0; k < 5; ++k) {
      const double seconds = pass(**dataset, rows);
      if (seconds < 0) return 1;
      best = best < 0 ? seconds : std::min(best, seconds);
    }
    (void)std::printf("%s: %llu rows, %.3f s, %.0f MB/s\n", arguments[i],
                      static_cast<unsigned long long>(rows), best,
                      static_cast<double>((*dataset)->about().bytes) / 1e6 / best);
  }
  return 0;
}
