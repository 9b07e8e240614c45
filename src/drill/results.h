#pragma once
// What drills left behind, as others use it: the outcomes of the last runs on this machine.
//
// `bulwark drill run` saves its results; the coverage figure and the assessment read them back. A result
// counts only for the build that made it: another binary has to prove itself again.

#include <string>
#include <vector>

#include "atlas/coverage.h"
#include "base/result.h"

namespace bulwark::drill {

// SHA-256 of the running program, lower-case hex. Costs a pass over the file. Errors: Unavailable.
[[nodiscard]] Result<std::string> build_digest();

// $XDG_STATE_HOME/bulwark/drills.json, or the same below ~/.local/state; empty if neither variable is set.
[[nodiscard]] std::string results_path();

// The outcomes in a document of docs/formats/drill-results.md if its build is `build`; none otherwise.
// Errors: InvalidInput (no such document).
[[nodiscard]] Result<std::vector<atlas::DrillOutcome>> outcomes_in(std::string_view document,
                                                                   std::string_view build);

// What was saved at `path` by this very program, sorted by id; none if nothing was.
// Errors: Denied, InvalidInput, LimitReached, Unavailable.
[[nodiscard]] Result<std::vector<atlas::DrillOutcome>> saved_outcomes(const std::string& path);

// Writes `document` durably to `path`; folders on the way are made, for this user only.
// Errors: Denied, Unavailable.
[[nodiscard]] Result<void> save_results(const std::string& path, std::string_view document);

// Ids of the controls that this build has, sorted: those that a rule implements.
[[nodiscard]] std::vector<std::string_view> implemented_controls();

}  // namespace bulwark::drill
