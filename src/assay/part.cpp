#include "assay/part.h"

#include "assay/parts.h"

namespace bulwark::assay {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::Passed: return "passed";
    case Outcome::Failed: return "failed";
    case Outcome::Undecided: return "undecided";
    case Outcome::NotAssessed: return "not assessed";
  }
  return "";
}

PartResult not_implemented(std::string part) {
  PartResult result;
  result.part = std::move(part);
  result.why = "not implemented";
  return result;
}

}  // namespace bulwark::assay
