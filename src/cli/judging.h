#pragma once
// What every verb that judges does alike: reads the policy, delivers its text, says which rule is meant, and
// ends with the exit code of the verdict.

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/verb.h"
#include "policy/policy.h"

namespace bulwark::cli {

// --policy, --fail-on and --no-notes, where the verb has them. Errors: as policy::read_policy, with the path.
[[nodiscard]] Result<policy::Policy> policy_from(const Arguments& arguments);
[[nodiscard]] int exit_of(policy::Outcome outcome);

// To --output, or else to standard output. False, after telling why, if it could not be delivered.
[[nodiscard]] bool deliver(const Arguments& arguments, std::string_view text);
// Whether the text report may use colours: --color, --no-color, and what standard output is.
[[nodiscard]] bool wants_colour(const Arguments& arguments);

// Tells the error and gives the exit code of usage and environment.
[[nodiscard]] int usage_error(const Error& error);
// Prints why the rule exists and what to do; an unknown id gets the nearest one. Returns the exit code.
[[nodiscard]] int explain_rule(const std::string& id);

// Absolute; empty if it cannot be told.
[[nodiscard]] std::string working_folder();

}  // namespace bulwark::cli
