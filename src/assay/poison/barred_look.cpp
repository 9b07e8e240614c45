#include "assay/poison/barred_look.h"

#include <algorithm>
#include <limits>

namespace bulwark::assay {
namespace {

// Leaving out all other carriers takes more of a class away than a window does: a variety of the class may
// owe half of its neighbours to them. So more than half must disagree, with certainty, and look like several
// classes, however many they are.
constexpr double kCertainShare = 0.7;
// Where the other rows of the class disagree nearly as often, it may be they who are poisoned.
constexpr double kMostExpected = 0.35;

// Varieties resemble one class or two (measured on digits: at least .59 of a variety's rows one class, at
// most .44 of poisoned rows). With few classes the largest share is large anyway.
double most_of_one_source(std::size_t classes) {
  return std::max(0.5, 1.6 / (static_cast<double>(classes) - 1));
}

}  // namespace

std::optional<Trigger> BarredLook::at(std::span<const std::uint32_t> places, std::int32_t label) {
  carriers_.clear();
  for (const std::uint32_t place : places)
    if (space_.label(place) == label) carriers_.push_back(place);
  // A code that most of the class has is a habit of it, and without them too few rows would be left.
  const auto own = static_cast<std::size_t>(label);
  const std::size_t rest = space_.class_end(own) - space_.class_begin(own) - carriers_.size();
  if (5 * rest < 4 * carriers_.size()) return std::nullopt;
  barred_.assign(space_.rows(), 0.0F);
  for (const std::uint32_t place : places) barred_[place] = std::numeric_limits<float>::infinity();
  auto verdict = judge(space_, carriers_, label, {.columns = {}, .barred = barred_}, scratch_);
  if (!verdict || verdict->expected > kMostExpected ||
      verdict->looks_like_share > most_of_one_source(space_.classes()))
    return std::nullopt;
  Trigger trigger = trigger_of(space_, carriers_, label, std::move(*verdict));
  if (trigger.share.low <= kCertainShare) return std::nullopt;
  trigger.mask = "all other carriers";
  return trigger;
}

std::optional<Trigger> HiddenLook::at(std::span<const std::uint32_t> places, std::int32_t label,
                                      std::span<const std::uint32_t> columns) {
  carriers_.clear();
  for (const std::uint32_t place : places)
    if (space_.label(place) == label) carriers_.push_back(place);
  // Without rows of the class that lack the code there is no null.
  const auto own = static_cast<std::size_t>(label);
  const std::size_t rest = space_.class_end(own) - space_.class_begin(own) - carriers_.size();
  if (rest < kVoters) return std::nullopt;
  auto verdict = judge(space_, carriers_, label, {.columns = columns, .barred = {}}, scratch_);
  if (!verdict || verdict->expected > kMostExpected) return std::nullopt;
  Trigger trigger = trigger_of(space_, carriers_, label, std::move(*verdict));
  trigger.mask = "its columns";
  trigger.elsewhere = places.size() - carriers_.size();
  trigger.hidden.assign(columns.begin(), columns.end());
  return trigger;
}

}  // namespace bulwark::assay
