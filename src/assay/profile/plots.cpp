// What the columns look like: histograms out of the quantile sketches, frequent values, missing shares.

#include <algorithm>
#include <cmath>

#include "assay/profile/describe.h"
#include "assay/words.h"
#include "base/text.h"

namespace bulwark::assay::profile {
namespace {

constexpr std::size_t kHistograms = 24;
constexpr std::size_t kBarCharts = 12;
constexpr std::size_t kBars = 24;
constexpr std::size_t kTop = 12;
constexpr std::size_t kNullColumns = 30;

// Out of the body of the distribution: a few far values would leave one bar standing.
Plot histogram(const ColumnProfile& column) {
  const auto& sketch = column.quantiles;
  double low = sketch.quantile(0.005);
  double high = sketch.quantile(0.995);
  const bool whole = sketch.least() >= low - (high - low) && sketch.most() <= high + (high - low);
  if (whole) {
    low = sketch.least();
    high = sketch.most();
  }
  Plot plot;
  plot.title = printable(column.name, 60);
  plot.kind = Plot::Kind::Bars;
  plot.x_label = "value";
  plot.y_label = "share of rows";
  Series series{.name = plot.title, .x = {}, .y = {}};
  double before = whole ? 0 : sketch.rank(std::nextafter(low, -INFINITY));
  for (std::size_t i = 0; i < kBars; ++i) {
    const double end =
        i + 1 == kBars ? high : low + (high - low) * static_cast<double>(i + 1) / static_cast<double>(kBars);
    const double begin = low + (high - low) * static_cast<double>(i) / static_cast<double>(kBars);
    const double rank = sketch.rank(end);
    plot.categories.push_back(number_text(shown_number(column, begin)));
    series.y.push_back(std::max(0.0, rank - before));
    before = rank;
  }
  plot.series.push_back(std::move(series));
  plot.says = "Half of the values lie between " + number_text(shown_number(column, sketch.quantile(0.25))) +
              " and " + number_text(shown_number(column, sketch.quantile(0.75))) + "; all of them between " +
              number_text(shown_number(column, sketch.least())) + " and " +
              number_text(shown_number(column, sketch.most())) + (whole ? "." : ", the ends are not drawn.");
  return plot;
}

Plot frequent_values(const ColumnProfile& column) {
  Plot plot;
  plot.title = printable(column.name, 60);
  plot.kind = Plot::Kind::Bars;
  plot.x_label = "value";
  plot.y_label = "rows";
  Series series{.name = plot.title, .x = {}, .y = {}};
  std::size_t hidden = 0;
  for (const auto& [hash, item] : column.frequent.ordered()) {
    const std::string text = item->count >= 5 ? shown_value(item->note) : std::string();
    if (text.empty() || plot.categories.size() == kTop) {
      ++hidden;
      continue;
    }
    plot.categories.push_back(text);
    series.y.push_back(static_cast<double>(item->count));
  }
  plot.says = std::to_string(column.frequent.size()) + " different values" +
              (hidden != 0 ? "; " + std::to_string(hidden) + " of them are not shown." : ".");
  plot.series.push_back(std::move(series));
  return plot;
}

Plot missing_shares(std::vector<const ColumnProfile*> columns) {
  const auto share = [](const ColumnProfile* column) {
    return static_cast<double>(column->nulls()) /
           static_cast<double>(std::max<std::uint64_t>(1, column->rows));
  };
  std::ranges::sort(columns, [&](const auto* a, const auto* b) {
    return share(a) != share(b) ? share(a) > share(b) : a->name < b->name;
  });
  Plot plot;
  plot.title = "Missing values";
  plot.kind = Plot::Kind::Bars;
  plot.x_label = "column";
  plot.y_label = "share of rows";
  Series series{.name = "missing", .x = {}, .y = {}};
  for (const ColumnProfile* column : columns) {
    if (plot.categories.size() == kNullColumns) break;
    plot.categories.push_back(printable(column->name, 30));
    series.y.push_back(share(column));
  }
  plot.series.push_back(std::move(series));
  plot.says = std::to_string(columns.size()) + " columns have missing values; most are missing in '" +
              plot.categories.front() + "'.";
  return plot;
}

}  // namespace

std::vector<Plot> profile_plots(const Profile& profile) {
  std::vector<Plot> plots;
  std::vector<const ColumnProfile*> with_nulls;
  std::size_t histograms = 0;
  std::size_t bars = 0;
  for (const ColumnProfile& column : profile.columns) {
    if (column.nulls() != 0) with_nulls.push_back(&column);
    const bool number = column.quantiles.count() != 0 && is_number(column.main_kind().first);
    if (number && column.quantiles.least() < column.quantiles.most()) {
      if (histograms++ < kHistograms) plots.push_back(histogram(column));
    } else if (!number && column.category()) {
      if (bars++ < kBarCharts) {
        Plot plot = frequent_values(column);
        if (!plot.categories.empty()) plots.push_back(std::move(plot));
      }
    }
  }
  if (!with_nulls.empty()) plots.push_back(missing_shares(std::move(with_nulls)));
  return plots;
}

}  // namespace bulwark::assay::profile
