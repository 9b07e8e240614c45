// Speed of our wrappers around the crypto library. What the library does bare is said by `openssl speed`:
// bench/README.md has the commands.

#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "crypto/hash.h"
#include "crypto/seal.h"
#include "crypto/signing.h"

namespace bulwark::crypto {
namespace {

using Buffer = std::vector<std::uint8_t>;

void count_bytes(benchmark::State& state, std::size_t size) {
  state.SetBytesProcessed(static_cast<std::int64_t>(size) * state.iterations());
}

void sha256(benchmark::State& state) {
  const Buffer content(static_cast<std::size_t>(state.range(0)), 0xA5);
  for (auto _ : state) benchmark::DoNotOptimize(sha256_bytes(content));
  count_bytes(state, content.size());
}
BENCHMARK(sha256)->Arg(64)->Arg(16'384)->Arg(1 << 20);

void merkle_node(benchmark::State& state) {
  const std::uint8_t prefix = 1;
  const Hash256 left{};
  const Hash256 right{};
  for (auto _ : state) benchmark::DoNotOptimize(sha256_bytes(Bytes(&prefix, 1), left, right));
}
BENCHMARK(merkle_node);

void hmac_sha256(benchmark::State& state) {
  const Buffer key(32, 1);
  const Buffer content(64, 2);
  for (auto _ : state) benchmark::DoNotOptimize(hmac(HashAlgorithm::Sha256, key, content));
}
BENCHMARK(hmac_sha256);

void aes256_gcm_seal(benchmark::State& state) {
  const Buffer plain(static_cast<std::size_t>(state.range(0)), 0xA5);
  Buffer sealed(plain.size() + kTagBytes);
  AesGcm cipher(Buffer(32, 7));
  std::array<std::uint8_t, 12> nonce{};
  for (auto _ : state) {
    ++nonce[0];
    cipher.seal(nonce, {}, plain, sealed);
    benchmark::ClobberMemory();
  }
  count_bytes(state, plain.size());
}
BENCHMARK(aes256_gcm_seal)->Arg(16'384);

void aes256_gcm_open(benchmark::State& state) {
  const Buffer plain(static_cast<std::size_t>(state.range(0)), 0xA5);
  Buffer sealed(plain.size() + kTagBytes);
  Buffer opened(plain.size());
  AesGcm cipher(Buffer(32, 7));
  const std::array<std::uint8_t, 12> nonce{};
  cipher.seal(nonce, {}, plain, sealed);
  for (auto _ : state) benchmark::DoNotOptimize(cipher.open(nonce, {}, sealed, opened).has_value());
  count_bytes(state, plain.size());
}
BENCHMARK(aes256_gcm_open)->Arg(16'384);

void aes256_gcm_new_key(benchmark::State& state) {
  const Buffer key(32, 7);
  for (auto _ : state) benchmark::DoNotOptimize(AesGcm(key));
}
BENCHMARK(aes256_gcm_new_key);

void hkdf_expand_sha512(benchmark::State& state) {
  const Buffer key(32, 1);
  const Buffer context(64, 2);
  for (auto _ : state) benchmark::DoNotOptimize(hkdf_expand(HashAlgorithm::Sha512, key, context, 76));
}
BENCHMARK(hkdf_expand_sha512);

void wrap_data_key(benchmark::State& state) {
  const Buffer key(32, 1);
  for (auto _ : state) benchmark::DoNotOptimize(wrap_key(key, key));
}
BENCHMARK(wrap_data_key);

void locked_secret(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Secret(32));
}
BENCHMARK(locked_secret);

void sign(benchmark::State& state, KeyType type) {
  const PrivateKey key = PrivateKey::generate(type).value();
  const Buffer message(64, 1);
  for (auto _ : state) benchmark::DoNotOptimize(key.sign(message));
}
BENCHMARK_CAPTURE(sign, p256, KeyType::P256);
BENCHMARK_CAPTURE(sign, ed25519, KeyType::Ed25519);

void verify(benchmark::State& state, KeyType type) {
  const PrivateKey key = PrivateKey::generate(type).value();
  const Buffer message(64, 1);
  const Buffer signature = key.sign(message).value();
  const PublicKey& public_key = key.public_key();
  for (auto _ : state)
    benchmark::DoNotOptimize(public_key.verify(hash_for(type), message, signature).has_value());
}
BENCHMARK_CAPTURE(verify, p256, KeyType::P256);
BENCHMARK_CAPTURE(verify, ed25519, KeyType::Ed25519);

void argon2id_default(benchmark::State& state) {
  const Buffer salt(16, 1);
  for (auto _ : state) benchmark::DoNotOptimize(argon2id({}, bytes_of("correct horse"), salt, 32));
}
BENCHMARK(argon2id_default)->MeasureProcessCPUTime();

}  // namespace
}  // namespace bulwark::crypto
