#pragma once
// What every verb that judges does alike: reads the policy, delivers its text, says which rule is meant, and
// ends with the exit code of the verdict.

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/verb.h"
#include "policy/policy.h"

namespace bulwark::cli {

// Flags that read alike wherever they stand; the first of a group names it.
inline constexpr Flag kOutputFlag = {.name = "output",
                                     .letter = 'o',
                                     .value = "FILE",
                                     .help = "write the report to FILE instead of standard output"};
inline constexpr Flag kExplainFlag = {
    .name = "explain", .value = "RULE", .help = "say why a rule exists and what to do, and exit"};
inline constexpr Flag kColorFlag = {.name = "color", .help = "colours even if the output is no terminal"};
inline constexpr Flag kNoColorFlag = {.name = "no-color", .help = "no colours"};
inline constexpr Flag kQuietFlag = {
    .name = "quiet", .letter = 'q', .help = "no text report, only errors and the exit code"};
inline constexpr Flag kPolicyFlag = {
    .name = "policy", .value = "FILE", .help = "what is accepted here: docs/howto/policy.md"};
inline constexpr Flag kFailOnFlag = {
    .name = "fail-on",
    .value = "SEVERITY",
    .help = "lowest severity that refuses: info, low, medium, high (default), critical",
    .choices = "info low medium high critical",
    .group = "Verdict"};

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
