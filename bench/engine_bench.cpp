// Speed of the engine on bytes in memory: pickles by opcode, zips by member, safetensors by tensor, low bits
// by tensor.

#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "scan/engine.h"
#include "scan/formats/weights.h"

namespace bulwark {
namespace {

class RealClock : public Clock {
 public:
  [[nodiscard]] std::chrono::nanoseconds monotonic() const override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
};

void scan(benchmark::State& state, const std::string& content) {
  const RealClock clock;
  const scan::Engine engine(scan::builtin_inspectors(), {}, {}, clock);
  const scan::Artifact artifact{.path = "bench", .origin = {}, .bytes = bytes_of(content), .keeps = nullptr};
  for (auto _ : state) benchmark::DoNotOptimize(engine.scan(artifact));
  state.SetBytesProcessed(static_cast<std::int64_t>(content.size()) * state.iterations());
}

template <std::integral T>
void put(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out += static_cast<char>(value >> (8 * i));
}

// A list of rows {"id": 7, "tag": "abcd"}.
std::string pickle_of(std::int64_t opcodes) {
  const std::string row = std::string("}(X\x02\0\0\0idK\x07X\x03\0\0\0tagX\x04\0\0\0abcdu", 29);
  constexpr std::int64_t kOpcodesOfRow = 7;
  std::string out = "\x80\x03](";
  for (std::int64_t done = 0; done < opcodes; done += kOpcodesOfRow) out += row;
  return out + "e.";
}

void Pickle(benchmark::State& state) {
  scan(state, pickle_of(state.range(0)));
  state.counters["opcodes"] = benchmark::Counter(static_cast<double>(state.range(0) * state.iterations()),
                                                 benchmark::Counter::kIsRate);
}
BENCHMARK(Pickle)->Arg(10)->Arg(200'000)->Arg(2'000'000)->Unit(benchmark::kMillisecond);

// Stored members of 64 zero bytes; all CRCs of the same content.
std::string zip_of(std::int64_t members) {
  constexpr std::uint32_t kCrc = 0x758D'6336;
  constexpr std::uint32_t kSize = 64;
  std::string out;
  std::string directory;
  for (std::int64_t i = 0; i < members; ++i) {
    const std::string name = "archive/data/" + std::to_string(i);
    const auto offset = static_cast<std::uint32_t>(out.size());
    std::string common;
    put(common, std::uint16_t{20});
    common += std::string(8, '\0');  // flags, method, time, date
    for (const std::uint32_t field : {kCrc, kSize, kSize}) put(common, field);
    put(common, static_cast<std::uint16_t>(name.size()));
    put(common, std::uint16_t{0});
    out += "PK\x03\x04" + common + name + std::string(kSize, '\0');
    directory += "PK\x01\x02";
    put(directory, std::uint16_t{20});
    directory += common;
    directory += std::string(10, '\0');
    put(directory, offset);
    directory += name;
  }
  const auto start = static_cast<std::uint32_t>(out.size());
  out += directory + "PK\x05\x06" + std::string(4, '\0');
  for (int i = 0; i < 2; ++i) put(out, static_cast<std::uint16_t>(members));
  put(out, static_cast<std::uint32_t>(directory.size()));
  put(out, start);
  put(out, std::uint16_t{0});
  return out;
}

void Zip(benchmark::State& state) {
  scan(state, zip_of(state.range(0)));
  state.SetItemsProcessed(state.range(0) * state.iterations());
}
BENCHMARK(Zip)->Arg(16)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

std::string safetensors_of(std::int64_t tensors) {
  std::string header = "{";
  for (std::int64_t i = 0; i < tensors; ++i) {
    const std::string name = "model.layers." + std::to_string(i) + ".weight";
    header += (i == 0 ? "\"" : ",\"") + name + R"(":{"dtype":"F32","shape":[4,4],"data_offsets":[)" +
              std::to_string(i * 64) + "," + std::to_string((i + 1) * 64) + "]}";
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::string out;
  put(out, static_cast<std::uint64_t>(header.size()));
  return out + header + std::string(static_cast<std::size_t>(tensors * 64), '\0');
}

void Safetensors(benchmark::State& state) {
  scan(state, safetensors_of(state.range(0)));
  state.SetItemsProcessed(state.range(0) * state.iterations());
}
BENCHMARK(Safetensors)->Arg(16)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

void LowBitsOfOneTensor(benchmark::State& state) {
  std::mt19937 random(1);
  std::vector<std::uint8_t> weights(1 << 20);
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = static_cast<std::uint8_t>(i % 4 == 3 ? 0x3C : random());
  for (auto _ : state) benchmark::DoNotOptimize(scan::find_payload(weights, scan::NumberType::Float32, 0));
}
BENCHMARK(LowBitsOfOneTensor)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace bulwark
