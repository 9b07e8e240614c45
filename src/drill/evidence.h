#pragma once
// What the platform made of a version when it was approved (a signature, a manifest of records, entries of a
// ledger, sealed blobs), and what is checked when somebody comes with it again.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/report.h"
#include "drill/drill.h"
#include "drill/vault.h"

namespace bulwark::drill {

struct Evidence {
  Kept kept = Kept::Plain;
  // Signed, Recorded: the bundle; Logged: the checkpoint that a witness has seen.
  std::string document = {};
  std::string key = {};                     // of the one whose word counts: PEM; of a ledger its vkey
  std::string records = {};                 // Recorded: the signed manifest of the records
  std::vector<std::uint8_t> book = {};      // Recorded: the hashes of the records
  std::string folder = {};                  // Logged: of the ledger; of an assay: for its copies
  std::shared_ptr<const Vault> vault = {};  // Encrypted: it is there, and nothing else is
  std::optional<AssayOrder> assay = {};     // what is looked at in a data set
  std::vector<Crosser> approved = {};       // of an assay that compares
};

// The control that the way of keeping stands for: "RG-SIGN" …; empty: Plain.
[[nodiscard]] std::string_view control_of(Kept kept);

// Made once, before anything crosses. `files`: what the attacker or the benign twin comes with; only a
// stranger signs it, and a store encrypts it. `folder`: exists, is empty, for what lies on the disk.
// Errors: those of signing and of the store.
[[nodiscard]] Result<Evidence> make_evidence(const Trial& trial, std::span<const Crosser> approved,
                                             std::span<const Crosser> files, const std::string& folder);

// Adds what is wrong with `files` to the report.
void check_evidence(const Evidence& evidence, std::span<const Crosser> files, Report& report);

}  // namespace bulwark::drill
