#pragma once
// What kinds of mining that go position by position share.

#include "assay/poison/codes.h"
#include "assay/poison/trigger.h"

namespace bulwark::assay {

// What one position gave; merged in order of the positions, so that threads do not matter.
struct PositionResult {
  std::vector<Trigger> triggers;
  std::uint64_t tests = 0;
  std::uint64_t owned = 0;
};
[[nodiscard]] Mined merged(std::vector<PositionResult>&& parts);

// A code is tested if enough rows carry it and not most of them do.
[[nodiscard]] bool counts_as_test(const MaskedSpace& space, const CodeCounter::Code& code);
// … and looked at if one class owns it.
[[nodiscard]] bool worth_a_look(const MaskedSpace& space, const CodeCounter::Code& code);

}  // namespace bulwark::assay
