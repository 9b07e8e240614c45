#pragma once
// Receipts, C2SP tlog-proof v1: a checkpoint, the index of an entry, and the proof that it is in the tree.
// Verified without the log. Kept beside the artifact as `.tlog-proof`.

#include <string>
#include <string_view>
#include <vector>

#include "ledger/checkpoint.h"

namespace bulwark::ledger {

struct Receipt {
  std::uint64_t index = 0;
  Proof proof;
  SignedCheckpoint checkpoint;
  std::vector<std::uint8_t> extra;  // opaque and not authenticated: nothing may be decided by it

  friend bool operator==(const Receipt&, const Receipt&) = default;
};

// Not yet verified. Errors: InvalidInput, LimitReached.
[[nodiscard]] Result<Receipt> parse_receipt(std::string_view text, const NoteLimits& limits = {});
[[nodiscard]] std::string to_text(const Receipt& receipt);

// That the entry with that leaf hash is in the tree of the receipt's checkpoint, and that the log has signed
// it. Errors: Corrupt, InvalidInput, Denied: see verify_inclusion() and verify_checkpoint().
[[nodiscard]] Result<void> verify_receipt(const Receipt& receipt, const Hash& leaf, std::string_view origin,
                                          std::span<const NoteKey> log_keys);

}  // namespace bulwark::ledger
