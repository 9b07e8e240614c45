#include "crypto/seal.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <string>

#include "crypto/library.h"

namespace bulwark::crypto {
namespace {

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Free>;

constexpr std::size_t kNonceBytes = 12;

// What a file may ask of us: more would be a way to stop the machine.
constexpr std::uint32_t kMostKibibytes = 1U << 21U;                 // 2 GiB, the first option of RFC 9106
constexpr std::uint64_t kMostArgon2Work = std::uint64_t{1} << 24U;  // passes x KiB: 16 GiB to fill, some 10 s
constexpr std::uint32_t kMostLanes = 64;
constexpr std::uint32_t kMostRounds = 10'000'000;            // PBKDF2: some 10 s
constexpr std::size_t kMostDerived = std::size_t{1} << 16U;  // no key is larger

// Fetched once for the life of the process.
const EVP_CIPHER* gcm(std::size_t key_bytes) {
  static const EVP_CIPHER* const short_key = EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr);
  static const EVP_CIPHER* const long_key = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return key_bytes == 16 ? short_key : key_bytes == 32 ? long_key : nullptr;
}

const EVP_CIPHER* key_wrap(std::size_t key_bytes) {
  static const EVP_CIPHER* const aes128 = EVP_CIPHER_fetch(nullptr, "AES-128-WRAP-PAD", nullptr);
  static const EVP_CIPHER* const aes192 = EVP_CIPHER_fetch(nullptr, "AES-192-WRAP-PAD", nullptr);
  static const EVP_CIPHER* const aes256 = EVP_CIPHER_fetch(nullptr, "AES-256-WRAP-PAD", nullptr);
  return key_bytes == 16 ? aes128 : key_bytes == 24 ? aes192 : key_bytes == 32 ? aes256 : nullptr;
}

// OpenSSL counts in int. `out` may be null: then `input` is associated data.
bool feed(EVP_CIPHER_CTX* context, Bytes input, std::uint8_t* out) {
  constexpr std::size_t kMost = std::size_t{1} << 30U;
  while (!input.empty()) {
    const Bytes piece = input.first(std::min(input.size(), kMost));
    int written = 0;
    if (EVP_CipherUpdate(context, out, &written, piece.data(), static_cast<int>(piece.size())) != 1)
      return false;
    if (out != nullptr) out += written;
    input = input.subspan(piece.size());
  }
  return true;
}

Result<CipherContext> key_wrap_context(Bytes key_encryption_key, int encrypt) {
  const EVP_CIPHER* cipher = key_wrap(key_encryption_key.size());
  if (cipher == nullptr) {
    return fail(Code::InvalidInput, "key-encryption key: expected 16, 24 or 32 bytes, found " +
                                        std::to_string(key_encryption_key.size()));
  }
  CipherContext context(EVP_CIPHER_CTX_new());
  need(context != nullptr, "AES key wrap");
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  need(EVP_CipherInit_ex2(context.get(), cipher, key_encryption_key.data(), nullptr, encrypt, nullptr) == 1,
       "AES key wrap");
  return context;
}

Result<void> argon2_in_range(const Argon2& parameters, Bytes passphrase, Bytes salt, std::size_t size) {
  const auto refuse = [](const std::string& what) { return fail(Code::InvalidInput, "Argon2id: " + what); };
  if (parameters.lanes == 0 || parameters.lanes > kMostLanes)
    return refuse(std::to_string(parameters.lanes) + " lanes; expected 1 to " + std::to_string(kMostLanes));
  if (parameters.kibibytes < 8 * parameters.lanes || parameters.kibibytes > kMostKibibytes)
    return refuse(std::to_string(parameters.kibibytes) + " KiB of memory; expected " +
                  std::to_string(8 * parameters.lanes) + " to " + std::to_string(kMostKibibytes));
  if (parameters.passes == 0 || std::uint64_t{parameters.passes} * parameters.kibibytes > kMostArgon2Work)
    return refuse(std::to_string(parameters.passes) + " passes over " + std::to_string(parameters.kibibytes) +
                  " KiB; expected at least one, and at most " + std::to_string(kMostArgon2Work) +
                  " KiB altogether");
  if (salt.size() < ARGON2_MIN_SALT_LENGTH || salt.size() > kMostDerived)
    return refuse("salt of " + std::to_string(salt.size()) + " bytes; expected 8 or more");
  if (size < ARGON2_MIN_OUTLEN || size > kMostDerived)
    return refuse("result of " + std::to_string(size) + " bytes; expected 4 or more");
  if (passphrase.size() > UINT32_MAX) return refuse("passphrase of 4 GiB or more");
  return {};
}

}  // namespace

struct AesGcm::State {
  CipherContext context;
};

AesGcm::AesGcm(Bytes key) : state_(std::make_unique<State>(State{CipherContext(EVP_CIPHER_CTX_new())})) {
  const EVP_CIPHER* cipher = gcm(key.size());
  need(cipher != nullptr && state_->context != nullptr &&
           EVP_CipherInit_ex2(state_->context.get(), cipher, key.data(), nullptr, 1, nullptr) == 1,
       "AES-GCM key");
}
AesGcm::~AesGcm() = default;
AesGcm::AesGcm(AesGcm&&) noexcept = default;
AesGcm& AesGcm::operator=(AesGcm&&) noexcept = default;

void AesGcm::seal(Bytes nonce, Bytes associated, Bytes plain, std::span<std::uint8_t> out) {
  need(nonce.size() == kNonceBytes && out.size() == plain.size() + kTagBytes, "AES-GCM: sizes");
  EVP_CIPHER_CTX* context = state_->context.get();
  int nothing = 0;
  need(EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), 1, nullptr) == 1 &&
           feed(context, associated, nullptr) && feed(context, plain, out.data()) &&
           EVP_CipherFinal_ex(context, out.data() + plain.size(), &nothing) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagBytes),
                               out.data() + plain.size()) == 1,
       "AES-GCM");
}

Result<void> AesGcm::open(Bytes nonce, Bytes associated, Bytes sealed, std::span<std::uint8_t> out) {
  if (sealed.size() < kTagBytes) {
    return fail(Code::Corrupt, "sealed text: needs " + std::to_string(kTagBytes) + " bytes for its tag, " +
                                   std::to_string(sealed.size()) + " are there");
  }
  const std::size_t size = sealed.size() - kTagBytes;
  need(nonce.size() == kNonceBytes && out.size() == size, "AES-GCM: sizes");
  EVP_CIPHER_CTX* context = state_->context.get();
  // A copy: OpenSSL wants to be able to write, and `out` may lie over `sealed`.
  std::array<std::uint8_t, kTagBytes> tag{};
  std::memcpy(tag.data(), sealed.data() + size, kTagBytes);
  need(EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), 0, nullptr) == 1 &&
           feed(context, associated, nullptr) && feed(context, sealed.first(size), out.data()) &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTagBytes), tag.data()) == 1,
       "AES-GCM");
  std::array<std::uint8_t, kTagBytes> rest{};
  int nothing = 0;
  if (EVP_CipherFinal_ex(context, rest.data(), &nothing) == 1) return {};
  wipe(out);
  return fail(Code::Corrupt, "sealed text: its tag does not verify: another key, or changed bytes");
}

Secret hkdf_extract(HashAlgorithm algorithm, Bytes salt, Bytes key) {
  std::vector<std::uint8_t> pseudorandom_key = hmac(algorithm, salt, key);
  Secret result{Bytes(pseudorandom_key)};
  wipe(pseudorandom_key);
  return result;
}

Result<Secret> hkdf_expand(HashAlgorithm algorithm, Bytes pseudorandom_key, Bytes info, std::size_t size) {
  const std::size_t block_size = size_of(algorithm);
  if (size > 255 * block_size) {
    return fail(Code::InvalidInput, "HKDF: " + std::to_string(size) + " bytes asked for, " +
                                        std::to_string(255 * block_size) + " is the most");
  }
  // T(i) = HMAC(key, T(i-1) | info | i)
  Secret result(size);
  Secret input(block_size + info.size() + 1);
  const std::span<std::uint8_t> into = input.writable();
  if (!info.empty()) std::memcpy(into.data() + block_size, info.data(), info.size());
  for (std::size_t done = 0, i = 1; done < size; done += block_size, ++i) {
    into.back() = static_cast<std::uint8_t>(i);
    std::vector<std::uint8_t> block =
        hmac(algorithm, pseudorandom_key, input.bytes().subspan(i == 1 ? block_size : 0));
    std::memcpy(result.writable().data() + done, block.data(), std::min(block_size, size - done));
    std::memcpy(into.data(), block.data(), block_size);
    wipe(block);
  }
  return result;
}

Result<std::vector<std::uint8_t>> wrap_key(Bytes key_encryption_key, Bytes key) {
  if (key.empty() || key.size() > kMostDerived) {
    return fail(Code::InvalidInput, "key to wrap: expected 1 to " + std::to_string(kMostDerived) +
                                        " bytes, found " + std::to_string(key.size()));
  }
  const CipherContext context = TRY(key_wrap_context(key_encryption_key, 1));
  std::vector<std::uint8_t> wrapped((key.size() + 7) / 8 * 8 + 8);
  int written = 0;
  need(EVP_CipherUpdate(context.get(), wrapped.data(), &written, key.data(), static_cast<int>(key.size())) ==
               1 &&
           static_cast<std::size_t>(written) == wrapped.size(),
       "AES key wrap");
  return wrapped;
}

Result<Secret> unwrap_key(Bytes key_encryption_key, Bytes wrapped) {
  const CipherContext context = TRY(key_wrap_context(key_encryption_key, 0));
  if (wrapped.size() < 16 || wrapped.size() % 8 != 0 || wrapped.size() > kMostDerived + 16) {
    return fail(Code::Corrupt, "wrapped key: expected a multiple of 8 bytes from 16, found " +
                                   std::to_string(wrapped.size()));
  }
  Secret plain(wrapped.size());  // OpenSSL writes whole blocks before it cuts the padding
  int written = 0;
  if (EVP_CipherUpdate(context.get(), plain.writable().data(), &written, wrapped.data(),
                       static_cast<int>(wrapped.size())) != 1 ||
      written <= 0)
    return fail(Code::Corrupt, "wrapped key: it does not verify: wrapped with another key, or changed bytes");
  return Secret(plain.bytes().first(static_cast<std::size_t>(written)));
}

Result<Secret> argon2id(const Argon2& parameters, Bytes passphrase, Bytes salt, std::size_t size) {
  TRY(argon2_in_range(parameters, passphrase, salt, size));
  Secret result(size);
  const int status =
      argon2id_hash_raw(parameters.passes, parameters.kibibytes, parameters.lanes, passphrase.data(),
                        passphrase.size(), salt.data(), salt.size(), result.writable().data(), size);
  if (status != ARGON2_OK) {
    return fail(Code::Unavailable, "Argon2id with " + std::to_string(parameters.kibibytes) +
                                       " KiB of memory: " + argon2_error_message(status));
  }
  return result;
}

Result<Secret> pbkdf2(HashAlgorithm algorithm, Bytes passphrase, Bytes salt, std::uint32_t rounds,
                      std::size_t size) {
  if (rounds == 0 || rounds > kMostRounds) {
    return fail(Code::InvalidInput, "PBKDF2: " + std::to_string(rounds) + " rounds; expected 1 to " +
                                        std::to_string(kMostRounds));
  }
  if (size == 0 || size > kMostDerived || passphrase.size() > INT_MAX || salt.size() > INT_MAX) {
    return fail(Code::InvalidInput, "PBKDF2: result of " + std::to_string(size) + " bytes; expected 1 to " +
                                        std::to_string(kMostDerived));
  }
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  static const EVP_MD* const sha384 = EVP_MD_fetch(nullptr, "SHA2-384", nullptr);
  static const EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA2-512", nullptr);
  const EVP_MD* digest = algorithm == HashAlgorithm::Sha256   ? sha256
                         : algorithm == HashAlgorithm::Sha384 ? sha384
                         : algorithm == HashAlgorithm::Sha512 ? sha512
                                                              : nullptr;
  if (digest == nullptr)
    return fail(Code::InvalidInput, "PBKDF2 goes with SHA-2, not with " + std::string(name_of(algorithm)));
  Secret result(size);
  need(PKCS5_PBKDF2_HMAC(text_of(passphrase).data(), static_cast<int>(passphrase.size()), salt.data(),
                         static_cast<int>(salt.size()), static_cast<int>(rounds), digest,
                         static_cast<int>(size), result.writable().data()) == 1,
       "PBKDF2");
  return result;
}

}  // namespace bulwark::crypto
