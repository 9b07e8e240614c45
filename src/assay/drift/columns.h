#pragma once
// One column of both data sets: how far it has moved, and whether that is decided.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "assay/drift/effect.h"
#include "assay/frame.h"

namespace bulwark::assay {

// What is too small to matter. W1 in deviations of the reference, JS in sqrt(nats), shares, areas.
struct DriftMinimum {
  double wasserstein = 0.1;
  double js = 0.1;
  double null_share = 0.05;
  double unseen_share = 0.1;
  double auc = 0.6;
};

// Shares of both sides by bin or value, for a picture.
struct Shares {
  std::vector<std::string> names;
  std::vector<double> reference;
  std::vector<double> current;
};

struct ColumnDrift {
  std::string name;
  std::string type;  // "number", "category", "text", "image", "identifier"
  std::vector<Effect> effects;
  std::optional<double> wasserstein, ks, js, psi, cramers_v;
  std::optional<double> p;           // of the test that `test` names
  std::optional<double> p_adjusted;  // over all columns with a test
  std::string test;
  std::uint64_t reference_rows = 0;  // without nulls
  std::uint64_t current_rows = 0;
  std::vector<std::string> unseen, vanished;  // values, at most 20 of each, most frequent first
  std::uint64_t unseen_rows = 0, vanished_rows = 0;
  Shares shares;
  Outcome outcome = Outcome::NotAssessed;
  std::string why;

  [[nodiscard]] bool drifted() const { return outcome == Outcome::Failed; }
};

struct ColumnTask {
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;  // number of the column
  DriftMinimum minimum;
};

// Numbers without nulls, in order of row; sorted in place. `nulls`: of the two sides.
struct NumberColumn {
  std::string name;
  std::vector<float> values;
  std::uint64_t nulls = 0;
};
[[nodiscard]] ColumnDrift drift_of_numbers(NumberColumn& reference, NumberColumn& current,
                                           std::vector<float>& scratch, const ColumnTask& task);
[[nodiscard]] ColumnDrift drift_of_categories(const Category& reference, const Category& current,
                                              const ColumnTask& task);
[[nodiscard]] ColumnDrift drift_of_texts(const TextColumn& reference, const TextColumn& current,
                                         const ColumnTask& task);

// Says `outcome` and `why` once p_adjusted is known.
void decide(ColumnDrift& column);

// The effect that people should read: the one furthest beyond its minimum.
[[nodiscard]] const Effect* leading_effect(const ColumnDrift& column);

}  // namespace bulwark::assay
