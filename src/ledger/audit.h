#pragma once
// Whether a log is what its checkpoint says, and what it was seen to be: every entry is hashed, every tile
// compared, every checkpoint that is remembered must be the start of it.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "ledger/checkpoint.h"

namespace bulwark::ledger {

// What is wrong with a log. The first that applies, in this order, names the attack.
enum class Fault : std::uint8_t {
  Unreadable,    // no checkpoint, or none that can be read
  WrongOrigin,   // the checkpoint is of another log
  BadSignature,  // the checkpoint is not signed by the log's key
  RolledBack,    // the log is shorter than it was seen to be
  Forked,        // it has another history than it was seen to have
  Truncated,     // entries that the checkpoint covers are missing
  Edited,        // an entry or a tile contradicts the signed root
  Damaged,       // a derived file is missing or broken; entries lead to the signed root
};

[[nodiscard]] std::string_view name_of(Fault fault);  // "rolled back"

struct Discrepancy {
  Fault fault = Fault::Unreadable;
  std::string what;  // one line: which entries or files, expected against found
};

// A checkpoint that was verified before, and where it comes from.
struct Remembered {
  Checkpoint checkpoint;
  std::string source;
};

struct AuditOptions {
  std::string origin;
  std::span<const NoteKey> log_keys;
  std::vector<Remembered> remembered;
  std::size_t discrepancies = 20;  // kept; the rest is counted
  // Called now and then with the entries looked at; may be empty.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress;
};

struct Audit {
  std::optional<SignedCheckpoint> checkpoint;  // the published one, if it is readable
  std::uint64_t entries = 0;                   // that lead to the signed root
  std::vector<Discrepancy> discrepancies;
  std::uint64_t further = 0;  // discrepancies that were not kept

  [[nodiscard]] bool intact() const { return discrepancies.empty(); }
};

// Reads the folder of a log of any maker (C2SP tlog-tiles). Errors: Unavailable: the disk; all else is in the
// audit.
[[nodiscard]] Result<Audit> audit(FileSystem& files, const std::string& folder, const AuditOptions& options);

}  // namespace bulwark::ledger
