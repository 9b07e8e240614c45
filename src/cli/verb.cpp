#include "cli/verb.h"

#include <unistd.h>

#include <array>

#include "cli/commands/list.h"
#include "os/files.h"

namespace bulwark::cli {
namespace {

constexpr std::array kVerbs = {
#define BULWARK_LIST_VERB(name) &commands::name,
    BULWARK_VERBS(BULWARK_LIST_VERB)
#undef BULWARK_LIST_VERB
};

}  // namespace

std::span<const Verb* const> verbs() {
  return kVerbs;
}

bool print(std::string_view text) {
  const auto written = os::write_stream(STDOUT_FILENO, text);
  if (written) return true;
  complain("standard output: " + written.error().message);
  return false;
}

void complain(std::string_view text) {
  const std::string line = "bulwark: " + std::string(text) + "\n";
  // If standard error is gone, too, nobody is left to tell.
  (void)os::write_stream(STDERR_FILENO, line);
}

}  // namespace bulwark::cli
