#include "crypto/signing.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <utility>

#include "crypto/library.h"

namespace bulwark::crypto {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(PKCS8_PRIV_KEY_INFO* information) const { PKCS8_PRIV_KEY_INFO_free(information); }
  void operator()(unsigned char* memory) const { OPENSSL_free(memory); }
  void operator()(char* text) const { OPENSSL_free(text); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

struct Row {
  KeyType type;
  std::string_view name;
  HashAlgorithm hash;
  const char* group;  // OpenSSL's name of the curve
};
constexpr std::array<Row, 5> kRows = {{
    {KeyType::P256, "p256", HashAlgorithm::Sha256, "prime256v1"},
    {KeyType::P384, "p384", HashAlgorithm::Sha384, "secp384r1"},
    {KeyType::P521, "p521", HashAlgorithm::Sha512, "secp521r1"},
    {KeyType::Ed25519, "ed25519", HashAlgorithm::Sha512, nullptr},
    {KeyType::Rsa, "rsa", HashAlgorithm::Sha256, nullptr},
}};
constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (std::to_underlying(kRows[i].type) != i) return false;
  }
  return true;
}
static_assert(rows_are_in_order());

const Row& row(KeyType type) {
  return kRows[std::to_underlying(type)];
}

constexpr std::size_t kMostPem = std::size_t{1} << 16U;  // RSA of 8,192 bits needs some 7 KB
constexpr int kLeastRsaBits = 2'048;
constexpr int kMostRsaBits = 8'192;  // verifying with larger ones is a way to spend our time

// Clears what OpenSSL left in its queue of this thread: the next caller must not read our errors.
struct QuietErrors {
  QuietErrors() = default;
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
  ~QuietErrors() { ERR_clear_error(); }
};

Owned<BIO> reader(Bytes bytes) {
  Owned<BIO> bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  need(bio != nullptr, "memory");
  return bio;
}

std::vector<std::uint8_t> spki_of(EVP_PKEY* key) {
  unsigned char* memory = nullptr;
  const int size = i2d_PUBKEY(key, &memory);
  const Owned<unsigned char> owned(memory);
  if (size <= 0) return {};
  return {memory, memory + size};
}

std::string pem_of(Bytes spki) {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  need(bio != nullptr &&
           PEM_write_bio(bio.get(), PEM_STRING_PUBLIC, "", spki.data(), static_cast<long>(spki.size())) > 0,
       "PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Result<KeyType> curve_of(EVP_PKEY* key) {
  // Parameters written out may name a forged generator (CVE-2020-0601): only curves by name.
  int is_explicit = 0;
  EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit);
  if (is_explicit != 0)
    return fail(Code::Unsupported, "the key writes out the parameters of its curve; expected a named curve");
  std::array<char, 64> name{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1)
    return fail(Code::Unsupported, "the key's curve has no name");
  for (const Row& each : kRows) {
    if (each.group != nullptr && std::string_view(name.data(), size) == each.group) return each.type;
  }
  return fail(Code::Unsupported,
              "curve " + std::string(name.data(), size) + "; expected P-256, P-384 or P-521");
}

Result<KeyType> type_of(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return KeyType::Ed25519;
  if (EVP_PKEY_is_a(key, "EC") == 1) return curve_of(key);
  if (EVP_PKEY_is_a(key, "RSA") != 1) {
    return fail(Code::Unsupported, "a key for " + std::string(EVP_PKEY_get0_type_name(key)) +
                                       "; expected ECDSA over a NIST curve, Ed25519 or RSA");
  }
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kLeastRsaBits || bits > kMostRsaBits) {
    return fail(Code::Unsupported, "RSA of " + std::to_string(bits) + " bits; expected " +
                                       std::to_string(kLeastRsaBits) + " to " + std::to_string(kMostRsaBits));
  }
  return KeyType::Rsa;
}

// An exponent of 1 makes every message its own signature.
bool has_sound_exponent(EVP_PKEY* key) {
  BIGNUM* exponent = nullptr;
  const bool known = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1;
  const bool sound = known && BN_is_odd(exponent) == 1 && BN_is_one(exponent) == 0;
  BN_free(exponent);
  return sound;
}

// A point off the curve or at infinity is no key. OpenSSL's check of RSA keys looks for small factors for
// many milliseconds, and whoever chose the key can sign with it anyway.
bool is_sound(EVP_PKEY* key, KeyType type) {
  if (type == KeyType::Ed25519) return true;
  if (type == KeyType::Rsa) return has_sound_exponent(key);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr);
  const bool sound = context != nullptr && EVP_PKEY_public_check_quick(context) == 1;
  EVP_PKEY_CTX_free(context);
  return sound;
}

// The private half belongs to the public one: else a signature could give the key away.
bool halves_match(EVP_PKEY* key) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr);
  const bool match = context != nullptr && EVP_PKEY_pairwise_check(context) == 1;
  EVP_PKEY_CTX_free(context);
  return match;
}

// The blocks of a PEM file that hold something else than what was wanted, and what to say of them.
Result<std::vector<std::uint8_t>> public_block(std::string_view pem) {
  if (pem.size() > kMostPem)
    return fail(Code::InvalidInput, "public key: longer than " + std::to_string(kMostPem) + " bytes");
  const Owned<BIO> bio = reader(bytes_of(pem));
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* der = nullptr;
  long size = 0;
  if (PEM_read_bio(bio.get(), &name, &header, &der, &size) != 1)
    return fail(Code::InvalidInput, "public key: expected PEM that starts with -----BEGIN PUBLIC KEY-----");
  const Owned<char> owned_name(name);
  const Owned<char> owned_header(header);
  const Owned<unsigned char> owned_der(der);
  std::vector<std::uint8_t> content(der, der + size);
  if (std::string_view(name) == PEM_STRING_PUBLIC) return content;
  wipe(content);
  OPENSSL_cleanse(der, static_cast<std::size_t>(size));
  return fail(Code::InvalidInput, "public key: expected PEM of a PUBLIC KEY, found " +
                                      std::string(name).substr(0, 64) +
                                      (std::string_view(name).ends_with("PRIVATE KEY")
                                           ? "; export the public half, the private one stays at home"
                                           : ""));
}

// Ed25519 hashes by itself.
const EVP_MD* digest_for(KeyType type, HashAlgorithm algorithm) {
  static const std::array<const EVP_MD*, 3> digests = {EVP_MD_fetch(nullptr, "SHA2-256", nullptr),
                                                       EVP_MD_fetch(nullptr, "SHA2-384", nullptr),
                                                       EVP_MD_fetch(nullptr, "SHA2-512", nullptr)};
  if (type == KeyType::Ed25519 || std::to_underlying(algorithm) >= digests.size()) return nullptr;
  return digests[std::to_underlying(algorithm)];
}

bool set_padding(EVP_PKEY_CTX* context, const EVP_MD* digest, Padding padding) {
  if (padding == Padding::RsaPkcs1) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) == 1;
}

struct Passphrase {
  std::string_view text;
  bool asked = false;
};

int give_passphrase(char* out, int room, int /*for writing*/, void* context) {
  auto* passphrase = static_cast<Passphrase*>(context);
  passphrase->asked = true;
  if (passphrase->text.empty() || passphrase->text.size() > static_cast<std::size_t>(room)) return -1;
  std::memcpy(out, passphrase->text.data(), passphrase->text.size());
  return static_cast<int>(passphrase->text.size());
}

}  // namespace

std::string_view name_of(KeyType type) {
  return row(type).name;
}

std::optional<KeyType> key_type_from(std::string_view name) {
  for (const Row& each : kRows) {
    if (each.name == name) return each.type;
  }
  return std::nullopt;
}

HashAlgorithm hash_for(KeyType type) {
  return row(type).hash;
}

struct PublicKey::State {
  Owned<EVP_PKEY> key;
  KeyType type = KeyType::P256;
  std::vector<std::uint8_t> spki;
};

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  const QuietErrors quiet;
  const std::vector<std::uint8_t> der = TRY(public_block(pem));
  return from_spki(der);
}

Result<PublicKey> PublicKey::from_spki(Bytes der) {
  const QuietErrors quiet;
  if (der.size() > kMostPem)
    return fail(Code::InvalidInput, "public key: longer than " + std::to_string(kMostPem) + " bytes");
  const unsigned char* at = der.data();
  auto state = std::make_shared<State>();
  if (!der.empty()) state->key.reset(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (state->key == nullptr) return fail(Code::InvalidInput, "public key: no SubjectPublicKeyInfo in DER");
  state->type = TRY(type_of(state->key.get()));
  state->spki = spki_of(state->key.get());
  // One key, one encoding: what is compared and hashed must not have a twin.
  if (!std::ranges::equal(state->spki, der))
    return fail(Code::InvalidInput, "public key: not in DER, or bytes follow it");
  if (!is_sound(state->key.get(), state->type))
    return fail(Code::InvalidInput, "public key: its value is not one of its kind's");
  return PublicKey(std::move(state));
}

Result<PublicKey> PublicKey::from_ed25519(Bytes raw) {
  const QuietErrors quiet;
  const Owned<EVP_PKEY> key(
      EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, raw.data(), raw.size()));
  if (key == nullptr) {
    return fail(Code::InvalidInput,
                "Ed25519 public key: expected 32 bytes, found " + std::to_string(raw.size()));
  }
  return from_spki(spki_of(key.get()));
}

KeyType PublicKey::type() const {
  return state_->type;
}
std::string PublicKey::pem() const {
  return pem_of(state_->spki);
}
std::vector<std::uint8_t> PublicKey::spki() const {
  return state_->spki;
}

std::vector<std::uint8_t> PublicKey::raw() const {
  if (state_->type != KeyType::Ed25519) return {};
  std::vector<std::uint8_t> raw(32);
  std::size_t size = raw.size();
  need(EVP_PKEY_get_raw_public_key(state_->key.get(), raw.data(), &size) == 1 && size == raw.size(),
       "Ed25519");
  return raw;
}

namespace {

Result<const EVP_MD*> fitting_digest(KeyType kind, HashAlgorithm algorithm, Padding padding) {
  const EVP_MD* digest = digest_for(kind, algorithm);
  if (digest == nullptr && kind != KeyType::Ed25519)
    return fail(Code::InvalidInput, "signatures go with SHA-2, not with " + std::string(name_of(algorithm)));
  if ((kind == KeyType::Rsa) != (padding != Padding::None))
    return fail(Code::InvalidInput, "a padding belongs to RSA signatures, and to no others");
  return digest;
}

std::unexpected<Error> does_not_verify(KeyType kind) {
  return fail(Code::Corrupt, "the signature does not verify with this " + std::string(name_of(kind)) +
                                 " key: another key, or changed bytes");
}

}  // namespace

Result<void> PublicKey::verify(HashAlgorithm algorithm, Bytes message, Bytes signature,
                               Padding padding) const {
  const QuietErrors quiet;
  const KeyType kind = state_->type;
  const EVP_MD* digest = TRY(fitting_digest(kind, algorithm, padding));
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;
  need(context != nullptr &&
           EVP_DigestVerifyInit(context.get(), &settings, digest, nullptr, state_->key.get()) == 1 &&
           (kind != KeyType::Rsa || set_padding(settings, digest, padding)),
       "verifying");
  if (EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) !=
      1)
    return does_not_verify(kind);
  return {};
}

Result<void> PublicKey::verify_digest(HashAlgorithm algorithm, Bytes digest, Bytes signature,
                                      Padding padding) const {
  const QuietErrors quiet;
  const KeyType kind = state_->type;
  if (kind == KeyType::Ed25519)
    return fail(Code::Unsupported, "an Ed25519 signature is over the message; its hash is not enough");
  const EVP_MD* method = TRY(fitting_digest(kind, algorithm, padding));
  if (digest.size() != size_of(algorithm))
    return fail(Code::InvalidInput, std::string(name_of(algorithm)) + " has " +
                                        std::to_string(size_of(algorithm)) + " bytes, the digest " +
                                        std::to_string(digest.size()));
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_pkey(nullptr, state_->key.get(), nullptr);
  need(context != nullptr && EVP_PKEY_verify_init(context) == 1 &&
           (kind != KeyType::Rsa || set_padding(context, method, padding)) &&
           EVP_PKEY_CTX_set_signature_md(context, method) == 1,
       "verifying");
  const int verified =
      EVP_PKEY_verify(context, signature.data(), signature.size(), digest.data(), digest.size());
  EVP_PKEY_CTX_free(context);
  if (verified != 1) return does_not_verify(kind);
  return {};
}

bool operator==(const PublicKey& left, const PublicKey& right) {
  return left.state_->spki == right.state_->spki;
}

struct PrivateKey::State {
  Owned<EVP_PKEY> key;

  static Result<PrivateKey> adopt(Owned<EVP_PKEY> key) {
    const KeyType type = TRY(type_of(key.get()));
    if (type == KeyType::Rsa)
      return fail(Code::Unsupported, "private key: RSA is for verifying only; expected ECDSA or Ed25519");
    if (!halves_match(key.get()))
      return fail(Code::InvalidInput, "private key: its public half belongs to another key");
    // Through DER, so that nothing of the private half is in it.
    PublicKey public_key = TRY(PublicKey::from_spki(spki_of(key.get())));
    auto state = std::make_shared<State>();
    state->key = std::move(key);
    return PrivateKey(std::move(state), std::move(public_key));
  }
};

Result<PrivateKey> PrivateKey::generate(KeyType type) {
  const QuietErrors quiet;
  prepare_secret_memory();
  if (type == KeyType::Rsa) return fail(Code::Unsupported, "RSA keys are not made, only verified with");
  Owned<EVP_PKEY> key(type == KeyType::Ed25519 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                                               : EVP_EC_gen(row(type).group));
  need(key != nullptr, "making a key");
  return State::adopt(std::move(key));
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem, std::string_view passphrase) {
  const QuietErrors quiet;
  prepare_secret_memory();
  if (pem.size() > kMostPem)
    return fail(Code::InvalidInput, "private key: longer than " + std::to_string(kMostPem) + " bytes");
  const Owned<BIO> bio = reader(bytes_of(pem));
  Passphrase asking{passphrase};
  Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &asking));
  if (key != nullptr) return State::adopt(std::move(key));
  if (asking.asked) {
    return fail(Code::Denied, passphrase.empty() ? "private key: sealed with a passphrase, and none was given"
                                                 : "private key: the passphrase does not open it");
  }
  return fail(Code::InvalidInput,
              "private key: expected PEM of a PRIVATE KEY, an ENCRYPTED PRIVATE KEY or an EC PRIVATE KEY");
}

Result<PrivateKey> PrivateKey::from_pkcs8(Bytes der) {
  const QuietErrors quiet;
  prepare_secret_memory();
  const unsigned char* at = der.data();
  Owned<PKCS8_PRIV_KEY_INFO> information;
  if (!der.empty() && der.size() <= kMostPem)
    information.reset(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  if (information == nullptr || at != der.data() + der.size())
    return fail(Code::InvalidInput, "private key: no PKCS#8 in DER, or bytes follow it");
  Owned<EVP_PKEY> key(EVP_PKCS82PKEY(information.get()));
  if (key == nullptr) return fail(Code::InvalidInput, "private key: of a kind that we do not know");
  return State::adopt(std::move(key));
}

Result<std::vector<std::uint8_t>> PrivateKey::sign(Bytes message) const {
  const QuietErrors quiet;
  const KeyType type = public_.type();
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::size_t size = 0;
  need(context != nullptr &&
           EVP_DigestSignInit(context.get(), nullptr, digest_for(type, hash_for(type)), nullptr,
                              state_->key.get()) == 1 &&
           EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1,
       "signing");
  std::vector<std::uint8_t> signature(size);
  need(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1,
       "signing");
  signature.resize(size);
  return signature;
}

Result<Secret> PrivateKey::pkcs8() const {
  const QuietErrors quiet;
  const Owned<PKCS8_PRIV_KEY_INFO> information(EVP_PKEY2PKCS8(state_->key.get()));
  const int size = information == nullptr ? 0 : i2d_PKCS8_PRIV_KEY_INFO(information.get(), nullptr);
  need(size > 0, "PKCS#8");
  Secret der(static_cast<std::size_t>(size));
  unsigned char* at = der.writable().data();
  need(i2d_PKCS8_PRIV_KEY_INFO(information.get(), &at) == size, "PKCS#8");
  return der;
}

}  // namespace bulwark::crypto
