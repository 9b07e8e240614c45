// What the child costs: the same model asked through it, and in this process.
//
//   build/release/bench/models_bench build/release/bulwark MODEL.onnx INPUTS.npy
//
// INPUTS.npy: float32, rows x whatever the model takes. In this process the runtime is confined, too.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "models/onnx.h"
#include "models/runtime.h"
#include "os/confine.h"

namespace {

using namespace bulwark;
using Clock = std::chrono::steady_clock;

constexpr int kRounds = 60;
constexpr std::array<std::size_t, 2> kBatches = {64, 500};

std::string content(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Of version 1 of the format, whose header has its length in two bytes.
std::vector<float> numbers(const std::string& npy) {
  if (npy.size() < 10) return {};
  const auto length = [&](std::size_t at) { return std::size_t{static_cast<unsigned char>(npy[at])}; };
  const std::size_t start = std::min(npy.size(), 10 + length(8) + (length(9) << 8U));
  std::vector<float> values((npy.size() - start) / sizeof(float));
  std::memcpy(values.data(), npy.data() + start, values.size() * sizeof(float));
  return values;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <class Once>
double best_of(Once once) {
  double best = 1e9;
  for (int i = 0; i < kRounds; ++i) {
    const auto start = Clock::now();
    once();
    best = std::min(best, seconds_since(start));
  }
  return best;
}

void through_a_child(const char* program, const char* model, std::span<const float> values) {
  for (const bool activations : {false, true}) {
    for (const std::size_t batch : kBatches) {
      const auto start = Clock::now();
      const auto opened = models::open_onnx(
          model, {.limits = {}, .batch = batch, .activations = activations, .program = program});
      const double open = seconds_since(start);
      if (!opened) return void(std::printf("%s\n", opened.error().message.c_str()));
      std::uint64_t each = 1;
      for (const std::int64_t dimension : std::span((*opened)->signature().input).subspan(1))
        each *= static_cast<std::uint64_t>(dimension);
      const std::size_t rows = values.size() / each;
      const double best = best_of([&] { (void)(*opened)->ask(values, rows); });
      std::printf("child      batch %4zu %s: open %6.1f ms, %7.2f us a row\n", batch,
                  activations ? "with activations" : "                ", open * 1e3,
                  best * 1e6 / static_cast<double>(rows));
    }
  }
}

void in_this_process(const char* model, std::span<const float> values) {
  const std::string bytes = content(model);
  const auto library = models::Runtime::library();
  if (!library || !os::confine_to_computing()) return void(std::printf("no runtime\n"));
  const auto runtime = models::Runtime::start(*library);
  if (!runtime) return void(std::printf("%s\n", runtime.error().message.c_str()));
  for (const models::Rewriting rewriting : {models::Rewriting::None, models::Rewriting::All}) {
    for (const std::size_t batch : kBatches) {
      const auto session = runtime->load(bytes_of(bytes), rewriting);
      if (!session) return;
      std::vector<std::int64_t> dimensions = (*session)->inputs()[0].dimensions;
      std::uint64_t each = 1;
      for (const std::int64_t dimension : std::span(dimensions).subspan(1))
        each *= static_cast<std::uint64_t>(dimension);
      const std::size_t rows = values.size() / each;
      const double best = best_of([&] {
        for (std::size_t row = 0; row < rows; row += batch) {
          const std::size_t count = std::min(batch, rows - row);
          dimensions[0] = static_cast<std::int64_t>(count);
          (void)(*session)->run(dimensions, values.subspan(row * each, count * each),
                                {(*session)->outputs()[0].name});
        }
      });
      std::printf("in process batch %4zu %s: %7.2f us a row\n", batch,
                  rewriting == models::Rewriting::All ? "rewritten" : "as it is ",
                  best * 1e6 / static_cast<double>(rows));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: models_bench BULWARK MODEL.onnx INPUTS.npy\n"), 3;
  const std::vector<float> values = numbers(content(argv[3]));
  through_a_child(argv[1], argv[2], values);
  in_this_process(argv[2], values);
}
