#pragma once
// The predicates of attestations that we make and understand: what they must say, and what it comes to.
// Sources: slsa.dev provenance v1; in-toto/attestation spec/predicates; docs/formats/training-provenance.md.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/document.h"
#include "base/result.h"

namespace bulwark::trust {

inline constexpr std::string_view kProvenanceType = "https://slsa.dev/provenance/v1";
inline constexpr std::string_view kTrainingBuildType = "urn:bulwark:training:v1";

struct PredicateName {
  std::string_view name;  // for the command line: "provenance"
  std::string_view type;  // URI
};
// provenance, test-result, vulns, verdict, cyclonedx, profile.
[[nodiscard]] std::span<const PredicateName> known_predicates();
// The URI of a known name; what is a URI itself stays as it is. Empty: neither.
[[nodiscard]] std::string predicate_type_from(std::string_view text);

struct PredicateSummary {
  bool understood = false;  // false: a type that we carry but do not know
  std::string text;         // for people
  bool negative = false;    // what it attests is a failure: tests that failed
  std::string builder;      // of provenance: builder.id
};

// Required fields and their types. Of our own training builds also every external parameter: a field that is
// not known may change the meaning of the others, so it is refused. Errors: InvalidInput, naming the field.
[[nodiscard]] Result<PredicateSummary> check_predicate(std::string_view type, const Document& predicate);

}  // namespace bulwark::trust
