#include "assay/anonymise/personal.h"

#include <algorithm>

#include "assay/pii/find.h"
#include "base/one_of.h"

namespace bulwark::assay::anonymise {
namespace {

Weight weight_of(std::string_view kind) {
  // A house is nearly a person; codes of illnesses and medicines say what nobody shall learn, but not whose.
  if (is_one_of(kind, {"postal_address", "coordinates"})) return Weight::Direct;
  if (is_one_of(kind, {"icd10", "ndc"})) return Weight::Sensitive;
  const pii::Recogniser* known = pii::recogniser(kind);
  if (known == nullptr) return Weight::Direct;
  switch (known->family) {
    case pii::Family::Place:
    case pii::Family::Time: return Weight::Quasi;
    case pii::Family::Special: return Weight::Sensitive;
    default: return Weight::Direct;
  }
}

std::uint64_t count_in(const Document& map, std::string_view key) {
  const Document* value = map.find(key);
  return value == nullptr || value->integer < 0 ? 0 : static_cast<std::uint64_t>(value->integer);
}

// One entry for each kind that the part decided to be in the column.
void read_column(const Document& column, std::vector<PersonalColumn>& out) {
  const Document* kinds = column.find("kinds");
  if (kinds == nullptr) return;
  for (const Document& each : kinds->list) {
    const Document* decided = each.find("decided");
    if (decided == nullptr || !decided->boolean) continue;
    out.push_back({.column = std::string(column.text("column")),
                   .kind = std::string(each.text("kind")),
                   .title = std::string(each.text("title")),
                   .weight = weight_of(each.text("kind")),
                   .decided = each.text("decision") == "column",
                   .cells = count_in(each, "matches")});
  }
}

}  // namespace

const PersonalColumn* PersonalScan::direct(std::string_view column) const {
  const PersonalColumn* most = nullptr;
  for (const PersonalColumn& each : columns)
    if (each.column == column && each.decided && each.weight == Weight::Direct &&
        (most == nullptr || each.cells > most->cells))
      most = &each;
  return most;
}

PersonalScan PersonalScanner::finish() {
  const PartResult result = part_->finish();
  PersonalScan scan{.assessed = result.outcome != Outcome::NotAssessed, .why_not = result.why};
  if (!scan.assessed) return scan;
  scan.why_not.clear();
  const Document* columns = result.details.find("columns");
  if (columns == nullptr) return scan;
  for (const Document& each : columns->list) read_column(each, scan.columns);
  return scan;
}

}  // namespace bulwark::assay::anonymise
