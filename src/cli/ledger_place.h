#pragma once
// What the parts of `bulwark ledger` share: where the ledger is, whose keys are believed, what is printed.

#include <optional>
#include <string>
#include <vector>

#include "base/document.h"
#include "cli/verb.h"
#include "ledger/audit.h"
#include "ledger/note.h"

namespace bulwark::cli {

// A complaint, and the exit code for what the caller or the environment did wrong.
int refuse_ledger(std::string_view text);
int refuse_ledger(const Error& error);

// --ledger, else "ledger" below the home folder.
[[nodiscard]] Result<std::string> ledger_folder(const Arguments& arguments);

// The keys of --vkey, or the one that the folder names for itself.
struct TrustedLog {
  std::string origin;
  std::vector<ledger::NoteKey> keys;
  bool from_folder = false;  // then the folder vouches for itself
};
[[nodiscard]] Result<TrustedLog> trusted_log(const Arguments& arguments, const World& world,
                                             const std::string& folder);
// Of --vkey or --witness. Errors: InvalidInput, Unsupported.
[[nodiscard]] Result<std::vector<ledger::NoteKey>> keys_of(const Arguments& arguments, std::string_view flag,
                                                           ledger::KeyKind kind);

[[nodiscard]] bool wants_json(const Arguments& arguments);
// Prints {"schema": "bulwark.ledger/1", "command": …, members…}.
int print_json(std::string_view command, std::vector<Document::Entry> members, int exit);

// Content of a file, or of standard input for "-".
[[nodiscard]] Result<std::string> read_operand(const World& world, const std::string& path,
                                               std::uint64_t limit);
// To --output, or to standard output.
[[nodiscard]] Result<void> write_result(const Arguments& arguments, std::string_view text);

[[nodiscard]] Document checkpoint_json(const ledger::Checkpoint& checkpoint);
[[nodiscard]] std::string count_text(std::uint64_t count, std::string_view thing);  // "1 entry", "2 entries"

// The parts, each in a file of its own.
int ledger_verify(const Arguments& arguments, const World& world);
int ledger_fsck(const Arguments& arguments, const World& world);
int ledger_witness(const Arguments& arguments, const World& world);

}  // namespace bulwark::cli
