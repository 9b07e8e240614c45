#include "assay/poison/trigger.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "stats/distribution.h"

namespace bulwark::assay {
namespace {

// Carriers come in random order, so a run of agreeing ones at the start says that the share is low. After
// 5, 8, 11 … carriers with at most 0, 1, 2 … disagreeing ones nothing more is asked.
bool hopeless(std::size_t asked, std::size_t disagreeing) {
  return asked >= 5 + 3 * disagreeing;
}

// Relative entropy of two Bernoulli variables, in nats.
double divergence(double a, double b) {
  double sum = 0;
  if (a > 0) sum += a * std::log(a / b);
  if (a < 1) sum += (1 - a) * std::log((1 - a) / (1 - b));
  return sum;
}

}  // namespace

bool owned(std::size_t own, std::size_t carriers, double prior) {
  if (own < kSupport || carriers == 0) return false;
  const double share = static_cast<double>(own) / static_cast<double>(carriers);
  if (share <= prior) return false;
  // Chernoff's bounds decide nearly all cases at a hundredth of the price.
  const double exponent = static_cast<double>(carriers) * divergence(share, prior);
  if (exponent >= -std::log(kOwnedBelow)) return true;
  const double size = static_cast<double>(carriers);
  if (own < carriers && -exponent - 0.5 * std::log(8 * size * share * (1 - share)) > std::log(kOwnedBelow))
    return false;
  return stats::binomial_at_least(own, carriers, prior) <= kOwnedBelow;
}

namespace {

constexpr std::size_t kResemblances = 64;  // carriers that are asked what they look like

// The class that most of the disagreeing carriers look like under the mask.
void tell_resemblance(const MaskedSpace& space, const MaskedSpace::Mask& mask, MaskedSpace::Scratch& scratch,
                      Verdict& verdict) {
  std::vector<std::size_t> looks(space.classes());
  const std::size_t asked = std::min(verdict.disagreeing.size(), kResemblances);
  for (std::size_t i = 0; i < asked; ++i) {
    std::vector<std::size_t> votes(space.classes());
    for (const std::uint32_t near : space.nearest(verdict.disagreeing[i], kVoters, mask, scratch))
      if (space.label(near) != space.label(verdict.disagreeing[i]))
        ++votes[static_cast<std::size_t>(space.label(near))];
    ++looks[static_cast<std::size_t>(std::ranges::max_element(votes) - votes.begin())];
  }
  const auto most = std::ranges::max_element(looks);
  verdict.looks_like = static_cast<std::int32_t>(most - looks.begin());
  verdict.looks_like_share =
      static_cast<double>(*most) / static_cast<double>(std::max<std::size_t>(asked, 1));
}

}  // namespace

std::optional<Verdict> judge(const MaskedSpace& space, std::span<const std::uint32_t> carriers,
                             std::int32_t label, const MaskedSpace::Mask& mask,
                             MaskedSpace::Scratch& scratch) {
  Verdict verdict;
  for (std::size_t i = 0; i < carriers.size(); ++i) {
    if (space.disagrees(carriers[i], mask, scratch)) verdict.disagreeing.push_back(carriers[i]);
    if (hopeless(i + 1, verdict.disagreeing.size())) return std::nullopt;
  }
  if (2 * verdict.disagreeing.size() <= carriers.size()) return std::nullopt;

  const auto own = static_cast<std::size_t>(label);
  std::size_t asked = 0;
  std::size_t disagreeing = 0;
  auto carrier = carriers.begin();
  for (std::size_t place = space.class_begin(own); place < space.class_end(own) && asked < kNullRows;
       ++place) {
    if (carrier != carriers.end() && *carrier == place) {
      ++carrier;
      continue;
    }
    ++asked;
    if (space.disagrees(place, mask, scratch)) ++disagreeing;
  }
  verdict.expected = (static_cast<double>(disagreeing) + 1) / (static_cast<double>(asked) + 2);
  verdict.p = stats::binomial_at_least(verdict.disagreeing.size(), carriers.size(), verdict.expected);
  if (verdict.p >= kTriggerAlpha) return std::nullopt;
  tell_resemblance(space, mask, scratch, verdict);
  if (may_be_a_variety(verdict, carriers.size())) return std::nullopt;
  return verdict;
}

Trigger trigger_of(const MaskedSpace& space, std::span<const std::uint32_t> carriers, std::int32_t label,
                   Verdict verdict) {
  Trigger trigger;
  trigger.label = label;
  trigger.carriers = carriers.size();
  trigger.disagreeing = verdict.disagreeing.size();
  trigger.share = stats::wilson(trigger.disagreeing, trigger.carriers);
  trigger.expected = verdict.expected;
  trigger.p = verdict.p;
  trigger.looks_like = verdict.looks_like;
  trigger.looks_like_share = verdict.looks_like_share;
  for (const std::uint32_t place : verdict.disagreeing) trigger.rows.push_back(space.row(place));
  for (const std::uint32_t place : carriers) trigger.carrier_rows.push_back(space.row(place));
  std::ranges::sort(trigger.rows);
  std::ranges::sort(trigger.carrier_rows);
  return trigger;
}

void keep_significant(Mined& mined) {
  const auto tests = static_cast<double>(mined.tests);
  std::erase_if(mined.triggers, [&](const Trigger& t) { return t.p * tests >= kTriggerAlpha; });
  std::ranges::stable_sort(mined.triggers, {}, &Trigger::p);
}

void flag_all_carriers(Mined& mined) {
  for (Trigger& trigger : mined.triggers)
    if (trigger.hidden.size() > 1 && trigger.elsewhere == 0 && trigger.share.low > 0.5 &&
        !trigger.rows.empty())
      trigger.rows = trigger.carrier_rows;
}

void explain_away(Mined& mined) {
  std::map<std::int32_t, std::set<std::uint32_t>> named;
  for (Trigger& trigger : mined.triggers) {
    std::set<std::uint32_t>& known = named[trigger.label];
    const auto is_new = [&](std::uint32_t row) { return !known.contains(row); };
    const auto carriers = static_cast<std::size_t>(std::ranges::count_if(trigger.carrier_rows, is_new));
    const auto rows = static_cast<std::size_t>(std::ranges::count_if(trigger.rows, is_new));
    const double p = stats::binomial_at_least(rows, carriers, trigger.expected);
    const bool own = 2 * rows > carriers && p * static_cast<double>(mined.tests) < kTriggerAlpha;
    if (!own) std::erase_if(trigger.rows, is_new);
    known.insert(trigger.rows.begin(), trigger.rows.end());
  }
}

}  // namespace bulwark::assay
