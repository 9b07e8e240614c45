// How one profile departs from another. Two samples of the same source must pass: what chance alone brings
// (a new largest value, a small shift) is no anomaly.

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "assay/profile/describe.h"
#include "assay/profile/profile.h"
#include "assay/words.h"
#include "base/text.h"
#include "stats/interval.h"

namespace bulwark::assay::profile {
namespace {

constexpr double kPresence = 0.005;        // less of a difference in missing values matters to nobody
constexpr std::uint64_t kKnownFull = 100;  // rows from which on "never missing" is believed
constexpr double kChance = 1e-4;           // of values beyond the range, for each end of each column
constexpr double kFar = 3;         // times the reach from the median to the end: out of range, even once
constexpr double kDistance = 0.1;  // Jensen-Shannon distance, and largest difference of shares
constexpr std::uint64_t kCompared = 400;  // rows on both sides for distributions to be compared
constexpr std::size_t kBins = 10;
constexpr std::size_t kNamed = 3;

class Comparer {
 public:
  Comparer(const ColumnProfile& before, const ColumnProfile& now, std::vector<Anomaly>& out)
      : before_(before), now_(now), out_(out) {}

  void compare() {
    if (before_.type() == ColumnType::Empty) return;  // nothing is known
    if (now_.values() == 0) {
      if (now_.rows != 0) add("FEATURE_TYPE_NOT_PRESENT", "has no value any more", true);
      return;
    }
    types();
    presence();
    oddities();
    uniqueness();
    values();
    if (before_.quantiles.count() != 0 && now_.quantiles.count() != 0) {
      range();
      distribution();
    }
  }

 private:
  void add(std::string_view code, const std::string& what, bool schema = false) {
    out_.push_back({.code = code,
                    .column = before_.name,
                    .message = "column '" + printable(before_.name, 60) + "' " + what,
                    .schema = schema});
  }

  void types() {
    const ColumnType a = before_.type();
    const ColumnType b = now_.type();
    // Whole numbers among reals and dates among instants are no news.
    if (a == b || (a == ColumnType::Real && b == ColumnType::Integer) ||
        (a == ColumnType::Instant && b == ColumnType::Date) || a == ColumnType::Mixed)
      return;
    std::string_view code = "UNEXPECTED_DATA_TYPE";
    const bool texts = b == ColumnType::Text || b == ColumnType::Mixed;
    if (a == ColumnType::Integer && b == ColumnType::Real) code = "INT_TYPE_INT_EXPECTED";
    if (a == ColumnType::Integer && texts) code = "INT_TYPE_NOT_INT_STRING";
    if (a == ColumnType::Real && texts) code = "FLOAT_TYPE_STRING_NOT_FLOAT";
    if (a == ColumnType::Text && b == ColumnType::Integer) code = "STRING_TYPE_NOW_INT";
    if (a == ColumnType::Text && b == ColumnType::Real) code = "STRING_TYPE_NOW_FLOAT";
    add(code, "was " + std::string(name_of(a)) + " and is " + std::string(name_of(b)), true);
  }

  void presence() {
    const stats::Interval before = stats::wilson(before_.nulls(), before_.rows);
    const stats::Interval now = stats::wilson(now_.nulls(), now_.rows);
    const bool never = before_.nulls() == 0 && before_.rows >= kKnownFull && now_.nulls() != 0;
    if (never || now.low > before.high + kPresence)
      add("FEATURE_TYPE_LOW_FRACTION_PRESENT", "is missing in " + interval_text(now) +
                                                   " of the rows, in the reference in " +
                                                   interval_text(before));
  }

  void oddities() {
    if (before_.of(CellKind::NaN) == 0 && now_.of(CellKind::NaN) != 0)
      add("FLOAT_TYPE_HAS_NAN", "has " + std::to_string(now_.of(CellKind::NaN)) +
                                    " values that are not a number; the reference has none");
    if (before_.infinite == 0 && now_.infinite != 0)
      add("FLOAT_TYPE_HAS_INF",
          "has " + std::to_string(now_.infinite) + " infinite values; the reference has none");
    if (before_.not_utf8 == 0 && now_.not_utf8 != 0)
      add("ENUM_TYPE_INVALID_UTF8",
          "has " + std::to_string(now_.not_utf8) + " values that are no UTF-8; the reference has none");
  }

  void uniqueness() {
    if (before_.identifier() && before_.unique == Unique::Yes && now_.unique == Unique::No)
      add("FEATURE_TYPE_LOW_UNIQUE", "repeats values; in the reference every value is another");
    if (before_.category() && !is_number(before_.main_kind().first) &&
        now_.distinct_count() > 4 * before_.distinct_count() && !now_.category())
      add("FEATURE_TYPE_HIGH_UNIQUE", "has about " + number_text(now_.distinct_count()) +
                                          " different values; the reference has " +
                                          number_text(before_.distinct_count()));
  }

  void values() {
    const ColumnType type = before_.type();
    if (!before_.category() || (type != ColumnType::Text && type != ColumnType::Boolean)) return;
    if ((before_.kind == tables::Kind::Text) != (now_.kind == tables::Kind::Text)) return;  // other hashes
    std::set<std::uint64_t> known;
    for (const auto& [hash, item] : before_.frequent.ordered()) known.insert(hash);
    std::size_t values = 0;
    std::uint64_t rows = 0;
    std::string named;
    for (const auto& [hash, item] : now_.frequent.ordered()) {
      if (known.contains(hash)) continue;
      rows += item->count;
      const std::string text = item->count >= 5 ? shown_value(item->note) : std::string();
      if (++values <= kNamed && !text.empty()) named += (named.empty() ? ": " : ", ") + text;
    }
    if (values != 0)
      add(type == ColumnType::Boolean ? "BOOL_TYPE_UNEXPECTED_STRING" : "ENUM_TYPE_UNEXPECTED_STRING_VALUES",
          "has " + std::to_string(values) + (now_.frequent.exact() ? "" : " or more") + " values in " +
              std::to_string(rows) + " rows that the reference does not have" + named);
    shares();
  }

  void shares() {
    if (!now_.frequent.exact() || before_.values() < kCompared || now_.values() < kCompared) return;
    double most = 0;
    const auto all = now_.frequent.ordered();
    for (const auto& [hash, item] : before_.frequent.ordered()) {
      const auto same = std::ranges::find_if(all, [key = hash](const auto& one) { return one.first == key; });
      const stats::Interval a = stats::wilson(item->count, before_.values());
      const stats::Interval b = stats::wilson(same == all.end() ? 0 : same->second->count, now_.values());
      most = std::max({most, a.low - b.high, b.low - a.high});
    }
    if (most > kDistance)
      add("COMPARATOR_L_INFTY_HIGH",
          "gives one of its values a share that differs by at least " + number_text(most));
  }

  // Of values of the same source the k largest of m new ones exceed all n old ones with a probability of
  // about (m / (n + m))^k.
  [[nodiscard]] bool too_many(double share) const {
    const auto n = static_cast<double>(before_.quantiles.count());
    const auto m = static_cast<double>(now_.quantiles.count());
    const double k = std::max(1.0, std::floor((share - now_.quantiles.rank_error()) * m));
    return share > 0 && k * std::log(m / (n + m)) < std::log(kChance);
  }

  void range() {
    const auto& a = before_.quantiles;
    const auto& b = now_.quantiles;
    const bool whole = before_.type() == ColumnType::Integer;
    const double median = a.quantile(0.5);
    const auto number = [&](double value) { return number_text(shown_number(before_, value)); };
    const double above = b.most() > a.most() ? std::max(1 - b.rank(a.most()), 1e-300) : 0;
    if (above > 0 && (too_many(above) || b.most() - a.most() > kFar * (a.most() - median)))
      add(whole ? "INT_TYPE_BIG_INT" : "FLOAT_TYPE_BIG_FLOAT",
          "goes up to " + number(b.most()) + "; the reference to " + number(a.most()));
    const double below =
        b.least() < a.least() ? std::max(b.rank(std::nextafter(a.least(), -INFINITY)), 1e-300) : 0;
    if (below > 0 && (too_many(below) || a.least() - b.least() > kFar * (median - a.least())))
      add(whole ? "INT_TYPE_SMALL_INT" : "FLOAT_TYPE_SMALL_FLOAT",
          "goes down to " + number(b.least()) + "; the reference to " + number(a.least()));
  }

  void distribution() {
    const auto& a = before_.quantiles;
    const auto& b = now_.quantiles;
    if (a.count() < kCompared || b.count() < kCompared || before_.identifier()) return;
    std::array<double, kBins - 1> inner{};
    for (std::size_t i = 0; i < inner.size(); ++i)
      inner[i] = static_cast<double>(i + 1) / static_cast<double>(kBins);
    std::vector<double> cuts = a.quantiles(inner);
    cuts.erase(std::ranges::unique(cuts).begin(), cuts.end());
    double divergence = 0;
    double rank_a = 0;
    double rank_b = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
      const double next_a = i == cuts.size() ? 1 : a.rank(cuts[i]);
      const double next_b = i == cuts.size() ? 1 : b.rank(cuts[i]);
      const double p = std::max(0.0, next_a - rank_a);
      const double q = std::max(0.0, next_b - rank_b);
      const double middle = (p + q) / 2;
      if (p > 0) divergence += p * std::log(p / middle) / 2;
      if (q > 0) divergence += q * std::log(q / middle) / 2;
      rank_a = next_a;
      rank_b = next_b;
    }
    // What two samples of the same source show on average, and as much again for the sketches.
    const double noise = static_cast<double>(cuts.size()) / 8 *
                         (1 / static_cast<double>(a.count()) + 1 / static_cast<double>(b.count()));
    const double left = std::sqrt(std::max(0.0, divergence - 2 * noise));
    if (left > kDistance)
      add("COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH",
          "is distributed differently: Jensen-Shannon distance " + number_text(left));
  }

  const ColumnProfile& before_;
  const ColumnProfile& now_;
  std::vector<Anomaly>& out_;
};

}  // namespace

std::vector<Anomaly> diff_profiles(const Profile& reference, const Profile& now) {
  std::vector<Anomaly> out;
  if (now.rows == 0)
    out.push_back({.code = "NO_DATA_IN_SPAN", .column = {}, .message = "there are no rows", .schema = true});
  std::map<std::string_view, const ColumnProfile*> present;
  for (const ColumnProfile& column : now.columns) present.emplace(column.name, &column);
  std::set<std::string_view> known;
  for (const ColumnProfile& column : reference.columns) {
    known.insert(column.name);
    const auto at = present.find(column.name);
    if (at != present.end()) {
      Comparer(column, *at->second, out).compare();
    } else {
      out.push_back({.code = "SCHEMA_MISSING_COLUMN",
                     .column = column.name,
                     .message = "column '" + printable(column.name, 60) + "' of the reference is not there",
                     .schema = true});
    }
  }
  for (const ColumnProfile& column : now.columns)
    if (!known.contains(column.name))
      out.push_back({.code = "SCHEMA_NEW_COLUMN",
                     .column = column.name,
                     .message = "column '" + printable(column.name, 60) + "' is not in the reference",
                     .schema = true});
  return out;
}

}  // namespace bulwark::assay::profile
