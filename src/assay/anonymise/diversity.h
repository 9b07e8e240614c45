#pragma once
// What the sensitive values in a class tell about the people in it: l-diversity (Machanavajjhala et al. 2006:
// distinct and entropy) and t-closeness (Li, Li and Venkatasubramanian 2007: earth mover's distance).

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "assay/anonymise/plan.h"
#include "assay/anonymise/ranked.h"

namespace bulwark::assay::anonymise {

struct DiversityFigures {
  std::uint32_t distinct = 0;
  double entropy = 0;    // exp of the entropy in nats: as many equally likely values
  double closeness = 0;  // to the whole column, 0 to 1
};

// One sensitive column. Nothing (code 0) is a value like any other. Used by one thread at a time.
class DiversityMeter {
 public:
  explicit DiversityMeter(const Ranked& column);
  // `codes`: of the rows of one class; not empty.
  [[nodiscard]] DiversityFigures measure(std::span<const std::uint32_t> codes);
  [[nodiscard]] bool holds(std::span<const std::uint32_t> codes, const Diversity& wanted);

 private:
  [[nodiscard]] double moved_over_order(double rows) const;
  std::vector<double> share_;      // of each code in the whole
  std::vector<double> below_;      // sum of shares of the codes up to this one
  std::vector<double> below_sum_;  // sum of below_ before this code
  bool numeric_ = false;
  std::vector<std::uint32_t> counts_;   // of the class at hand, by code
  std::vector<std::uint32_t> touched_;  // codes that are not 0 in counts_
};

}  // namespace bulwark::assay::anonymise
