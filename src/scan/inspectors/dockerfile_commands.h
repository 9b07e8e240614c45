#pragma once
// What the commands of a RUN do: downloads, packages, switched-off checks.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "scan/formats/shell_words.h"
#include "scan/inspector.h"

namespace bulwark::scan {

// All commands of one RUN, because a check of a digest may follow a download.
struct RunCommands {
  std::span<const SimpleCommand> commands;
  std::function<Place(const ShellWord&)> place;
};

// Raises BW-DF-004 to BW-DF-010 and BW-DF-012. `nested`: how deep the text of `sh -c` is followed.
void judge_run(Inspection& in, const RunCommands& run, int nested = 2);

// A variable that switches off a check: raises BW-DF-006 or BW-DF-009.
void judge_build_variable(Inspection& in, std::string_view name, std::string_view value, Place place);

}  // namespace bulwark::scan
