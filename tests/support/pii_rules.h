#pragma once
// How identifiers are numbered and written, for the generator: rules of their own, so that an error in the
// code under test is not repeated here.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stats/random.h"

namespace bulwark::test {

struct IdRule {
  std::string_view kind;
  std::function<std::string(stats::Philox&)> make;  // letters and digits only
  std::vector<std::string_view> spellings;          // # stands for the next sign; empty: as it is
  std::vector<std::string_view> labels;
  bool strong = false;  // known without a word beside it
  bool checked = true;  // a changed last digit is always refused
};
[[nodiscard]] const std::vector<IdRule>& id_rules();
[[nodiscard]] std::string spelled(stats::Philox& random, const IdRule& rule, std::string_view plain);

}  // namespace bulwark::test
