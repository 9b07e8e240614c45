#pragma once
// X.509 certificates (RFC 5280) that somebody hostile may have written: reading them, and verifying a chain
// up to roots that the caller names. Over OpenSSL.
//
// There are no default roots: a chain ends at a certificate the caller gave, or nowhere. The current time is
// never read: every question about validity names its time.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/instant.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/signing.h"

namespace bulwark::crypto {

struct CertificateLimits {
  // One certificate. Fulcio's have 2 KiB, with post-quantum signatures 20.
  static constexpr std::size_t kBytes = 64 * 1024;
  // Certificates in one PEM text or one chain, the leaf and the root included. Public chains have three or
  // four.
  static constexpr std::size_t kCertificates = 32;
  static constexpr int kChain = 8;
  // Certificates to build one chain from. Each is tried wherever its name fits.
  static constexpr std::size_t kPool = 64;
  // Bytes of one PEM text, comments between the certificates included.
  static constexpr std::size_t kPemBytes = 1024 * 1024;
  // Names in one certificate. Web certificates reach 100.
  static constexpr int kNames = 256;
};

// What the leaf, and every authority that restricts it, must allow (extended key usage, section 4.2.1.12).
enum class Purpose : std::uint8_t { Any, CodeSigning, TimeStamping };

struct AlternativeName {
  // Other: the otherName 1.3.6.1.4.1.57264.1.7 of Fulcio, a UTF8String.
  enum class Kind : std::uint8_t { Email, Dns, Uri, Other };
  Kind kind = Kind::Uri;
  std::string text;  // as it stands in the certificate: not safe to print

  friend bool operator==(const AlternativeName&, const AlternativeName&) = default;
};

struct Extension {
  std::vector<std::uint8_t> value;  // DER, without the OCTET STRING around it
  bool critical = false;
};

struct ChainRequest;

// Immutable, shared when copied. Threads: safe from many at once.
class Certificate {
 public:
  // Nothing may stand behind it. Errors: InvalidInput, LimitReached.
  [[nodiscard]] static Result<Certificate> from_der(Bytes der);
  // All certificates of a PEM text in its order, at least one; other text around them is skipped, other PEM
  // blocks are errors.
  [[nodiscard]] static Result<std::vector<Certificate>> from_pem(std::string_view pem);

  [[nodiscard]] Bytes der() const;  // lives as long as this certificate
  [[nodiscard]] std::string pem() const;
  [[nodiscard]] Hash256 fingerprint() const;  // SHA-256 of the DER
  [[nodiscard]] Hash256 key_hash() const;     // SHA-256 of the SubjectPublicKeyInfo
  // Errors: Unsupported, see PublicKey.
  [[nodiscard]] Result<PublicKey> public_key() const;

  [[nodiscard]] std::string subject() const;  // "CN=…, O=…": printable, for people; empty if it has none
  [[nodiscard]] std::string issuer() const;
  [[nodiscard]] std::string serial() const;  // hex

  // The interval is closed.
  [[nodiscard]] Instant not_before() const;
  [[nodiscard]] Instant not_after() const;
  [[nodiscard]] bool valid_at(Instant time) const { return not_before() <= time && time <= not_after(); }

  [[nodiscard]] bool is_authority() const;  // basic constraints say CA
  // Subject and issuer are the same name AND the own key verifies the signature: a leaf may share its name
  // with its issuer.
  [[nodiscard]] bool self_signed() const;
  [[nodiscard]] bool may_sign() const;  // key usage with digitalSignature, or none
  // Extended key usage that lists the purpose or any, or none at all.
  [[nodiscard]] bool allows(Purpose purpose) const;
  // Extended key usage that lists the purpose itself.
  [[nodiscard]] bool lists(Purpose purpose) const;

  // The subject alternative names of the four kinds; others are left out.
  // Errors: InvalidInput (the extension cannot be read), LimitReached.
  [[nodiscard]] Result<std::vector<AlternativeName>> alternative_names() const;

  // `oid`: dotted decimal. Nothing if there is none. Errors: InvalidInput if it comes twice.
  [[nodiscard]] Result<std::optional<Extension>> extension(std::string_view oid) const;
  // The TBSCertificate (DER) as it was before that extension was added: what the timestamp of its
  // precertificate covers (RFC 6962, section 3.2). Errors: NotFound, InvalidInput if it comes twice.
  [[nodiscard]] Result<std::vector<std::uint8_t>> signed_part_without(std::string_view oid) const;

  // The chain from this certificate (first) to one of the named roots (last): every signature, key usage,
  // name constraint, purpose and validity in it is verified. Certificates outside their validity are not
  // used. Errors: Denied: expired or not yet valid, no chain, not for the purpose (the message says which);
  // InvalidInput: no roots; LimitReached.
  [[nodiscard]] Result<std::vector<Certificate>> verified_chain(const ChainRequest& request) const;

 private:
  struct State;
  explicit Certificate(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

struct ChainRequest {
  std::span<const Certificate> intermediates = {};  // untrusted, in any order
  std::span<const Certificate> roots = {};          // trusted as given, self-signed or not
  Instant time;                                     // at which every certificate must be valid
  Purpose purpose = Purpose::Any;
};

// The text of a DER UTF8String (or IA5String, PrintableString), nothing behind it. Errors: InvalidInput.
[[nodiscard]] Result<std::string> text_from_der(Bytes der);

}  // namespace bulwark::crypto
