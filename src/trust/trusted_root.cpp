#include "trust/trusted_root.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "trust/fields.h"
#include "trust/limits.h"

namespace bulwark::trust {
namespace {

using crypto::HashAlgorithm;
using crypto::KeyType;
using crypto::Padding;

constexpr auto kMediaTypes = std::to_array<std::string_view>({
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
});

// PublicKeyDetails of sigstore_common.proto. Kinds that are not here (Ed25519ph, LMS, ML-DSA) cannot be
// verified with.
struct Details {
  std::string_view name;
  KeyType type;
  HashAlgorithm hash;
  Padding padding = Padding::None;
  bool bare = false;  // PKCS#1 without the SubjectPublicKeyInfo around it
};
constexpr auto kDetails = std::to_array<Details>({
    {"PKCS1_RSA_PKCS1V5", KeyType::Rsa, HashAlgorithm::Sha256, Padding::RsaPkcs1, true},
    {"PKCS1_RSA_PSS", KeyType::Rsa, HashAlgorithm::Sha256, Padding::RsaPss, true},
    {"PKIX_RSA_PKCS1V5", KeyType::Rsa, HashAlgorithm::Sha256, Padding::RsaPkcs1},
    {"PKIX_RSA_PSS", KeyType::Rsa, HashAlgorithm::Sha256, Padding::RsaPss},
    {"PKIX_RSA_PKCS1V15_2048_SHA256", KeyType::Rsa, HashAlgorithm::Sha256, Padding::RsaPkcs1},
    {"PKIX_RSA_PKCS1V15_3072_SHA256", KeyType::Rsa, HashAlgorithm::Sha256, Padding::RsaPkcs1},
    {"PKIX_RSA_PKCS1V15_4096_SHA256", KeyType::Rsa, HashAlgorithm::Sha256, Padding::RsaPkcs1},
    {"PKIX_RSA_PSS_2048_SHA256", KeyType::Rsa, HashAlgorithm::Sha256, Padding::RsaPss},
    {"PKIX_RSA_PSS_3072_SHA256", KeyType::Rsa, HashAlgorithm::Sha256, Padding::RsaPss},
    {"PKIX_RSA_PSS_4096_SHA256", KeyType::Rsa, HashAlgorithm::Sha256, Padding::RsaPss},
    {"PKIX_ECDSA_P256_SHA_256", KeyType::P256, HashAlgorithm::Sha256},
    {"PKIX_ECDSA_P256_HMAC_SHA_256", KeyType::P256, HashAlgorithm::Sha256},
    {"PKIX_ECDSA_P384_SHA_384", KeyType::P384, HashAlgorithm::Sha384},
    {"PKIX_ECDSA_P384_SHA_256", KeyType::P384, HashAlgorithm::Sha256},
    {"PKIX_ECDSA_P521_SHA_512", KeyType::P521, HashAlgorithm::Sha512},
    {"PKIX_ECDSA_P521_SHA_256", KeyType::P521, HashAlgorithm::Sha256},
    {"PKIX_ED25519", KeyType::Ed25519, HashAlgorithm::Sha512},
});

Result<Instant> instant_of(const Fields& fields, std::string_view key) {
  const std::string text = TRY(fields.text(key));
  const auto time = instant_from(text);
  if (!time)
    return fail(Code::InvalidInput,
                fields.name_of(key) + ": '" + printable(text, 40) + "' is no RFC 3339 time");
  return *time;
}

// A validity that does not say when it starts would hold for all of the past: the root is malformed.
Result<ValidFor> validity_of(const Fields& fields) {
  const Fields period = TRY(fields.object("validFor"));
  ValidFor valid;
  valid.start = TRY(instant_of(period, "start"));
  if (period.has("end")) valid.end = TRY(instant_of(period, "end"));
  if (valid.end && *valid.end < valid.start)
    return fail(Code::InvalidInput, period.path() + ": ends before it starts");
  return valid;
}

void put_der(Blob& out, std::uint8_t tag, Bytes content) {
  out.push_back(tag);
  if (content.size() > 0xff) {
    out.push_back(0x82);
    out.push_back(static_cast<std::uint8_t>(content.size() >> 8));
  } else if (content.size() > 0x7f) {
    out.push_back(0x81);
  }
  out.push_back(static_cast<std::uint8_t>(content.size() & 0xff));
  out.insert(out.end(), content.begin(), content.end());
}

// SubjectPublicKeyInfo of a bare RSAPublicKey.
Blob wrapped(Bytes pkcs1) {
  constexpr std::array<std::uint8_t, 15> kRsaEncryption = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                                           0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
  Blob bits{0};
  bits.insert(bits.end(), pkcs1.begin(), pkcs1.end());
  Blob content(kRsaEncryption.begin(), kRsaEncryption.end());
  put_der(content, 0x03, bits);
  Blob out;
  put_der(out, 0x30, content);
  return out;
}

Result<void> read_key(const Fields& fields, LogKey& out) {
  const Blob raw = TRY(fields.base64("rawBytes"));
  out.details = TRY(fields.text("keyDetails"));
  out.valid_for = TRY(validity_of(fields));
  const auto known = std::ranges::find(kDetails, out.details, &Details::name);
  if (known == kDetails.end()) return {};
  if (raw.size() > TrustLimits::kKeyBytes)
    return fail(Code::LimitReached, fields.name_of("rawBytes") + ": " + std::to_string(raw.size()) +
                                        " bytes, at most " + std::to_string(TrustLimits::kKeyBytes));
  auto key = crypto::PublicKey::from_spki(known->bare ? wrapped(raw) : raw);
  if (!key && key.error().code == Code::Unsupported) return {};
  if (!key) return std::unexpected(std::move(key.error()).within(fields.path()));
  if (key->type() != known->type)
    return fail(Code::InvalidInput, fields.path() + ": keyDetails say " + out.details + ", the key is " +
                                        std::string(name_of(key->type())));
  out.key = std::move(*key);
  out.hash = known->hash;
  out.padding = known->padding;
  return {};
}

Result<LogKey> log_of(const Document& value, const std::string& path) {
  const Fields fields = TRY(Fields::of(value, path));
  LogKey log;
  log.name = TRY(fields.text_or("baseUrl", ""));
  const Fields id = TRY(fields.object("logId"));
  log.id = TRY(id.base64("keyId"));
  log.note_id = log.id;
  if (fields.has("checkpointKeyId")) {
    const Fields note_id = TRY(fields.object("checkpointKeyId"));
    log.note_id = TRY(note_id.base64("keyId"));
  }
  if (log.id.empty() || log.note_id.size() < 4)
    return fail(Code::InvalidInput, path + ": a log id of " + std::to_string(log.note_id.size()) + " bytes");
  const Fields key = TRY(fields.object("publicKey"));
  TRY(read_key(key, log));
  return log;
}

Result<Authority> authority_of(const Document& value, const std::string& path) {
  const Fields fields = TRY(Fields::of(value, path));
  Authority authority;
  authority.name = TRY(fields.text_or("uri", ""));
  authority.valid_for = TRY(validity_of(fields));
  const Fields chain = TRY(fields.object("certChain"));
  const auto* list = TRY(chain.list("certificates", TrustLimits::kCertificates));
  if (list->empty()) return fail(Code::InvalidInput, chain.name_of("certificates") + " is empty");
  for (const Document& one : *list) {
    const Fields certificate = TRY(Fields::of(one, chain.name_of("certificates")));
    const Blob der = TRY(certificate.base64("rawBytes"));
    auto read = crypto::Certificate::from_der(der);
    if (!read) return std::unexpected(std::move(read.error()).within(certificate.path()));
    authority.chain.push_back(std::move(*read));
  }
  return authority;
}

// Every element of the list `key` (absent: none) through `read`.
template <class T, class Read>
Result<std::vector<T>> each(const Fields& root, std::string_view key, const Read& read) {
  const auto* list = TRY(root.optional_list(key, TrustLimits::kTrustedKeys));
  std::vector<T> found;
  for (std::size_t i = 0; i < list->size(); ++i) {
    T one = TRY(read((*list)[i], root.name_of(key) + "[" + std::to_string(i) + "]"));
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace

std::string ValidFor::text() const {
  return instant_text(start) + " to " + (end ? instant_text(*end) : "now on");
}

Result<void> LogKey::verify(Bytes message, Bytes signature) const {
  if (!key)
    return fail(Code::Unsupported, "the key of '" + printable(name, 80) + "' is of a kind (" +
                                       printable(details, 60) + ") that cannot be verified with");
  return key->verify(hash, message, signature, padding);
}

Result<TrustedRoot> read_trusted_root(std::string_view json) {
  if (json.size() > TrustLimits::kTrustedRootBytes)
    return fail(Code::LimitReached, "trusted root: " + human_size(json.size()) + ", at most " +
                                        human_size(TrustLimits::kTrustedRootBytes) + " are read");
  const Document document = TRY(read_object(json, "trusted root"));
  const Fields root = TRY(Fields::of(document, ""));
  const std::string media_type = TRY(root.text("mediaType"));
  if (std::ranges::find(kMediaTypes, media_type) == kMediaTypes.end())
    return fail(Code::Unsupported, "trusted root: media type '" + printable(media_type, 80) +
                                       "'; expected '" + std::string(kMediaTypes.front()) + "'");
  TrustedRoot read;
  read.logs = TRY(each<LogKey>(root, "tlogs", log_of));
  read.certificate_logs = TRY(each<LogKey>(root, "ctlogs", log_of));
  read.certificate_authorities = TRY(each<Authority>(root, "certificateAuthorities", authority_of));
  read.timestamp_authorities = TRY(each<Authority>(root, "timestampAuthorities", authority_of));
  return read;
}

}  // namespace bulwark::trust
