#include "support/certificates.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <span>

namespace bulwark::test {
namespace {

void must(bool works, const char* what) {
  if (works) return;
  std::fprintf(stderr, "tests/support/certificates: %s\n", what);
  std::abort();
}

template <auto Free>
struct Freeing {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freeing<Free>>;

const EVP_MD* digest_of(crypto::HashAlgorithm algorithm) {
  return algorithm == crypto::HashAlgorithm::Sha384   ? EVP_sha384()
         : algorithm == crypto::HashAlgorithm::Sha512 ? EVP_sha512()
                                                      : EVP_sha256();
}

std::vector<std::uint8_t> taken(unsigned char* made, int size) {
  must(size > 0, "writing DER");
  std::vector<std::uint8_t> bytes(made, made + size);
  OPENSSL_free(made);
  return bytes;
}

Owned<X509, X509_free> parsed(const crypto::Certificate& certificate) {
  const unsigned char* at = certificate.der().data();
  return Owned<X509, X509_free>(d2i_X509(nullptr, &at, static_cast<long>(certificate.der().size())));
}

std::time_t seconds(Instant time) {
  return static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

void add(X509* certificate, X509V3_CTX& context, int id, const std::string& value) {
  if (value.empty()) return;
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, value.c_str());
  X509_EXTENSION_free(extension);
}

void add_raw(X509* certificate, const std::string& oid, Bytes value, bool critical = false) {
  const Owned<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(oid.c_str(), 1));
  const Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> octets(ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(octets.get(), value.data(), static_cast<int>(value.size()));
  X509_EXTENSION* const extension =
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), critical ? 1 : 0, octets.get());
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, oid.c_str());
  X509_EXTENSION_free(extension);
}

std::time_t stamp_time = 0;
int give_time(TS_RESP_CTX*, void*, long* sec, long* usec) {
  *sec = stamp_time;
  *usec = 0;
  return 1;
}
ASN1_INTEGER* give_serial(TS_RESP_CTX*, void*) {
  ASN1_INTEGER* const serial = ASN1_INTEGER_new();
  ASN1_INTEGER_set(serial, 42);
  return serial;
}

}  // namespace

struct MadeAccess {
  static EVP_PKEY* key(const MadeKey& key) { return static_cast<EVP_PKEY*>(key.key_.get()); }
};

MadeKey::MadeKey(crypto::KeyType type) : type_(type) {
  using crypto::KeyType;
  EVP_PKEY* key = type == KeyType::Rsa       ? EVP_RSA_gen(2048)
                  : type == KeyType::Ed25519 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                  : type == KeyType::P384    ? EVP_EC_gen("P-384")
                  : type == KeyType::P521    ? EVP_EC_gen("P-521")
                                             : EVP_EC_gen("P-256");
  must(key != nullptr, "making a key");
  key_ = std::shared_ptr<void>(key, [](void* made) { EVP_PKEY_free(static_cast<EVP_PKEY*>(made)); });
}

std::vector<std::uint8_t> MadeKey::spki() const {
  unsigned char* made = nullptr;
  const int size = i2d_PUBKEY(MadeAccess::key(*this), &made);
  return taken(made, size);
}

crypto::PublicKey MadeKey::public_key() const {
  return crypto::PublicKey::from_spki(spki()).value();
}

std::vector<std::uint8_t> MadeKey::sign(Bytes message, crypto::HashAlgorithm algorithm) const {
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  const EVP_MD* const digest = type_ == crypto::KeyType::Ed25519 ? nullptr : digest_of(algorithm);
  std::size_t size = 0;
  must(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, MadeAccess::key(*this)) == 1 &&
           EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1,
       "signing");
  std::vector<std::uint8_t> signature(size);
  must(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1,
       "signing");
  signature.resize(size);
  return signature;
}

Wish authority_wish(std::string common_name) {
  Wish wish;
  wish.common_name = std::move(common_name);
  wish.not_before = *instant_from("2020-01-01T00:00:00Z");
  wish.not_after = *instant_from("2040-01-01T00:00:00Z");
  wish.basic_constraints = "critical,CA:TRUE";
  wish.key_usage = "critical,keyCertSign,cRLSign";
  return wish;
}

Issued issue(const Wish& wish, const Issued* issuer, crypto::KeyType type, const Embed& embed) {
  const MadeKey key(type);
  const Owned<X509, X509_free> made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  static long serial = 1000;
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
  const std::time_t from = seconds(wish.not_before);
  const std::time_t to = seconds(wish.not_after);
  ASN1_TIME_adj(X509_getm_notBefore(made.get()), from, 0, 0);
  ASN1_TIME_adj(X509_getm_notAfter(made.get()), to, 0, 0);
  const Owned<X509_NAME, X509_NAME_free> name(X509_NAME_new());
  if (!wish.common_name.empty())
    X509_NAME_add_entry_by_txt(name.get(), "CN", MBSTRING_UTF8, bytes_of(wish.common_name).data(), -1, -1, 0);
  X509_set_subject_name(made.get(), name.get());
  const Owned<X509, X509_free> parent(issuer == nullptr ? nullptr : parsed(issuer->certificate));
  X509* const above = parent == nullptr ? made.get() : parent.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(above));
  must(X509_set_pubkey(made.get(), MadeAccess::key(key)) == 1, "setting the key");
  X509V3_CTX context{};
  X509V3_set_ctx(&context, above, made.get(), nullptr, nullptr, 0);
  add(made.get(), context, NID_basic_constraints, wish.basic_constraints);
  add(made.get(), context, NID_key_usage, wish.key_usage);
  add(made.get(), context, NID_ext_key_usage, wish.extended_key_usage);
  if (wish.key_ids) {
    add(made.get(), context, NID_subject_key_identifier, "hash");
    if (issuer != nullptr) add(made.get(), context, NID_authority_key_identifier, "keyid:always");
  }
  add(made.get(), context, NID_subject_alt_name, wish.alternative_names);
  for (const auto& [oid, value] : wish.extensions) add_raw(made.get(), oid, value);
  for (const auto& [oid, value] : wish.critical_extensions) add_raw(made.get(), oid, value, true);
  const MadeKey& signing = issuer == nullptr ? key : issuer->key;
  const EVP_MD* const digest =
      signing.type() == crypto::KeyType::Ed25519 ? nullptr : digest_of(crypto::hash_for(signing.type()));
  must(X509_sign(made.get(), MadeAccess::key(signing), digest) > 0, "signing a certificate");
  if (embed) {
    unsigned char* part = nullptr;
    const int size = i2d_re_X509_tbs(made.get(), &part);
    const std::vector<std::uint8_t> signed_part = taken(part, size);
    add_raw(made.get(), "1.3.6.1.4.1.11129.2.4.2", embed(signed_part));
    must(X509_sign(made.get(), MadeAccess::key(signing), digest) > 0, "signing a certificate");
  }
  unsigned char* out = nullptr;
  const int size = i2d_X509(made.get(), &out);
  return {key, crypto::Certificate::from_der(taken(out, size)).value()};
}

std::vector<std::uint8_t> stamp(const Issued& authority, Bytes message, const StampWish& wish) {
  const Owned<TS_REQ, TS_REQ_free> request(TS_REQ_new());
  const Owned<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free> imprint(TS_MSG_IMPRINT_new());
  const Owned<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
  const EVP_MD* const digest = digest_of(wish.algorithm);
  X509_ALGOR_set_md(algorithm.get(), digest);
  std::vector<std::uint8_t> hashed = crypto::hash(wish.algorithm, message);
  must(TS_REQ_set_version(request.get(), 1) == 1 &&
           TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()) == 1 &&
           TS_MSG_IMPRINT_set_msg(imprint.get(), hashed.data(), static_cast<int>(hashed.size())) == 1 &&
           TS_REQ_set_msg_imprint(request.get(), imprint.get()) == 1 &&
           TS_REQ_set_cert_req(request.get(), 1) == 1,
       "making a time-stamp request");
  const Owned<BIO, BIO_free> bio(BIO_new(BIO_s_mem()));
  must(i2d_TS_REQ_bio(bio.get(), request.get()) == 1, "writing a time-stamp request");
  const Owned<TS_RESP_CTX, TS_RESP_CTX_free> context(TS_RESP_CTX_new());
  const Owned<X509, X509_free> signer = parsed(authority.certificate);
  const Owned<STACK_OF(X509), [](STACK_OF(X509) * s) { sk_X509_pop_free(s, X509_free); }> others(
      sk_X509_new_null());
  for (const crypto::Certificate& one : wish.embedded) sk_X509_push(others.get(), parsed(one).release());
  const Owned<ASN1_OBJECT, ASN1_OBJECT_free> policy(OBJ_txt2obj("1.2.3.4.1", 1));
  stamp_time = seconds(wish.time);
  TS_RESP_CTX_set_time_cb(context.get(), give_time, nullptr);
  TS_RESP_CTX_set_serial_cb(context.get(), give_serial, nullptr);
  must(TS_RESP_CTX_set_signer_cert(context.get(), signer.get()) == 1 &&
           TS_RESP_CTX_set_signer_key(context.get(), MadeAccess::key(authority.key)) == 1 &&
           TS_RESP_CTX_set_signer_digest(context.get(), EVP_sha256()) == 1 &&
           TS_RESP_CTX_set_ess_cert_id_digest(context.get(), EVP_sha256()) == 1 &&
           TS_RESP_CTX_set_certs(context.get(), others.get()) == 1 &&
           TS_RESP_CTX_set_def_policy(context.get(), policy.get()) == 1 &&
           TS_RESP_CTX_add_md(context.get(), digest) == 1,
       "setting up a time-stamping authority");
  const Owned<TS_RESP, TS_RESP_free> response(TS_RESP_create_response(context.get(), bio.get()));
  must(response != nullptr, "making a time-stamp response");
  unsigned char* out = nullptr;
  const int size = i2d_TS_RESP(response.get(), &out);
  return taken(out, size);
}

std::vector<std::uint8_t> der(std::uint8_t tag, Bytes content) {
  std::vector<std::uint8_t> out{tag};
  if (content.size() < 128) {
    out.push_back(static_cast<std::uint8_t>(content.size()));
  } else {
    out.push_back(0x82);
    out.push_back(static_cast<std::uint8_t>(content.size() >> 8));
    out.push_back(static_cast<std::uint8_t>(content.size() & 0xff));
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

}  // namespace bulwark::test
