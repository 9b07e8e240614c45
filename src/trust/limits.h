#pragma once
// Every ceiling that signatures, statements and manifests may run into, with its reason.

#include <cstdint>

#include "base/limits.h"

namespace bulwark::trust {

struct TrustLimits {
  // One bundle or envelope. A model of 400,000 files or shards needs 90 MB with its payload in base64.
  static constexpr std::uint64_t kBundleBytes = std::uint64_t{192} << 20;
  // Nesting of a bundle or statement. The deepest field of the format lies at 6, of a BOM predicate at 20.
  static constexpr std::uint32_t kDepth = 64;
  // Signatures of an envelope, log entries and timestamps of a bundle: the clients of Sigstore stop at 32.
  static constexpr std::size_t kSignatures = 32;
  static constexpr std::size_t kLogEntries = 32;
  static constexpr std::size_t kTimestamps = 32;
  // Certificates of a chain. Real ones have two or three; every one costs a signature check.
  static constexpr std::size_t kCertificates = 16;
  // Hashes of an inclusion proof: a tree of 2^64 leaves needs no more.
  static constexpr std::size_t kProofHashes = 64;
  // Bytes of a checkpoint, with its cosignatures.
  static constexpr std::size_t kCheckpointBytes = std::size_t{64} << 10;
  // A trusted root, and the keys or authorities of one kind in it. Sigstore's own has 8 KB, and two of each.
  static constexpr std::size_t kTrustedRootBytes = std::size_t{4} << 20;
  static constexpr std::size_t kTrustedKeys = 64;
  // A public key in it; RSA of 8,192 bits needs 1,100.
  static constexpr std::size_t kKeyBytes = 16 * 1024;
  // Seconds since 1970 that are still a date: the end of the year 9999.
  static constexpr std::uint64_t kLastSecond = 253'402'300'799;
  // Resources of a model: files or shards.
  static constexpr std::size_t kResources = 900'000;
  // Bytes of a path, as file systems have them.
  static constexpr std::size_t kPathBytes = 4'096;
  // Subjects of a statement.
  static constexpr std::size_t kSubjects = 100'000;
};

// For parse_json on what comes from outside.
[[nodiscard]] inline Limits document_limits() {
  Limits limits;
  limits.document_depth = TrustLimits::kDepth;
  limits.document_bytes = TrustLimits::kBundleBytes;
  return limits;
}

}  // namespace bulwark::trust
