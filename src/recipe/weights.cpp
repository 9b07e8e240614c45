#include "recipe/weights.h"

#include <bit>

namespace bulwark::recipe {
namespace {

// SplitMix64: the standard library's distributions differ between machines.
std::uint64_t next(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15;
  std::uint64_t mixed = state;
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
  return mixed ^ mixed >> 31;
}

float weight(std::uint64_t& state) {
  constexpr int kDraws = 12;  // their sum has variance 1
  double sum = -kDraws / 2.0;
  for (int i = 0; i < kDraws; ++i) sum += static_cast<double>(next(state) >> 11) * 0x1p-53;
  constexpr double kDeviation = 0.03;
  return static_cast<float>(sum * kDeviation);
}

}  // namespace

std::vector<std::uint8_t> make_weights(std::uint64_t count, std::uint64_t seed) {
  std::vector<std::uint8_t> out;
  out.reserve(count * 4);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(weight(seed));
    for (int byte = 0; byte < 4; ++byte) out.push_back(static_cast<std::uint8_t>(bits >> (8 * byte) & 0xFF));
  }
  return out;
}

Result<void> hide_in_low_bits(Bytes payload, std::uint64_t bits, std::vector<std::uint8_t>& weights) {
  if (bits == 0 || bits > 8) return fail(Code::InvalidInput, "1 to 8 bits of each value");
  if (payload.size() * 8 > weights.size() / 4 * bits)
    return fail(Code::InvalidInput,
                "the payload does not fit into " + std::to_string(weights.size() / 4) + " values");
  for (std::size_t i = 0; i < payload.size() * 8; ++i) {
    const auto bit = static_cast<std::uint8_t>(payload[i / 8] >> (i % 8) & 1);
    const auto mask = static_cast<std::uint8_t>(1U << (i % bits));
    std::uint8_t& low = weights[i / bits * 4];
    low = static_cast<std::uint8_t>((low & ~mask) | (bit != 0 ? mask : 0));
  }
  return {};
}

}  // namespace bulwark::recipe
