// Personal data: all recognisers over prose, logs full of digits, and columns of numbers. One thread.
//
// BULWARK_BENCH_TEXT=FILE: prose of your own instead of the made-up one.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "assay/parts.h"
#include "assay/pii/find.h"
#include "stats/random.h"

namespace {

using namespace bulwark;

constexpr std::size_t kSize = std::size_t{8} << 20;

std::string number(stats::Philox& random, std::size_t digits) {
  std::string out;
  for (std::size_t i = 0; i < digits; ++i) out += static_cast<char>('0' + random.below(10));
  return out;
}

const std::string& prose() {
  static const std::string kText = [] {
    std::string content;
    if (const char* path = std::getenv("BULWARK_BENCH_TEXT")) {
      std::ifstream in(path, std::ios::binary);
      content.assign(std::istreambuf_iterator<char>(in), {});
    }
    constexpr std::string_view kWords[] = {
        "the",      "of",      "and",  "model",    "learns",  "from",    "what",    "people",   "wrote",
        "In",       "London",  "was",  "a",        "patient", "Maria",   "said",    "that",     "number",
        "street",   "order",   "with", "training", "which",   "however", "nothing", "happened", "until",
        "Thursday", "evening", "when", "she",      "called",  "back"};
    stats::Philox random(1);
    while (content.size() < kSize) {
      content += kWords[random.below(std::size(kWords))];
      const std::uint64_t end = random.below(40);
      content += end == 0 ? ".\n" : end == 1 ? ", " : " ";
      if (end == 2) content += std::to_string(random.below(2000)) + " ";
      if (end == 3 && random.below(20) == 0) content += "jane.doe@example.org or +44 20 7946 0958 ";
    }
    content.resize(kSize);
    return content;
  }();
  return kText;
}

const std::string& log_lines() {
  static const std::string kText = [] {
    stats::Philox random(2);
    std::string content;
    while (content.size() < kSize)
      content += "2026-11-20T18:25:" + number(random, 2) + "." + number(random, 3) + "Z 10.0." +
                 std::to_string(random.below(256)) + "." + std::to_string(random.below(256)) +
                 " GET /api/v1/items/" + number(random, 9) + " 200 " + number(random, 4) + " 0." +
                 number(random, 3) + " id=" + number(random, 12) + " seq " + number(random, 10) + "\n";
    content.resize(kSize);
    return content;
  }();
  return kText;
}

const std::string& comma_lines() {
  static const std::string kText = [] {
    stats::Philox random(3);
    std::string content;
    while (content.size() < kSize) {
      for (int i = 0; i < 12; ++i)
        content +=
            (i % 3 == 0 ? number(random, 1) + "." + number(random, 6) : number(random, 2 + random.below(9))) +
            (i == 11 ? "\n" : ",");
    }
    content.resize(kSize);
    return content;
  }();
  return kText;
}

void find_in(benchmark::State& state, const std::string& text) {
  std::size_t found = 0;
  for ([[maybe_unused]] const auto round : state) {
    const auto spans = assay::pii::find_personal_data(text);
    found += spans.size();
    benchmark::DoNotOptimize(spans.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
  state.counters["spans"] = static_cast<double>(found) / static_cast<double>(state.iterations());
}

void find_in_prose(benchmark::State& state) {
  find_in(state, prose());
}
void find_in_log(benchmark::State& state) {
  find_in(state, log_lines());
}
void find_in_numbers(benchmark::State& state) {
  find_in(state, comma_lines());
}
BENCHMARK(find_in_prose)->Unit(benchmark::kMillisecond);
BENCHMARK(find_in_log)->Unit(benchmark::kMillisecond);
BENCHMARK(find_in_numbers)->Unit(benchmark::kMillisecond);

// A column of texts through the part, decisions included; digits of the given length, or sentences for 0.
void column(benchmark::State& state) {
  const auto digits = static_cast<std::size_t>(state.range(0));
  stats::Philox random(4);
  std::vector<std::string> cells;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < tables::kBlockRows; ++i) {
    cells.push_back(digits == 0 ? prose().substr(i * 100, 90) : number(random, digits));
    bytes += cells.back().size() + 1;
  }
  const std::vector<std::string_view> views(cells.begin(), cells.end());
  const std::vector<tables::Column> about = {{.name = "a", .kind = tables::Kind::Text, .declared = ""}};
  tables::Block block{.first_row = 0, .rows = views.size(), .columns = {}};
  block.columns.emplace_back().texts = views;
  for ([[maybe_unused]] const auto round : state) {
    const auto part = assay::pii_part(about, {});
    part->take(block);
    benchmark::DoNotOptimize(part->finish().outcome);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}
BENCHMARK(column)->Arg(0)->Arg(6)->Arg(9)->Arg(10)->Arg(16)->Unit(benchmark::kMillisecond);

}  // namespace
