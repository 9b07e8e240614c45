#pragma once
// Certificate transparency (RFC 6962): a log's signed promise, embedded in a certificate, that the
// certificate is public.

#include <cstdint>
#include <vector>

#include "base/byte_reader.h"
#include "base/instant.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"
#include "crypto/signing.h"

namespace bulwark::crypto {

// A signed certificate timestamp (SCT), version 1.
struct CertificateTimestamp {
  Hash256 log_id{};  // SHA-256 of the log's key
  Instant time;
  std::vector<std::uint8_t> extensions;  // covered by the signature; static logs put the index in it
  HashAlgorithm hash = HashAlgorithm::Sha256;
  std::uint8_t signature_algorithm = 0;  // 1 RSA, 3 ECDSA (RFC 5246)
  std::vector<std::uint8_t> signature;
};

// Those embedded in the certificate; none if it has no such extension. At most 16: public certificates have
// two or three. Errors: InvalidInput (form, another version), Unsupported (hash), LimitReached.
[[nodiscard]] Result<std::vector<CertificateTimestamp>> embedded_timestamps(const Certificate& certificate);

// That the log promised to publish `certificate` as `issuer` issued it. Errors: Corrupt: another key, another
// certificate or another issuer; Denied: the signature is of another kind than the key.
[[nodiscard]] Result<void> verify(const CertificateTimestamp& timestamp, const Certificate& certificate,
                                  const Certificate& issuer, const PublicKey& log_key);

}  // namespace bulwark::crypto
