#include "crypto/certificate.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/library.h"

namespace bulwark::crypto {
namespace {

using OwnedCertificate = Held<X509, X509_free>;
using OwnedBytes = Held<unsigned char, [](unsigned char* bytes) { OPENSSL_free(bytes); }>;
using OwnedObject = Held<ASN1_OBJECT, ASN1_OBJECT_free>;
using OwnedNames = Held<GENERAL_NAMES, GENERAL_NAMES_free>;
using OwnedUsage = Held<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;
using OwnedStack = Held<STACK_OF(X509), [](STACK_OF(X509) * stack) { sk_X509_free(stack); }>;

constexpr std::string_view kFulcioName = "1.3.6.1.4.1.57264.1.7";
constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

std::unexpected<Error> unreadable(std::string what) {
  ERR_clear_error();
  return fail(Code::InvalidInput, "certificate: " + std::move(what));
}

Bytes bytes_of_string(const ASN1_STRING* text) {
  const int size = text == nullptr ? 0 : ASN1_STRING_length(text);
  return size <= 0 ? Bytes{} : Bytes(ASN1_STRING_get0_data(text), static_cast<std::size_t>(size));
}

std::optional<Instant> instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  const std::chrono::year_month_day date{std::chrono::year(parts.tm_year + 1900),
                                         std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                         std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
  if (!date.ok()) return {};
  return Instant(std::chrono::sys_days(date)) + std::chrono::hours(parts.tm_hour) +
         std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

std::string name_text(const X509_NAME* name) {
  const Held<BIO, BIO_free> out(BIO_new(BIO_s_mem()));
  if (out == nullptr || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) < 0)
    return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return size <= 0 ? std::string() : printable({text, static_cast<std::size_t>(size)});
}

struct Uses {
  bool restricted = false;
  bool critical = false;
  int count = 0;
  bool any = false;
  bool code_signing = false;
  bool time_stamping = false;
};

Result<Uses> uses_of(const X509* certificate) {
  Uses uses;
  int critical = -1;
  const OwnedUsage usage(
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(certificate, NID_ext_key_usage, &critical, nullptr)));
  if (usage == nullptr) {
    if (critical != -1) return unreadable("the extended key usage cannot be read, or comes twice");
    return uses;
  }
  uses.restricted = true;
  uses.critical = critical == 1;
  uses.count = sk_ASN1_OBJECT_num(usage.get());
  for (int i = 0; i < uses.count; ++i) {
    const int id = OBJ_obj2nid(sk_ASN1_OBJECT_value(usage.get(), i));
    uses.any = uses.any || id == NID_anyExtendedKeyUsage;
    uses.code_signing = uses.code_signing || id == NID_code_sign;
    uses.time_stamping = uses.time_stamping || id == NID_time_stamp;
  }
  return uses;
}

// The text in a name of Fulcio's own kind, or nothing for other kinds of otherName.
Result<std::optional<std::string>> fulcio_name(const OTHERNAME& name) {
  const OwnedObject wanted(OBJ_txt2obj(std::string(kFulcioName).c_str(), 1));
  if (wanted == nullptr || OBJ_cmp(name.type_id, wanted.get()) != 0) return std::nullopt;
  if (name.value == nullptr || name.value->type != V_ASN1_UTF8STRING)
    return unreadable("a subject alternative name of Fulcio is no UTF8String");
  return std::string(text_of(bytes_of_string(name.value->value.utf8string)));
}

Result<std::optional<AlternativeName>> alternative_name(const GENERAL_NAME& name) {
  using Kind = AlternativeName::Kind;
  const auto text = [](Kind kind, const ASN1_STRING* value) {
    return AlternativeName{kind, std::string(text_of(bytes_of_string(value)))};
  };
  switch (name.type) {
    case GEN_EMAIL: return text(Kind::Email, name.d.rfc822Name);
    case GEN_DNS: return text(Kind::Dns, name.d.dNSName);
    case GEN_URI: return text(Kind::Uri, name.d.uniformResourceIdentifier);
    case GEN_OTHERNAME: {
      auto other = TRY(fulcio_name(*name.d.otherName));
      if (!other) return std::nullopt;
      return AlternativeName{Kind::Other, std::move(*other)};
    }
    default: return std::nullopt;
  }
}

}  // namespace

struct Certificate::State {
  OwnedCertificate x509;
  std::vector<std::uint8_t> der;
  Instant not_before;
  Instant not_after;
  Uses uses;

  // Index of the extension, or nothing. Errors: it comes twice.
  [[nodiscard]] Result<std::optional<int>> find(std::string_view oid) const {
    const OwnedObject object(OBJ_txt2obj(std::string(oid).c_str(), 1));
    if (object == nullptr) return unreadable("'" + std::string(oid) + "' is no object identifier");
    const int at = X509_get_ext_by_OBJ(x509.get(), object.get(), -1);
    if (at < 0) return std::nullopt;
    if (X509_get_ext_by_OBJ(x509.get(), object.get(), at) >= 0)
      return unreadable("extension " + std::string(oid) + " comes twice");
    return at;
  }
};

Result<Certificate> Certificate::from_der(Bytes der) {
  if (der.size() > CertificateLimits::kBytes)
    return fail(Code::LimitReached, "certificate: " + std::to_string(der.size()) + " bytes, at most " +
                                        std::to_string(CertificateLimits::kBytes) + " are read");
  auto state = std::make_shared<State>();
  state->der.assign(der.begin(), der.end());
  const unsigned char* at = der.data();
  state->x509.reset(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (state->x509 == nullptr) return unreadable("not a DER certificate");
  if (at != der.data() + der.size())
    return unreadable(std::to_string(der.data() + der.size() - at) + " bytes behind its end");
  // Reads and keeps all extensions now, so that later questions change nothing.
  if (X509_check_purpose(state->x509.get(), -1, 0) != 1 ||
      (X509_get_extension_flags(state->x509.get()) & EXFLAG_INVALID) != 0)
    return unreadable("its extensions cannot be read");
  const auto not_before = instant_of(X509_get0_notBefore(state->x509.get()));
  const auto not_after = instant_of(X509_get0_notAfter(state->x509.get()));
  if (!not_before || !not_after) return unreadable("its validity cannot be read");
  state->not_before = *not_before;
  state->not_after = *not_after;
  state->uses = TRY(uses_of(state->x509.get()));
  return Certificate(std::move(state));
}

Result<std::vector<Certificate>> Certificate::from_pem(std::string_view pem) {
  if (pem.size() > CertificateLimits::kPemBytes)
    return fail(Code::LimitReached, "certificates: " + human_size(pem.size()) + ", at most " +
                                        human_size(CertificateLimits::kPemBytes) + " are read");
  std::vector<Certificate> found;
  std::size_t at = 0;
  while ((at = pem.find("-----BEGIN ", at)) != std::string_view::npos) {
    if (!pem.substr(at).starts_with(kBegin))
      return fail(Code::InvalidInput, "certificates: a PEM block that is no certificate", at);
    if (found.size() == CertificateLimits::kCertificates)
      return fail(Code::LimitReached, "certificates: more than " +
                                          std::to_string(CertificateLimits::kCertificates) + " in one file");
    const std::size_t body = at + kBegin.size();
    const std::size_t end = pem.find(kEnd, body);
    if (end == std::string_view::npos)
      return fail(Code::InvalidInput, "certificates: '-----BEGIN CERTIFICATE-----' without its end", at);
    const auto der = decode_base64(pem.substr(body, end - body), Base64::Standard);
    if (!der) return fail(Code::InvalidInput, "certificates: what is between BEGIN and END is no base64", at);
    Certificate certificate = TRY(from_der(bytes_of(*der)));
    found.push_back(std::move(certificate));
    at = end + kEnd.size();
  }
  if (found.empty())
    return fail(Code::InvalidInput, "certificates: no '-----BEGIN CERTIFICATE-----' in the text");
  return found;
}

Bytes Certificate::der() const {
  return state_->der;
}

std::string Certificate::pem() const {
  const std::string text = encode_base64(state_->der);
  std::string pem = std::string(kBegin) + "\n";
  for (std::size_t at = 0; at < text.size(); at += 64) pem += text.substr(at, 64) + "\n";
  return pem + std::string(kEnd) + "\n";
}

Hash256 Certificate::fingerprint() const {
  return sha256_bytes(state_->der);
}

namespace {

Result<std::vector<std::uint8_t>> key_der(const X509* certificate) {
  unsigned char* made = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &made);
  const OwnedBytes owned(made);
  if (size <= 0) return unreadable("its public key cannot be read");
  return std::vector<std::uint8_t>(made, made + size);
}

}  // namespace

Hash256 Certificate::key_hash() const {
  const auto der = key_der(state_->x509.get());
  return der ? sha256_bytes(*der) : Hash256{};
}

Result<PublicKey> Certificate::public_key() const {
  const auto der = TRY(key_der(state_->x509.get()));
  return PublicKey::from_spki(der);
}

std::string Certificate::subject() const {
  return name_text(X509_get_subject_name(state_->x509.get()));
}
std::string Certificate::issuer() const {
  return name_text(X509_get_issuer_name(state_->x509.get()));
}
std::string Certificate::serial() const {
  return hex(bytes_of_string(X509_get0_serialNumber(state_->x509.get())));
}
Instant Certificate::not_before() const {
  return state_->not_before;
}
Instant Certificate::not_after() const {
  return state_->not_after;
}
bool Certificate::is_authority() const {
  return (X509_get_extension_flags(state_->x509.get()) & EXFLAG_CA) != 0;
}
bool Certificate::self_signed() const {
  const bool itself = X509_NAME_cmp(X509_get_subject_name(state_->x509.get()),
                                    X509_get_issuer_name(state_->x509.get())) == 0 &&
                      X509_verify(state_->x509.get(), X509_get0_pubkey(state_->x509.get())) == 1;
  ERR_clear_error();
  return itself;
}
bool Certificate::may_sign() const {
  return (X509_get_key_usage(state_->x509.get()) & KU_DIGITAL_SIGNATURE) != 0;
}
bool Certificate::allows(Purpose purpose) const {
  return purpose == Purpose::Any || !state_->uses.restricted || state_->uses.any || lists(purpose);
}
bool Certificate::lists(Purpose purpose) const {
  return purpose == Purpose::CodeSigning ? state_->uses.code_signing
                                         : purpose == Purpose::TimeStamping && state_->uses.time_stamping;
}

Result<std::vector<AlternativeName>> Certificate::alternative_names() const {
  int critical = -1;
  const OwnedNames names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(state_->x509.get(), NID_subject_alt_name, &critical, nullptr)));
  std::vector<AlternativeName> found;
  if (names == nullptr) {
    if (critical != -1) return unreadable("its subject alternative names cannot be read, or come twice");
    return found;
  }
  if (sk_GENERAL_NAME_num(names.get()) > CertificateLimits::kNames)
    return fail(Code::LimitReached, "certificate: more than " + std::to_string(CertificateLimits::kNames) +
                                        " subject alternative names");
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    auto name = TRY(alternative_name(*sk_GENERAL_NAME_value(names.get(), i)));
    if (name) found.push_back(std::move(*name));
  }
  return found;
}

Result<std::optional<Extension>> Certificate::extension(std::string_view oid) const {
  const auto at = TRY(state_->find(oid));
  if (!at) return std::nullopt;
  X509_EXTENSION* const extension = X509_get_ext(state_->x509.get(), *at);
  const Bytes value = bytes_of_string(X509_EXTENSION_get_data(extension));
  return Extension{.value = {value.begin(), value.end()},
                   .critical = X509_EXTENSION_get_critical(extension) == 1};
}

Result<std::vector<std::uint8_t>> Certificate::signed_part_without(std::string_view oid) const {
  const auto at = TRY(state_->find(oid));
  if (!at) return fail(Code::NotFound, "certificate: no extension " + std::string(oid));
  const OwnedCertificate copy(X509_dup(state_->x509.get()));
  if (copy == nullptr) return unreadable("it cannot be copied");
  X509_EXTENSION_free(X509_delete_ext(copy.get(), *at));
  unsigned char* made = nullptr;
  const int size = i2d_re_X509_tbs(copy.get(), &made);
  const OwnedBytes owned(made);
  if (size <= 0) return unreadable("its signed part cannot be written");
  return std::vector<std::uint8_t>(made, made + size);
}

namespace {

std::string label(const Certificate& certificate) {
  const std::string subject = certificate.subject();
  return subject.empty() ? "serial " + certificate.serial() : "'" + subject + "'";
}

std::string validity(const Certificate& certificate) {
  return instant_text(certificate.not_before()) + " to " + instant_text(certificate.not_after());
}

// OpenSSL takes some certificates without basic constraints for authorities, from before they existed.
Result<void> check_authorities(std::span<const Certificate> chain) {
  for (std::size_t i = 1; i + 1 < chain.size(); ++i)
    if (!chain[i].is_authority())
      return fail(Code::Denied, "certificate " + label(chain[i]) + " issued another one but is no authority");
  return {};
}

Result<void> check_purposes(std::span<const Certificate> chain, Purpose purpose) {
  if (purpose == Purpose::Any) return {};
  const std::string_view wanted = purpose == Purpose::CodeSigning ? "code signing" : "time stamping";
  if (!chain.front().lists(purpose))
    return fail(Code::Denied, "certificate " + label(chain.front()) + " is not for " + std::string(wanted) +
                                  " (extended key usage)");
  if (!chain.front().may_sign())
    return fail(Code::Denied, "certificate " + label(chain.front()) +
                                  " is not for signing (key usage lacks digitalSignature)");
  for (const Certificate& authority : chain.subspan(1))
    if (!authority.allows(purpose))
      return fail(Code::Denied, "authority " + label(authority) + " may not issue certificates for " +
                                    std::string(wanted) + " (extended key usage)");
  return {};
}

// Which certificates were left out because of the time, for the message of a chain that was not found.
std::string left_out(const ChainRequest& request) {
  std::string text;
  for (const auto& certificates : {request.intermediates, request.roots})
    for (const Certificate& one : certificates)
      if (!one.valid_at(request.time))
        text += (text.empty() ? "" : ", ") + label(one) + " (" + validity(one) + ")";
  return text.empty() ? text : "; not valid at " + instant_text(request.time) + ": " + text;
}

Result<void> check_request(const Certificate& leaf, const ChainRequest& request) {
  if (request.roots.empty())
    return fail(Code::InvalidInput, "certificate chain: no root is named; there are no default ones");
  const std::size_t given = request.roots.size() + request.intermediates.size();
  if (given > CertificateLimits::kPool)
    return fail(Code::LimitReached, "certificate chain: " + std::to_string(given) +
                                        " certificates, at most " + std::to_string(CertificateLimits::kPool));
  if (!leaf.valid_at(request.time))
    return fail(Code::Denied, "certificate " + label(leaf) + " is valid " + validity(leaf) + ", not at " +
                                  instant_text(request.time));
  return {};
}

}  // namespace

Result<std::vector<Certificate>> Certificate::verified_chain(const ChainRequest& request) const {
  TRY(check_request(*this, request));
  // OpenSSL takes the end of a validity as outside of it, RFC 5280 as inside. So it gets only what is valid
  // then, and does not look at times itself.
  const auto valid_ones = [&](std::span<const Certificate> certificates) {
    OwnedStack stack(sk_X509_new_null());
    for (const Certificate& one : certificates)
      if (stack != nullptr && one.valid_at(request.time)) sk_X509_push(stack.get(), one.state_->x509.get());
    return stack;
  };
  const OwnedStack intermediates = valid_ones(request.intermediates);
  const OwnedStack roots = valid_ones(request.roots);
  const Held<X509_STORE, X509_STORE_free> store(X509_STORE_new());
  const Held<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
  if (intermediates == nullptr || roots == nullptr || store == nullptr || context == nullptr ||
      X509_STORE_CTX_init(context.get(), store.get(), state_->x509.get(), intermediates.get()) != 1)
    return fail(Code::Unavailable, "certificate chain: the crypto library failed");
  X509_STORE_CTX_set0_trusted_stack(context.get(), roots.get());
  X509_VERIFY_PARAM* const rules = X509_STORE_CTX_get0_param(context.get());
  // A root is what the caller names, self-signed or not.
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
  X509_VERIFY_PARAM_set_depth(rules, CertificateLimits::kChain);
  X509_VERIFY_PARAM_set_auth_level(rules, 2);  // 112 bits: no SHA-1, no RSA below 2,048
  const int verified = X509_verify_cert(context.get());
  ERR_clear_error();
  if (verified != 1) {
    const int reason = X509_STORE_CTX_get_error(context.get());
    return fail(Code::Denied, "certificate chain of " + label(*this) + ": " +
                                  X509_verify_cert_error_string(reason) + " (certificate " +
                                  std::to_string(X509_STORE_CTX_get_error_depth(context.get())) +
                                  " of the chain)" + left_out(request));
  }
  std::vector<Certificate> chain;
  STACK_OF(X509)* const found = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(found); ++i) {
    unsigned char* made = nullptr;
    const int size = i2d_X509(sk_X509_value(found, i), &made);
    const OwnedBytes owned(made);
    if (size <= 0) return unreadable("a certificate of the chain cannot be written");
    Certificate certificate = TRY(from_der(Bytes(made, static_cast<std::size_t>(size))));
    chain.push_back(std::move(certificate));
  }
  TRY(check_authorities(chain));
  TRY(check_purposes(chain, request.purpose));
  return chain;
}

Result<std::string> text_from_der(Bytes der) {
  const unsigned char* at = der.data();
  const Held<ASN1_TYPE, ASN1_TYPE_free> value(
      der.size() > CertificateLimits::kBytes ? nullptr
                                             : d2i_ASN1_TYPE(nullptr, &at, static_cast<long>(der.size())));
  if (value == nullptr || at != der.data() + der.size()) return unreadable("a text that is no DER");
  const int type = ASN1_TYPE_get(value.get());
  if (type != V_ASN1_UTF8STRING && type != V_ASN1_IA5STRING && type != V_ASN1_PRINTABLESTRING)
    return unreadable("a text is expected, ASN.1 type " + std::to_string(type) + " found");
  std::string text(text_of(bytes_of_string(value->value.asn1_string)));
  if (!is_utf8(text)) return unreadable("a text is no UTF-8");
  return text;
}

}  // namespace bulwark::crypto
