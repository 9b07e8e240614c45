#pragma once
// The recognisers as one table, and those that the scanner knows by name.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "assay/pii/layout.h"
#include "assay/pii/lexicon.h"
#include "assay/pii/recogniser.h"

namespace bulwark::assay::pii {

using KindIndex = std::uint16_t;  // place in recognisers()
inline constexpr KindIndex kNoKind = 0xFFFF;

[[nodiscard]] KindIndex index_of(std::string_view id);  // kNoKind if there is none

// Kinds with parsers of their own.
struct Registry {
  LayoutTree tree;                           // of all kinds that stand by themselves
  std::vector<std::vector<Layout>> layouts;  // by kind
  std::array<bool, 24> likely_digits = {};   // whether so many digits are likely without a word beside them
  KindSet only_named;
  KindSet coded;  // codes whose name says that a number beside it is nothing else
  KindIndex pan, track, iban, bic, email, phone, fax, url, ipv4, ipv6, mac, bitcoin, ethereum, coordinates,
      mrz, person, address, special, biometric, age, date_of_birth, plate;

  // Built once; never written afterwards.
  [[nodiscard]] static const Registry& get();
};

}  // namespace bulwark::assay::pii
