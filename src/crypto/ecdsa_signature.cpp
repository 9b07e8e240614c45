#include "crypto/ecdsa_signature.h"

#include <algorithm>
#include <string>

namespace bulwark::crypto {
namespace {

constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kSequence = 0x30;

// Nothing here is longer than two numbers of 67 bytes: at most one byte behind the 0x81.
void append_length(std::vector<std::uint8_t>& out, std::size_t size) {
  if (size >= 0x80) out.push_back(0x81);
  out.push_back(static_cast<std::uint8_t>(size));
}

// Shortest form; a zero in front where the first bit would say "negative".
void append_integer(std::vector<std::uint8_t>& out, Bytes number) {
  const auto first = std::ranges::find_if(number, [](std::uint8_t byte) { return byte != 0; });
  const Bytes digits = number.subspan(static_cast<std::size_t>(first - number.begin()));
  const bool pad = digits.empty() || digits.front() >= 0x80;
  out.push_back(kInteger);
  append_length(out, digits.size() + (pad ? 1 : 0));
  if (pad) out.push_back(0);
  out.insert(out.end(), digits.begin(), digits.end());
}

}  // namespace

Result<std::vector<std::uint8_t>> ecdsa_der(Bytes raw, std::size_t number_bytes) {
  if (raw.size() != 2 * number_bytes || number_bytes == 0 || number_bytes > 66) {
    return fail(Code::Corrupt, "ECDSA signature: expected " + std::to_string(2 * number_bytes) +
                                   " bytes, found " + std::to_string(raw.size()));
  }
  std::vector<std::uint8_t> numbers;
  append_integer(numbers, raw.first(number_bytes));
  append_integer(numbers, raw.subspan(number_bytes));
  std::vector<std::uint8_t> der = {kSequence};
  append_length(der, numbers.size());
  der.insert(der.end(), numbers.begin(), numbers.end());
  return der;
}

}  // namespace bulwark::crypto
