#pragma once
// What Bulwark writes into its log: one canonical JSON document (RFC 8785) an entry, so that a statement has
// one spelling and one hash. Grammar: docs/formats/ledger.md.

#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"

namespace bulwark::ledger {

inline constexpr std::string_view kStatementSchema = "bulwark.statement/1";

struct StatementLimits {
  std::size_t text_bytes = 4'096;  // of subject, outcome, note and tool each
  std::size_t digests = 256;       // evidence: large sets have a manifest in the store
  std::size_t techniques = 64;
};

// Empty members are left out of the document, but for kind, subject, time and tool, which must be there.
struct Statement {
  std::string kind;      // "decision", "approval", "shred", "key", "gate.refuse" …: a-z, digits, '.', '-'
  std::string subject;   // what it is about: "model fraud@7", "key release"
  std::string artifact;  // "sha256:" and 64 lower-case hex digits
  std::vector<std::string> evidence;  // the same; ascending, no two equal
  std::vector<std::string> atlas;     // "AML.T0010.003"; ascending, no two equal
  std::string outcome;                // "allow", "refuse" …
  std::string note;                   // for people
  Instant time{};
  std::string tool;  // name and version of the writer

  friend bool operator==(const Statement&, const Statement&) = default;
};

// The entry: at most kMaxEntryBytes. Lists are put in order. Errors: InvalidInput (which member is wrong),
// LimitReached.
[[nodiscard]] Result<std::string> to_entry(Statement statement, const StatementLimits& limits = {});
// Strict: canonical form only, no unknown member, no member twice. Errors: InvalidInput, LimitReached.
[[nodiscard]] Result<Statement> parse_statement(std::string_view entry, const StatementLimits& limits = {});

// What people and programs hand in: any JSON form, any order; schema, time and tool may be left out and stay
// empty. Errors as above.
[[nodiscard]] Result<Statement> parse_draft(std::string_view text, const StatementLimits& limits = {});

[[nodiscard]] bool is_digest(std::string_view text);  // "sha256:…"

}  // namespace bulwark::ledger
