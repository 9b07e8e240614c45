#pragma once
// Bills of material for people: what one says, what changed, how complete it is, what is wrong with it.

#include <string>
#include <vector>

#include "base/json_schema.h"
#include "trust/bom_diff.h"
#include "trust/bom_score.h"

namespace bulwark::cli {

[[nodiscard]] std::string bom_text(const Document& bom);
[[nodiscard]] std::string score_text(const trust::BomScore& score);
[[nodiscard]] std::string diff_text(const std::vector<trust::BomDifference>& differences);
// A line each, behind `kind`. `text`: of the document, to say lines.
[[nodiscard]] std::string problems_text(const std::vector<SchemaProblem>& problems, std::string_view kind,
                                        std::string_view text);

[[nodiscard]] Document score_json(const trust::BomScore& score);
[[nodiscard]] Document diff_json(const std::vector<trust::BomDifference>& differences);
[[nodiscard]] Document problems_json(const std::vector<SchemaProblem>& problems,
                                     const std::vector<SchemaProblem>& warnings, std::string_view text,
                                     std::string_view version);
// "model 'x': 3 files, …" in one line.
[[nodiscard]] std::string bom_summary(const Document& bom);

}  // namespace bulwark::cli
