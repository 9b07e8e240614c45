#include "assay/poison/distance_kernels.h"

#include <cstring>

namespace bulwark::assay {
namespace {

// Eight floats: one register with AVX2, two without. No fused multiplication anywhere: it would round once
// where plain instructions round twice.
using Lane = float __attribute__((vector_size(32)));
constexpr std::size_t kLane = 8;
static_assert(kLaneRows == 2 * kLane);

[[gnu::always_inline]] inline void distances_body(const float* columns, std::size_t width, std::size_t stride,
                                                  std::size_t first, std::size_t begin, std::size_t end,
                                                  float* out) {
  for (std::size_t j = begin; j < end; j += kLaneRows) {
    Lane sum[4][2] = {};
    for (std::size_t c = 0; c < width; ++c) {
      const float* column = columns + c * stride;
      Lane left;
      Lane right;
      std::memcpy(&left, column + j, sizeof left);
      std::memcpy(&right, column + j + kLane, sizeof right);
      for (std::size_t r = 0; r < 4; ++r) {
        const float value = column[first + r];
        const Lane a = left - value;
        const Lane b = right - value;
        sum[r][0] += a * a;
        sum[r][1] += b * b;
      }
    }
    for (std::size_t r = 0; r < 4; ++r) std::memcpy(out + r * stride + j, sum[r], sizeof sum[r]);
  }
}

[[gnu::always_inline]] inline void hide_body(const HiddenColumns& hidden, const float* from,
                                             std::size_t count, float* out) {
  for (std::size_t j = 0; j < count; j += kLaneRows) {
    Lane left;
    Lane right;
    std::memcpy(&left, from + j, sizeof left);
    std::memcpy(&right, from + j + kLane, sizeof right);
    for (std::size_t i = 0; i < hidden.count; ++i) {
      const float* column = hidden.columns + hidden.which[i] * hidden.stride;
      const float value = column[hidden.row];
      Lane a;
      Lane b;
      std::memcpy(&a, column + j, sizeof a);
      std::memcpy(&b, column + j + kLane, sizeof b);
      a -= value;
      b -= value;
      left -= a * a;
      right -= b * b;
    }
    std::memcpy(out + j, &left, sizeof left);
    std::memcpy(out + j + kLane, &right, sizeof right);
  }
}

[[gnu::always_inline]] inline void add_body(const float* column, float value, std::size_t count,
                                            float* distances) {
  for (std::size_t j = 0; j < count; j += kLane) {
    Lane x;
    Lane d;
    std::memcpy(&x, column + j, sizeof x);
    std::memcpy(&d, distances + j, sizeof d);
    x -= value;
    d += x * x;
    std::memcpy(distances + j, &d, sizeof d);
  }
}

[[gnu::always_inline]] inline std::size_t below_body(const float* values, std::size_t count, float bound) {
  using Bits = int __attribute__((vector_size(32)));
  Bits hits = {};
  std::size_t j = 0;
  for (; j + kLane <= count; j += kLane) {
    Lane x;
    std::memcpy(&x, values + j, sizeof x);
    hits -= x < bound;  // true is -1
  }
  std::size_t found = 0;
  for (std::size_t i = 0; i < kLane; ++i) found += static_cast<std::size_t>(hits[i]);
  for (; j < count; ++j) found += values[j] < bound ? 1 : 0;
  return found;
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void distances_avx2(const float* columns, std::size_t width, std::size_t stride,
                                            std::size_t first, std::size_t begin, std::size_t end,
                                            float* out) {
  distances_body(columns, width, stride, first, begin, end, out);
}
[[gnu::target("avx2")]] void hide_avx2(const HiddenColumns& hidden, const float* from, std::size_t count,
                                       float* out) {
  hide_body(hidden, from, count, out);
}
[[gnu::target("avx2")]] void add_avx2(const float* column, float value, std::size_t count, float* distances) {
  add_body(column, value, count, distances);
}
[[gnu::target("avx2")]] std::size_t below_avx2(const float* values, std::size_t count, float bound) {
  return below_body(values, count, bound);
}
bool wide(Instructions instructions) {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has && instructions == Instructions::Best;
}
#endif

}  // namespace

void squared_distances(const float* columns, std::size_t width, std::size_t stride, std::size_t first,
                       std::size_t begin, std::size_t end, float* out,
                       [[maybe_unused]] Instructions instructions) {
#if defined(__x86_64__)
  if (wide(instructions)) return distances_avx2(columns, width, stride, first, begin, end, out);
#endif
  distances_body(columns, width, stride, first, begin, end, out);
}

void hide_columns(const HiddenColumns& hidden, const float* from, std::size_t count, float* out,
                  [[maybe_unused]] Instructions instructions) {
#if defined(__x86_64__)
  if (wide(instructions)) return hide_avx2(hidden, from, count, out);
#endif
  hide_body(hidden, from, count, out);
}

void add_column(const float* column, float value, std::size_t count, float* distances,
                [[maybe_unused]] Instructions instructions) {
#if defined(__x86_64__)
  if (wide(instructions)) return add_avx2(column, value, count, distances);
#endif
  add_body(column, value, count, distances);
}

std::size_t count_below(const float* values, std::size_t count, float bound,
                        [[maybe_unused]] Instructions instructions) {
#if defined(__x86_64__)
  if (wide(instructions)) return below_avx2(values, count, bound);
#endif
  return below_body(values, count, bound);
}

}  // namespace bulwark::assay
