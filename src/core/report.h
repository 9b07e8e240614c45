#pragma once
// What an inspection leaves behind: findings, gaps, and what was looked at. Plain values.
//
// A report never says clean without saying what it did not see.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "core/rule.h"

namespace bulwark {

// Where in an artifact: bytes from its start, or a line and column (both from 1) of a text.
struct Place {
  std::uint64_t offset = kNoOffset;
  std::uint32_t line = 0;  // 0: not a text
  std::uint32_t column = 0;

  friend auto operator<=>(const Place&, const Place&) = default;
};

// Somebody's note in the text itself: `bulwark: ignore BW-PY-001 REASON until 2027-01-31`.
struct Waiver {
  std::string reason;      // never empty
  std::string until;       // YYYY-MM-DD, the last day on which it counts; empty: no end was given
  std::uint32_t line = 0;  // where it stands
};

// A change that mends a finding without changing what is meant: bytes of the artifact and what replaces them.
struct Edit {
  std::uint64_t offset = 0;
  std::string before;  // what stands there now
  std::string after;
};

// A rule that fired.
struct Finding {
  const Rule* rule = nullptr;  // never null in a report; lives for ever
  Severity severity = Severity::Info;
  std::string path;                 // the file that was given
  std::vector<std::string> origin;  // members from the outside in; empty for the file itself
  Place place;                      // within the innermost artifact
  std::string message;              // one sentence for people
  std::string evidence;             // at most 200 printable characters: the call, the path, the header
  std::string subject;  // what a policy can allow by name: "sklearn.foo.Bar", "ai.custom::Op"; may be empty
  std::optional<Waiver> waiver = {};  // in the same text; whether it counts is for the policy to say
  std::vector<Edit> edits = {};       // safe mechanical fix, in order of offset; empty: none is known
};

enum class GapReason : std::uint8_t {
  Encrypted,
  Truncated,    // ends before its format does
  Malformed,    // contradicts its format
  Limit,        // a budget ran out
  Unsupported,  // a variant that we cannot read
  Unreadable,   // the file system said no
  Changed,      // the file changed while it was read
};

[[nodiscard]] std::string_view name_of(GapReason reason);  // "encrypted" …
[[nodiscard]] GapReason gap_reason_from(Code code);

// What could not be looked at, and why.
struct Gap {
  GapReason reason = GapReason::Malformed;
  std::string path;
  std::vector<std::string> origin;
  Place place;
  std::string why;
};

// One artifact that was looked at.
struct Inspected {
  std::string path;
  std::vector<std::string> origin;
  std::uint64_t size = 0;
  std::vector<std::string> formats;                        // every reading, e.g. {"pickle", "zip"}
  std::vector<std::pair<std::string, std::string>> facts;  // e.g. {"weights_only", "loads"}
  std::string trace;                                       // decompiled program, only if asked for
};

struct Report {
  std::vector<Finding> findings;
  std::vector<Gap> gaps;
  std::vector<Inspected> inspected;

  void append(Report&& other);
  // Sorts by path, origin, place, rule and drops exact repetitions: same bytes in, same bytes out.
  void normalise();
  [[nodiscard]] bool complete() const { return gaps.empty(); }
};

}  // namespace bulwark
