#include "crypto/hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <utility>

#include "crypto/library.h"

namespace bulwark::crypto {
namespace {

struct Row {
  HashAlgorithm algorithm;
  std::string_view name;
  std::size_t size;
  const char* library_name;
};
constexpr std::array<Row, 4> kRows = {{
    {HashAlgorithm::Sha256, "sha256", 32, "SHA2-256"},
    {HashAlgorithm::Sha384, "sha384", 48, "SHA2-384"},
    {HashAlgorithm::Sha512, "sha512", 64, "SHA2-512"},
    {HashAlgorithm::Blake2b512, "blake2b", 64, "BLAKE2B-512"},
}};
constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (std::to_underlying(kRows[i].algorithm) != i) return false;
  }
  return true;
}
static_assert(rows_are_in_order());

const Row& row(HashAlgorithm algorithm) {
  return kRows[std::to_underlying(algorithm)];
}

struct Free {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Free>;

// Fetched once for the life of the process: looking an algorithm up costs more than hashing a Merkle node.
const EVP_MD* digest_of(HashAlgorithm algorithm) {
  static const std::array<const EVP_MD*, kRows.size()> digests = [] {
    std::array<const EVP_MD*, kRows.size()> fetched{};
    for (const Row& each : kRows)
      fetched[std::to_underlying(each.algorithm)] = EVP_MD_fetch(nullptr, each.library_name, nullptr);
    return fetched;
  }();
  const EVP_MD* digest = digests[std::to_underlying(algorithm)];
  need(digest != nullptr, row(algorithm).name);
  return digest;
}

DigestContext new_digest_context(HashAlgorithm algorithm) {
  DigestContext context(EVP_MD_CTX_new());
  need(context != nullptr && EVP_DigestInit_ex2(context.get(), digest_of(algorithm), nullptr) == 1,
       row(algorithm).name);
  return context;
}

void absorb(EVP_MD_CTX* context, Bytes piece) {
  if (!piece.empty()) need(EVP_DigestUpdate(context, piece.data(), piece.size()) == 1, "hashing");
}

void finish_into(EVP_MD_CTX* context, std::span<std::uint8_t> out) {
  need(EVP_DigestFinal_ex(context, out.data(), nullptr) == 1, "hashing");
}

EVP_MAC_CTX* new_mac_template(HashAlgorithm algorithm) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* context = mac == nullptr ? nullptr : EVP_MAC_CTX_new(mac);
  EVP_MAC_free(mac);
  std::string name(row(algorithm).library_name);
  const std::array<OSSL_PARAM, 2> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0), OSSL_PARAM_construct_end()};
  need(context != nullptr && EVP_MAC_CTX_set_params(context, parameters.data()) == 1, "HMAC");
  return context;
}

// A context that knows its hash and has no key is copied for each use: that is cheaper than naming the hash
// again, and a key never outlives its use.
MacContext keyed(HashAlgorithm algorithm, Bytes key) {
  static const std::array<EVP_MAC_CTX*, kRows.size()> templates = [] {
    std::array<EVP_MAC_CTX*, kRows.size()> made{};
    for (const Row& each : kRows) made[std::to_underlying(each.algorithm)] = new_mac_template(each.algorithm);
    return made;
  }();
  static constexpr std::uint8_t kNoKey =
      0;  // an empty key must not be a null pointer: that means "as before"
  MacContext context(EVP_MAC_CTX_dup(templates[std::to_underlying(algorithm)]));
  need(context != nullptr &&
           EVP_MAC_init(context.get(), key.empty() ? &kNoKey : key.data(), key.size(), nullptr) == 1,
       "HMAC");
  return context;
}

void absorb(EVP_MAC_CTX* context, Bytes piece) {
  if (!piece.empty()) need(EVP_MAC_update(context, piece.data(), piece.size()) == 1, "HMAC");
}

void finish_into(EVP_MAC_CTX* context, std::span<std::uint8_t> out) {
  std::size_t size = 0;
  need(EVP_MAC_final(context, out.data(), &size, out.size()) == 1 && size == out.size(), "HMAC");
}

}  // namespace

std::string_view name_of(HashAlgorithm algorithm) {
  return row(algorithm).name;
}

std::optional<HashAlgorithm> hash_algorithm_from(std::string_view name) {
  for (const Row& each : kRows) {
    if (each.name == name) return each.algorithm;
  }
  return std::nullopt;
}

std::size_t size_of(HashAlgorithm algorithm) {
  return row(algorithm).size;
}

struct Hasher::State {
  HashAlgorithm algorithm;
  DigestContext context;
};

Hasher::Hasher(HashAlgorithm algorithm)
    : state_(std::make_unique<State>(State{algorithm, new_digest_context(algorithm)})) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(Bytes piece) {
  absorb(state_->context.get(), piece);
}

std::vector<std::uint8_t> Hasher::finish() {
  std::vector<std::uint8_t> result(size_of(state_->algorithm));
  finish_into(state_->context.get(), result);
  need(EVP_DigestInit_ex2(state_->context.get(), nullptr, nullptr) == 1, "hashing");
  return result;
}

Hash256 Hasher::finish256() {
  need(state_->algorithm == HashAlgorithm::Sha256, "finish256 of a hash that is not SHA-256");
  Hash256 result{};
  finish_into(state_->context.get(), result);
  need(EVP_DigestInit_ex2(state_->context.get(), nullptr, nullptr) == 1, "hashing");
  return result;
}

std::vector<std::uint8_t> hash(HashAlgorithm algorithm, Bytes content) {
  std::vector<std::uint8_t> result(size_of(algorithm));
  const DigestContext context = new_digest_context(algorithm);
  absorb(context.get(), content);
  finish_into(context.get(), result);
  return result;
}

Hash256 sha256_bytes(Bytes content) {
  return sha256_bytes(content, {});
}

Hash256 sha256_bytes(Bytes first, Bytes second, Bytes third) {
  thread_local const DigestContext context = new_digest_context(HashAlgorithm::Sha256);
  need(EVP_DigestInit_ex2(context.get(), nullptr, nullptr) == 1, "hashing");
  absorb(context.get(), first);
  absorb(context.get(), second);
  absorb(context.get(), third);
  Hash256 result{};
  finish_into(context.get(), result);
  return result;
}

std::vector<std::uint8_t> hmac(HashAlgorithm algorithm, Bytes key, Bytes content) {
  const MacContext context = keyed(algorithm, key);
  absorb(context.get(), content);
  std::vector<std::uint8_t> result(size_of(algorithm));
  finish_into(context.get(), result);
  return result;
}

struct Hmac256::State {
  MacContext context;
};

Hmac256::Hmac256(Bytes key) : state_(std::make_unique<State>(State{keyed(HashAlgorithm::Sha256, key)})) {}
Hmac256::~Hmac256() = default;
Hmac256::Hmac256(Hmac256&&) noexcept = default;
Hmac256& Hmac256::operator=(Hmac256&&) noexcept = default;

void Hmac256::update(Bytes piece) {
  absorb(state_->context.get(), piece);
}

Hash256 Hmac256::finish() {
  Hash256 result{};
  finish_into(state_->context.get(), result);
  return result;
}

bool equal_in_constant_time(Bytes left, Bytes right) {
  return left.size() == right.size() &&
         (left.empty() || CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0);
}

}  // namespace bulwark::crypto
