#pragma once
// The lines that receipts and requests to witnesses have in common: numbers and hashes, one spelling each.

#include <optional>
#include <string>
#include <string_view>

#include "ledger/decimal.h"
#include "ledger/merkle.h"

namespace bulwark::ledger {

inline constexpr std::size_t kMaxInclusionHashes = 64;    // a tree has at most 2^64 - 1 leaves
inline constexpr std::size_t kMaxConsistencyHashes = 63;  // C2SP tlog-witness

// Takes the next line, without its line feed, off `text`; nothing if no line feed is left.
[[nodiscard]] std::optional<std::string_view> next_line(std::string_view& text);

// Takes lines of one hash in base64 and the empty line behind them off `text`. Errors: InvalidInput,
// LimitReached.
[[nodiscard]] Result<Proof> take_proof(std::string_view& text, std::size_t limit);
[[nodiscard]] std::string proof_lines(const Proof& proof);

}  // namespace bulwark::ledger
