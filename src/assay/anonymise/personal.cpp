#include "assay/anonymise/personal.h"

#include <algorithm>

#include "base/one_of.h"

namespace bulwark::assay::anonymise {
namespace {

Weight weight_of(std::string_view family) {
  if (is_one_of(family, {"place", "time"})) return Weight::Quasi;
  if (is_one_of(family, {"special", "health"})) return Weight::Sensitive;
  return Weight::Direct;
}

}  // namespace

const PersonalColumn* PersonalScan::direct(std::string_view column) const {
  const auto found = std::ranges::find_if(columns, [column](const PersonalColumn& each) {
    return each.column == column && each.decided && each.weight == Weight::Direct;
  });
  return found == columns.end() ? nullptr : &*found;
}

PersonalScan PersonalScanner::finish() {
  const PartResult result = part_->finish();
  PersonalScan scan{.assessed = result.outcome != Outcome::NotAssessed, .why_not = result.why};
  if (!scan.assessed) return scan;
  scan.why_not.clear();
  const Document* columns = result.details.find("columns");
  if (columns == nullptr) return scan;
  for (const Document& each : columns->list) {
    PersonalColumn column{.column = std::string(each.text("column")),
                          .kind = std::string(each.text("kind")),
                          .title = std::string(each.text("title")),
                          .weight = weight_of(each.text("family"))};
    if (const Document* decided = each.find("decided")) column.decided = decided->boolean;
    if (const Document* cells = each.find("cells"))
      column.cells = static_cast<std::uint64_t>(std::max<std::int64_t>(cells->integer, 0));
    scan.columns.push_back(std::move(column));
  }
  return scan;
}

}  // namespace bulwark::assay::anonymise
