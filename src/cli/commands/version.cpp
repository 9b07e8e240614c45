// bulwark version

#include "cli/commands/list.h"
#include "cli/known_rules.h"
#include "scan/engine.h"

namespace bulwark::cli::commands {
namespace {

int run(const Arguments&, const World&) {
  const std::string text = "bulwark " BULWARK_VERSION "\n" +
                           std::to_string(scan::builtin_inspectors().size()) + " inspectors, " +
                           std::to_string(known_rules().size()) + " rules\n";
  return print(text) ? kAccepted : kUsage;
}

}  // namespace

const Verb version{.name = "version", .summary = "print the version and what it knows", .run = run};

}  // namespace bulwark::cli::commands
