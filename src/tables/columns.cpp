#include "tables/columns.h"

#include <algorithm>
#include <numeric>

namespace bulwark::tables {

Result<std::vector<std::size_t>> chosen_columns(std::span<const std::size_t> asked, std::size_t count) {
  std::vector<std::size_t> chosen(asked.begin(), asked.end());
  if (chosen.empty()) {
    chosen.resize(count);
    std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  }
  if (std::ranges::any_of(chosen, [&](std::size_t i) { return i >= count; }))
    return fail(Code::InvalidInput, "there is no such column");
  return chosen;
}

}  // namespace bulwark::tables
