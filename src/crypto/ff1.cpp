// The letters of SP 800-38G, algorithms 7 and 8, are kept: n symbols are split into u and v, b bytes hold a
// number of v symbols, d bytes of the pseudo-random function make the number that is added.

#include "crypto/ff1.h"

#include <openssl/evp.h>

#include <algorithm>
#include <string>
#include <utility>

#include "crypto/library.h"

namespace bulwark::crypto {
namespace {

constexpr std::size_t kBlock = 16;
constexpr unsigned kRounds = 10;
using Block = std::array<std::uint8_t, kBlock>;
__extension__ using Wide = unsigned __int128;

void put_big_endian(std::uint64_t value, std::span<std::uint8_t> out) {
  for (std::size_t i = out.size(); i-- > 0; value >>= 8U) out[i] = static_cast<std::uint8_t>(value);
}

// radix^length, or nothing above 2^64.
std::uint64_t power_or_zero(std::uint32_t radix, std::size_t length) {
  std::uint64_t power = 1;
  for (std::size_t i = 0; i < length; ++i)
    if (__builtin_mul_overflow(power, radix, &power)) return 0;
  return power;
}

std::uint64_t number_of(std::span<const std::uint16_t> symbols, std::uint32_t radix) {
  std::uint64_t number = 0;
  for (const std::uint16_t symbol : symbols) number = number * radix + symbol;
  return number;
}

void put_number(std::uint64_t number, std::span<std::uint16_t> symbols, std::uint32_t radix) {
  for (std::size_t i = symbols.size(); i-- > 0; number /= radix)
    symbols[i] = static_cast<std::uint16_t>(number % radix);
}

// The same numbers where 64 bits do not hold them: schoolbook, digit by digit.
void bytes_of_number(std::span<const std::uint16_t> symbols, std::uint32_t radix,
                     std::span<std::uint8_t> out) {
  std::ranges::fill(out, std::uint8_t{0});
  for (const std::uint16_t symbol : symbols) {
    std::uint32_t carry = symbol;
    for (std::size_t i = out.size(); i-- > 0;) {
      carry += out[i] * radix;
      out[i] = static_cast<std::uint8_t>(carry);
      carry >>= 8U;
    }
  }
}

void number_of_bytes(std::span<const std::uint8_t> bytes, std::uint32_t radix,
                     std::span<std::uint16_t> symbols) {
  std::ranges::fill(symbols, std::uint16_t{0});
  for (const std::uint8_t byte : bytes) {
    std::uint32_t carry = byte;
    for (std::size_t i = symbols.size(); i-- > 0;) {
      carry += std::uint32_t{symbols[i]} << 8U;
      symbols[i] = static_cast<std::uint16_t>(carry % radix);
      carry /= radix;
    }
  }
}

// ceil(log2(radix^length) / 8), found by counting, because a logarithm in floating point is wrong at powers
// of two.
std::size_t bytes_for(std::uint32_t radix, std::size_t length) {
  if ((radix & (radix - 1)) == 0) {
    const auto bits = static_cast<std::size_t>(__builtin_ctz(radix)) * length;
    return (bits + 7) / 8;
  }
  // The largest number, counted in bytes; 65,536 needs two per symbol.
  std::vector<std::uint8_t> bytes(2 * length + 1);
  const Symbols largest(length, static_cast<std::uint16_t>(radix - 1));
  bytes_of_number(largest, radix, bytes);
  const auto first = std::ranges::find_if(bytes, [](std::uint8_t byte) { return byte != 0; });
  return static_cast<std::size_t>(bytes.end() - first);
}

void add(std::span<std::uint16_t> left, std::span<const std::uint16_t> right, std::uint32_t radix) {
  std::uint32_t carry = 0;
  for (std::size_t i = left.size(); i-- > 0;) {
    const std::uint32_t sum = std::uint32_t{left[i]} + right[i] + carry;
    left[i] = static_cast<std::uint16_t>(sum % radix);
    carry = sum / radix;
  }
}

void subtract(std::span<std::uint16_t> left, std::span<const std::uint16_t> right, std::uint32_t radix) {
  std::uint32_t borrow = 0;
  for (std::size_t i = left.size(); i-- > 0;) {
    const std::uint32_t difference = radix + left[i] - right[i] - borrow;
    left[i] = static_cast<std::uint16_t>(difference % radix);
    borrow = difference < radix ? 1 : 0;
  }
}

}  // namespace

struct Ff1::State {
  Held<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> cipher;
  std::uint32_t radix = 0;
  std::vector<std::uint8_t> tweak;

  // Of the length that was met last: columns hold many values of one length.
  std::size_t length = 0;
  std::size_t b = 0;
  std::size_t d = 0;
  Block after_header{};         // the chain after P, which is the same in every round
  std::vector<std::uint8_t> q;  // tweak, zeros, round, number
  std::vector<std::uint8_t> s;  // d bytes, rounded up to whole blocks
  Symbols c;                    // scratch of the long way
  std::uint64_t modulus_u = 0;  // 0: above 64 bits
  std::uint64_t modulus_v = 0;

  void encrypt_block(Block& block) {
    int size = 0;
    need(EVP_EncryptUpdate(cipher.get(), block.data(), &size, block.data(), kBlock) == 1 && size == kBlock,
         "AES");
  }

  void chain(Block& state, std::span<const std::uint8_t> block) {
    for (std::size_t i = 0; i < kBlock; ++i) state[i] ^= block[i];
    encrypt_block(state);
  }

  void prepare(std::size_t n) {
    if (n == length) return;
    length = n;
    const std::size_t u = n / 2;
    const std::size_t v = n - u;
    b = bytes_for(radix, v);
    d = 4 * ((b + 3) / 4) + 4;
    modulus_u = power_or_zero(radix, u);
    modulus_v = power_or_zero(radix, v);
    Block p{1, 2, 1};
    put_big_endian(radix, std::span(p).subspan(3, 3));
    p[6] = kRounds;
    p[7] = static_cast<std::uint8_t>(u);
    put_big_endian(n, std::span(p).subspan(8, 4));
    put_big_endian(tweak.size(), std::span(p).subspan(12, 4));
    after_header = {};
    chain(after_header, p);
    const std::size_t used = tweak.size() + 1 + b;
    q.assign((used + kBlock - 1) / kBlock * kBlock, 0);
    std::ranges::copy(tweak, q.begin());
    s.assign((d + kBlock - 1) / kBlock * kBlock, 0);
    c.assign(v, 0);
  }

  // Steps 6.i to 6.iii: the number is in the last b bytes of q.
  void make_s(unsigned round) {
    q[q.size() - b - 1] = static_cast<std::uint8_t>(round);
    Block r = after_header;
    for (std::size_t at = 0; at < q.size(); at += kBlock) chain(r, std::span(q).subspan(at, kBlock));
    std::ranges::copy(r, s.begin());
    for (std::size_t j = 1; j * kBlock < s.size(); ++j) {
      Block next = r;
      Block counter{};
      put_big_endian(j, counter);
      for (std::size_t i = 0; i < kBlock; ++i) next[i] ^= counter[i];
      encrypt_block(next);
      std::ranges::copy(next, s.begin() + static_cast<std::ptrdiff_t>(j * kBlock));
    }
  }

  std::span<std::uint8_t> number_in_q() { return std::span(q).last(b); }

  // Both halves fit in 64 bits; then d is at most 12.
  void run_short(std::span<std::uint16_t> symbols, Direction direction) {
    const std::size_t u = length / 2;
    std::uint64_t left = number_of(symbols.first(u), radix);
    std::uint64_t right = number_of(symbols.subspan(u), radix);
    for (unsigned i = 0; i < kRounds; ++i) {
      const unsigned round = direction == Direction::Encrypt ? i : kRounds - 1 - i;
      const std::uint64_t modulus = round % 2 == 0 ? modulus_u : modulus_v;
      const std::uint64_t known = direction == Direction::Encrypt ? right : left;
      const std::uint64_t changed = direction == Direction::Encrypt ? left : right;
      put_big_endian(known, number_in_q());
      make_s(round);
      Wide y = 0;
      for (std::size_t k = 0; k < d; ++k) y = y << 8U | s[k];
      const auto offset = static_cast<std::uint64_t>(y % modulus);
      const Wide sum = Wide{changed} + (direction == Direction::Encrypt ? offset : modulus - offset);
      const auto made = static_cast<std::uint64_t>(sum % modulus);
      left = direction == Direction::Encrypt ? known : made;
      right = direction == Direction::Encrypt ? made : known;
    }
    put_number(left, symbols.first(u), radix);
    put_number(right, symbols.subspan(u), radix);
  }

  // The halves keep their places; even rounds change the first, odd ones the second.
  void run_long(std::span<std::uint16_t> symbols, Direction direction) {
    const std::size_t u = length / 2;
    for (unsigned i = 0; i < kRounds; ++i) {
      const unsigned round = direction == Direction::Encrypt ? i : kRounds - 1 - i;
      const bool even = round % 2 == 0;
      const std::span<std::uint16_t> changed = even ? symbols.first(u) : symbols.subspan(u);
      const std::span<std::uint16_t> known = even ? symbols.subspan(u) : symbols.first(u);
      bytes_of_number(known, radix, number_in_q());
      make_s(round);
      const std::span<std::uint16_t> y = std::span(c).first(changed.size());
      number_of_bytes(std::span(s).first(d), radix, y);
      if (direction == Direction::Encrypt) {
        add(changed, y, radix);
      } else {
        subtract(changed, y, radix);
      }
    }
  }
};

bool is_ff1_domain(std::uint32_t radix, std::size_t length) {
  std::uint64_t values = 1;
  for (std::size_t i = 0; i < length && values < kLeastFf1Domain; ++i) values *= radix;
  return length >= 2 && values >= kLeastFf1Domain;
}

Ff1::Ff1(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ff1::~Ff1() = default;
Ff1::Ff1(Ff1&&) noexcept = default;
Ff1& Ff1::operator=(Ff1&&) noexcept = default;

Result<Ff1> Ff1::create(Bytes key, std::uint32_t radix, Bytes tweak) {
  const EVP_CIPHER* cipher = key.size() == 16   ? EVP_aes_128_ecb()
                             : key.size() == 24 ? EVP_aes_192_ecb()
                             : key.size() == 32 ? EVP_aes_256_ecb()
                                                : nullptr;
  if (cipher == nullptr)
    return fail(Code::InvalidInput,
                "FF1 takes a key of 16, 24 or 32 bytes, not of " + std::to_string(key.size()));
  if (radix < 2 || radix > kMostRadix)
    return fail(Code::InvalidInput, "FF1 takes a radix from 2 to 65536, not " + std::to_string(radix));
  auto state = std::make_unique<State>();
  state->cipher.reset(EVP_CIPHER_CTX_new());
  need(state->cipher != nullptr &&
           EVP_EncryptInit_ex(state->cipher.get(), cipher, nullptr, key.data(), nullptr) == 1 &&
           EVP_CIPHER_CTX_set_padding(state->cipher.get(), 0) == 1,
       "AES");
  state->radix = radix;
  Ff1 made(std::move(state));
  TRY(made.set_tweak(tweak));
  return made;
}

Result<void> Ff1::set_tweak(Bytes tweak) {
  if (tweak.size() > kMostFf1Tweak)
    return fail(Code::InvalidInput, "a tweak of FF1 has at most " + std::to_string(kMostFf1Tweak) +
                                        " bytes, this one has " + std::to_string(tweak.size()));
  if (std::ranges::equal(tweak, state_->tweak)) return {};
  state_->tweak.assign(tweak.begin(), tweak.end());
  state_->length = 0;  // what was prepared stood for the tweak before
  return {};
}

Result<void> Ff1::run(std::span<std::uint16_t> symbols, Direction direction) {
  if (symbols.size() > kMostFf1Symbols)
    return fail(Code::LimitReached, "FF1 takes at most " + std::to_string(kMostFf1Symbols) +
                                        " symbols, not " + std::to_string(symbols.size()));
  if (!is_ff1_domain(state_->radix, symbols.size()))
    return fail(Code::InvalidInput, std::to_string(symbols.size()) + " symbols of radix " +
                                        std::to_string(state_->radix) +
                                        " have fewer than 1000000 values, which can be tried one by one");
  for (const std::uint16_t symbol : symbols)
    if (symbol >= state_->radix) return fail(Code::InvalidInput, "a symbol lies outside the alphabet of FF1");
  state_->prepare(symbols.size());
  if (state_->modulus_v != 0) {
    state_->run_short(symbols, direction);
  } else {
    state_->run_long(symbols, direction);
  }
  return {};
}

Result<void> Ff1::encrypt(std::span<std::uint16_t> symbols) {
  return run(symbols, Direction::Encrypt);
}

Result<void> Ff1::decrypt(std::span<std::uint16_t> symbols) {
  return run(symbols, Direction::Decrypt);
}

}  // namespace bulwark::crypto
