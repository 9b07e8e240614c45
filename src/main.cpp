// Builds the real world and runs the command.

#include <exception>
#include <string>

#include "cli/main.h"
#include "cli/verb.h"
#include "models/worker.h"
#include "os/clock.h"
#include "os/file_system.h"
#include "os/interrupt.h"
#include "os/random.h"

int main(int argc, char** argv) {
  const bulwark::os::SteadyClock clock;
  const bulwark::os::SystemWallClock wall;
  bulwark::os::RealFileSystem files;
  bulwark::os::SystemRandom random;
  const bulwark::cli::World world{clock, bulwark::os::today(), files, random, wall};
  try {
    // No verb: how this program runs a model in a child of its own.
    if (argc == 2 && argv[1] == bulwark::models::kWorkerArgument)
      return bulwark::models::answer_for_a_model();
    return bulwark::cli::run(argc, argv, world);
  } catch (const std::exception& error) {
    // Nothing of ours throws; what arrives here (such as std::bad_alloc) is a defect or an exhausted machine.
    bulwark::cli::complain("internal error: " + std::string(error.what()));
    return bulwark::cli::kInternal;
  }
}
