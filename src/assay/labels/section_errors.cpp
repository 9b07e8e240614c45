#include <algorithm>
#include <cmath>
#include <map>

#include "assay/labels/sections.h"
#include "assay/words.h"
#include "base/text.h"

namespace bulwark::assay::labels {
namespace {

constexpr std::size_t kShownPairs = 12;
constexpr std::size_t kShownClasses = 40;
constexpr std::size_t kShownImages = 8;
constexpr std::size_t kWrittenClasses = 1'000;  // of a joint in json: a million numbers
constexpr std::size_t kMostCells = 64;          // classes of a joint that is still a picture

std::string class_name(const Errors& errors, std::size_t column) {
  return printable(errors.p.classes[column], 60);
}
std::string given_name(const Errors& errors, std::uint32_t row) {
  return class_name(errors, static_cast<std::size_t>(errors.p.label[row]));
}
double score_of(const Errors& errors, std::uint32_t row) {
  return errors.p.given.at(row, static_cast<std::size_t>(errors.p.label[row]));
}
bool agreed(const Errors& errors, std::uint32_t row) {
  return std::ranges::binary_search(errors.agreed, row);
}

// Scores for every row; -1 where there is no label.
std::vector<double> without_nan(std::vector<double> scores) {
  for (double& score : scores)
    if (std::isnan(score)) score = -1;
  return scores;
}

Document shares_json(const std::vector<Share>& shares, std::string_view key) {
  Document list = json_list();
  for (const Share& share : shares)
    list.list.push_back(json_map({{std::string(key), json_string(printable(share.name, 60))},
                                  {"rows", json_integer(static_cast<std::int64_t>(share.rows))},
                                  {"rate", interval_json(share.rate)}}));
  return list;
}

Document issues_json(const Errors& errors) {
  Document issues = json_list();
  for (const std::uint32_t row : errors.flagged) {
    const std::size_t other = most_probable(errors.p.given, row);
    Document issue = json_map({{"row", json_integer(static_cast<std::int64_t>(errors.frame.row_number(row)))},
                               {"given", json_string(given_name(errors, row))},
                               {"suggested", json_string(class_name(errors, other))},
                               {"score", json_number(score_of(errors, row))},
                               {"suggested_probability", json_number(errors.p.given.at(row, other))}});
    if (errors.second) issue.map.emplace_back("second_opinion", json_boolean(agreed(errors, row)));
    issues.list.push_back(std::move(issue));
  }
  return issues;
}

Document joint_json(const Counts& joint) {
  Document rows = json_list();
  for (std::size_t i = 0; i < joint.classes; ++i) {
    Document row = json_list();
    for (std::size_t j = 0; j < joint.classes; ++j) row.list.push_back(json_integer(joint.at(i, j)));
    rows.list.push_back(std::move(row));
  }
  return rows;
}

void put_details(PartResult& result, const Errors& errors) {
  auto& details = result.details.map;
  details.emplace_back("filter", json_string(std::string(name_of(errors.filter))));
  details.emplace_back("issues", issues_json(errors));
  Document filters = json_map();
  for (std::size_t f = 0; f < kFilters; ++f) {
    const auto filter = static_cast<Filter>(f);
    filters.map.emplace_back(std::string(name_of(filter)),
                             json_rows(errors.frame, errors.learned.flagged(filter)));
  }
  details.emplace_back("filters", std::move(filters));
  if (errors.learned.calibrated().classes <= kWrittenClasses)
    details.emplace_back("confident_joint", joint_json(errors.learned.calibrated()));
  Document thresholds = json_list();
  for (const double threshold : errors.learned.thresholds().mean)
    thresholds.list.push_back(json_number(threshold));
  details.emplace_back("thresholds", std::move(thresholds));
  Document noise = interval_json(errors.noise);
  noise.map.emplace_back("classes", shares_json(errors.by_class, "class"));
  if (!errors.by_source.empty()) noise.map.emplace_back("sources", shares_json(errors.by_source, "source"));
  details.emplace_back("noise_rate", std::move(noise));
  details.emplace_back("scores", json_map());
  result.numbers.push_back(
      {.path = "scores.self_confidence", .values = without_nan(self_confidence(errors.p.given))});
  result.numbers.push_back(
      {.path = "scores.normalised_margin", .values = without_nan(normalised_margin(errors.p.given))});
}

void list_worst(PartResult& result, const Errors& errors) {
  Listing listing{.title = "Labels that look wrong, worst first",
                  .header = {"row", "given", "suggested", "given has", "suggested has"}};
  if (errors.second) listing.header.emplace_back("second model");
  for (const std::uint32_t row : errors.flagged) {
    if (listing.rows.size() == kWorst) break;
    const std::size_t other = most_probable(errors.p.given, row);
    const std::string number = std::to_string(errors.frame.row_number(row));
    listing.rows.push_back({number, given_name(errors, row), class_name(errors, other),
                            percent(score_of(errors, row)), percent(errors.p.given.at(row, other))});
    if (errors.second) listing.rows.back().push_back(agreed(errors, row) ? "agrees" : "does not");
    if (listing.rows.size() <= kShownImages)
      show_image(result, errors.frame, row,
                 "row " + number + ": labelled " + given_name(errors, row) + ", looks like " +
                     class_name(errors, other),
                 "An image whose label the model does not believe.");
  }
  if (errors.flagged.size() > kWorst) listing.note = "of " + std::to_string(errors.flagged.size());
  if (!listing.rows.empty()) result.listings.push_back(std::move(listing));
}

void plot_confusion(PartResult& result, const Errors& errors) {
  std::map<std::pair<std::size_t, std::size_t>, double> counts;
  for (const std::uint32_t row : errors.flagged)
    ++counts[{static_cast<std::size_t>(errors.p.label[row]), most_probable(errors.p.given, row)}];
  std::vector<std::pair<double, std::pair<std::size_t, std::size_t>>> most;
  for (const auto& [pair, n] : counts) most.push_back({-n, pair});
  std::ranges::sort(most);
  if (most.size() > kShownPairs) most.resize(kShownPairs);
  Plot plot{.title = "What is mistaken for what",
            .kind = Plot::Kind::Bars,
            .x_label = "given, suggested",
            .y_label = "rows flagged",
            .says = "The most frequent pairs of a given and a suggested label."};
  Series series{.name = "rows"};
  for (const auto& [n, pair] : most) {
    plot.categories.push_back(class_name(errors, pair.first) + ", " + class_name(errors, pair.second));
    series.y.push_back(-n);
  }
  plot.series.push_back(std::move(series));
  if (!plot.categories.empty()) result.plots.push_back(std::move(plot));
}

void plot_scores(PartResult& result, const Errors& errors) {
  constexpr std::size_t kBars = 20;
  Plot plot{.title = "How much the model believes the given labels",
            .kind = Plot::Kind::Bars,
            .x_label = "probability of the given label",
            .y_label = "rows",
            .log_y = true,
            .says = "Flagged rows gather on the left, where the given label has little probability."};
  Series all{.name = "all rows", .y = std::vector<double>(kBars)};
  Series flagged{.name = "flagged", .y = std::vector<double>(kBars)};
  const auto bar = [](double score) {
    return static_cast<std::size_t>(std::clamp(score * static_cast<double>(kBars), 0.0, kBars - 1.0));
  };
  for (std::uint32_t row = 0; row < errors.p.label.size(); ++row)
    if (errors.p.label[row] >= 0) all.y[bar(score_of(errors, row))] += 1;
  for (const std::uint32_t row : errors.flagged) flagged.y[bar(score_of(errors, row))] += 1;
  for (std::size_t i = 0; i < kBars; ++i)
    plot.categories.push_back("0." + std::string(i < 2 ? "0" : "") + std::to_string(5 * i));
  plot.series = {std::move(all), std::move(flagged)};
  result.plots.push_back(std::move(plot));
}

void plot_shares(PartResult& result, const std::vector<Share>& shares, const std::string& what) {
  if (shares.empty()) return;
  Plot plot{.title = "Share of labels that look wrong, by " + what,
            .kind = Plot::Kind::Bars,
            .x_label = what,
            .y_label = "share",
            .says = "Estimate and lower bound for each " + what + "."};
  Series estimate{.name = "estimate"};
  Series low{.name = "lower bound"};
  for (const Share& share : shares) {
    if (plot.categories.size() == kShownClasses) break;
    plot.categories.push_back(printable(share.name, 40));
    estimate.y.push_back(share.rate.estimate);
    low.y.push_back(share.rate.low);
  }
  plot.series = {std::move(estimate), std::move(low)};
  result.plots.push_back(std::move(plot));
}

void show_joint(PartResult& result, const Errors& errors) {
  const Counts& joint = errors.learned.calibrated();
  if (joint.classes > kMostCells || joint.classes < 3) return;
  std::int64_t most = 1;
  for (std::size_t i = 0; i < joint.classes; ++i)
    for (std::size_t j = 0; j < joint.classes; ++j)
      if (i != j) most = std::max(most, joint.at(i, j));
  Raster raster{.title = "Confident joint without its diagonal",
                .height = joint.classes,
                .width = joint.classes,
                .says = "Row: given label, column: suspected label; the brightest cell stands for " +
                        std::to_string(most) + " rows."};
  for (std::size_t i = 0; i < joint.classes; ++i)
    for (std::size_t j = 0; j < joint.classes; ++j)
      raster.values.push_back(i == j ? std::uint8_t{0}
                                     : static_cast<std::uint8_t>(255 * joint.at(i, j) / most));
  result.rasters.push_back(std::move(raster));
}

}  // namespace

void tell_errors(PartResult& result, const Errors& errors, const Settings& settings) {
  if (settings.details) put_details(result, errors);
  for (const std::uint32_t row : errors.flagged) result.rows.push_back(errors.frame.row_number(row));
  list_worst(result, errors);
  plot_scores(result, errors);
  plot_confusion(result, errors);
  plot_shares(result, errors.by_class, "class");
  plot_shares(result, errors.by_source, "source");
  show_joint(result, errors);
}

}  // namespace bulwark::assay::labels
