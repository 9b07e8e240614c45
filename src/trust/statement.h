#pragma once
// An in-toto Statement v1: what is said (the predicate) about which bytes (the subjects).
// Source: in-toto/attestation, spec/v1/statement.md.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_reader.h"
#include "base/document.h"
#include "base/result.h"

namespace bulwark::trust {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";

// Something that bytes were hashed of. Digests: algorithm and lower-case hex, at least one.
struct Subject {
  std::string name;  // may be empty where the format allows it
  std::vector<std::pair<std::string, std::string>> digests;

  // The hex digest by that algorithm, or empty.
  [[nodiscard]] std::string_view digest(std::string_view algorithm) const;
};

struct Statement {
  std::vector<Subject> subjects;  // at least one
  std::string predicate_type;
  Document predicate;  // Null: none
};

// Strict: no key twice, the four fields of the format and no other, every subject with a digest.
// Errors: InvalidInput, LimitReached, Unsupported (another type of statement).
[[nodiscard]] Result<Statement> read_statement(Bytes payload);
// Canonical JSON (RFC 8785). Errors: InvalidInput: text that is no UTF-8.
[[nodiscard]] Result<std::string> write_statement(const Statement& statement);

}  // namespace bulwark::trust
