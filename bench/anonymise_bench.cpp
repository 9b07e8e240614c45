// Speed of what an anonymisation is made of: FF1, tokens, Mondrian, classes.

#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "assay/anonymise/mondrian.h"
#include "assay/anonymise/ranked.h"
#include "crypto/ff1.h"
#include "stats/random.h"

namespace bulwark::assay::anonymise {
namespace {

void ff1_digits(benchmark::State& state) {
  const std::vector<std::uint8_t> key(32, 5);
  auto ff1 = crypto::Ff1::create(key, 10, {});
  crypto::Symbols digits(static_cast<std::size_t>(state.range(0)), 7);
  for (auto _ : state) benchmark::DoNotOptimize(ff1->encrypt(digits));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ff1_digits)->Arg(9)->Arg(16)->Arg(60);

// Five quasi-identifiers with 2 to 20,000 values.
std::vector<Ranked> people(std::size_t rows) {
  constexpr std::array<std::uint64_t, 5> kValues = {2, 5, 80, 900, 20'000};
  std::vector<Ranked> columns;
  for (const std::uint64_t values : kValues) {
    stats::Philox random(1, stats::stream_key("people"), values);
    Ranker ranker("column_" + std::to_string(values));
    for (std::size_t row = 0; row < rows; ++row) ranker.take(std::to_string(random.below(values)));
    columns.push_back(ranker.finish());
  }
  return columns;
}

std::vector<const Ranked*> pointers(const std::vector<Ranked>& columns) {
  std::vector<const Ranked*> all;
  for (const Ranked& column : columns) all.push_back(&column);
  return all;
}

void mondrian_by_rows(benchmark::State& state) {
  const std::vector<Ranked> columns = people(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(mondrian(pointers(columns), {}, {.k = 5}));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(mondrian_by_rows)->RangeMultiplier(10)->Range(10'000, 1'000'000)->Unit(benchmark::kMillisecond);

void classes_by_rows(benchmark::State& state) {
  const std::vector<Ranked> columns = people(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(class_sizes(pointers(columns), static_cast<std::size_t>(state.range(0))));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(classes_by_rows)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bulwark::assay::anonymise
