#pragma once
// What `bulwark verify` prints: the checks that were made, what was not proved, and the findings.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/document.h"
#include "trust/verification.h"

namespace bulwark::report {

struct VerificationRun {
  const trust::Verification& verification;
  std::string_view version;                 // of Bulwark
  std::string kind;                         // "model", "dataset", "attestation"
  std::string signature;                    // path of the signature file
  std::string method;                       // "key", "certificate", "sigstore"
  std::vector<Document::Entry> facts = {};  // json only: what was signed, counts
  bool colour = false;                      // text only
};

// "accepted", "refused" or "incomplete": the last if nothing refuses, but something could not be checked.
[[nodiscard]] std::string_view verdict_of(const trust::Verification& verification);

// For people.
[[nodiscard]] std::string verification_text(const VerificationRun& run);
// Stable: docs/formats/verify.schema.json.
[[nodiscard]] std::string verification_json(const VerificationRun& run);

}  // namespace bulwark::report
