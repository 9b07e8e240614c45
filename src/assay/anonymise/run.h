#pragma once
// An anonymisation from plan to copy.

#include <functional>
#include <string>

#include "assay/anonymise/plan.h"
#include "assay/anonymise/summary.h"
#include "assay/part.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/secret.h"
#include "tables/dataset.h"
#include "tables/write_csv.h"

namespace bulwark::assay::anonymise {

// 32 bytes for a reference of the plan.
using KeyOf = std::function<Result<crypto::Secret>(const std::string& reference)>;

struct Surroundings {
  KeyOf key_of;
  Random& random;
  // Gets the copy. Only when the whole run succeeds may anybody see it.
  tables::CsvWriter& writer;
};

// Reads the data two or three times: what is in them; the quasi-identifiers, if there are any; all, to write.
// Rows keep their order; suppressed ones are left out. The same data, plan, key and random bytes give the
// same copy whatever settings.jobs. Memory: the quasi-identifiers as numbers (Ranked), and a block.
// Errors: Denied (the plan would leave a direct identifier as it is, or what it asks for cannot be reached:
// nothing may be published), NotFound (a column), InvalidInput, LimitReached (2^32 rows), Corrupt (the data
// changed between two passes), and those of keys, data and writer.
[[nodiscard]] Result<Summary> run(const tables::Dataset& dataset, const Plan& plan, const Settings& settings,
                                  const Surroundings& around);

}  // namespace bulwark::assay::anonymise
