#include "assay/anonymise/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace bulwark::assay::anonymise {
namespace {

constexpr double kLargeNumber = 1e15;
constexpr double kSmallNumber = 1e-6;
constexpr int kMostDecimals = 15;

}  // namespace

std::string number_text(double value) {
  const double size = std::abs(value);
  const bool written_out = size == 0 || (size < kLargeNumber && size >= kSmallNumber);
  std::array<char, 64> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value == 0 ? 0.0 : value,
                                    written_out ? std::chars_format::fixed : std::chars_format::general);
  return {buffer.data(), result.ptr};
}

std::string number_text(double value, int decimals) {
  if (std::abs(value) >= kLargeNumber) return number_text(value);
  std::array<char, 64> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                    std::chars_format::fixed, std::clamp(decimals, 0, kMostDecimals));
  std::string text(buffer.data(), result.ptr);
  // "-0.0" says that something below zero was rounded.
  if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

int decimals_of(double value) {
  std::array<char, 512> buffer{};
  const auto result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  const std::string text(buffer.data(), result.ptr);
  const std::size_t point = text.find('.');
  if (point == std::string::npos) return 0;
  return std::min(static_cast<int>(text.size() - point - 1), kMostDecimals);
}

}  // namespace bulwark::assay::anonymise
