#pragma once
// Pickle assembly: opcodes by their pickletools names.

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::recipe {

[[nodiscard]] bool is_pickle_opcode(std::string_view name);
// Appends the opcode and its argument (as pickletools prints it) to `out`. Errors: InvalidInput.
[[nodiscard]] Result<void> assemble_opcode(std::string_view name, std::string_view argument,
                                           std::vector<std::uint8_t>& out);

}  // namespace bulwark::recipe
