#pragma once
// Signed timestamps (RFC 3161): proof by a time-stamping authority that some bytes existed at a time. Over
// OpenSSL.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/instant.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"

namespace bulwark::crypto {

// A response of one authority; with its certificates embedded it has 6 KiB.
inline constexpr std::size_t kTimestampBytes = 64 * 1024;

struct VerifiedTimestamp {
  Instant time;
  Certificate signer;
};

// Shared when copied. Used by one thread at a time, copies included.
class Timestamp {
 public:
  // A granted TimeStampResp in DER with one token in it, nothing behind it. Nothing is verified yet.
  // Errors: InvalidInput, Unsupported (other hashes than SHA-256/384/512), LimitReached.
  [[nodiscard]] static Result<Timestamp> from_response(Bytes der);

  [[nodiscard]] Instant time() const;        // what it claims, to the millisecond
  [[nodiscard]] std::string serial() const;  // hex
  [[nodiscard]] HashAlgorithm algorithm() const;
  [[nodiscard]] Bytes imprint() const;  // hash of what was stamped; lives as long as this

  // That it was made over `message` by the authority whose certificates are `authority`: signer first where
  // it is known, then the intermediates, the root last. Certificates in the token are only used to complete
  // the chain, and a known signer is the only one that counts. The chain must be valid at the time in the
  // token, not now. Errors: Denied (the message says what differs).
  [[nodiscard]] Result<VerifiedTimestamp> verify(Bytes message, std::span<const Certificate> authority) const;

 private:
  struct State;
  explicit Timestamp(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace bulwark::crypto
