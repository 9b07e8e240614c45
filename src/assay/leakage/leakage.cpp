// Leakage: what training data know of the test, and columns that know the answer.

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "assay/drift/columns.h"
#include "assay/drift/match.h"
#include "assay/leakage/columns.h"
#include "assay/leakage/overlap.h"
#include "assay/leakage/rules.h"
#include "assay/parts.h"
#include "assay/words.h"
#include "base/text.h"

namespace bulwark::assay {
namespace {

constexpr std::size_t kPlotted = 20;

// Rows of the reference (what was learnt from) that are younger than the oldest row of the data set.
struct TimeOrder {
  std::uint64_t compared = 0;
  std::uint64_t younger = 0;
  stats::Interval share;
  Outcome outcome = Outcome::Passed;
  std::string why;
};

struct Leakage {
  std::vector<Overlap> overlaps;
  std::vector<LeakColumn> columns;
  std::optional<TimeOrder> time;
  std::optional<ColumnDrift> labels;
};

std::optional<TimeOrder> time_order(const Frame& frame, const Frame& reference) {
  const auto finite = [](const std::vector<double>& times) {
    std::vector<double> out;
    for (const double time : times)
      if (std::isfinite(time)) out.push_back(time);
    std::ranges::sort(out);
    return out;
  };
  const std::vector<double> now = finite(frame.time);
  const std::vector<double> before = finite(reference.time);
  if (now.empty() || before.empty()) return {};
  TimeOrder out;
  out.compared = before.size();
  out.younger = static_cast<std::uint64_t>(before.end() - std::ranges::upper_bound(before, now.front()));
  out.share = stats::wilson(out.younger, out.compared);
  const std::string share = std::to_string(out.younger) + " of " + std::to_string(out.compared) +
                            " rows of the reference are younger than the oldest row here";
  // Mixed through and through is a random split: bad for forecasts, right for everything else.
  const bool mixed = out.share.estimate > 0.9 && before.front() <= now[now.size() / 10];
  if (out.younger == 0) {
    out.why = "all rows of the reference are older";
  } else if (mixed) {
    out.outcome = Outcome::Undecided;
    out.why = share + ": the split was not made by time, which only forecasts need";
  } else {
    out.outcome = Outcome::Failed;
    out.why = share;
  }
  return out;
}

// ------------------------------------------------------------------------------------------------ reporting

Document number(std::uint64_t value) {
  return json_integer(static_cast<std::int64_t>(value));
}

Document pairs_json(const std::vector<RowPair>& pairs) {
  Document list = json_list();
  for (const RowPair& pair : pairs)
    list.list.push_back(json_map({{"row", number(pair.row)},
                                  {"reference_row", number(pair.reference)},
                                  {"similarity", json_finite(pair.similarity)}}));
  return list;
}

Document details_of(const Leakage& leakage) {
  Document overlaps = json_list();
  for (const Overlap& overlap : leakage.overlaps)
    overlaps.list.push_back(json_map({{"kind", json_string(overlap.kind)},
                                      {"column", json_string(printable(overlap.column))},
                                      {"compared", number(overlap.compared)},
                                      {"shared", number(overlap.pairs.size())},
                                      {"share", interval_json(overlap.share)},
                                      {"expected", interval_json(overlap.expected)},
                                      {"leaks", json_boolean(overlap.excessive)},
                                      {"rows", pairs_json(overlap.pairs)},
                                      {"conflicting_labels", pairs_json(overlap.conflicts)}}));
  Document columns = json_list();
  for (const LeakColumn& column : leakage.columns)
    columns.list.push_back(json_map({{"column", json_string(printable(column.name))},
                                     {"type", json_string(column.type)},
                                     {"gain", interval_json(column.gain)},
                                     {"auc", column.auc ? interval_json(*column.auc) : json_null()},
                                     {"mutual_information", json_finite(column.information)},
                                     {"leak", json_string(std::string(name_of(column.leak)))},
                                     {"leaks", json_boolean(column.outcome == Outcome::Failed)},
                                     {"outcome", json_string(std::string(name_of(column.outcome)))},
                                     {"why", json_string(column.why)}}));
  Document time = json_null();
  if (leakage.time)
    time = json_map({{"compared", number(leakage.time->compared)},
                     {"younger", number(leakage.time->younger)},
                     {"share", interval_json(leakage.time->share)},
                     {"outcome", json_string(std::string(name_of(leakage.time->outcome)))},
                     {"why", json_string(leakage.time->why)}});
  Document labels = json_null();
  if (leakage.labels)
    labels = json_map({{"js", json_finite(leakage.labels->js.value_or(0))},
                       {"drifted", json_boolean(leakage.labels->drifted())},
                       {"outcome", json_string(std::string(name_of(leakage.labels->outcome)))},
                       {"why", json_string(leakage.labels->why)}});
  return json_map({{"overlap", std::move(overlaps)},
                   {"columns", std::move(columns)},
                   {"time", std::move(time)},
                   {"label_shift", std::move(labels)}});
}

std::vector<std::uint64_t> rows_of(const std::vector<RowPair>& pairs) {
  std::vector<std::uint64_t> rows;
  for (const RowPair& pair : pairs) rows.push_back(pair.row);
  return rows;
}

std::string pairs_text(const std::vector<RowPair>& pairs) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(5, pairs.size()); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(pairs[i].row) + " = " + std::to_string(pairs[i].reference);
  return "row here = row of the reference: " + text;
}

void add_overlap_findings(const Leakage& leakage, PartResult& out) {
  for (const Overlap& overlap : leakage.overlaps) {
    if (!overlap.conflicts.empty())
      out.findings.push_back(finding_of(
          kConflictAcrossSplits,
          std::to_string(overlap.conflicts.size()) +
              " equal rows have another label in the reference: " + rows_text(rows_of(overlap.conflicts)),
          pairs_text(overlap.conflicts)));
    if (!overlap.excessive) continue;
    const bool exact = overlap.kind == "exact";
    const Rule& rule = exact ? kSharedRows : overlap.kind == "group" ? kSharedGroups : kNearRows;
    std::string message = std::to_string(overlap.pairs.size()) + " of " + std::to_string(overlap.compared) +
                          " rows (" + interval_text(overlap.share) + ") ";
    message += exact                     ? "are in the reference, too"
               : overlap.kind == "group" ? "belong to a group that the reference has, too"
                                         : "have a near copy in the reference (" + overlap.kind + ")";
    if (overlap.expected.estimate > 0) message += ", " + interval_text(overlap.expected) + " by chance";
    out.findings.push_back(finding_of(rule, message + ": " + rows_text(rows_of(overlap.pairs)),
                                      pairs_text(overlap.pairs), overlap.column));
  }
}

void add_column_findings(const Leakage& leakage, PartResult& out) {
  for (const LeakColumn& column : leakage.columns) {
    if (column.leak == LeakKind::None) continue;
    const Rule& rule = column.leak == LeakKind::Identifier || column.leak == LeakKind::Time
                           ? kLabelInIdentifier
                           : kLabelInColumn;
    Finding finding = finding_of(
        rule, "column `" + printable(column.name, 60) + "` " + column.why,
        std::string(name_of(column.leak)) + ", " + number_text(column.information) + " bits about the label",
        column.name);
    if (column.outcome != Outcome::Failed) finding.severity = Severity::Low;
    out.findings.push_back(std::move(finding));
  }
  if (leakage.time && leakage.time->younger > 0) {
    Finding finding =
        finding_of(kTimeOverlap, leakage.time->why, "share " + interval_text(leakage.time->share));
    if (leakage.time->outcome != Outcome::Failed) finding.severity = Severity::Low;
    out.findings.push_back(std::move(finding));
  }
}

void add_pictures(const Leakage& leakage, const Settings& settings, PartResult& out) {
  for (const Overlap& overlap : leakage.overlaps) {
    if (overlap.pairs.empty() || !overlap.excessive) continue;
    Listing listing{.title = "Shared rows: " + overlap.kind,
                    .header = {"row here", "row of the reference", "similarity"},
                    .rows = {},
                    .note = {}};
    for (std::size_t i = 0; i < std::min(settings.listed, overlap.pairs.size()); ++i)
      listing.rows.push_back({std::to_string(overlap.pairs[i].row),
                              std::to_string(overlap.pairs[i].reference),
                              number_text(overlap.pairs[i].similarity)});
    if (overlap.pairs.size() > settings.listed)
      listing.note = std::to_string(overlap.pairs.size() - settings.listed) + " more are in the json";
    out.listings.push_back(std::move(listing));
  }
  if (leakage.columns.empty()) return;
  std::vector<const LeakColumn*> order;
  for (const LeakColumn& column : leakage.columns) order.push_back(&column);
  std::ranges::stable_sort(
      order, [](const LeakColumn* a, const LeakColumn* b) { return a->gain.estimate > b->gain.estimate; });
  Plot plot{.title = "What single columns tell of the label",
            .kind = Plot::Kind::Bars,
            .x_label = "column",
            .y_label = "share of wrong guesses mended",
            .categories = {},
            .series = {{.name = "gain", .x = {}, .y = {}}},
            .says = {}};
  for (std::size_t i = 0; i < std::min(kPlotted, order.size()); ++i) {
    plot.categories.push_back(printable(order[i]->name, 24));
    plot.series[0].y.push_back(order[i]->gain.estimate);
  }
  plot.says = "The most telling column is `" + printable(order[0]->name, 60) + "`: " + order[0]->why;
  out.plots.push_back(std::move(plot));
}

void conclude(const Leakage& leakage, PartResult& out) {
  std::vector<std::string> failed;
  std::size_t undecided = 0;
  for (const Overlap& overlap : leakage.overlaps)
    if (overlap.excessive)
      failed.push_back(overlap.kind + " overlap of " + std::to_string(overlap.pairs.size()) + " rows");
  for (const LeakColumn& column : leakage.columns) {
    if (column.outcome == Outcome::Failed)
      failed.push_back("`" + printable(column.name, 40) + "` tells the label");
    undecided += column.outcome == Outcome::Undecided ? 1U : 0U;
  }
  if (leakage.time && leakage.time->outcome == Outcome::Failed)
    failed.push_back("the reference is partly younger");
  undecided += leakage.time && leakage.time->outcome == Outcome::Undecided ? 1U : 0U;
  for (std::size_t i = 0; i < std::min<std::size_t>(4, failed.size()); ++i)
    out.why += (i == 0 ? "" : "; ") + failed[i];
  if (failed.size() > 4) out.why += "; " + std::to_string(failed.size() - 4) + " more";
  out.outcome = !failed.empty() ? Outcome::Failed : undecided > 0 ? Outcome::Undecided : Outcome::Passed;
  if (failed.empty())
    out.why = undecided > 0 ? std::to_string(undecided) + " suspicions are not decided"
                            : "nothing leaks that was looked for";
  if (leakage.overlaps.empty()) out.why += " (no other split was given: --against)";
  if (leakage.columns.empty()) out.why += " (columns were not judged: no label)";
}

void add_measures(const Leakage& leakage, PartResult& out) {
  for (const Overlap& overlap : leakage.overlaps)
    out.measures.push_back({.name = "share of rows shared with the reference (" + overlap.kind + ")",
                            .interval = overlap.share,
                            .threshold = overlap.expected.high});
  const auto most = std::ranges::max_element(leakage.columns, {},
                                             [](const LeakColumn& column) { return column.gain.estimate; });
  if (most != leakage.columns.end())
    out.measures.push_back({.name = "gain of `" + printable(most->name, 60) + "` alone",
                            .interval = most->gain,
                            .threshold = 0.95});
}

}  // namespace

PartResult assay_leakage(const Frame& frame, const Frame* reference, const Extras&,
                         const Settings& settings) {
  PartResult out{.part = "leakage", .why = {}};
  Leakage leakage;
  if (frame.rows > 0 && reference != nullptr && reference->rows > 0) {
    leakage.overlaps.push_back(exact_overlap(frame, *reference));
    for (auto& found :
         {near_text_overlap(frame, *reference, settings), near_image_overlap(frame, *reference, settings),
          near_vector_overlap(frame, *reference, settings, out.gaps), group_overlap(frame, *reference)})
      leakage.overlaps.insert(leakage.overlaps.end(), found.begin(), found.end());
    leakage.time = time_order(frame, *reference);
    if (!frame.labels.empty() && !reference->labels.empty()) {
      const std::string& name = settings.roles.label;
      leakage.labels = drift_of_categories(label_category(*reference, name), label_category(frame, name),
                                           {.seed = settings.seed, .stream = 0, .minimum = {}});
      leakage.labels->p_adjusted = leakage.labels->p;
      decide(*leakage.labels);
    }
  }
  leakage.columns = leaking_columns(frame, settings);
  if (leakage.overlaps.empty() && leakage.columns.empty()) {
    out.why = "needs the other split (--against) or a label with two classes and thirty rows";
    return out;
  }
  conclude(leakage, out);
  add_measures(leakage, out);
  add_overlap_findings(leakage, out);
  add_column_findings(leakage, out);
  add_pictures(leakage, settings, out);
  for (const Overlap& overlap : leakage.overlaps)
    if (overlap.excessive && overlap.kind != "group")
      for (const RowPair& pair : overlap.pairs) out.rows.push_back(pair.row);
  std::ranges::sort(out.rows);
  const auto repeated = std::ranges::unique(out.rows);
  out.rows.erase(repeated.begin(), repeated.end());
  if (settings.details) out.details = details_of(leakage);
  out.blind = {
      "leaks through several columns together, and through what was done before the split (scaling, "
      "imputation, selection of features)",
      "copies that were rotated, cropped or paraphrased"};
  return out;
}

}  // namespace bulwark::assay
