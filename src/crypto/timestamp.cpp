#include "crypto/timestamp.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include <algorithm>

#include "base/text.h"
#include "crypto/library.h"

namespace bulwark::crypto {
namespace {

using OwnedCertificate = Held<X509, X509_free>;
using OwnedStack = Held<STACK_OF(X509), [](STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }>;

std::unexpected<Error> unreadable(std::string what) {
  ERR_clear_error();
  return fail(Code::InvalidInput, "timestamp: " + std::move(what));
}

std::unexpected<Error> refused(std::string why) {
  ERR_clear_error();
  return fail(Code::Denied, "timestamp: " + std::move(why));
}

Bytes bytes_of_string(const ASN1_STRING* text) {
  const int size = text == nullptr ? 0 : ASN1_STRING_length(text);
  return size <= 0 ? Bytes{} : Bytes(ASN1_STRING_get0_data(text), static_cast<std::size_t>(size));
}

// "20261120150405.123Z", the only form RFC 3161 allows.
std::optional<Instant> instant_of(const ASN1_GENERALIZEDTIME* time) {
  const std::string_view text = text_of(bytes_of_string(time));
  if (text.size() < 15) return {};
  std::string rfc3339;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 4 || i == 6) rfc3339 += '-';
    if (i == 8) rfc3339 += 'T';
    if (i == 10 || i == 12) rfc3339 += ':';
    rfc3339 += text[i];
  }
  return rfc3339.back() == 'Z' ? instant_from(rfc3339) : std::nullopt;
}

std::optional<HashAlgorithm> hash_of(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  switch (object == nullptr ? NID_undef : OBJ_obj2nid(object)) {
    case NID_sha256: return HashAlgorithm::Sha256;
    case NID_sha384: return HashAlgorithm::Sha384;
    case NID_sha512: return HashAlgorithm::Sha512;
    default: return {};
  }
}

Result<void> check_status(TS_RESP* response) {
  const ASN1_INTEGER* const status = TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response));
  const long value = status == nullptr ? -1 : ASN1_INTEGER_get(status);
  if (value != TS_STATUS_GRANTED && value != TS_STATUS_GRANTED_WITH_MODS)
    return unreadable("the authority did not grant it (status " + std::to_string(value) + ")");
  if (TS_RESP_get_token(response) == nullptr || TS_RESP_get_tst_info(response) == nullptr)
    return unreadable("the response has no token");
  return {};
}

// One signer, and a hash that still stands.
Result<void> check_signer(PKCS7* token) {
  STACK_OF(PKCS7_SIGNER_INFO)* const signers = PKCS7_get_signer_info(token);
  if (signers == nullptr || sk_PKCS7_SIGNER_INFO_num(signers) != 1)
    return unreadable("the token must have exactly one signer");
  X509_ALGOR* digest = nullptr;
  PKCS7_SIGNER_INFO_get0_algs(sk_PKCS7_SIGNER_INFO_value(signers, 0), nullptr, &digest, nullptr);
  if (digest == nullptr || !hash_of(digest))
    return fail(Code::Unsupported, "timestamp: the token is signed with another hash than SHA-256/384/512");
  return {};
}

OwnedCertificate parsed(const Certificate& certificate) {
  const Bytes der = certificate.der();
  const unsigned char* at = der.data();
  return OwnedCertificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

OwnedStack stack_of(std::span<const Certificate> certificates) {
  OwnedStack stack(sk_X509_new_null());
  for (const Certificate& one : certificates) {
    OwnedCertificate x509 = parsed(one);
    if (stack == nullptr || x509 == nullptr || sk_X509_push(stack.get(), x509.get()) <= 0) return nullptr;
    static_cast<void>(x509.release());
  }
  return stack;
}

// The certificates that came within the token; too many, or ones that cannot be read, are an error.
Result<std::vector<Certificate>> embedded(PKCS7* token) {
  std::vector<Certificate> found;
  if (!PKCS7_type_is_signed(token) || token->d.sign == nullptr || token->d.sign->cert == nullptr)
    return found;
  STACK_OF(X509)* const stack = token->d.sign->cert;
  if (sk_X509_num(stack) > static_cast<int>(CertificateLimits::kCertificates))
    return fail(Code::LimitReached, "timestamp: " + std::to_string(sk_X509_num(stack)) +
                                        " certificates in the token, at most " +
                                        std::to_string(CertificateLimits::kCertificates));
  for (int i = 0; i < sk_X509_num(stack); ++i) {
    unsigned char* made = nullptr;
    const int size = i2d_X509(sk_X509_value(stack, i), &made);
    const Held<unsigned char, [](unsigned char* bytes) { OPENSSL_free(bytes); }> owned(made);
    if (size <= 0) return unreadable("a certificate in the token cannot be read");
    auto certificate = TRY(Certificate::from_der(Bytes(made, static_cast<std::size_t>(size))));
    found.push_back(std::move(certificate));
  }
  return found;
}

}  // namespace

struct Timestamp::State {
  Held<TS_RESP, TS_RESP_free> response;
  Instant time;
  HashAlgorithm algorithm = HashAlgorithm::Sha256;
  std::vector<std::uint8_t> imprint;
  std::string serial;
  std::vector<Certificate> embedded;

  [[nodiscard]] PKCS7* token() const { return TS_RESP_get_token(response.get()); }
};

Result<Timestamp> Timestamp::from_response(Bytes der) {
  if (der.size() > kTimestampBytes)
    return fail(Code::LimitReached, "timestamp: " + std::to_string(der.size()) + " bytes, at most " +
                                        std::to_string(kTimestampBytes) + " are read");
  auto state = std::make_shared<State>();
  const unsigned char* at = der.data();
  state->response.reset(d2i_TS_RESP(nullptr, &at, static_cast<long>(der.size())));
  if (state->response == nullptr) return unreadable("not a DER time-stamp response");
  if (at != der.data() + der.size())
    return unreadable(std::to_string(der.data() + der.size() - at) + " bytes behind its end");
  TRY(check_status(state->response.get()));
  TRY(check_signer(state->token()));
  TS_TST_INFO* const content = TS_RESP_get_tst_info(state->response.get());
  if (TS_TST_INFO_get_version(content) != 1) return unreadable("its version is not 1");
  const auto time = instant_of(TS_TST_INFO_get_time(content));
  if (!time) return unreadable("its time is not of the form YYYYMMDDhhmmss[.s…]Z");
  state->time = *time;
  TS_MSG_IMPRINT* const imprint = TS_TST_INFO_get_msg_imprint(content);
  const auto algorithm = hash_of(TS_MSG_IMPRINT_get_algo(imprint));
  if (!algorithm) return fail(Code::Unsupported, "timestamp: it is over another hash than SHA-256/384/512");
  state->algorithm = *algorithm;
  const Bytes hashed = bytes_of_string(TS_MSG_IMPRINT_get_msg(imprint));
  if (hashed.size() != size_of(*algorithm))
    return unreadable("its hash has " + std::to_string(hashed.size()) + " bytes, " +
                      std::string(name_of(*algorithm)) + " has " + std::to_string(size_of(*algorithm)));
  state->imprint.assign(hashed.begin(), hashed.end());
  state->serial = hex(bytes_of_string(TS_TST_INFO_get_serial(content)));
  state->embedded = TRY(embedded(state->token()));
  return Timestamp(std::move(state));
}

Instant Timestamp::time() const {
  return state_->time;
}
std::string Timestamp::serial() const {
  return state_->serial;
}
HashAlgorithm Timestamp::algorithm() const {
  return state_->algorithm;
}
Bytes Timestamp::imprint() const {
  return state_->imprint;
}

Result<VerifiedTimestamp> Timestamp::verify(Bytes message, std::span<const Certificate> authority) const {
  if (authority.empty()) return fail(Code::InvalidInput, "timestamp: an authority without certificates");
  const auto expected = hash(state_->algorithm, message);
  if (expected != state_->imprint)
    return refused("it was made over other bytes: " + std::string(name_of(state_->algorithm)) + " " +
                   hex(state_->imprint) + ", expected " + hex(expected));
  std::vector<Certificate> known(authority.begin(), authority.end());
  known.insert(known.end(), state_->embedded.begin(), state_->embedded.end());
  const OwnedStack certificates = stack_of(known);
  const Held<X509_STORE, X509_STORE_free> store(X509_STORE_new());
  const OwnedCertificate root = parsed(authority.back());
  if (certificates == nullptr || store == nullptr || root == nullptr ||
      X509_STORE_add_cert(store.get(), root.get()) != 1 ||
      X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME) != 1)
    return fail(Code::Unavailable, "timestamp: the crypto library failed");
  // The signature, the chain but for its times, and that the signer's certificate is the one that was signed
  // (RFC 5816).
  X509* found = nullptr;
  if (TS_RESP_verify_signature(state_->token(), certificates.get(), store.get(), &found) != 1 ||
      found == nullptr) {
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    return refused("its signature is not of this authority ('" + authority.back().subject() +
                   "'): " + (reason == nullptr ? "does not verify" : reason));
  }
  const OwnedCertificate owned(found);
  unsigned char* made = nullptr;
  const int size = i2d_X509(found, &made);
  const Held<unsigned char, [](unsigned char* bytes) { OPENSSL_free(bytes); }> bytes(made);
  if (size <= 0) return refused("its signer's certificate cannot be read");
  const Certificate signer = TRY(Certificate::from_der(Bytes(made, static_cast<std::size_t>(size))));
  if (!authority.front().is_authority() && !std::ranges::equal(authority.front().der(), signer.der()))
    return refused("its signer is '" + signer.subject() + "', the authority's is '" +
                   authority.front().subject() + "'");
  TRY(signer.verified_chain({.intermediates = known,
                             .roots = authority.last(1),
                             .time = state_->time,
                             .purpose = Purpose::TimeStamping}));
  return VerifiedTimestamp{.time = state_->time, .signer = signer};
}

}  // namespace bulwark::crypto
