#pragma once
// The parts of `bulwark assay`, one line each; each is one folder or file of this module.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "assay/frame.h"
#include "assay/part.h"
#include "models/predictor.h"
#include "tables/dataset.h"

namespace bulwark::assay {

// A part that needs one pass over all rows and little memory. Blocks come in order. take() may use
// settings.jobs threads inside; the result must not depend on how many.
class StreamingPart {
 public:
  virtual ~StreamingPart() = default;
  virtual void take(const tables::Block& block) = 0;
  [[nodiscard]] virtual PartResult finish() = 0;
};

// Whatever the parts may be given besides the rows.
struct Extras {
  const tables::Array* probabilities = nullptr;  // rows × classes, out of sample
  const tables::Array* embeddings = nullptr;     // rows × width
  models::Predictor* model = nullptr;
  std::string label_filter = "prune_by_noise_rate";
  bool allow_in_sample = false;
};

// assay/labels/: label errors, outliers, near duplicates, conflicting labels, class balance.
[[nodiscard]] PartResult assay_labels(const Frame& frame, const Extras& extras, const Settings& settings);
// assay/poison/
[[nodiscard]] PartResult assay_poison(const Frame& frame, const Extras& extras, const Settings& settings);
// assay/leakage/; `reference`: the other split, or null.
[[nodiscard]] PartResult assay_leakage(const Frame& frame, const Frame* reference, const Extras& extras,
                                       const Settings& settings);
// assay/drift/: from `reference` to `frame`.
[[nodiscard]] PartResult assay_drift(const Frame& reference, const Frame& frame, const Settings& settings);

// Parts that see every row once. `columns`: all of the data set, in order; blocks hold all of them.
// assay/profile/: with a contract or a reference profile see assay/profile/profile.h.
[[nodiscard]] std::unique_ptr<StreamingPart> profile_part(std::span<const tables::Column> columns,
                                                          const Settings& settings);
// assay/pii/
[[nodiscard]] std::unique_ptr<StreamingPart> pii_part(std::span<const tables::Column> columns,
                                                      const Settings& settings);
// assay/text/
[[nodiscard]] std::unique_ptr<StreamingPart> text_part(std::span<const tables::Column> columns,
                                                       const Settings& settings);

// A part that is not there: not assessed, saying so.
[[nodiscard]] PartResult not_implemented(std::string part);

}  // namespace bulwark::assay
