#pragma once
// The rules of the assay, one list per part.

#include <span>
#include <vector>

#include "core/rule.h"

namespace bulwark::assay {

[[nodiscard]] std::span<const Rule* const> profile_rules();  // BW-PROF: profile and contract
[[nodiscard]] std::span<const Rule* const> pii_rules();      // BW-PII
[[nodiscard]] std::span<const Rule* const> label_rules();    // BW-LABEL
[[nodiscard]] std::span<const Rule* const> leakage_rules();  // BW-LEAK
[[nodiscard]] std::span<const Rule* const> poison_rules();   // BW-POI
[[nodiscard]] std::span<const Rule* const> text_rules();     // BW-TEXT
[[nodiscard]] std::span<const Rule* const> drift_rules();    // BW-DRIFT

// All of them, in order of id.
[[nodiscard]] std::vector<const Rule*> rules();

}  // namespace bulwark::assay
