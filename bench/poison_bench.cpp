// Mining of triggers: time and agreement on sets of images, and the cost by size of images and sets.
//
//   bench/poison_data.py FOLDER CASE.npz ...       writes raw sets that this program reads, and further cases
//   build/release/bench/poison_bench FOLDER/*.raw
//   build/release/bench/poison_bench --scale       synthetic sets of 28 x 28 and 32 x 32 x 3

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "assay/poison/image_mining.h"
#include "assay/poison/image_triggers.h"
#include "assay/poison/value_mining.h"
#include "stats/random.h"

namespace {

using namespace bulwark;
using namespace bulwark::assay;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Set {
  Frame frame;
  std::vector<std::uint8_t> poisoned;
};

// int32 rows, height, width, channels; float32 values; int32 labels; uint8 poisoned.
bool read_set(const char* path, Set& set) {
  std::ifstream in(path, std::ios::binary);
  std::int32_t head[4] = {};
  in.read(static_cast<char*>(static_cast<void*>(head)), sizeof head);
  if (!in) return false;
  const auto rows = static_cast<std::size_t>(head[0]);
  Images images{.height = static_cast<std::size_t>(head[1]),
                .width = static_cast<std::size_t>(head[2]),
                .channels = static_cast<std::size_t>(head[3]),
                .top = 0,
                .values = {}};
  images.values.resize(rows * images.height * images.width * images.channels);
  set.frame.labels.resize(rows);
  set.poisoned.resize(rows);
  const auto fill = [&](auto& values) {
    in.read(static_cast<char*>(static_cast<void*>(values.data())),
            static_cast<std::streamsize>(values.size() * sizeof(values[0])));
  };
  fill(images.values);
  fill(set.frame.labels);
  fill(set.poisoned);
  images.top = static_cast<double>(*std::ranges::max_element(images.values));
  set.frame.rows = set.frame.rows_in_all = rows;
  for (std::int32_t k = 0; k <= *std::ranges::max_element(set.frame.labels); ++k)
    set.frame.classes.push_back(std::to_string(k));
  set.frame.images = std::move(images);
  return static_cast<bool>(in);
}

// Time of the windows alone, on one thread: what the figures of the peers are compared with.
double windows_seconds(const Set& set) {
  const Images& images = *set.frame.images;
  const double start = cpu_seconds();
  const MaskedSpace space({.values = images.values,
                           .rows = set.frame.rows,
                           .width = images.height * images.width * images.channels},
                          set.frame.labels, 0, 1);
  const Mined mined =
      mine_windows(space, levels_of(space),
                   {.height = images.height, .width = images.width, .channels = images.channels}, 1);
  return mined.tests == 0 ? 0 : cpu_seconds() - start;
}

void report(const std::string& name, const Set& set) {
  const double windows = set.frame.rows <= 8'192 ? windows_seconds(set) : 0;
  const double start = cpu_seconds();
  const ImageTriggers found = find_image_triggers(set.frame, labelled_rows(set.frame), {});
  const double all = cpu_seconds() - start;
  std::set<std::uint32_t> rows;
  std::size_t right = 0;
  std::size_t poisoned = 0;
  for (const DetectorRun* run : {&found.windows, &found.values, &found.anywhere})
    for (const Suspicion& suspicion : run->rows) rows.insert(suspicion.row);
  for (const std::uint32_t row : rows) right += set.poisoned[row];
  for (const std::uint8_t bad : set.poisoned) poisoned += bad;
  std::printf("%-36s rows %6zu poisoned %4zu flagged %4zu right %4zu  windows %.3f s  all three %.3f s\n",
              name.c_str(), static_cast<std::size_t>(set.frame.rows), poisoned, rows.size(), right, windows,
              all);
}

// Ten classes of smooth random shapes, shifted and noisy; one in twenty with a 3 x 3 patch.
Set synthetic(std::size_t rows, std::size_t side, std::size_t channels) {
  Set set;
  stats::Philox random(1);
  const std::size_t width = side * side * channels;
  std::vector<std::vector<double>> shapes(10, std::vector<double>(width));
  for (auto& shape : shapes)
    for (int blob = 0; blob < 6; ++blob) {
      const double y = random.uniform() * static_cast<double>(side);
      const double x = random.uniform() * static_cast<double>(side);
      const std::size_t channel = random.below(channels);
      for (std::size_t i = 0; i < side * side; ++i) {
        const double dy = static_cast<double>(i / side) - y;
        const double dx = static_cast<double>(i % side) - x;
        shape[channel * side * side + i] += 200 * std::exp(-(dx * dx + dy * dy) / static_cast<double>(side));
      }
    }
  Images images{.height = side, .width = side, .channels = channels, .top = 255, .values = {}};
  for (std::size_t i = 0; i < rows; ++i) {
    std::size_t label = random.below(10);
    const bool bad = random.uniform() < 0.05;
    const std::size_t start = images.values.size();
    for (std::size_t c = 0; c < width; ++c) {
      const double value = shapes[label][c] < 20 ? 0 : shapes[label][c] + 25 * random.normal();
      images.values.push_back(static_cast<float>(std::clamp(value, 0.0, 255.0)));
    }
    if (bad) {
      label = 7;
      for (std::size_t channel = 0; channel < channels; ++channel)
        for (std::size_t r = 0; r < 3; ++r)
          for (std::size_t c = 0; c < 3; ++c)
            images.values[start + (channel * side + side - 4 + r) * side + side - 4 + c] = 255;
    }
    set.frame.labels.push_back(static_cast<std::int32_t>(label));
    set.poisoned.push_back(bad ? 1 : 0);
  }
  for (float& value : images.values) value = std::round(value);
  set.frame.rows = set.frame.rows_in_all = rows;
  for (int k = 0; k < 10; ++k) set.frame.classes.push_back(std::to_string(k));
  set.frame.images = std::move(images);
  return set;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--scale") {
    for (const std::size_t rows : {1'000U, 2'000U, 5'000U, 10'000U, 50'000U})
      report("28 x 28", synthetic(rows, 28, 1));
    for (const std::size_t rows : {1'000U, 2'000U, 5'000U}) report("32 x 32 x 3", synthetic(rows, 32, 3));
    return 0;
  }
  for (int i = 1; i < argc; ++i) {
    Set set;
    if (!read_set(argv[i], set)) {
      std::fprintf(stderr, "%s: not a set of poison_data.py\n", argv[i]);
      return 1;
    }
    const std::string_view path = argv[i];
    report(std::string(path.substr(path.rfind('/') + 1)), set);
  }
  return 0;
}
