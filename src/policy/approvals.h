#pragma once
// What was approved of agents' texts (bulwark.lock, docs/formats/lock.md), and what differs from it. The
// texts themselves are not kept, only digests of them and of their lines. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::policy {

// A text as it is now. `text` must hold no secrets.
struct AgentText {
  std::string path;  // from the folder of the lock, '/'-separated
  std::string kind;
  std::string name;  // may be empty
  std::string text;
};

struct Approval {
  std::string path, kind, name;
  std::string sha256;              // of the text, 64 lower-case hex digits
  std::vector<std::string> lines;  // the first 12 digits of the SHA-256 of each
  std::uint32_t line = 0;          // in the lock
};

// Errors: InvalidInput naming the line; LimitReached if it is too large.
[[nodiscard]] Result<std::vector<Approval>> read_approvals(std::string_view text);

// A lock that approves `texts`, sorted by path, kind and name. Errors: as crypto::sha256.
[[nodiscard]] Result<std::string> write_approvals(std::vector<AgentText> texts);

enum class Approved : std::uint8_t {
  AsItIs,
  Changed,
  Never,
};
struct Difference {
  Approved approved = Approved::AsItIs;
  std::vector<std::string_view> added;  // lines of the text that were not approved, in their order
  std::size_t removed = 0;              // approved lines that are no longer there
};
// `approval`: of that path, kind and name, or null. Errors: as crypto::sha256.
[[nodiscard]] Result<Difference> compare(const AgentText& text, const Approval* approval);

}  // namespace bulwark::policy
