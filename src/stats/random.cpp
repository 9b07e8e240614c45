#include "stats/random.h"

#include <cmath>
#include <numbers>

namespace bulwark::stats {
namespace {

// Constants of Philox4x32 (Salmon et al. 2011, table 2 and section 4.3).
constexpr std::uint32_t kMultiplier0 = 0xD2511F53;
constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
constexpr int kRounds = 10;

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t a = std::uint64_t{kMultiplier0} * counter[0];
    const std::uint64_t b = std::uint64_t{kMultiplier1} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

}  // namespace

Philox::Philox(std::uint64_t seed, std::uint32_t key, std::uint64_t sub_key)
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)} {
  // The low word counts; the others name the stream. 2^34 numbers are enough for any of our uses.
  counter_ = {0, key, static_cast<std::uint32_t>(sub_key), static_cast<std::uint32_t>(sub_key >> 32)};
}

std::uint32_t Philox::operator()() {
  if (used_ == out_.size()) {
    out_ = philox(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return out_[used_++];
}

double Philox::uniform() {
  return static_cast<double>(bits64() >> 11) * 0x1p-53;
}

std::uint64_t Philox::below(std::uint64_t bound) {
  // Rejects the incomplete last range, so that every value is equally likely.
  const std::uint64_t rest = (0 - bound) % bound;
  std::uint64_t bits = bits64();
  while (bits < rest) bits = bits64();
  return bits % bound;
}

double Philox::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));  // Box and Muller
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

std::uint32_t stream_key(std::string_view name) {
  std::uint32_t hash = 0x811C9DC5;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193;
  return hash;
}

}  // namespace bulwark::stats
