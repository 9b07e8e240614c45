#include "tables/formats.h"

#include <array>

#include "tables/csv.h"

namespace bulwark::tables {
namespace {

constexpr std::array kFormats = {
    Format{"csv", recognises_csv, open_csv},
};

}  // namespace

std::span<const Format> formats() {
  return kFormats;
}

}  // namespace bulwark::tables
