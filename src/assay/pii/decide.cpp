// From counts to a decision: a test against the rate by chance, and an interval that lies above it.
#include <algorithm>
#include <tuple>

#include "assay/pii/column.h"
#include "assay/pii/find.h"
#include "stats/distribution.h"

namespace bulwark::assay::pii {
namespace {

constexpr double kFamilyError = 0.01;  // over all kinds of one column (Bonferroni)
constexpr double kLeastChance = 1e-4;  // no kind is so rare that one value in a column would prove it
constexpr double kMostOfThem = 0.5;    // a column holds a kind if more than half of the cells do
// Counters and times are no random numbers: neighbours share digits, and some rules pass up to twice as many.
constexpr double kDependence = 3;
constexpr double kNearlyAll = 0.85;
constexpr std::uint64_t kFewValues = 8;  // below that, a layout alone proves nothing

struct Judge {
  const ColumnTally& tally;
  const ColumnName& name;
  double level;  // for one kind

  [[nodiscard]] double chance(const Recogniser& kind, const KindTally& seen) const {
    const double anything = stats::binomial_at_least(
        seen.new_whole, std::max(tally.different(), seen.new_whole), std::max(kind.null_rate, kLeastChance));
    if (kind.check_rate == 0) return anything;
    // Of what has the structure (a prefix, a date), the share with the right check digit.
    return std::max(anything, stats::binomial_at_least(seen.new_whole, seen.new_shapes, kind.check_rate));
  }

  // The written form alone: no check digit that could be tested.
  [[nodiscard]] Decision by_form(const Recogniser& kind, const KindTally& seen, bool named) const {
    const double n = static_cast<double>(tally.cells());
    const stats::Interval whole = stats::wilson(seen.whole, tally.cells());
    const stats::Interval inside = stats::wilson(seen.inside, tally.cells());
    if (named && whole.low > 0.2 && seen.whole > 0) return Decision::Column;
    if (named && tally.cells() < kFewValues && static_cast<double>(seen.whole) > kMostOfThem * n)
      return Decision::Column;
    if (kind.only_named) return seen.inside > 0 ? Decision::Values : Decision::None;
    const bool alone = kind.null_rate <= 0.01 && chance(kind, seen) < level && whole.low > kind.null_rate;
    if (alone && whole.low > 0.2) return Decision::Column;
    if (inside.low > kMostOfThem) return tally.free_text() ? Decision::Values : Decision::Column;
    const bool all =
        stats::wilson(seen.bare + seen.inside, tally.cells()).low > std::max(kNearlyAll, kind.null_rate);
    if (all && tally.different() >= kFewValues) return Decision::Column;
    return likely_values(seen) > 0 ? Decision::Values : Decision::None;
  }

  [[nodiscard]] std::uint64_t likely_values(const KindTally& seen) const {
    return seen.inside + (tally.free_text() ? seen.bare : 0);
  }

  [[nodiscard]] Decision by_check(const Recogniser& kind, const KindTally& seen, bool named) const {
    const stats::Interval share = stats::wilson(seen.whole, tally.cells());
    // A name is a reason to believe less evidence, never none.
    const double needed = named ? 0.05 : level;
    const double passing = stats::wilson(seen.new_whole, seen.new_shapes).low;
    const bool more = passing > kind.check_rate * (named ? 1 : kDependence);
    if (seen.whole > 0 && more && chance(kind, seen) < needed && share.low > kind.null_rate)
      return Decision::Column;
    return likely_values(seen) > 0 ? Decision::Values : Decision::None;
  }
};

bool has_form_only(const Recogniser& kind) {
  return kind.check_rate == 0;
}

}  // namespace

std::vector<KindDecision> decide(const ColumnTally& tally, const ColumnName& name, std::string_view home) {
  const auto& kinds = recognisers();
  const Registry& registry = Registry::get();
  const Judge judge{.tally = tally, .name = name, .level = kFamilyError / static_cast<double>(kinds.size())};
  std::vector<KindDecision> all;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const KindTally& seen = tally.kinds()[i];
    if (seen.whole + seen.inside + seen.bare == 0) continue;
    const Recogniser& kind = *kinds[i];
    const bool named = name.kinds.has(i);
    KindDecision decision{.kind = static_cast<KindIndex>(i), .decision = Decision::None, .named = named};
    decision.decision =
        has_form_only(kind) ? judge.by_form(kind, seen, named) : judge.by_check(kind, seen, named);
    decision.chance = judge.chance(kind, seen);
    decision.matches =
        decision.decision == Decision::Values ? judge.likely_values(seen) : std::max(seen.whole, seen.inside);
    decision.share = stats::wilson(std::min(decision.matches, tally.cells()), tally.cells());
    // Single words that are also names of people: towns, brands.
    if (decision.kind == registry.person && !named && decision.decision == Decision::Column &&
        decision.share.low < 0.3 && seen.inside * 2 < seen.whole)
      decision.decision = seen.inside > 0 ? Decision::Values : Decision::None;
    // A word about religion or health is a hint for a person to look at.
    if (decision.kind == registry.special && decision.decision == Decision::Column && !named &&
        decision.share.low < kMostOfThem)
      decision.decision = Decision::Values;
    all.push_back(decision);
  }
  const auto rank = [&](const KindDecision& entry) {
    const Recogniser& kind = *kinds[entry.kind];
    const bool at_home = !kind.country.empty() && kind.country == home;
    const auto share = static_cast<int>(entry.share.estimate * 20);  // within a twentieth they are equal
    return std::tuple(-static_cast<int>(entry.decision), !entry.named, -share, !at_home, kind.check_rate == 0,
                      kind.null_rate, entry.kind);
  };
  std::ranges::sort(all, {}, rank);
  // One kind that holds most of the cells explains what else they look like.
  if (!all.empty() && all[0].decision == Decision::Column && all[0].share.estimate > kMostOfThem &&
      !tally.free_text())
    for (std::size_t i = 1; i < all.size(); ++i) {
      if (all[i].share.estimate > 1.02 - all[0].share.estimate || all[i].decision == Decision::None) {
        all[i].explained_by = all[0].kind;
        all[i].decision = Decision::None;
      }
    }
  return all;
}

}  // namespace bulwark::assay::pii
