#pragma once
// Reads a text as a command line or as code, and says whether running it would start a command.
//
// For metadata that no loader of ours executes but that tools around a model do (post-processing scripts,
// hooks): the text is parsed the way a shell or an interpreter reads it, so prose and operator names that
// merely contain "exec", "eval" or "system" do not match.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/rule.h"

namespace bulwark::scan {

struct CommandText {
  std::string_view what;     // a literal that ends "… text that …": "pipes a download into an interpreter"
  std::uint64_t offset = 0;  // of the command in the text; 0 if it was encoded
  std::string command;       // the command, at most 200 bytes of it
  bool encoded = false;      // it came out of base64
  // High: code would run, a shell would open. Medium: a command line whose effect cannot be told.
  Severity severity = Severity::High;
};

// The most severe command in `text`, the first of them on a tie. Looks into quoted code (`python -c '…'`,
// `os.system('…')`) and into a text that is base64 as a whole. Cost: linear, a bounded look-ahead per word.
[[nodiscard]] std::optional<CommandText> find_command(std::string_view text);

}  // namespace bulwark::scan
