#pragma once
// Which rules of law and industry name which kinds of data: HIPAA Safe Harbor, PCI DSS, GDPR.

#include <span>
#include <string_view>

namespace bulwark::assay::pii {

struct RegimeItem {
  std::string_view item;   // as the text of the regime calls it
  std::string_view kinds;  // ids that show it, separated by blanks; empty: cells cannot show it
  std::string_view note;   // what testing it leaves open
};
struct Regime {
  std::string_view key;  // "hipaa"
  std::string_view title;
  std::span<const RegimeItem> items;
};
[[nodiscard]] std::span<const Regime> regimes();

}  // namespace bulwark::assay::pii
