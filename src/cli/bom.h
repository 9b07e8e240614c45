#pragma once
// From a path to everything that its bill of materials says: walk, scan, digests, readers.

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.h"
#include "scan/advisories/database.h"
#include "trust/bom_facts.h"

namespace bulwark::cli {

struct BomRequest {
  std::string path;
  std::vector<std::string> exclude;
  std::string facts;                  // file of declared facts; empty: none
  std::vector<std::string> datasets;  // further files and folders of data
  std::size_t jobs = 1;
  bool progress = true;
  const scan::AdvisoryDatabase* advisories = nullptr;
  std::int64_t now = 0;
};

// Errors: NotFound, InvalidInput (facts that cannot be read, or that speak of one model where there are
// several).
[[nodiscard]] Result<trust::BomSubject> subject_of(const BomRequest& request, const Clock& clock);

}  // namespace bulwark::cli
