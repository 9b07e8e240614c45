// Mining of exact values. A pattern over the whole image (a blend, a sinusoid) cannot be hidden by a window,
// but it gives the background, which is the same in most images, values that only its carriers have.

#include "assay/poison/value_mining.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <utility>

#include "assay/poison/positions.h"
#include "base/parallel.h"

namespace bulwark::assay {
namespace {

// Leaving out all other carriers takes more of a class away than a window does: a variety of the class may
// owe half of its neighbours to them. So more than half must disagree, with certainty, and look like several
// classes, however many they are.
constexpr double kCertainShare = 0.7;
// Where the other rows of the class disagree nearly as often, it may be they who are poisoned.
constexpr double kMostExpected = 0.35;

class ValueLook {
 public:
  explicit ValueLook(const MaskedSpace& space) : space_(space) {}

  void at(std::size_t c, PositionResult& out) {
    const std::span<const float> column = space_.column(c);
    codes_.resize(column.size());
    std::ranges::transform(column, codes_.begin(), [](float value) {
      return std::uint64_t{std::bit_cast<std::uint32_t>(value + 0.0F)};  // one zero
    });
    const auto& found = counter_.count(space_, codes_);
    for (std::uint32_t id = 0; id < found.size(); ++id) {
      if (!counts_as_test(space_, found[id])) continue;
      ++out.tests;
      if (!worth_a_look(space_, found[id])) continue;
      ++out.owned;
      look(c, id, found[id].label, out);
    }
  }

 private:
  void look(std::size_t c, std::uint32_t id, std::int32_t label, PositionResult& out) {
    counter_.carriers(space_, id, label, carriers_);
    // A value that most of the class has is a habit of it, and without them too few rows would be left.
    const auto own = static_cast<std::size_t>(label);
    const std::size_t rest = space_.class_end(own) - space_.class_begin(own) - carriers_.size();
    if (5 * rest < 4 * carriers_.size()) return;
    barred_.assign(space_.rows(), 0.0F);
    for (std::size_t place = 0; place < space_.rows(); ++place)
      if (counter_.ids()[place] == id) barred_[place] = std::numeric_limits<float>::infinity();
    auto verdict = judge(space_, carriers_, label, {.columns = {}, .barred = barred_}, scratch_);
    if (!verdict || verdict->expected > kMostExpected || verdict->looks_like_share > kOneSource) return;
    Trigger trigger = trigger_of(space_, carriers_, label, std::move(*verdict));
    if (trigger.share.low <= kCertainShare) return;
    trigger.kind = "value";
    trigger.mask = "all other carriers";
    trigger.columns = {static_cast<std::uint32_t>(c)};
    trigger.values = {space_.column(c)[carriers_.front()]};
    out.triggers.push_back(std::move(trigger));
  }

  const MaskedSpace& space_;
  MaskedSpace::Scratch scratch_;
  CodeCounter counter_;
  std::vector<std::uint64_t> codes_;
  std::vector<std::uint32_t> carriers_;
  std::vector<float> barred_;
};

}  // namespace

Mined mine_values(const MaskedSpace& space, std::size_t jobs) {
  std::vector<PositionResult> parts(space.width());
  parallel_for(parts.size(), jobs, [&](std::size_t c) {
    ValueLook look(space);
    look.at(c, parts[c]);
  });
  return merged(std::move(parts));
}

void drop_stragglers(std::vector<Trigger>& triggers) {
  std::map<std::int32_t, std::size_t> codes;
  std::map<std::pair<std::int32_t, std::uint32_t>, std::size_t> carried;
  for (const Trigger& trigger : triggers) {
    ++codes[trigger.label];
    for (const std::uint32_t row : trigger.rows) ++carried[{trigger.label, row}];
  }
  for (Trigger& trigger : triggers) {
    const std::size_t needed = (codes[trigger.label] + 7) / 8;
    std::erase_if(trigger.rows, [&](std::uint32_t row) { return carried[{trigger.label, row}] < needed; });
  }
}

}  // namespace bulwark::assay
