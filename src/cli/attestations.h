#pragma once
// `bulwark sign --attest` and `bulwark verify --attestation`.

#include "cli/verb.h"

namespace bulwark::cli {

// Operands: the artifacts that the statement is about.
[[nodiscard]] int attest_artifacts(const Arguments& arguments, const World& world);
// Operands: the artifacts that must be its subjects; none: only the statement itself.
[[nodiscard]] int verify_one_attestation(const Arguments& arguments, const World& world);

}  // namespace bulwark::cli
