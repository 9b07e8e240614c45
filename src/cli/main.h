#pragma once
// The command line: `bulwark VERB …`. Returns the exit code.

namespace bulwark::cli {

struct World;

[[nodiscard]] int run(int argc, char** argv, const World& world);

}  // namespace bulwark::cli
