// How fast a data set is profiled: reading alone, and reading with the profile, on one thread.
//
//   profile_bench FILE [rounds]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "assay/profile/profile.h"
#include "tables/dataset.h"

namespace {

using namespace bulwark;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// CPU seconds of one pass; with the profile or without. Negative: it could not be read.
double pass(const std::string& path, bool profiled, std::uint64_t& rows, std::size_t& columns) {
  const double begin = cpu_seconds();
  const auto dataset = tables::open_dataset(path);
  if (!dataset) return -1;
  const auto part = assay::profile::make_part((*dataset)->about().columns, {});
  auto reader = (*dataset)->read({});
  if (!reader) return -1;
  columns = (*dataset)->about().columns.size();
  rows = 0;
  tables::Block block;
  for (;;) {
    const auto more = (*reader)->next(block);
    if (!more) return -1;
    if (!*more) break;
    rows += block.rows;
    if (profiled) part->take(block);
  }
  if (profiled) (void)part->finish();
  return cpu_seconds() - begin;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 3;
  const std::string path = argv[1];
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 3;
  const auto dataset = tables::open_dataset(path);
  if (!dataset) {
    std::fprintf(stderr, "%s\n", dataset.error().message.c_str());
    return 3;
  }
  const double megabytes = static_cast<double>((*dataset)->about().bytes) / 1e6;
  double reading = 1e300;
  double all = 1e300;
  std::uint64_t rows = 0;
  std::size_t columns = 0;
  for (int i = 0; i < rounds; ++i) {
    reading = std::min(reading, pass(path, false, rows, columns));
    all = std::min(all, pass(path, true, rows, columns));
  }
  if (reading <= 0 || all <= 0) return 3;
  std::printf("%s: %llu rows x %zu columns, %.1f MB: reading %.0f MB/s, with profile %.0f MB/s (cpu)\n",
              path.c_str(), static_cast<unsigned long long>(rows), columns, megabytes, megabytes / reading,
              megabytes / all);
  return 0;
}
