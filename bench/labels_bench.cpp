// Label errors and neighbours: time, memory, and agreement with a list of rows.
//
//   bench/labels_data.py 1000000 10 /dev/shm/k10
//   build/release/bench/labels_bench errors /dev/shm/k10     KEY_p.npy, KEY_y.npy, and KEY_flag.npy if it is
//   there build/release/bench/labels_bench neighbours [ROWS WIDTH]

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "assay/labels/confident.h"
#include "stats/neighbours.h"
#include "stats/products.h"
#include "stats/random.h"

namespace {

using namespace bulwark;

struct Clock {
  std::chrono::steady_clock::time_point wall = std::chrono::steady_clock::now();
  std::clock_t cpu = std::clock();
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
  }
  [[nodiscard]] double cpu_seconds() const {
    return static_cast<double>(std::clock() - cpu) / static_cast<double>(CLOCKS_PER_SEC);
  }
};

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// Values of a NPY file, version 1, mapped.
template <class T>
std::span<const T> mapped(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status{};
  if (file < 0 || fstat(file, &status) != 0) return {};
  void* const bytes = mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (bytes == MAP_FAILED) return {};
  const auto* const text = static_cast<const unsigned char*>(bytes);
  const std::size_t start = 10U + text[8] + 256U * text[9];
  return {static_cast<const T*>(static_cast<const void*>(text + start)),
          (static_cast<std::size_t>(status.st_size) - start) / sizeof(T)};
}

void label_errors(const std::string& key, std::size_t jobs) {
  const auto p = mapped<float>(key + "_p.npy");
  const auto label = mapped<std::int32_t>(key + "_y.npy");
  if (p.empty() || label.empty()) {
    std::puts("no input: make it with bench/labels_data.py");
    std::exit(2);
  }
  const double input = static_cast<double>(p.size_bytes() + label.size_bytes()) / (1024 * 1024);
  const double before = peak_megabytes();
  const assay::labels::Given given{.floats = p, .classes = p.size() / label.size(), .label = label};
  std::vector<std::uint32_t> rows;
  for (int round = 0; round < 5; ++round) {
    const Clock clock;
    rows = assay::labels::learn_confidently(given, jobs)->flagged(assay::labels::Filter::PruneByNoiseRate);
    std::printf(
        "%zu x %zu, %zu jobs: %.3f s (%.3f cpu s), %zu flagged, peak %.1f MB = input %.1f + start %.1f + "
        "%.1f\n",
        label.size(), given.classes, jobs, clock.seconds(), clock.cpu_seconds(), rows.size(),
        peak_megabytes(), input, before, peak_megabytes() - input - before);
  }
  const auto expected = mapped<std::int32_t>(key + "_flag.npy");
  if (expected.empty()) return;
  std::vector<std::uint32_t> both;
  const std::vector<std::uint32_t> others(expected.begin(), expected.end());
  std::ranges::set_intersection(rows, others, std::back_inserter(both));
  std::printf(
      "reference: %zu flagged, Jaccard %.6f\n", others.size(),
      static_cast<double>(both.size()) / static_cast<double>(rows.size() + others.size() - both.size()));
}

void neighbours(std::size_t rows, std::size_t width) {
  std::vector<float> values(rows * width);
  stats::Philox random(0);
  for (float& value : values) value = static_cast<float>(random.normal());
  const stats::MatrixView points{.values = values, .rows = rows, .width = width};
  for (const auto distance : {stats::Distance::Euclidean, stats::Distance::Cosine})
    for (int round = 0; round < 3; ++round) {
      const Clock clock;
      const auto found = stats::nearest_neighbours(points, 10, distance, 1);
      std::printf("%zu x %zu, k=10, %s: %.3f s (%.3f cpu s), registers %d, checksum %u\n", rows, width,
                  distance == stats::Distance::Cosine ? "cosine" : "Euclidean", clock.seconds(),
                  clock.cpu_seconds(), static_cast<int>(stats::widest_registers()), found.rows.back());
    }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (args.size() >= 2 && args[0] == "errors") {
    label_errors(args[1], args.size() > 2 ? std::stoul(args[2]) : 1);
  } else if (!args.empty() && args[0] == "neighbours") {
    neighbours(args.size() > 1 ? std::stoul(args[1]) : 20'000, args.size() > 2 ? std::stoul(args[2]) : 64);
  } else {
    std::puts("labels_bench errors KEY [JOBS] | labels_bench neighbours [ROWS WIDTH]");
    return 2;
  }
  return 0;
}
