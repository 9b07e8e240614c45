#pragma once
// What the name of a column says about its values.

#include <string>
#include <string_view>

#include "assay/pii/lexicon.h"

namespace bulwark::assay::pii {

struct ColumnName {
  std::string words;     // "CardNumber_2" as "card number 2"
  KindSet kinds;         // that it speaks of
  bool against = false;  // "order_id", "version"
  bool place = false;    // latitude or longitude alone
};
[[nodiscard]] ColumnName column_name(std::string_view name);

}  // namespace bulwark::assay::pii
