#include "tables/formats.h"

#include <array>

#include "tables/csv.h"
#include "tables/images.h"
#include "tables/numpy.h"

namespace bulwark::tables {
namespace {

constexpr std::array kFormats = {
    Format{"images", recognises_images, open_images},
    Format{"npy", recognises_npy, open_npy},
    Format{"npz", recognises_npz, open_npz},
    Format{"csv", recognises_csv, open_csv},
};

}  // namespace

std::span<const Format> formats() {
  return kFormats;
}

}  // namespace bulwark::tables
