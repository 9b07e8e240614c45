#include "tables/names.h"

#include <cstdint>
#include <unordered_map>
#include <unordered_set>

namespace bulwark::tables {

std::vector<std::string> unique_names(std::vector<std::string> names) {
  std::unordered_set<std::string> taken(names.begin(), names.end());
  std::unordered_set<std::string> seen;
  std::unordered_map<std::string, std::uint64_t> next;  // so that a million equal names take linear time
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string& name = names[i];
    const bool empty = name.empty();
    if (empty) name = "column_" + std::to_string(i);
    if (!(empty && taken.contains(name)) && seen.insert(name).second) continue;
    std::uint64_t& number = next.try_emplace(name, 2).first->second;
    std::string numbered;
    do numbered = name + "_" + std::to_string(number++);
    while (taken.contains(numbered) || seen.contains(numbered));
    seen.insert(numbered);
    name = std::move(numbered);
  }
  return names;
}

}  // namespace bulwark::tables
