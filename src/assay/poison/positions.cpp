#include "assay/poison/positions.h"

#include <algorithm>
#include <iterator>

namespace bulwark::assay {

Mined merged(std::vector<PositionResult>&& parts) {
  Mined mined;
  for (PositionResult& part : parts) {
    mined.tests += part.tests;
    mined.owned += part.owned;
    std::ranges::move(part.triggers, std::back_inserter(mined.triggers));
  }
  keep_significant(mined);
  return mined;
}

bool counts_as_test(const MaskedSpace& space, const CodeCounter::Code& code) {
  return code.carriers >= kSupport && 2 * std::size_t{code.carriers} <= space.rows();
}

bool worth_a_look(const MaskedSpace& space, const CodeCounter::Code& code) {
  const auto own = static_cast<std::size_t>(code.label);
  const double prior =
      static_cast<double>(space.class_end(own) - space.class_begin(own)) / static_cast<double>(space.rows());
  return owned(code.own, code.carriers, prior);
}

}  // namespace bulwark::assay
