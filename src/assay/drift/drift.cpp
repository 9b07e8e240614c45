// Drift between two data sets: per column, of the rows as a whole, and of the labels.
//
// Effect sizes decide, tests only guard them against many columns: at a million rows a test rejects
// everything, at thirty nothing.

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "assay/drift/columns.h"
#include "assay/drift/domain.h"
#include "assay/drift/match.h"
#include "assay/drift/rules.h"
#include "assay/parts.h"
#include "assay/words.h"
#include "base/parallel.h"
#include "base/text.h"
#include "stats/distribution.h"

namespace bulwark::assay {
namespace {

// Columns gathered in one pass over the rows; a cache line of floats is 16.
constexpr std::size_t kGathered = 8;
constexpr std::size_t kJointRows = 10'000;  // of each side
constexpr std::size_t kPictures = 6;

struct Joint {
  bool assessed = false;
  Effect auc;
  Discrepancy discrepancy;
};

struct Drift {
  std::vector<ColumnDrift> columns;
  std::optional<ColumnDrift> labels;
  Joint joint;
  std::vector<ColumnChange> changes;
};

// ----------------------------------------------------------------------------------------------- measuring

void add_numbers(const Frame& reference, const Frame& current, const MatchedColumns& matched,
                 const Settings& settings, std::vector<ColumnDrift>& out) {
  const std::size_t first = out.size();
  out.resize(first + matched.numbers.size());
  const std::size_t groups = (matched.numbers.size() + kGathered - 1) / kGathered;
  parallel_for(groups, settings.jobs, [&](std::size_t group) {
    std::vector<std::size_t> before;
    std::vector<std::size_t> after;
    const std::size_t begin = group * kGathered;
    for (std::size_t i = begin; i < std::min(begin + kGathered, matched.numbers.size()); ++i) {
      before.push_back(matched.numbers[i].first);
      after.push_back(matched.numbers[i].second);
    }
    std::vector<NumberColumn> a = gather_numbers(reference, before);
    std::vector<NumberColumn> b = gather_numbers(current, after);
    std::vector<float> scratch;
    for (std::size_t i = 0; i < a.size(); ++i)
      out[first + begin + i] =
          drift_of_numbers(a[i], b[i], scratch, {.seed = settings.seed, .stream = begin + i, .minimum = {}});
  });
}

void add_others(const Frame& reference, const Frame& current, const MatchedColumns& matched,
                const Settings& settings, std::vector<ColumnDrift>& out) {
  const std::size_t first = out.size();
  const std::size_t mixed = matched.categories.size() + matched.mixed.size();
  out.resize(first + mixed + matched.texts.size());
  parallel_for(out.size() - first, settings.jobs, [&](std::size_t i) {
    const ColumnTask task{.seed = settings.seed, .stream = first + i, .minimum = {}};
    ColumnDrift& column = out[first + i];
    if (i < matched.categories.size()) {
      const auto [a, b] = matched.categories[i];
      column = drift_of_categories(reference.categories[a], current.categories[b], task);
    } else if (i < mixed) {
      const auto& [a, b] = matched.mixed[i - matched.categories.size()];
      column = drift_of_categories(a, b, task);
    } else {
      const auto [a, b] = matched.texts[i - mixed];
      column = drift_of_texts(reference.texts[a], current.texts[b], task);
    }
  });
}

void add_images(const Frame& reference, const Frame& current, const Settings& settings,
                std::vector<ColumnDrift>& out) {
  if (!reference.images || !current.images) return;
  std::vector<NumberColumn> a = image_columns(*reference.images, reference.rows);
  std::vector<NumberColumn> b = image_columns(*current.images, current.rows);
  std::vector<float> scratch;
  for (std::size_t i = 0; i < a.size(); ++i) {
    out.push_back(
        drift_of_numbers(a[i], b[i], scratch, {.seed = settings.seed, .stream = out.size(), .minimum = {}}));
    out.back().type = "image";
  }
}

void adjust(std::vector<ColumnDrift>& columns) {
  std::vector<double> p;
  for (const ColumnDrift& column : columns)
    if (column.p) p.push_back(*column.p);
  const std::vector<double> adjusted = stats::benjamini_hochberg(p);
  std::size_t at = 0;
  for (ColumnDrift& column : columns)
    if (column.p) column.p_adjusted = adjusted[at++];
}

Joint joint_drift(const Frame& reference, const Frame& current, const MatchedColumns& matched,
                  const Settings& settings) {
  Joint out;
  const Standardised both = joint_features(reference, current, matched, kJointRows, settings.seed);
  if (both.width < 2) return out;  // a single column is judged by itself
  const SparseRows before = with_products(both.reference, both.width, settings.seed);
  const SparseRows after = with_products(both.current, both.width, settings.seed);
  out.assessed = true;
  out.auc = {.name = "auc", .interval = domain_auc(before, after, settings.seed, ~std::uint64_t{0})};
  out.auc.minimum = DriftMinimum{}.auc;
  if (verdict_of(out.auc) == EffectVerdict::Open) {
    const stats::Interval& interval = out.auc.interval;
    const double half = interval.estimate < out.auc.minimum ? interval.high - interval.estimate
                                                            : interval.estimate - interval.low;
    out.auc.would_decide =
        rows_that_decide(interval.estimate, half, out.auc.minimum, before.rows(), after.rows());
  }
  out.discrepancy = mean_discrepancy(both, settings.seed);
  return out;
}

std::optional<ColumnDrift> label_shift(const Frame& reference, const Frame& current,
                                       const Settings& settings) {
  if (reference.labels.empty() || current.labels.empty()) return std::nullopt;
  const std::string& name = settings.roles.label;
  ColumnDrift shift =
      drift_of_categories(label_category(reference, name), label_category(current, name),
                          {.seed = settings.seed, .stream = ~std::uint64_t{0}, .minimum = {}});
  shift.type = "label";
  shift.p_adjusted = shift.p;
  decide(shift);
  return shift;
}

// ------------------------------------------------------------------------------------------------ reporting

Document effect_json(const Effect& effect) {
  Document out = json_map({{"name", json_string(effect.name)},
                           {"value", json_finite(effect.interval.estimate)},
                           {"interval", interval_json(effect.interval)},
                           {"minimum", json_number(effect.minimum)}});
  if (effect.would_decide > 0)
    out.map.emplace_back("rows_that_would_decide",
                         json_integer(static_cast<std::int64_t>(effect.would_decide)));
  return out;
}

Document column_json(const ColumnDrift& column) {
  const auto optional = [](const std::optional<double>& value) {
    return value ? json_finite(*value) : json_null();
  };
  const auto count = [](std::uint64_t value) { return json_integer(static_cast<std::int64_t>(value)); };
  const Effect* leading = leading_effect(column);
  Document effects = json_list();
  for (const Effect& effect : column.effects) effects.list.push_back(effect_json(effect));
  return json_map({{"column", json_string(printable(column.name))},
                   {"type", json_string(column.type)},
                   {"effect", leading == nullptr ? json_null() : effect_json(*leading)},
                   {"minimum", leading == nullptr ? json_null() : json_number(leading->minimum)},
                   {"drifted", json_boolean(column.drifted())},
                   {"outcome", json_string(std::string(name_of(column.outcome)))},
                   {"why", json_string(column.why)},
                   {"wasserstein", optional(column.wasserstein)},
                   {"ks", optional(column.ks)},
                   {"js", optional(column.js)},
                   {"psi", optional(column.psi)},
                   {"cramers_v", optional(column.cramers_v)},
                   {"test", json_string(column.test)},
                   {"p", optional(column.p)},
                   {"p_adjusted", optional(column.p_adjusted)},
                   {"rows", json_list({count(column.reference_rows), count(column.current_rows)})},
                   {"unseen_values", json_text_list(column.unseen)},
                   {"unseen_rows", count(column.unseen_rows)},
                   {"vanished_values", json_text_list(column.vanished)},
                   {"vanished_rows", count(column.vanished_rows)},
                   {"effects", std::move(effects)}});
}

Outcome outcome_of(const Effect& effect) {
  switch (verdict_of(effect)) {
    case EffectVerdict::Within: return Outcome::Passed;
    case EffectVerdict::Open: return Outcome::Undecided;
    case EffectVerdict::Beyond: return Outcome::Failed;
  }
  return Outcome::Undecided;
}

Document details_of(const Drift& drift) {
  Document columns = json_list();
  for (const ColumnDrift& column : drift.columns) columns.list.push_back(column_json(column));
  Document changes = json_list();
  for (const ColumnChange& change : drift.changes)
    changes.list.push_back(json_map({{"column", json_string(printable(change.name))},
                                     {"before", json_string(change.before)},
                                     {"after", json_string(change.after)}}));
  Document joint = json_null();
  if (drift.joint.assessed)
    joint = json_map({{"auc", interval_json(drift.joint.auc.interval)},
                      {"minimum", json_number(drift.joint.auc.minimum)},
                      {"drifted", json_boolean(outcome_of(drift.joint.auc) == Outcome::Failed)},
                      {"outcome", json_string(std::string(name_of(outcome_of(drift.joint.auc))))},
                      {"mmd", json_finite(drift.joint.discrepancy.mmd)},
                      {"p", json_finite(drift.joint.discrepancy.p)},
                      {"mmd_rows", json_integer(static_cast<std::int64_t>(drift.joint.discrepancy.rows))}});
  return json_map({{"columns", std::move(columns)},
                   {"joint", std::move(joint)},
                   {"label_shift", drift.labels ? column_json(*drift.labels) : json_null()},
                   {"schema", std::move(changes)}});
}

std::string test_text(const ColumnDrift& column) {
  std::string text =
      std::to_string(column.reference_rows) + " and " + std::to_string(column.current_rows) + " values";
  if (column.ks) text += ", KS D " + number_text(*column.ks);
  if (column.psi) text += ", PSI " + number_text(*column.psi);
  if (column.p_adjusted) text += ", adjusted p " + number_text(*column.p_adjusted);
  if (column.unseen_rows > 0) text += ", " + std::to_string(column.unseen_rows) + " rows with unseen values";
  return text;
}

void add_findings(const Drift& drift, const Settings& settings, PartResult& out) {
  std::size_t left_out = 0;
  std::size_t told = 0;
  for (const ColumnDrift& column : drift.columns) {
    if (!column.drifted()) continue;
    if (told++ >= settings.listed) {
      ++left_out;
      continue;
    }
    out.findings.push_back(
        finding_of(kColumnDrift, "column `" + printable(column.name, 60) + "` has drifted: " + column.why,
                   test_text(column), column.name));
  }
  if (left_out > 0)
    out.findings.push_back(
        finding_of(kColumnDrift, std::to_string(left_out) + " further columns have drifted", "see the json"));
  if (drift.joint.assessed && outcome_of(drift.joint.auc) == Outcome::Failed)
    out.findings.push_back(finding_of(
        kJointDrift,
        "a classifier tells the two data sets apart: AUC " + interval_text(drift.joint.auc.interval) +
            " lies above " + number_text(drift.joint.auc.minimum),
        "MMD " + number_text(drift.joint.discrepancy.mmd) + ", p " + number_text(drift.joint.discrepancy.p)));
  if (drift.labels && drift.labels->drifted())
    out.findings.push_back(finding_of(kLabelShift, "the classes have shifted: " + drift.labels->why,
                                      test_text(*drift.labels), drift.labels->name));
  if (drift.changes.empty()) return;
  std::string names;
  for (const ColumnChange& change : drift.changes)
    names += (names.empty() ? "" : ", ") + printable(change.name, 40) + " (" +
             (change.before.empty() ? "new" : change.before) + " → " +
             (change.after.empty() ? "gone" : change.after) + ")";
  out.findings.push_back(finding_of(
      kSchemaDrift, std::to_string(drift.changes.size()) + " columns are not what they were", names));
}

void add_plots(const Drift& drift, PartResult& out) {
  std::vector<const ColumnDrift*> order;
  for (const ColumnDrift& column : drift.columns)
    if (!column.shares.names.empty()) order.push_back(&column);
  if (drift.labels && !drift.labels->shares.names.empty()) order.insert(order.begin(), &*drift.labels);
  const auto strength = [](const ColumnDrift* column) {
    const Effect* effect = leading_effect(*column);
    return std::pair(column->drifted(), effect == nullptr ? 0 : effect->interval.estimate / effect->minimum);
  };
  std::ranges::stable_sort(
      order, [&](const ColumnDrift* a, const ColumnDrift* b) { return strength(a) > strength(b); });
  for (std::size_t i = 0; i < std::min(order.size(), kPictures); ++i) {
    const ColumnDrift& column = *order[i];
    out.plots.push_back({.title = printable(column.name, 60) + ": " + std::string(name_of(column.outcome)),
                         .kind = Plot::Kind::Bars,
                         .x_label = column.type == "number" ? "deciles of the reference" : "value",
                         .y_label = "share of rows",
                         .categories = column.shares.names,
                         .series = {{.name = "reference", .x = {}, .y = column.shares.reference},
                                    {.name = "now", .x = {}, .y = column.shares.current}},
                         .says = "`" + printable(column.name, 60) + "`: " + column.why});
  }
}

void add_listing(const Drift& drift, const Settings& settings, PartResult& out) {
  Listing listing{.title = "Columns by what happened to them",
                  .header = {"column", "type", "outcome", "effect", "W1/sd", "JS", "PSI", "KS", "p adjusted"},
                  .rows = {},
                  .note = {}};
  std::vector<const ColumnDrift*> order;
  for (const ColumnDrift& column : drift.columns) order.push_back(&column);
  const auto rank = [](const ColumnDrift* column) {
    const Effect* effect = leading_effect(*column);
    return std::pair(effect == nullptr ? EffectVerdict::Within : verdict_of(*effect),
                     effect == nullptr ? 0 : effect->interval.estimate / effect->minimum);
  };
  std::ranges::stable_sort(order,
                           [&](const ColumnDrift* a, const ColumnDrift* b) { return rank(a) > rank(b); });
  const auto cell = [](const std::optional<double>& value) { return value ? number_text(*value) : ""; };
  for (const ColumnDrift* column : order) {
    if (listing.rows.size() >= settings.listed) {
      listing.note = std::to_string(order.size() - listing.rows.size()) + " more columns are in the json";
      break;
    }
    const Effect* effect = leading_effect(*column);
    listing.rows.push_back({printable(column->name, 60), column->type, std::string(name_of(column->outcome)),
                            effect == nullptr ? "" : effect->name + " " + interval_text(effect->interval),
                            cell(column->wasserstein), cell(column->js), cell(column->psi), cell(column->ks),
                            cell(column->p_adjusted)});
  }
  out.listings.push_back(std::move(listing));
}

void add_measures(const Drift& drift, PartResult& out) {
  const ColumnDrift* worst = nullptr;
  const auto rank = [](const ColumnDrift& column) {
    const Effect* effect = leading_effect(column);
    return std::tuple(column.drifted(), verdict_of(*effect), effect->interval.estimate / effect->minimum);
  };
  for (const ColumnDrift& column : drift.columns)
    if (!column.effects.empty() && (worst == nullptr || rank(column) > rank(*worst))) worst = &column;
  if (worst != nullptr) {
    const Effect* effect = leading_effect(*worst);
    out.measures.push_back({.name = effect->name + " of `" + printable(worst->name, 60) + "`",
                            .interval = effect->interval,
                            .threshold = effect->minimum});
  }
  if (drift.joint.assessed)
    out.measures.push_back({.name = "AUC of telling the data sets apart",
                            .interval = drift.joint.auc.interval,
                            .threshold = drift.joint.auc.minimum});
}

void conclude(const Drift& drift, PartResult& out) {
  std::size_t failed = 0;
  std::size_t undecided = 0;
  std::size_t passed = 0;
  for (const ColumnDrift& column : drift.columns) {
    failed += column.outcome == Outcome::Failed ? 1U : 0U;
    undecided += column.outcome == Outcome::Undecided ? 1U : 0U;
    passed += column.outcome == Outcome::Passed ? 1U : 0U;
  }
  const Outcome joint = drift.joint.assessed ? outcome_of(drift.joint.auc) : Outcome::NotAssessed;
  const Outcome labels = drift.labels ? drift.labels->outcome : Outcome::NotAssessed;
  const auto any = [&](Outcome outcome) { return joint == outcome || labels == outcome; };
  out.why = std::to_string(failed) + " of " + std::to_string(drift.columns.size()) +
            " columns have drifted, " + std::to_string(undecided) + " are not decided";
  if (joint == Outcome::Failed) out.why += "; the rows as a whole have moved";
  if (labels == Outcome::Failed) out.why += "; the shares of the classes have changed";
  if (!drift.changes.empty())
    out.why += "; " + std::to_string(drift.changes.size()) + " columns appeared, vanished or changed type";
  if (failed > 0 || any(Outcome::Failed) || !drift.changes.empty()) {
    out.outcome = Outcome::Failed;
  } else if (undecided > 0 || any(Outcome::Undecided)) {
    out.outcome = Outcome::Undecided;
    out.why += ": too few rows (the json says how many would decide)";
  } else if (passed > 0 || any(Outcome::Passed)) {
    out.outcome = Outcome::Passed;
  } else {
    out.why = "no column that both data sets have holds values that can be compared";
  }
}

}  // namespace

PartResult assay_drift(const Frame& reference, const Frame& current, const Settings& settings) {
  PartResult out{.part = "drift", .why = {}};
  if (reference.rows == 0 || current.rows == 0) {
    out.why = "one of the data sets has no rows";
    return out;
  }
  Drift drift;
  MatchedColumns matched = match_columns(reference, current);
  add_numbers(reference, current, matched, settings, drift.columns);
  add_others(reference, current, matched, settings, drift.columns);
  add_images(reference, current, settings, drift.columns);
  adjust(drift.columns);
  for (ColumnDrift& column : drift.columns) decide(column);
  drift.joint = joint_drift(reference, current, matched, settings);
  drift.labels = label_shift(reference, current, settings);
  drift.changes = std::move(matched.changes);
  conclude(drift, out);
  add_measures(drift, out);
  add_findings(drift, settings, out);
  add_listing(drift, settings, out);
  add_plots(drift, out);
  if (settings.details) out.details = details_of(drift);
  out.blind = {
      "changes smaller than the minimum effect, and changes of dependence among columns that need "
      "more than products of two",
      "text beyond the first 4 KiB of a cell; joint drift and text look at a sample of rows"};
  return out;
}

}  // namespace bulwark::assay
