#include <algorithm>
#include <cmath>

#include "assay/labels/rules.h"
#include "assay/labels/sections.h"
#include "assay/words.h"
#include "base/text.h"
#include "stats/distribution.h"

namespace bulwark::assay::labels {
namespace {

constexpr double kRareShare = 0.01;
constexpr std::size_t kRareRows = 10;
constexpr double kOrderEffect = 0.1;  // a gap that matters whatever the number of rows
constexpr double kOrderP = 0.01;
constexpr double kChance = 0.01;  // of as many near duplicates among rows that are no copies

std::string count(std::size_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::vector<std::uint32_t> later_copies(const std::vector<RowGroup>& groups) {
  std::vector<std::uint32_t> rows;
  for (const RowGroup& group : groups) rows.insert(rows.end(), group.begin() + 1, group.end());
  std::ranges::sort(rows);
  return rows;
}

void add_finding(PartResult& result, const Rule& rule, std::string message, const Frame& frame,
                 std::span<const std::uint32_t> rows, std::string subject = {}) {
  result.findings.push_back({.rule = &rule,
                             .severity = rule.severity,
                             .message = std::move(message),
                             .evidence = rows_text(frame, rows),
                             .subject = std::move(subject)});
}

void tell_duplicates(PartResult& result, const Frame& frame, const Similarity& similar,
                     const std::vector<RowGroup>& equal, const Settings& settings) {
  if (settings.details) {
    Document list = json_list();
    for (const RowGroup& group : equal)
      list.list.push_back(json_map({{"rows", json_rows(frame, group)}, {"kind", json_string("exact")}}));
    for (const RowGroup& group : similar.near)
      list.list.push_back(json_map({{"rows", json_rows(frame, group)}, {"kind", json_string("near")}}));
    result.details.map.emplace_back("duplicates", std::move(list));
  }
  if (const auto copies = later_copies(equal); !copies.empty()) {
    for (const std::uint32_t row : copies) result.rows.push_back(frame.row_number(row));
    add_finding(result, kExactDuplicates,
                count(copies.size(), "row") + " of " + std::to_string(frame.rows) + " repeat" +
                    (copies.size() == 1 ? "s" : "") + " an earlier one exactly, the first is row " +
                    std::to_string(frame.row_number(copies.front())),
                frame, copies);
  }
  std::vector<std::uint32_t> rows;
  for (const RowGroup& group : similar.near) rows.insert(rows.end(), group.begin(), group.end());
  std::ranges::sort(rows);
  // In few dimensions rows come close by chance.
  if (stats::binomial_at_least(rows.size(), similar.compared.size(), similar.near_by_chance) < kChance) {
    add_finding(result, kNearDuplicates,
                count(similar.near.size(), "cluster") + " of rows that are almost equal, " +
                    std::to_string(rows.size()) + " rows in all, the first is row " +
                    std::to_string(frame.row_number(rows.front())),
                frame, rows);
  }
  Listing listing{.title = "Duplicates", .header = {"kind", "rows"}};
  for (const RowGroup& group : similar.near)
    if (listing.rows.size() < kWorst) listing.rows.push_back({"near", rows_text(frame, group).substr(5)});
  for (const RowGroup& group : equal)
    if (listing.rows.size() < kWorst) listing.rows.push_back({"exact", rows_text(frame, group).substr(5)});
  if (equal.size() + similar.near.size() > listing.rows.size())
    listing.note = "of " + std::to_string(equal.size()) + " groups of equal rows and " +
                   std::to_string(similar.near.size()) + " clusters of near duplicates";
  if (!listing.rows.empty()) result.listings.push_back(std::move(listing));
}

void tell_conflicts(PartResult& result, const Frame& frame, const std::vector<RowGroup>& equal,
                    const Settings& settings) {
  const std::vector<RowGroup> conflicts = conflicting(equal, frame);
  Document list = json_list();
  std::vector<std::uint32_t> rows;
  for (const RowGroup& group : conflicts) {
    rows.insert(rows.end(), group.begin(), group.end());
    Document given = json_list();
    for (const std::uint32_t row : group)
      given.list.push_back(
          frame.labels[row] < 0
              ? json_null()
              : json_string(printable(frame.classes[static_cast<std::size_t>(frame.labels[row])])));
    list.list.push_back(json_map({{"rows", json_rows(frame, group)}, {"labels", std::move(given)}}));
  }
  if (settings.details) result.details.map.emplace_back("conflicts", std::move(list));
  if (rows.empty()) return;
  add_finding(result, kConflictingLabels,
              count(conflicts.size(), "group") + " of equal rows carr" +
                  (conflicts.size() == 1 ? "ies" : "y") + " different labels, " +
                  std::to_string(rows.size()) + " rows in all, the first is row " +
                  std::to_string(frame.row_number(rows.front())),
              frame, rows, settings.roles.label);
}

Plot outlier_plot(const Similarity& similar) {
  constexpr std::size_t kBars = 30;
  Plot plot{.title = "How far rows lie from their neighbours",
            .kind = Plot::Kind::Bars,
            .x_label = "mean distance to 10 neighbours, in medians",
            .y_label = "rows",
            .log_y = true,
            .says = "Most rows lie near one median; outliers stand apart on the right."};
  std::vector<double> distance;
  for (const double score : similar.scores) distance.push_back(-std::log(std::max(score, 1e-300)));
  const double top = std::max(std::ranges::max(distance), 1e-9);
  Series all{.name = "rows", .y = std::vector<double>(kBars)};
  for (const double each : distance)
    all.y[std::min(kBars - 1, static_cast<std::size_t>(each / top * static_cast<double>(kBars)))] += 1;
  for (std::size_t i = 0; i < kBars; ++i) {
    const auto tenths = std::llround(10 * top * static_cast<double>(i) / static_cast<double>(kBars));
    plot.categories.push_back(std::to_string(tenths / 10) + "." + std::to_string(tenths % 10));
  }
  plot.series.push_back(std::move(all));
  return plot;
}

void tell_outliers(PartResult& result, const Frame& frame, const Similarity& similar,
                   const Settings& settings) {
  if (!similar.why_not.empty()) {
    result.blind.push_back("Outliers and near duplicates: " + similar.why_not + ".");
    return;
  }
  if (settings.details) {
    result.details.map.emplace_back(
        "outliers",
        json_map(
            {{"rows", json_rows(frame, similar.outliers)},
             {"space", json_string(similar.space)},
             {"distance", json_string(similar.distance == stats::Distance::Cosine ? "cosine" : "euclidean")},
             {"neighbours", json_integer(static_cast<std::int64_t>(kNeighbours))},
             {"compared", json_integer(static_cast<std::int64_t>(similar.compared.size()))},
             {"above_quartile_cut", json_integer(static_cast<std::int64_t>(similar.above_quartile_cut))},
             {"median_nearest", json_number(similar.median_nearest)},
             {"near_by_chance", json_number(similar.near_by_chance)}}));
    result.numbers.push_back({.path = "outliers.scores", .values = similar.scores});
    if (similar.compared.size() < frame.rows) {
      std::vector<double> compared;
      for (const std::uint32_t row : similar.compared)
        compared.push_back(static_cast<double>(frame.row_number(row)));
      result.numbers.push_back({.path = "outliers.compared_rows", .values = std::move(compared)});
    }
    result.details.map.emplace_back("order", json_map({{"effect", json_number(similar.order.effect)},
                                                       {"p", json_number(similar.order.p)}}));
  }
  if (similar.compared.size() < frame.rows)
    result.gaps.push_back({.reason = GapReason::Limit,
                           .why = "outliers and near duplicates were looked for among " +
                                  std::to_string(similar.compared.size()) + " of " +
                                  std::to_string(frame.rows) + " rows, drawn by the seed"});
  if (!similar.outliers.empty()) {
    add_finding(
        result, kOutlyingRows,
        count(similar.outliers.size(), "row") + " of " + std::to_string(similar.compared.size()) +
            (similar.outliers.size() == 1 ? " lies" : " lie") +
            " further from all others than chance explains (false discovery rate 1 %), furthest is row " +
            std::to_string(frame.row_number(similar.outliers.front())),
        frame, similar.outliers);
    Listing listing{.title = "Rows far from all others", .header = {"row", "score"}};
    for (const std::uint32_t row : similar.outliers) {
      if (listing.rows.size() == kWorst) break;
      const auto place = std::ranges::lower_bound(similar.compared, row) - similar.compared.begin();
      listing.rows.push_back(
          {std::to_string(frame.row_number(row)), percent(similar.scores[static_cast<std::size_t>(place)])});
      if (listing.rows.size() <= 4)
        show_image(result, frame, row,
                   "row " + std::to_string(frame.row_number(row)) + ": far from all others",
                   "An image unlike all others.");
    }
    if (similar.outliers.size() > kWorst) listing.note = "of " + std::to_string(similar.outliers.size());
    result.listings.push_back(std::move(listing));
  }
  result.plots.push_back(outlier_plot(similar));
  if (similar.order.p <= kOrderP && similar.order.effect >= kOrderEffect)
    add_finding(result, kOrderedRows,
                "rows that are alike stand closer together in the file than chance explains (gap of the "
                "distributions " +
                    percent(similar.order.effect) + ", p <= 0.01)",
                frame, {});
}

}  // namespace

void tell_rows(PartResult& result, const Frame& frame, const Similarity& similar,
               const std::vector<RowGroup>& equal, const Settings& settings) {
  tell_conflicts(result, frame, equal, settings);
  tell_duplicates(result, frame, similar, equal, settings);
  tell_outliers(result, frame, similar, settings);
}

void tell_balance(PartResult& result, const Frame& frame) {
  std::vector<std::uint64_t> rows(frame.classes.size());
  std::uint64_t labelled = 0;
  for (const std::int32_t label : frame.labels)
    if (label >= 0) {
      ++rows[static_cast<std::size_t>(label)];
      ++labelled;
    }
  Document classes = json_list();
  Document balance = json_list();
  Plot plot{.title = "Rows of each class",
            .kind = Plot::Kind::Bars,
            .x_label = "class",
            .y_label = "rows",
            .says = "How many rows carry each label."};
  Series series{.name = "rows"};
  std::vector<std::string> rare;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const std::string name = printable(frame.classes[k], 60);
    const double share =
        static_cast<double>(rows[k]) / static_cast<double>(std::max<std::uint64_t>(labelled, 1));
    classes.list.push_back(json_string(name));
    balance.list.push_back(json_map({{"class", json_string(name)},
                                     {"rows", json_integer(static_cast<std::int64_t>(rows[k]))},
                                     {"share", json_number(share)}}));
    if (k < 50) {
      plot.categories.push_back(name);
      series.y.push_back(static_cast<double>(rows[k]));
    }
    // A fair share of many classes is small without being rare.
    const bool small = share < kRareShare && share * static_cast<double>(rows.size()) < 0.1;
    if (rows[k] < kRareRows || small) rare.push_back(name + " (" + std::to_string(rows[k]) + ")");
  }
  plot.series.push_back(std::move(series));
  result.plots.push_back(std::move(plot));
  result.details.map.emplace_back("classes", std::move(classes));
  result.details.map.emplace_back("balance", std::move(balance));
  if (rare.empty()) return;
  std::string names;
  for (std::size_t i = 0; i < std::min<std::size_t>(rare.size(), 5); ++i)
    names += (i == 0 ? "" : ", ") + rare[i];
  result.findings.push_back({.rule = &kRareClass,
                             .severity = kRareClass.severity,
                             .message = std::to_string(rare.size()) +
                                        (rare.size() == 1 ? " class has" : " classes have") +
                                        " few rows: " + names + (rare.size() > 5 ? " …" : ""),
                             .evidence = names.substr(0, 200)});
}

}  // namespace bulwark::assay::labels
