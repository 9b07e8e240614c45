#pragma once
// The detectors: what each secret looks like (data/secrets/detectors.tsv) and the rule that it raises.

#include <span>
#include <string_view>
#include <vector>

#include "core/rule.h"
#include "scan/secrets/keywords.h"
#include "scan/secrets/pattern.h"

namespace bulwark::scan::secrets {

enum class Kind : std::uint8_t {
  Token,    // the pattern starts at the keyword
  Around,   // the pattern is searched near the keyword
  Assign,   // the pattern is the value given to a name with the keyword in it
  Special,  // found by code: `check` names it
};

struct Detector {
  std::string_view name;
  const Rule* rule = nullptr;
  Severity severity = Severity::Medium;
  Kind kind = Kind::Token;
  double least_entropy = 0;
  std::string_view check;  // "-": none
  std::string_view expression;
};

class Detectors {
 public:
  // Read from the table when the first text is looked at; never written afterwards.
  [[nodiscard]] static const Detectors& all();

  [[nodiscard]] std::span<const Detector> list() const { return detectors_; }
  [[nodiscard]] const std::vector<Keyword>& keywords() const { return keywords_; }
  // Compiled when it is needed for the first time. Threads: safe from many at once.
  [[nodiscard]] const Pattern& pattern(std::size_t detector) const;

 private:
  Detectors();

  std::vector<Detector> detectors_;
  std::vector<Keyword> keywords_;
};

}  // namespace bulwark::scan::secrets
