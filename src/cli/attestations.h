#pragma once
// `bulwark sign --attest` and `bulwark verify --attestation`.

#include <string>

#include "base/result.h"
#include "cli/verb.h"
#include "trust/attestation.h"

namespace bulwark::cli {

// What a statement is about: of a folder the root digest of its files, without its signature and the
// attestation; of a file its SHA-256. Errors: those of the disk, InvalidInput (no file).
[[nodiscard]] Result<trust::Artifact> artifact_at(const std::string& path, const std::string& attestation,
                                                  std::size_t jobs);

// Operands: the artifacts that the statement is about.
[[nodiscard]] int attest_artifacts(const Arguments& arguments, const World& world);
// Operands: the artifacts that must be its subjects; none: only the statement itself.
[[nodiscard]] int verify_one_attestation(const Arguments& arguments, const World& world);

}  // namespace bulwark::cli
