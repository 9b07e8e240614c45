#pragma once
// DSSE, the Dead Simple Signing Envelope: what exactly is signed, and signing and checking it.
// Source: secure-systems-lab/dsse, protocol.md 1.0.2.

#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "base/result.h"
#include "crypto/signing.h"
#include "trust/bundle.h"

namespace bulwark::trust {

inline constexpr std::string_view kInTotoType = "application/vnd.in-toto+json";

// Pre-authentication encoding: the bytes that a signature covers. Binds the type, so that a payload cannot be
// read as something else than what was signed.
[[nodiscard]] std::string pre_authentication_encoding(std::string_view payload_type, Bytes payload);

// What release 0.2.0 of the reference implementation of model signing covered by mistake: "DSSEV1" and the
// payload as a literal of its programming language. Only for --legacy-v0.2.
[[nodiscard]] std::string legacy_encoding(std::string_view payload_type, Bytes payload);

// One signature with the hash of the key's curve. Errors: those of the signer.
[[nodiscard]] Result<Envelope> sign_envelope(const crypto::Signer& signer, std::string_view payload_type,
                                             Bytes payload);
// Checks the one signature of an envelope. Errors: InvalidInput (none, or more than one: which of them counts
// is not for us to guess), Corrupt (does not verify).
[[nodiscard]] Result<void> verify_envelope(const Envelope& envelope, const crypto::PublicKey& key);

}  // namespace bulwark::trust
