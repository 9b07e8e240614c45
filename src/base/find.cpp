#include "base/find.h"

#include <cstdint>
#include <cstring>

namespace bulwark {
namespace {

// 16 bytes: what every x86-64 and ARMv8 compares at once.
constexpr std::size_t kWidth = 16;
using Lanes = std::uint8_t __attribute__((vector_size(kWidth)));
using Mask = std::int8_t __attribute__((vector_size(kWidth)));

Lanes lanes_at(const char* at) {
  Lanes lanes;
  std::memcpy(&lanes, at, sizeof lanes);
  return lanes;
}

bool any(Mask mask) {
  std::uint64_t halves[2];
  std::memcpy(halves, &mask, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

}  // namespace

std::size_t find_text(std::string_view text, std::string_view word, std::size_t from) {
  if (word.size() < 2 || text.size() < word.size() + kWidth) return text.find(word, from);
  const std::size_t last = word.size() - 1;
  const Lanes first_letter = Lanes{} + static_cast<std::uint8_t>(word[0]);
  const Lanes last_letter = Lanes{} + static_cast<std::uint8_t>(word[last]);
  std::size_t at = from;
  for (; at + last + kWidth <= text.size(); at += kWidth) {
    const Mask fits =
        (lanes_at(text.data() + at) == first_letter) & (lanes_at(text.data() + at + last) == last_letter);
    if (!any(fits)) continue;
    for (std::size_t i = 0; i < kWidth; ++i)
      if (fits[i] != 0 && std::memcmp(text.data() + at + i, word.data(), word.size()) == 0) return at + i;
  }
  return text.find(word, at);
}

}  // namespace bulwark
