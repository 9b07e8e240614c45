#pragma once
// A data set held against a contract, block by block.

#include <memory>
#include <span>
#include <vector>

#include "assay/part.h"
#include "assay/profile/contract.h"
#include "tables/dataset.h"

namespace bulwark::assay::profile {

class ContractCheck {
 public:
  // `contract` outlives it.
  ContractCheck(const Contract& contract, std::span<const tables::Column> columns, const Settings& settings);
  ~ContractCheck();

  void take(const tables::Block& block);
  // Adds to the result: outcome, findings, gaps, measures, the listing of broken promises; with `details`
  // also `contract.expectations[]` and `contract.violations[]`.
  void finish(PartResult& result, bool details);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bulwark::assay::profile
