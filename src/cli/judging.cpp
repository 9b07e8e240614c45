#include "cli/judging.h"

#include <unistd.h>

#include <array>
#include <vector>

#include "base/text.h"
#include "cli/known_rules.h"
#include "os/files.h"
#include "os/terminal.h"
#include "report/reference.h"

namespace bulwark::cli {
namespace {

constexpr std::uint64_t kPolicyBytes = 1 << 20;

}  // namespace

Result<policy::Policy> policy_from(const Arguments& arguments) {
  policy::Policy policy;
  if (arguments.has("policy")) {
    const std::string path = arguments.text("policy");
    const std::string text = TRY(os::read_text(path, kPolicyBytes));
    std::vector<std::string_view> ids;
    for (const Rule* rule : known_rules()) ids.push_back(rule->id);
    auto read = policy::read_policy(text, ids);
    if (!read) return std::unexpected(std::move(read).error().within(path));
    policy = std::move(*read);
  }
  if (arguments.has("fail-on")) {
    const auto severity = severity_from(arguments.text("fail-on"));
    if (severity) policy.fail_on = *severity;  // the parser has checked the choice
  }
  if (arguments.has("no-notes")) policy.notes_count = false;
  return policy;
}

int exit_of(policy::Outcome outcome) {
  switch (outcome) {
    case policy::Outcome::Accepted: return kAccepted;
    case policy::Outcome::Refused: return kRefused;
    case policy::Outcome::Incomplete: return kIncomplete;
  }
  return kInternal;
}

bool deliver(const Arguments& arguments, std::string_view text) {
  if (!arguments.has("output")) return print(text);
  const auto written = os::write_durably(arguments.text("output"), text);
  if (!written) complain(written.error().message);
  return written.has_value();
}

bool wants_colour(const Arguments& arguments) {
  if (arguments.has("no-color")) return false;
  return arguments.has("color") || (!arguments.has("output") && os::likes_colour(STDOUT_FILENO));
}

int usage_error(const Error& error) {
  complain(error.message);
  return kUsage;
}

int explain_rule(const std::string& id) {
  std::vector<std::string_view> ids;
  for (const Rule* rule : known_rules()) {
    if (rule->id == id) return print(report::explanation_text(*rule)) ? kAccepted : kUsage;
    ids.push_back(rule->id);
  }
  const std::string_view guess = nearest(id, ids);
  complain("no rule '" + printable(id, 60) + "'" +
           (guess.empty() ? "; 'bulwark rules' lists all" : "; did you mean '" + std::string(guess) + "'?"));
  return kUsage;
}

std::string working_folder() {
  std::array<char, 4096> buffer{};
  return getcwd(buffer.data(), buffer.size()) == nullptr ? std::string() : std::string(buffer.data());
}

}  // namespace bulwark::cli
