#pragma once
// A profile as the report shows it: json, findings, tables, plots.

#include <string>
#include <vector>

#include "assay/part.h"
#include "assay/profile/profile.h"

namespace bulwark::assay::profile {

// A value as it may be shown: text that was kept, printable, short, and not like an e-mail address or a long
// number. Empty: it may not.
[[nodiscard]] std::string shown_value(std::string_view text);
// A figure of the column as it may be shown: three digits if the column is confidential().
[[nodiscard]] double shown_number(const ColumnProfile& column, double value);

// `full`: every figure; else name, type, counts and range only.
[[nodiscard]] Document column_json(const ColumnProfile& column, bool full);
// What is remarkable about single columns, in their order, at most `per_rule` of each rule; `left_out` counts
// the others.
[[nodiscard]] std::vector<Finding> profile_findings(const Profile& profile, std::size_t per_rule,
                                                    std::size_t& left_out);
[[nodiscard]] Listing columns_listing(const Profile& profile, std::size_t rows);
[[nodiscard]] std::vector<Plot> profile_plots(const Profile& profile);

// "row 3", "rows 3, 17, 19 …": the first five.
[[nodiscard]] std::string row_words(const std::vector<std::uint64_t>& rows, std::uint64_t all);
[[nodiscard]] Document rows_json(const std::vector<std::uint64_t>& rows);

}  // namespace bulwark::assay::profile
