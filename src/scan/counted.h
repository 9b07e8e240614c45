#pragma once
// How often each kind of thing was met, as the text of a fact.

#include <cstdint>
#include <map>
#include <string>

namespace bulwark::scan {

// The commonest first: "float32 12, int64 1"; beyond `most` kinds only how many more there are.
[[nodiscard]] std::string counted(const std::map<std::string, std::uint64_t>& counts, std::size_t most = 200);

}  // namespace bulwark::scan
