#include "stats/sketch_distinct.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>

namespace bulwark::stats {
namespace {

constexpr unsigned kFine = 25;  // bits of index while sparse, as HyperLogLog++ has them
constexpr unsigned kRankBits = 6;
constexpr std::uint32_t kRankMask = (1U << kRankBits) - 1;
constexpr std::size_t kFirstSlots = 16;

std::uint32_t key_of(std::uint64_t hash) {
  const auto index = static_cast<std::uint32_t>(hash >> (64 - kFine));
  const std::uint64_t rest = hash << kFine | std::uint64_t{1} << (kFine - 1);
  return index << kRankBits | static_cast<std::uint32_t>(std::countl_zero(rest) + 1);
}

std::size_t place_of(std::uint32_t key) {
  return static_cast<std::size_t>((key >> kRankBits) * 0x9E3779B1U >> 7);
}

double sigma(double x) {
  if (x == 1) return INFINITY;
  double y = 1;
  double z = x;
  for (double before = -1; before != z; y += y) {
    x *= x;
    before = z;
    z += x * y;
  }
  return z;
}

double tau(double x) {
  if (x <= 0 || x >= 1) return 0;
  double y = 1;
  double z = 1 - x;
  for (double before = -1; before != z;) {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

}  // namespace

DistinctSketch::DistinctSketch(unsigned precision)
    : precision_(std::clamp(precision, kLeastPrecision, kMostPrecision)) {}

bool DistinctSketch::put_sparse(std::uint32_t key) {
  const std::size_t mask = sparse_.size() - 1;
  for (std::size_t at = place_of(key) & mask;; at = (at + 1) & mask) {
    std::uint32_t& slot = sparse_[at];
    if (slot == 0) {
      slot = key;
      return true;
    }
    if ((slot ^ key) >> kRankBits == 0) {
      slot = std::max(slot, key);
      return false;
    }
  }
}

void DistinctSketch::grow() {
  const std::vector<std::uint32_t> before = std::move(sparse_);
  sparse_.assign(std::max(kFirstSlots, before.size() * 2), 0);
  for (const std::uint32_t key : before)
    if (key != 0) (void)put_sparse(key);
}

void DistinctSketch::add_key(std::uint32_t key) {
  if (registers_.empty() && (kept_ + 1) * 2 > sparse_.size()) {
    // As large as the registers: nothing is saved any more.
    if (sparse_.size() * 4 >= std::size_t{1} << precision_) {
      make_dense();
    } else {
      grow();
    }
  }
  if (!registers_.empty()) {
    raise(key);
  } else if (put_sparse(key)) {
    ++kept_;
  }
}

void DistinctSketch::add_sparse(std::uint64_t hash) {
  add_key(key_of(hash));
}

void DistinctSketch::add(std::span<const std::uint64_t> hashes) {
  std::size_t at = 0;
  for (; at < hashes.size() && registers_.empty(); ++at) add_sparse(hashes[at]);
  std::uint8_t* const registers = registers_.data();
  const unsigned precision = precision_;
  for (const std::uint64_t hash : hashes.subspan(at)) {
    const std::uint64_t rest = hash << precision | std::uint64_t{1} << (precision - 1);
    const auto rank = static_cast<std::uint8_t>(std::countl_zero(rest) + 1);
    std::uint8_t& kept = registers[hash >> (64 - precision)];
    kept = std::max(kept, rank);  // without a branch: while registers fill, nobody could foretell it
  }
}

void DistinctSketch::raise(std::uint32_t key) {
  const std::uint32_t fine = key >> kRankBits;
  const unsigned spare = kFine - precision_;
  const std::size_t index = fine >> spare;
  const std::uint32_t below = fine & ((1U << spare) - 1);
  const unsigned rank = below != 0 ? static_cast<unsigned>(std::countl_zero(below)) - (32 - spare) + 1
                                   : spare + (key & kRankMask);
  registers_[index] = std::max(registers_[index], static_cast<std::uint8_t>(rank));
}

void DistinctSketch::make_dense() {
  if (!registers_.empty()) return;
  registers_.assign(std::size_t{1} << precision_, 0);
  for (const std::uint32_t key : sparse_)
    if (key != 0) raise(key);
  sparse_ = {};
  kept_ = 0;
}

void DistinctSketch::coarsen(unsigned precision) {
  if (precision >= precision_) return;
  if (!registers_.empty()) {
    const unsigned spare = precision_ - precision;
    std::vector<std::uint8_t> coarse(std::size_t{1} << precision, 0);
    for (std::size_t i = 0; i < registers_.size(); ++i) {
      if (registers_[i] == 0) continue;
      const auto below = static_cast<std::uint32_t>(i & ((std::size_t{1} << spare) - 1));
      const unsigned rank = below != 0 ? static_cast<unsigned>(std::countl_zero(below)) - (32 - spare) + 1
                                       : spare + registers_[i];
      std::uint8_t& slot = coarse[i >> spare];
      slot = std::max(slot, static_cast<std::uint8_t>(rank));
    }
    registers_ = std::move(coarse);
  }
  precision_ = precision;
}

void DistinctSketch::merge(const DistinctSketch& other) {
  if (other.precision_ < precision_) coarsen(other.precision_);
  if (other.registers_.empty()) {
    for (const std::uint32_t key : other.sparse_)
      if (key != 0) add_key(key);
    return;
  }
  make_dense();
  DistinctSketch same = other;
  same.coarsen(precision_);
  for (std::size_t i = 0; i < registers_.size(); ++i)
    registers_[i] = std::max(registers_[i], same.registers_[i]);
}

double DistinctSketch::estimate() const {
  if (registers_.empty()) {
    constexpr double cells = 1U << kFine;
    return cells * std::log(cells / (cells - static_cast<double>(kept_)));
  }
  const unsigned q = 64 - precision_;
  std::array<std::uint32_t, 66> with_rank{};
  for (const std::uint8_t rank : registers_) ++with_rank[rank];
  const auto m = static_cast<double>(registers_.size());
  double z = m * tau(1 - with_rank[q + 1] / m);
  for (unsigned k = q; k >= 1; --k) z = 0.5 * (z + with_rank[k]);
  z += m * sigma(with_rank[0] / m);
  return m * m / (2 * std::numbers::ln2 * z);
}

double DistinctSketch::standard_error() const {
  if (registers_.empty()) return 0;
  return 1.04 / std::sqrt(static_cast<double>(registers_.size()));
}

std::vector<std::uint32_t> DistinctSketch::sparse_keys() const {
  std::vector<std::uint32_t> keys;
  keys.reserve(kept_);
  std::ranges::copy_if(sparse_, std::back_inserter(keys), [](std::uint32_t key) { return key != 0; });
  std::ranges::sort(keys);
  return keys;
}

std::string DistinctSketch::write() const {
  std::string out;
  out += static_cast<char>(precision_);
  out += registers_.empty() ? 's' : 'd';
  for (const std::uint32_t key : sparse_keys())
    for (unsigned byte = 0; byte < 4; ++byte) out += static_cast<char>(key >> (8 * byte) & 0xFF);
  for (const std::uint8_t rank : registers_) out += static_cast<char>(rank);
  return out;
}

Result<DistinctSketch> DistinctSketch::read(std::string_view bytes) {
  if (bytes.size() < 2)
    return fail(Code::InvalidInput, "a sketch of distinct values needs two bytes at least");
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned precision = byte(0);
  if (precision < kLeastPrecision || precision > kMostPrecision)
    return fail(Code::InvalidInput, "precision " + std::to_string(precision) + " is not within 4 and 16");
  DistinctSketch sketch(precision);
  const std::size_t rest = bytes.size() - 2;
  if (bytes[1] == 'd') {
    if (rest != std::size_t{1} << precision)
      return fail(Code::InvalidInput,
                  std::to_string(rest) + " registers, not 2^" + std::to_string(precision));
    sketch.registers_.resize(rest);
    for (std::size_t i = 0; i < rest; ++i) {
      if (byte(i + 2) > 64 - precision + 1) return fail(Code::InvalidInput, "a register is too large");
      sketch.registers_[i] = byte(i + 2);
    }
    return sketch;
  }
  if (bytes[1] != 's' || rest % 4 != 0)
    return fail(Code::InvalidInput, "neither registers nor single values");
  for (std::size_t i = 2; i < bytes.size(); i += 4) {
    const std::uint32_t key = byte(i) | static_cast<std::uint32_t>(byte(i + 1)) << 8 |
                              static_cast<std::uint32_t>(byte(i + 2)) << 16 |
                              static_cast<std::uint32_t>(byte(i + 3)) << 24;
    const std::uint32_t rank = key & kRankMask;
    if (key >> kRankBits >> kFine != 0 || rank == 0 || rank > 64 - kFine + 1)
      return fail(Code::InvalidInput, "a single value is out of range");
    sketch.add_key(key);
  }
  return sketch;
}

}  // namespace bulwark::stats
