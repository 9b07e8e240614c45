#pragma once
// Format-preserving encryption FF1 (NIST SP 800-38G, and the domain of at least a million values that its
// revision asks for): what is encrypted has the length and the alphabet of what was given.
//
// FF3 and FF3-1 are broken or withdrawn; they are not here.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::crypto {

// A symbol is its number in the alphabet, below the radix.
using Symbols = std::vector<std::uint16_t>;

inline constexpr std::uint32_t kMostRadix = 65'536;
// Fewer values can be tried one by one (SP 800-38G rev. 1, requirement on radix^minlen).
inline constexpr std::uint64_t kLeastFf1Domain = 1'000'000;
// Time grows with the square of the length; longer texts belong into a token, not into a format.
inline constexpr std::size_t kMostFf1Symbols = 4'096;
inline constexpr std::size_t kMostFf1Tweak = 1'024;

// Whether radix^length is at least a million.
[[nodiscard]] bool is_ff1_domain(std::uint32_t radix, std::size_t length);

// A key, a radix, a tweak. Used by one thread at a time.
class Ff1 {
 public:
  // `key`: 16, 24 or 32 bytes (AES-128, -192, -256). `radix`: 2 to 65,536. `tweak`: public, at most 1,024
  // bytes; texts under different tweaks have nothing to do with one another. Errors: InvalidInput.
  [[nodiscard]] static Result<Ff1> create(Bytes key, std::uint32_t radix, Bytes tweak);
  ~Ff1();
  Ff1(Ff1&&) noexcept;
  Ff1& operator=(Ff1&&) noexcept;

  // From here on under another tweak. Errors: InvalidInput (too long).
  [[nodiscard]] Result<void> set_tweak(Bytes tweak);

  // In place. Errors: InvalidInput (domain below a million, a symbol that is not below the radix),
  // LimitReached (more than 4,096 symbols); the symbols are then as they were.
  [[nodiscard]] Result<void> encrypt(std::span<std::uint16_t> symbols);
  [[nodiscard]] Result<void> decrypt(std::span<std::uint16_t> symbols);

 private:
  struct State;
  explicit Ff1(std::unique_ptr<State> state);
  enum class Direction : std::uint8_t { Encrypt, Decrypt };
  [[nodiscard]] Result<void> run(std::span<std::uint16_t> symbols, Direction direction);
  std::unique_ptr<State> state_;
};

}  // namespace bulwark::crypto
