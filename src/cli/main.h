#pragma once
// The command line: `bulwark VERB …`. Returns the exit code.

namespace bulwark::cli {

[[nodiscard]] int run(int argc, char** argv);

}  // namespace bulwark::cli
