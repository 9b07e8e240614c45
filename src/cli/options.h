#pragma once
// From argv to a verb and its arguments.

#include <string>
#include <vector>

#include "cli/verb.h"

namespace bulwark::cli {

struct Parsed {
  const Verb* verb = nullptr;  // null: `text` is all there is to do
  Arguments arguments;
  std::string text;      // help to print, or the complaint
  int exit = kAccepted;  // where `verb` is null
};

// `words`: argv without the program's name. Never fails: mistakes become text and exit code.
[[nodiscard]] Parsed parse(std::vector<std::string> words);

}  // namespace bulwark::cli
