#pragma once
// Judges a shell command that code or a notebook runs: does it bring in programs from elsewhere?

#include <optional>
#include <string>
#include <string_view>

#include "core/rule.h"

namespace bulwark::scan::inspectors {

struct InstallLine {
  std::string message;
  Severity severity =
      Severity::Medium;  // Low: installs by name; Medium: from an address; High: pipes it into a shell
};

// The gravest of the commands in `line`; none if nothing is installed or downloaded to be run.
[[nodiscard]] std::optional<InstallLine> judge_install(std::string_view line);

}  // namespace bulwark::scan::inspectors
