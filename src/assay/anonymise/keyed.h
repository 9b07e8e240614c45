#pragma once
// What is derived from the key of a plan: a key for each purpose and domain, and for each value a stream of
// bytes that nobody can foretell without the key and that is the same each time.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "base/random.h"
#include "crypto/hash.h"

namespace bulwark::assay::anonymise {

// HMAC-SHA-256 over a label, the purpose and the domain, with their lengths.
[[nodiscard]] crypto::Hash256 derive_key(Bytes master, std::string_view purpose, std::string_view domain);

// HMAC-SHA-256(key, counter || value), one block after another.
class ValueStream {
 public:
  ValueStream(Bytes key, std::string_view value) : key_(key), value_(value) {}
  [[nodiscard]] std::uint8_t byte();
  [[nodiscard]] std::uint32_t below(std::uint32_t bound);  // without bias; bound >= 1
  // So many digits 0-9, or characters of a-z and 2-7 (RFC 4648).
  [[nodiscard]] std::string digits(std::size_t count);
  [[nodiscard]] std::string base32(std::size_t count);
  [[nodiscard]] std::string hex(std::size_t count);

 private:
  void refill();
  Bytes key_;
  std::string_view value_;
  crypto::Hash256 block_{};
  std::size_t used_ = 32;
  std::uint32_t counter_ = 0;
};

// Random bytes of its own for one column, drawn from one seed of the world's: columns run on several threads,
// and the same seed gives the same file.
class ColumnRandom : public Random {
 public:
  explicit ColumnRandom(Random& world);
  void fill(std::span<std::uint8_t> out) override;

 private:
  crypto::Hash256 seed_{};
  crypto::Hash256 block_{};
  std::size_t used_ = 32;
  std::uint64_t counter_ = 0;
};

}  // namespace bulwark::assay::anonymise
