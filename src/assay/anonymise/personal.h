#pragma once
// What the part "pii" says of columns, as the anonymisation uses it: before, to see what a plan must deal
// with; after, to see what is still there.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "assay/parts.h"

namespace bulwark::assay::anonymise {

// How a kind of personal data is dealt with.
enum class Weight : std::uint8_t {
  Direct,     // names one person: a number, an address, a name
  Quasi,      // narrows the circle: a postcode, a date of birth
  Sensitive,  // is what must not be learnt: religion, a diagnosis
};

struct PersonalColumn {
  std::string column;
  std::string kind;   // id of the recogniser
  std::string title;  // for people
  Weight weight = Weight::Direct;
  bool decided = false;     // the whole column is of this kind, not some cells
  std::uint64_t cells = 0;  // that hold it
};

struct PersonalScan {
  bool assessed = false;
  std::string why_not;
  std::vector<PersonalColumn> columns;

  // What the whole column is, of direct identifiers the one in most cells; or null.
  [[nodiscard]] const PersonalColumn* direct(std::string_view column) const;
};

class PersonalScanner {
 public:
  PersonalScanner(std::span<const tables::Column> columns, const Settings& settings)
      : part_(pii_part(columns, settings)) {}
  void take(const tables::Block& block) { part_->take(block); }
  [[nodiscard]] PersonalScan finish();

 private:
  std::unique_ptr<StreamingPart> part_;
};

}  // namespace bulwark::assay::anonymise
