#pragma once
// What an anonymisation did, and what it reached.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "assay/anonymise/counts.h"
#include "assay/anonymise/diversity.h"
#include "assay/anonymise/personal.h"
#include "assay/anonymise/risk.h"
#include "base/document.h"
#include "core/report.h"

namespace bulwark::assay::anonymise {

struct ColumnOutcome {
  std::string column;
  std::string action;  // operator as in the plan; empty: not in the plan, left as it is
  std::string domain;  // of keyed operators: what the tokens depend on besides the key; FF1's tweak
  std::string reason;  // of keep
  bool quasi_identifier = false;
  bool keeps_format = false;
  std::uint64_t changed = 0;                // cells
  std::uint64_t nothing = 0;                // cells in which nothing stood
  std::uint64_t emptied = 0;                // cells that the operator did not understand
  std::vector<std::uint64_t> emptied_rows;  // the first of them, from 0
};

struct SensitiveOutcome {
  Diversity wanted;
  // The worst of all classes of the copy.
  std::uint32_t distinct = 0;
  double entropy = 0;
  double closeness = 0;
};

struct Anonymity {
  KAnonymity wanted;
  std::uint32_t reached = 0;  // size of the smallest class of the copy
  std::uint64_t classes = 0;
  std::uint64_t suppressed = 0;  // rows
  std::vector<SensitiveOutcome> sensitive;
};

struct RiskPair {
  Risk before;
  Risk after;
};
struct SubsetPair {
  SubsetRisk before;
  SubsetRisk after;
};

struct Summary {
  std::uint64_t rows_read = 0;
  std::uint64_t rows_written = 0;
  std::vector<ColumnOutcome> columns;  // in the order of the data
  std::vector<std::string> quasi_identifiers;
  std::optional<RiskPair> risk;
  std::uint64_t population = 0;
  std::vector<SubsetPair> subsets;
  std::optional<Anonymity> anonymity;
  std::vector<PublishedCounts> counts;
  PersonalScan before;
  PersonalScan after;
  std::vector<Gap> gaps;
  std::vector<std::string> not_checked;  // in sentences
};

// The JSON of docs/formats/anonymisation-plan.md, "bulwark.anonymise/1".
[[nodiscard]] Document report_json(const Summary& summary);
// For people; safe to print.
[[nodiscard]] std::string report_text(const Summary& summary);

}  // namespace bulwark::assay::anonymise
