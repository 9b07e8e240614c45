#pragma once
// Feedback batches: rows that users gave a running model, judged before anything learns from them (controls
// MN-FEEDBACK, DA-POISON). Nothing here decides alone that a row is right; it decides what a person has to
// see.

#include "assay/frame.h"
#include "assay/part.h"

namespace bulwark::assay {

struct FeedbackOptions {
  double contributor_share = 0.1;     // of a batch that one contributor may give …
  std::size_t contributor_rows = 20;  // … but always that many rows
  std::size_t flood = 5;              // near duplicates with one label within a batch
  double contradiction_alpha =
      0.001;  // of the test whether a batch contradicts the base more than the base itself
};

// Judges `batch` against the trusted `base`, whose columns and classes it has. Part "feedback"; details:
// `quarantine[]` {row, reasons}, `contributors[]` {source, rows, kept, contradicting, interval},
// `contradiction` {rows, contradicting, interval, expected, p}, `detectors[]`. PartResult::rows are the
// quarantined rows. Not assessed if the batch cannot be compared with the base (other columns, fewer than 50
// base rows).
[[nodiscard]] PartResult assay_feedback(const Frame& base, const Frame& batch, const FeedbackOptions& options,
                                        const Settings& settings);

}  // namespace bulwark::assay
