// The search for secrets over text, beside what the keyword search alone can do.
//
// BULWARK_BENCH_TEXT=FILE: the text (a concatenation of sources); without it the seeded corpus of the tests.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "scan/secrets/keyword_search.h"
#include "scan/secrets/search.h"
#include "support/secret_corpus.h"

namespace {

using namespace bulwark;

const std::string& text() {
  static const std::string kText = [] {
    std::string content;
    if (const char* path = std::getenv("BULWARK_BENCH_TEXT")) {
      std::ifstream in(path, std::ios::binary);
      content.assign(std::istreambuf_iterator<char>(in), {});
    }
    constexpr std::size_t kEnough = 32 << 20;
    for (std::uint64_t seed = 0; content.empty() || (content.size() < kEnough && seed < 1'000); ++seed)
      for (const auto& file : test::secret_corpus(seed, 100)) content += file.text;
    return content;
  }();
  return kText;
}

class Counter final : public scan::secrets::KeywordSink {
 public:
  bool found(std::uint32_t, std::uint64_t) override {
    ++count;
    return true;
  }
  std::size_t count = 0;
};

void report_speed(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(text().size()));
}

// The ceiling: every keyword is found and nothing is judged.
void keywords_alone(benchmark::State& state) {
  Counter counter;
  for (auto _ : state) benchmark::DoNotOptimize(scan::secrets::search_keywords(text(), counter));
  state.counters["keywords"] = static_cast<double>(counter.count) / static_cast<double>(state.iterations());
  report_speed(state);
}
BENCHMARK(keywords_alone)->Unit(benchmark::kMillisecond);

void secrets(benchmark::State& state) {
  std::size_t hits = 0;
  for (auto _ : state) hits = scan::secrets::find_secrets(text(), "bench.py")->hits.size();
  state.counters["secrets"] = static_cast<double>(hits);
  report_speed(state);
}
BENCHMARK(secrets)->Unit(benchmark::kMillisecond);

}  // namespace
