#include "assay/profile/describe.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "assay/profile/rules.h"
#include "assay/words.h"
#include "base/json_text.h"
#include "base/text.h"

namespace bulwark::assay::profile {
namespace {

constexpr std::uint64_t kShownCount = 5;  // a value in fewer rows may point at a person
constexpr std::size_t kShownText = 40;
constexpr std::size_t kShownDigits = 6;  // more look like numbers of people, accounts, telephones
constexpr std::size_t kTopValues = 20;
constexpr std::size_t kTopPatterns = 20;
constexpr std::array<double, 9> kQuantiles = {0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};
constexpr std::size_t kNamedRows = 5;

Document count_json(std::uint64_t count) {
  return json_integer(static_cast<std::int64_t>(count));
}

std::string date_text(double seconds) {
  const auto days = std::floor(seconds / 86'400);
  if (std::abs(days) > 3e6) return {};
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(static_cast<std::int64_t>(days)))};
  const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())) +
         "-" + two(static_cast<unsigned>(date.day()));
}

Document nulls_json(const ColumnProfile& column) {
  Document out = json_map();
  for (const CellKind kind : {CellKind::Absent, CellKind::Empty, CellKind::Word, CellKind::NaN})
    out.map.emplace_back(std::string(name_of(kind)), count_json(column.of(kind)));
  out.map.emplace_back("all", count_json(column.nulls()));
  return out;
}

Document types_json(const ColumnProfile& column) {
  Document out = json_map();
  for (auto kind = static_cast<std::size_t>(CellKind::Integer); kind < kCellKinds; ++kind)
    if (column.cells[kind] != 0)
      out.map.emplace_back(std::string(name_of(static_cast<CellKind>(kind))), count_json(column.cells[kind]));
  return out;
}

void add_numbers(const ColumnProfile& column, Document& out) {
  if (column.quantiles.count() != 0) {
    const auto number = [&](double value) { return json_finite(shown_number(column, value)); };
    out.map.emplace_back("min", number(column.quantiles.least()));
    out.map.emplace_back("max", number(column.quantiles.most()));
    out.map.emplace_back("mean", number(column.moments.mean));
    out.map.emplace_back("deviation", number(column.moments.deviation()));
    out.map.emplace_back("skewness", json_finite(column.moments.skewness()));
    out.map.emplace_back("kurtosis", json_finite(column.moments.excess_kurtosis()));
    Document quantiles = json_map();
    const std::vector<double> values = column.quantiles.quantiles(kQuantiles);
    for (std::size_t i = 0; i < values.size(); ++i)
      quantiles.map.emplace_back(number_text(kQuantiles[i]), number(values[i]));
    out.map.emplace_back("quantiles", std::move(quantiles));
    out.map.emplace_back("quantile_error", json_number(column.quantiles.rank_error()));
    if (column.confidential()) out.map.emplace_back("rounded", json_boolean(true));
  }
  if (column.instants.count() != 0) {
    out.map.emplace_back("earliest", json_string(date_text(column.instants.least())));
    out.map.emplace_back("median_date", json_string(date_text(column.instants.quantile(0.5))));
    out.map.emplace_back("latest", json_string(date_text(column.instants.most())));
  }
}

Document top_json(const ColumnProfile& column) {
  Document out = json_list();
  const bool show = column.category();
  for (const auto& [hash, item] : column.frequent.ordered()) {
    if (out.list.size() == kTopValues || item->count < kShownCount) break;
    Document one = json_map();
    const std::string text = show ? shown_value(item->note) : std::string();
    one.map.emplace_back("value", text.empty() ? json_null() : json_string(text));
    one.map.emplace_back("count", count_json(item->count));
    out.list.push_back(std::move(one));
  }
  return out;
}

Document patterns_json(const ColumnProfile& column) {
  Document out = json_list();
  for (const Pattern& pattern : column.patterns) {
    if (out.list.size() == kTopPatterns || pattern.count < kShownCount) break;
    out.list.push_back(json_map(
        {{"pattern", json_string(printable(pattern.classes))}, {"count", count_json(pattern.count)}}));
  }
  return out;
}

Document lengths_json(const Lengths& lengths) {
  Document histogram = json_list();
  for (std::size_t i = 0; i < lengths.histogram.size(); ++i)
    if (lengths.histogram[i] != 0)
      histogram.list.push_back(json_map(
          {{"from", count_json(Lengths::first_of(i))}, {"count", count_json(lengths.histogram[i])}}));
  return json_map({{"min", count_json(lengths.least)},
                   {"max", count_json(lengths.most)},
                   {"mean", json_number(static_cast<double>(lengths.total) /
                                        static_cast<double>(std::max<std::uint64_t>(1, lengths.count)))},
                   {"histogram", std::move(histogram)}});
}

Document flags_json(const ColumnProfile& column) {
  Document out = json_list();
  const auto flag = [&](bool is, std::string_view name) {
    if (is) out.list.push_back(json_string(std::string(name)));
  };
  flag(column.constant(), "constant");
  flag(column.identifier(), "identifier");
  flag(column.unique == Unique::Yes, "unique");
  const bool ordered = column.order.known && column.values() > 2;
  flag(ordered && column.order.rises && !column.order.falls,
       column.order.repeats ? "non_decreasing" : "increasing");
  flag(ordered && column.order.falls && !column.order.rises,
       column.order.repeats ? "non_increasing" : "decreasing");
  flag(column.category(), "category");
  return out;
}

void add_oddities(const ColumnProfile& column, Document& out) {
  for (const auto& [name, count] : {std::pair<std::string, std::uint64_t>{"padded", column.padded},
                                    {"not_utf8", column.not_utf8},
                                    {"beyond_ascii", column.beyond_ascii},
                                    {"leading_zeros", column.leading_zero},
                                    {"infinite", column.infinite},
                                    {"nul_bytes", column.control}})
    if (count != 0) out.map.emplace_back(name, count_json(count));
}

std::string share_words(std::uint64_t k, std::uint64_t n) {
  return std::to_string(k) + " of " + std::to_string(n) + " (" + interval_text(stats::wilson(k, n)) + ")";
}

// ------------------------------------------------------------------------------------------------ findings

class Findings {
 public:
  explicit Findings(std::size_t per_rule) : per_rule_(per_rule) {}

  void add(const Rule& rule, const ColumnProfile& column, std::string message,
           const std::vector<std::uint64_t>& rows, std::uint64_t all) {
    if (++counts_[&rule] > per_rule_) {
      ++left_out_;
      return;
    }
    Finding finding;
    finding.rule = &rule;
    finding.severity = rule.severity;
    finding.subject = printable(column.name, 100);
    finding.message = "column '" + printable(column.name, 60) + "': " + std::move(message);
    if (!rows.empty()) finding.evidence = row_words(rows, all);
    all_.push_back(std::move(finding));
  }
  std::vector<Finding> take() { return std::move(all_); }
  [[nodiscard]] std::size_t left_out() const { return left_out_; }

 private:
  std::size_t per_rule_;
  std::size_t left_out_ = 0;
  std::map<const Rule*, std::size_t> counts_;
  std::vector<Finding> all_;
};

void find_types(const ColumnProfile& column, Findings& findings) {
  if (column.type() != ColumnType::Mixed) return;
  const auto [main, count] = column.main_kind();
  const std::uint64_t strays = column.values() - count;
  std::vector<std::uint64_t> rows;
  std::string kinds;
  for (auto kind = static_cast<std::size_t>(CellKind::Integer); kind < kCellKinds; ++kind) {
    const auto one = static_cast<CellKind>(kind);
    const bool is_main = one == main || (main == CellKind::Integer && one == CellKind::Real) ||
                         (main == CellKind::Date && one == CellKind::Instant);
    if (is_main || column.cells[kind] == 0) continue;
    rows.insert(rows.end(), column.first_rows[kind].begin(), column.first_rows[kind].end());
    kinds +=
        (kinds.empty() ? "" : ", ") + std::string(name_of(one)) + " " + std::to_string(column.cells[kind]);
  }
  std::ranges::sort(rows);
  const std::string_view main_name =
      main == CellKind::Integer && column.of(CellKind::Real) != 0 ? "real" : name_of(main);
  findings.add(kMixedTypes, column,
               share_words(strays, column.values()) + " values are not " + std::string(main_name) +
                   " as the others are: " + kinds,
               rows, strays);
}

void find_nulls(const ColumnProfile& column, Findings& findings) {
  if (column.rows != 0 && column.values() == 0) {
    findings.add(kEmptyColumn, column, "none of " + std::to_string(column.rows) + " rows has a value", {}, 0);
    return;
  }
  std::string kinds;
  std::size_t ways = 0;
  std::vector<std::uint64_t> rows;
  for (const CellKind kind : {CellKind::Absent, CellKind::Empty, CellKind::Word, CellKind::NaN}) {
    if (column.of(kind) == 0) continue;
    ++ways;
    kinds += (kinds.empty() ? "" : ", ") + std::string(name_of(kind)) + " " + std::to_string(column.of(kind));
    const auto& first = column.first_rows[static_cast<std::size_t>(kind)];
    rows.insert(rows.end(), first.begin(), first.begin() + (first.empty() ? 0 : 1));
  }
  if (ways > 1)
    findings.add(kMixedNulls, column, "missing values come in " + std::to_string(ways) + " ways: " + kinds,
                 rows, rows.size());
}

void find_bytes(const ColumnProfile& column, Findings& findings) {
  const std::uint64_t values = column.values();
  if (column.not_utf8 != 0)
    findings.add(kNotUtf8Text, column,
                 share_words(column.not_utf8, values) + " values are no UTF-8" +
                     (column.beyond_ascii > column.not_utf8 ? ", others are: the encodings are mixed" : ""),
                 {}, 0);
  if (column.control != 0)
    findings.add(kControlBytes, column, share_words(column.control, values) + " values hold a NUL byte", {},
                 0);
  if (column.infinite != 0)
    findings.add(kInfiniteNumbers, column, share_words(column.infinite, values) + " values are infinite", {},
                 0);
  if (column.padded != 0)
    findings.add(kPaddedValues, column,
                 share_words(column.padded, values) + " values have blanks in front or behind", {}, 0);
  if (column.leading_zero != 0)
    findings.add(kLeadingZeros, column,
                 share_words(column.leading_zero, values) + " values are numbers with leading zeros", {}, 0);
}

}  // namespace

std::string shown_value(std::string_view text) {
  if (text.empty() || !is_utf8(text)) return {};
  const auto digits = std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; });
  if (text.find('@') != std::string_view::npos || digits > static_cast<std::ptrdiff_t>(kShownDigits))
    return {};
  const std::string out = printable(text, kShownText);
  return out;
}

double shown_number(const ColumnProfile& column, double value) {
  if (!column.confidential() || value == 0 || !std::isfinite(value)) return value;
  const double unit = std::pow(10, std::floor(std::log10(std::abs(value))) - 2);
  return std::round(value / unit) * unit;
}

std::string row_words(const std::vector<std::uint64_t>& rows, std::uint64_t all) {
  std::string out = rows.size() == 1 && all == 1 ? "row " : "rows ";
  const std::size_t named = std::min(rows.size(), kNamedRows);
  for (std::size_t i = 0; i < named; ++i) out += (i == 0 ? "" : ", ") + std::to_string(rows[i]);
  return all > named ? out + " …" : out;
}

Document rows_json(const std::vector<std::uint64_t>& rows) {
  Document out = json_list();
  for (const std::uint64_t row : rows) out.list.push_back(count_json(row));
  return out;
}

Document column_json(const ColumnProfile& column, bool full) {
  Document out = json_map({{"name", json_string(printable(column.name, 200))},
                           {"type", json_string(std::string(name_of(column.type())))},
                           {"rows", count_json(column.rows)},
                           {"nulls", nulls_json(column)},
                           {"distinct", json_number(column.distinct_count())},
                           {"distinct_error", json_number(column.distinct_error())}});
  if (!column.declared.empty()) out.map.emplace_back("declared", json_string(printable(column.declared, 60)));
  if (!full) {
    if (column.quantiles.count() != 0) {
      out.map.emplace_back("min", json_finite(shown_number(column, column.quantiles.least())));
      out.map.emplace_back("max", json_finite(shown_number(column, column.quantiles.most())));
    }
    return out;
  }
  out.map.emplace_back("types", types_json(column));
  add_numbers(column, out);
  out.map.emplace_back("top", top_json(column));
  out.map.emplace_back("top_error", count_json(column.frequent.error()));
  if (column.sampled) out.map.emplace_back("top_sampled", json_boolean(true));
  if (column.lengths.count != 0) {
    out.map.emplace_back("patterns", patterns_json(column));
    out.map.emplace_back("other_patterns", count_json(column.other_patterns));
    out.map.emplace_back("lengths", lengths_json(column.lengths));
  }
  add_oddities(column, out);
  out.map.emplace_back("flags", flags_json(column));
  return out;
}

std::vector<Finding> profile_findings(const Profile& profile, std::size_t per_rule, std::size_t& left_out) {
  Findings findings(per_rule);
  for (const ColumnProfile& column : profile.columns) {
    find_types(column, findings);
    find_nulls(column, findings);
    find_bytes(column, findings);
    if (column.constant())
      findings.add(kConstantColumn, column,
                   "all " + std::to_string(column.rows) + " rows hold the same value", {}, 0);
    if (column.identifier())
      findings.add(
          kIdentifierColumn, column,
          column.unique == Unique::Yes
              ? "every one of " + std::to_string(column.rows) + " values is another"
              : "nearly every one of " + std::to_string(column.rows) + " values is another (estimate)",
          {}, 0);
  }
  left_out = findings.left_out();
  return findings.take();
}

Listing columns_listing(const Profile& profile, std::size_t rows) {
  Listing out;
  out.title = "Columns";
  out.header = {"column", "type", "missing", "different", "least", "median", "most"};
  for (const ColumnProfile& column : profile.columns) {
    if (out.rows.size() == rows) break;
    std::vector<std::string> line = {printable(column.name, 60), std::string(name_of(column.type())),
                                     std::to_string(column.nulls()),
                                     (column.distinct_error() > 0 ? "about " : "") +
                                         std::to_string(static_cast<std::uint64_t>(column.distinct_count()))};
    if (column.quantiles.count() != 0) {
      for (const double p : {0.0, 0.5, 1.0})
        line.push_back(number_text(shown_number(column, column.quantiles.quantile(p))));
    } else if (column.instants.count() != 0) {
      for (const double p : {0.0, 0.5, 1.0}) line.push_back(date_text(column.instants.quantile(p)));
    } else {
      line.resize(out.header.size());
    }
    out.rows.push_back(std::move(line));
  }
  if (out.rows.size() < profile.columns.size())
    out.note = "The first " + std::to_string(out.rows.size()) + " of " +
               std::to_string(profile.columns.size()) + " columns.";
  return out;
}

}  // namespace bulwark::assay::profile
