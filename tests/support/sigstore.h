#pragma once
// A Sigstore in miniature: certificate authority, certificate log, transparency logs of both versions and a
// time-stamping authority, all with fresh keys. Signs bundles as clients do, and as attackers would.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/signing.h"
#include "support/certificates.h"
#include "trust/bundle.h"
#include "trust/sigstore.h"
#include "trust/trusted_root.h"

namespace bulwark::test {

enum class EntryForm : std::uint8_t {
  HashedRecord1,  // hashedrekord 0.0.1
  HashedRecord2,
  Dsse1,
  Dsse2,
  InToto2,
};

struct BundleWish {
  crypto::KeyType key = crypto::KeyType::P256;
  bool managed = false;   // a bare key, no certificate
  bool envelope = false;  // else a signature over the artifact
  EntryForm entry = EntryForm::HashedRecord1;
  trust::BundleVersion version = trust::BundleVersion::V03;
  bool promise = true;  // signed entry timestamp, of version 1 only
  bool stamped = false;
  bool logged_certificate = true;  // SCT
  Instant time = *instant_from("2026-06-01T10:20:30Z");
  Instant stamp_time = *instant_from("2026-06-01T10:20:30Z");
  std::string identity = "https://example.org/workflow@main";
  std::string issuer = "https://issuer.example";
  std::string payload;  // of the envelope; empty: a statement about the artifact
  Wish leaf = {};       // names, uses and validity are filled in where they are empty
};

class MadeSigstore {
 public:
  MadeSigstore();

  [[nodiscard]] trust::TrustedRoot trusted_root() const;
  [[nodiscard]] trust::Bundle bundle(std::string_view artifact, const BundleWish& wish) const;
  // The public key of the last managed bundle that was made.
  [[nodiscard]] crypto::PublicKey last_key() const { return *last_key_; }

  // Log it again after the body was changed: what a log that does not look would do.
  void relog(trust::LogEntry& entry, bool second_version, bool promise, Instant time) const;

  Issued root, middle, stamp_root, stamper;
  MadeKey first_log{crypto::KeyType::P256};
  MadeKey second_log{crypto::KeyType::Ed25519};
  MadeKey certificate_log{crypto::KeyType::P256};

 private:
  mutable std::optional<crypto::PublicKey> last_key_;
};

[[nodiscard]] std::string statement_about(std::string_view artifact);

}  // namespace bulwark::test
