#pragma once
// Witnesses, C2SP tlog-witness and tlog-cosignature v1: somebody else remembers the newest checkpoint of a
// log and signs only what continues it. That is what shows a log that was rolled back or forked by whoever
// holds its key.
//
// Both roles: a log asks (build_request, add_cosignatures), a witness answers (judge, Witness).

#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/wall_clock.h"
#include "crypto/signing.h"
#include "ledger/checkpoint.h"

namespace bulwark::ledger {

struct WitnessRequest {
  std::uint64_t old_size = 0;
  Proof proof;  // consistency, from the old size; at most 63 hashes
  SignedCheckpoint checkpoint;

  friend bool operator==(const WitnessRequest&, const WitnessRequest&) = default;
};

// Body of add-checkpoint. Errors: InvalidInput, LimitReached.
[[nodiscard]] Result<WitnessRequest> parse_request(std::string_view text, const NoteLimits& limits = {});
[[nodiscard]] std::string to_text(const WitnessRequest& request);

struct WitnessResponse {
  int status = 200;  // of HTTP: 200, 400, 403, 404, 409, 422
  std::string body;  // 200: signature lines; 409: the size, where sizes differ
  std::string why;   // for the log of the witness; empty for 200
};

// A log that a witness knows, and the newest checkpoint that it has signed (size 0: none).
struct WitnessedLog {
  NoteKey key;  // its name is the origin
  std::uint64_t size = 0;
  Hash root{};
};

// What the specification answers, but for the signature: status 200 with an empty body means that the witness
// may sign. `logs`: what it knows.
[[nodiscard]] WitnessResponse judge(std::string_view request, const std::vector<WitnessedLog>& logs);

// The newest checkpoint that witnesses have signed stands for itself; `response`: signature lines of status
// 200. Takes over those of the keys given. Errors: Corrupt: none of them, or one that does not verify.
[[nodiscard]] Result<SignedCheckpoint> add_cosignatures(const SignedCheckpoint& checkpoint,
                                                        std::string_view response,
                                                        std::span<const NoteKey> witnesses);

// The memory of a witness is a folder:
//   witness.vkey        its own name and key
//   logs/<id>.vkey      a log that it knows; the id is the key's, eight hex digits
//   logs/<id>.latest    the note of the newest checkpoint that it has signed

// Errors: InvalidInput: a wrong name, or there is one already; those of the file system.
[[nodiscard]] Result<void> create_witness(FileSystem& files, const std::string& folder, std::string_view name,
                                          const crypto::PublicKey& key);
[[nodiscard]] Result<void> add_witnessed_log(FileSystem& files, const std::string& folder,
                                             const NoteKey& log);
// Its own key, for those who trust it. Errors: NotFound, InvalidInput.
[[nodiscard]] Result<NoteKey> witness_key(FileSystem& files, const std::string& folder);

// Judges, remembers, signs: what is signed is durable before anybody sees the signature. One process at a
// time (a lock). Errors: NotFound (no witness there), Denied (another key), Unavailable.
[[nodiscard]] Result<WitnessResponse> answer(FileSystem& files, const std::string& folder,
                                             const crypto::Signer& signer, const WallClock& clock,
                                             std::string_view request);

}  // namespace bulwark::ledger
