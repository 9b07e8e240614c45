#pragma once
// Rows of a data set in memory, as the parts that cannot stream need them: a matrix of features, labels,
// roles, images.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "assay/part.h"
#include "base/result.h"
#include "stats/neighbours.h"
#include "tables/dataset.h"

namespace bulwark::assay {

// A text column with few different values, or whatever is compared for equality only.
struct Category {
  std::string name;
  std::vector<std::int32_t> codes;  // -1: null
  std::vector<std::string> values;  // in order of appearance
};
struct TextColumn {
  std::string name;
  std::vector<std::string> values;
};
struct Images {
  std::size_t height = 0, width = 0, channels = 0;
  double top = 0;                  // largest value in the data
  std::vector<float> values = {};  // rows × channels × height × width
};

struct Frame {
  std::string path;                 // of the data set
  std::uint64_t rows = 0;           // in this frame
  std::uint64_t rows_in_all = 0;    // in the data set
  std::vector<std::uint64_t> row;   // number in the data set; empty: the same
  std::vector<std::uint32_t> line;  // in the text file; empty: unknown

  std::vector<std::string> feature_names;  // numeric columns without a role; width of `features`
  std::vector<float> features;             // rows × width, row-major; nulls are NaN
  std::vector<Category> categories;        // without a role
  std::vector<TextColumn> texts;
  std::optional<Images> images;

  std::vector<std::int32_t> labels;         // -1: null; empty: no label column
  std::vector<std::string> classes;         // numbers in numeric order, else sorted by text
  std::vector<std::int32_t> group, source;  // codes; empty: no such role
  std::vector<std::string> source_names;
  std::vector<std::string> group_names;
  std::vector<double> time;  // seconds or numbers; NaN: null

  [[nodiscard]] std::uint64_t row_number(std::size_t i) const { return row.empty() ? i : row[i]; }
  [[nodiscard]] stats::MatrixView matrix() const {
    return {.values = features, .rows = static_cast<std::size_t>(rows), .width = feature_names.size()};
  }
};

// Reads what the settings name. With `sample`, that many rows are drawn without replacement by the seed.
// `gaps` gets what the reader left out. Errors: NotFound (a role's column, with the nearest name),
// LimitReached.
[[nodiscard]] Result<Frame> read_frame(const tables::Dataset& dataset, const Settings& settings,
                                       std::vector<Gap>& gaps);

// Features without nulls and scaled to deviation 1, as learners and neighbours want them: nulls become the
// column's median, constant columns are dropped. Categories up to 50 values follow as 0/1 columns. Images are
// flattened if there are no other features.
struct Features {
  std::vector<float> values;
  std::size_t width = 0;
  std::vector<std::string> names;
};
enum class Scaling : std::uint8_t { None, Deviation };
[[nodiscard]] Features dense_features(const Frame& frame, Scaling scaling);

}  // namespace bulwark::assay
