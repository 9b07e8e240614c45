#pragma once
// Names of columns as a data set shows them.

#include <string>
#include <vector>

namespace bulwark::tables {

// Empty names become "column_0" …; a name that came before gets "_2", "_3" …, so that each names one column.
[[nodiscard]] std::vector<std::string> unique_names(std::vector<std::string> names);

}  // namespace bulwark::tables
