#include "cli/main.h"

#include <string>
#include <vector>

#include "cli/options.h"
#include "cli/verb.h"

namespace bulwark::cli {

int run(int argc, char** argv, const World& world) {
  const Parsed parsed = parse({argv + (argc > 0 ? 1 : 0), argv + argc});
  if (parsed.verb != nullptr) return parsed.verb->run(parsed.arguments, world);
  if (parsed.exit == kAccepted) return print(parsed.text) ? kAccepted : kUsage;
  complain(parsed.text);
  return parsed.exit;
}

}  // namespace bulwark::cli
