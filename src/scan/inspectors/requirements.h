#pragma once
// Lists of Python dependencies that serving tools install on their own: requirements.txt, and pip sections of
// conda.yaml.

#include <string_view>

#include "scan/inspector.h"

namespace bulwark::scan {

// Raises kRequirement for every line that takes a package from elsewhere than the package index. `where`
// names the list in messages.
void judge_requirements(Inspection& in, std::string_view text, std::string_view where);
void judge_requirement(Inspection& in, std::string_view line, std::string_view where, Place place);

}  // namespace bulwark::scan
