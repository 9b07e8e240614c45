#pragma once
// Entries of Sigstore's transparency log (Rekor, versions 1 and 2): that an entry speaks about this signature
// by this signer, and that the log really has it.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "crypto/signing.h"
#include "trust/bundle.h"
#include "trust/trusted_root.h"

namespace bulwark::trust {

// What an entry must be about. References must outlive the calls.
struct LoggedSignature {
  const Bundle& bundle;
  // Hash of the bytes that were signed: of the artifact, or of the pre-authentication encoding of the
  // envelope. Nothing if it is not known for that algorithm.
  std::function<std::optional<Blob>(crypto::HashAlgorithm)> signed_hash;
  const crypto::Certificate* certificate = nullptr;  // one of the two
  const crypto::PublicKey* key = nullptr;
};

// That the canonical body of the entry is of its kind and names this payload, this signature and this signer:
// hashedrekord 0.0.1 and 0.0.2 (also over the encoding of an envelope), dsse 0.0.1 and 0.0.2, intoto 0.0.2.
// What is in it is compared field by field; nothing of it is believed before verify_inclusion or
// verify_promise. Errors: Denied (expected against found), InvalidInput (form), Unsupported (kind).
[[nodiscard]] Result<void> check_body(const LogEntry& entry, const LoggedSignature& signature);

// The keys of the trusted root that the entry's log id names; at least one.
// Errors: Denied: none.
[[nodiscard]] Result<std::vector<const LogKey*>> keys_of(const LogEntry& entry, const TrustedRoot& root);

// The log's signature over body, index and time (signed entry timestamp), with the key that was valid then.
// Errors: Denied (no key valid then), Corrupt (does not verify).
[[nodiscard]] Result<const LogKey*> verify_promise(const LogEntry& entry,
                                                   std::span<const LogKey* const> keys);

struct LoggedAt {
  const LogKey* log = nullptr;
  std::string origin;  // of the checkpoint
  std::uint64_t index = 0;
  std::uint64_t tree_size = 0;
};

// The path from the body to the root, and the checkpoint in which a log of `keys`, valid at all of `times`,
// signed this root. Errors: Denied, Corrupt, InvalidInput (form).
[[nodiscard]] Result<LoggedAt> verify_inclusion(const LogEntry& entry, std::span<const LogKey* const> keys,
                                                std::span<const Instant> times);
// Only that the proof leads to the root it names, which nobody signed: bundles of version 0.1 have such ones.
[[nodiscard]] Result<void> check_proof(const LogEntry& entry);

}  // namespace bulwark::trust
