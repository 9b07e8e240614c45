#include "scan/secrets/detector.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include "scan/secrets/rules.h"

extern "C" const char bw_secret_detectors[], bw_secret_detectors_end[];

namespace bulwark::scan::secrets {
namespace {

enum Column : std::size_t {
  kName,
  kRule,
  kSeverity,
  kKind,
  kKeywords,
  kPattern,
  kEntropy,
  kCheck,
  kSource,
  kColumns
};

Kind kind_of(std::string_view word) {
  if (word == "token") return Kind::Token;
  if (word == "around") return Kind::Around;
  return word == "assign" ? Kind::Assign : Kind::Special;
}

}  // namespace

Detectors::Detectors() {
  const auto rows = table_rows(
      {bw_secret_detectors, static_cast<std::size_t>(bw_secret_detectors_end - bw_secret_detectors)});
  keywords_ = keywords_of(rows);
  for (const auto& row : rows) {
    Detector& detector = detectors_.emplace_back();
    if (row.size() != kColumns) continue;  // a test keeps the table whole
    detector.name = row[kName];
    const auto* rule = std::ranges::find(kRules, row[kRule], &Rule::id);
    detector.rule = rule == kRules.end() ? nullptr : rule;
    detector.severity = severity_from(row[kSeverity]).value_or(Severity::Medium);
    detector.kind = kind_of(row[kKind]);
    std::from_chars(row[kEntropy].data(), row[kEntropy].data() + row[kEntropy].size(),
                    detector.least_entropy);
    detector.check = row[kCheck];
    detector.expression = row[kPattern];
  }
}

const Detectors& Detectors::all() {
  static const Detectors kAll;
  return kAll;
}

const Pattern& Detectors::pattern(std::size_t detector) const {
  // One set for each thread: matching needs no lock then, and few detectors are ever asked for.
  thread_local std::vector<std::unique_ptr<const Pattern>> compiled;
  compiled.resize(detectors_.size());
  if (compiled[detector] == nullptr) {
    std::string expression(detectors_[detector].expression);
    if (detectors_[detector].kind == Kind::Assign) expression = "(" + expression + "){{end}}";
    compiled[detector] = std::make_unique<const Pattern>(expression);
  }
  return *compiled[detector];
}

}  // namespace bulwark::scan::secrets
