#pragma once
// Checkpoints, C2SP tlog-checkpoint v1.0.0: the note in which a log commits to its size and root.

#include <string>
#include <string_view>
#include <vector>

#include "ledger/merkle.h"
#include "ledger/note.h"

namespace bulwark::ledger {

struct Checkpoint {
  std::string origin;  // the log's identity; not empty
  std::uint64_t size = 0;
  Hash root{};
  std::vector<std::string> extensions;  // opaque lines

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// `text`: of a note. Errors: InvalidInput.
[[nodiscard]] Result<Checkpoint> parse_checkpoint(std::string_view text);
[[nodiscard]] std::string to_text(const Checkpoint& checkpoint);

// A checkpoint and the note that it came in.
struct SignedCheckpoint {
  Checkpoint checkpoint;
  Note note;

  friend bool operator==(const SignedCheckpoint&, const SignedCheckpoint&) = default;
};

// Not yet verified. Errors: InvalidInput, LimitReached.
[[nodiscard]] Result<SignedCheckpoint> parse_signed_checkpoint(std::string_view text,
                                                               const NoteLimits& limits = {});
// Errors: Corrupt: signed by none of the keys, or wrongly. Denied: another log's origin.
[[nodiscard]] Result<void> verify_checkpoint(const SignedCheckpoint& checkpoint, std::string_view origin,
                                             std::span<const NoteKey> log_keys);

}  // namespace bulwark::ledger
