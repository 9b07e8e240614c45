#pragma once
// One data set through the parts of the assay. What the verb and the drills have in common.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "assay/parts.h"
#include "report/assay.h"
#include "tables/dataset.h"

namespace bulwark::cli {

struct AssayRequest {
  std::string path;
  tables::DatasetOptions dataset;
  std::vector<std::string> only;  // parts; empty: all that apply
  assay::Settings settings;
  std::string against;        // another data set, or a profile; empty: none
  std::string probabilities;  // .npy files, or empty
  std::string embeddings;
  std::string model;
  std::string label_filter = "prune_by_noise_rate";
  bool allow_in_sample = false;
  bool progress = false;
};

struct AssayOutcome {
  report::AssayedData data;
  Report report;           // findings and gaps of all parts, with their path
  bool undecided = false;  // a part could not decide, or one that was asked for was not assessed
};

// The parts, in the order in which they are written.
[[nodiscard]] const std::vector<std::string_view>& assay_parts();

// Errors: those of opening the data set and the files named in the request, with their option.
[[nodiscard]] Result<AssayOutcome> assay_data(const AssayRequest& request);

}  // namespace bulwark::cli
