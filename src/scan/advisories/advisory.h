#pragma once
// One security advisory in the Open Source Vulnerability format (OSV 1.7), and the evaluation that its schema
// prescribes: which versions of a package does it speak about?

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/result.h"
#include "core/rule.h"

namespace bulwark::scan {

struct AdvisoryEvent {
  enum class Kind : std::uint8_t { Introduced, Fixed, LastAffected, Limit };
  Kind kind = Kind::Introduced;
  std::string version;  // Introduced "0": before everything; Limit "*": no limit
};

struct AdvisoryRange {
  enum class Type : std::uint8_t { Semver, Ecosystem, Git };
  Type type = Type::Ecosystem;
  std::vector<AdvisoryEvent> events;
};

// What an advisory says of one package.
struct AffectedPackage {
  std::string ecosystem;  // "PyPI", "Debian:12"
  std::string name;
  std::vector<std::string> versions;
  std::vector<AdvisoryRange> ranges;
};

struct Advisory {
  std::string id;
  std::vector<std::string> aliases;
  std::string summary;               // one line; from `details` where there is no summary
  std::int64_t modified = 0;         // seconds since 1970, UTC; 0: not said
  std::optional<Severity> severity;  // from a CVSS vector, else as the database words it
  bool withdrawn = false;
  std::vector<AffectedPackage> affected;
};

// Errors: InvalidInput (no advisory: no id).
[[nodiscard]] Result<Advisory> advisory_from(const Document& document);
// A JSON or YAML text. Errors: InvalidInput, LimitReached.
[[nodiscard]] Result<Advisory> read_advisory(std::string_view text, const Limits& limits);

// "2024-10-10T05:07:00Z" in seconds since 1970, or 0.
[[nodiscard]] std::int64_t seconds_of(std::string_view rfc3339);
// "2024-10-10"
[[nodiscard]] std::string date_of(std::int64_t seconds);

enum class Affects : std::uint8_t {
  No,
  Yes,
  Unknown,  // only a GIT range, or an ecosystem whose order we do not know, could tell
};
[[nodiscard]] Affects affects(const AffectedPackage& package, std::string_view version);
// The range part alone; for SEMVER and ECOSYSTEM ranges.
[[nodiscard]] Affects in_ranges(const AffectedPackage& package, std::string_view version);
// True if a range without an end says "every version".
[[nodiscard]] bool affects_every_version(const AffectedPackage& package);
// The lowest "fixed" above the version, or empty.
[[nodiscard]] std::string fixed_after(const AffectedPackage& package, std::string_view version);

// The form in which two spellings of one version are the same text ("1.0" and "1.0.0" of PyPI).
[[nodiscard]] std::string comparable_version(std::string_view ecosystem, std::string_view version);

// The base score of a CVSS 2, 3.0 or 3.1 vector. Nothing for other versions and broken vectors.
[[nodiscard]] std::optional<double> cvss_score(std::string_view vector);

}  // namespace bulwark::scan
