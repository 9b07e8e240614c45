#include "tables/formats.h"

#include <array>

#include "tables/csv.h"
#include "tables/duckdb.h"
#include "tables/images.h"
#include "tables/numpy.h"
#include "tables/texts.h"

namespace bulwark::tables {
namespace {

// Of one text the first that recognises it.
constexpr std::array kFormats = {
    Format{"text", recognises_texts, open_texts},         // by name: a folder of texts is none of images
    Format{"images", recognises_images, open_images},     // folders
    Format{"parquet", recognises_parquet, open_parquet},  // by magic number
    Format{"arrow", recognises_arrow, open_arrow},
    Format{"npy", recognises_npy, open_npy},
    Format{"npz", recognises_npz, open_npz},
    Format{"jsonl", recognises_json, open_json},  // texts
    Format{"csv", recognises_csv, open_csv},
};

}  // namespace

std::span<const Format> formats() {
  return kFormats;
}

}  // namespace bulwark::tables
