#include "assay/profile/column.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace bulwark::assay::profile {
namespace {

// From this share on the values of one type are what the column is meant to hold, and the others are strays.
constexpr double kMainShare = 0.9;
constexpr std::size_t kCategoryValues = 100;
constexpr std::uint64_t kCategoryRows = 5;
constexpr double kIdentifierText = 64;  // mean length; longer ones are documents
constexpr double kConfidentialNumber = 1e7;

// Types that make one: integers are reals, dates are instants.
std::size_t group_of(std::size_t kind) {
  switch (static_cast<CellKind>(kind)) {
    case CellKind::Real: return static_cast<std::size_t>(CellKind::Integer);
    case CellKind::Instant: return static_cast<std::size_t>(CellKind::Date);
    default: return kind;
  }
}

constexpr std::array<std::string_view, 8> kTypeNames = {"empty", "boolean", "integer", "real",
                                                        "date",  "instant", "text",    "mixed"};

}  // namespace

SketchSizes sketch_sizes(std::size_t columns) {
  if (columns <= 2'000) return {};
  if (columns <= 20'000) return {.precision = 11, .counters = 64, .k = 100, .patterns = 16};
  return {.precision = 9, .counters = 16, .k = 40, .patterns = 8};
}

std::string_view name_of(ColumnType type) {
  return kTypeNames[static_cast<std::size_t>(type)];
}

std::optional<ColumnType> column_type_from(std::string_view name) {
  const auto at = std::ranges::find(kTypeNames, name);
  if (at == kTypeNames.end()) return {};
  return static_cast<ColumnType>(at - kTypeNames.begin());
}

std::uint32_t Lengths::first_of(std::size_t bucket) {
  if (bucket < 64) return static_cast<std::uint32_t>(bucket);
  const std::size_t power = (bucket - 64) / 4;
  return static_cast<std::uint32_t>((4 + (bucket - 64) % 4) << (power + 4));
}

void Lengths::merge(const Lengths& other) {
  if (other.count == 0) return;
  least = count == 0 ? other.least : std::min(least, other.least);
  most = count == 0 ? other.most : std::max(most, other.most);
  count += other.count;
  total += other.total;
  if (histogram.size() < other.histogram.size()) histogram.resize(other.histogram.size());
  for (std::size_t i = 0; i < other.histogram.size(); ++i) histogram[i] += other.histogram[i];
}

std::uint64_t ColumnProfile::nulls() const {
  return of(CellKind::Absent) + of(CellKind::Empty) + of(CellKind::Word) + of(CellKind::NaN);
}

std::pair<CellKind, std::uint64_t> ColumnProfile::main_kind() const {
  std::array<std::uint64_t, kCellKinds> groups{};
  for (auto i = static_cast<std::size_t>(CellKind::Integer); i < kCellKinds; ++i)
    groups[group_of(i)] += cells[i];
  const auto most = std::ranges::max_element(groups);
  return {static_cast<CellKind>(most - groups.begin()), *most};
}

ColumnType ColumnProfile::type() const {
  const std::uint64_t all = values();
  if (all == 0) return ColumnType::Empty;
  const auto [main, as_main] = main_kind();
  const bool strays = as_main < all;
  if (strays && static_cast<double>(of(CellKind::Text)) >= (1 - kMainShare) * static_cast<double>(all))
    return ColumnType::Text;
  if (strays) return ColumnType::Mixed;
  switch (main) {
    case CellKind::Boolean: return ColumnType::Boolean;
    case CellKind::Integer: return of(CellKind::Real) != 0 ? ColumnType::Real : ColumnType::Integer;
    case CellKind::Date: return of(CellKind::Instant) != 0 ? ColumnType::Instant : ColumnType::Date;
    default: return ColumnType::Text;
  }
}

double ColumnProfile::distinct_count() const {
  if (frequent.exact()) return static_cast<double>(frequent.size());
  if (unique == Unique::Yes) return static_cast<double>(values());
  return std::min(std::round(distinct.estimate()), static_cast<double>(values()));
}

double ColumnProfile::distinct_error() const {
  return frequent.exact() || unique == Unique::Yes ? 0 : distinct.standard_error();
}

bool ColumnProfile::constant() const {
  return nulls() == 0 && rows > 1 && frequent.exact() && frequent.size() == 1;
}

bool ColumnProfile::identifier() const {
  if (nulls() != 0 || rows < 20 || unique == Unique::No) return false;
  const ColumnType is = type();
  const bool short_text =
      is == ColumnType::Text && lengths.count != 0 &&
      static_cast<double>(lengths.total) <= kIdentifierText * static_cast<double>(lengths.count);
  if (is != ColumnType::Integer && !short_text) return false;
  if (unique == Unique::Yes) return true;
  const double least = 1 - 3 * std::max(distinct_error(), 0.001);
  return distinct.estimate() >= least * static_cast<double>(values());
}

bool ColumnProfile::category() const {
  return frequent.exact() && frequent.size() != 0 && frequent.size() <= kCategoryValues &&
         values() >= kCategoryRows * frequent.size();
}

bool ColumnProfile::confidential() const {
  return main_kind().first == CellKind::Integer && of(CellKind::Real) == 0 && quantiles.count() != 0 &&
         std::abs(quantiles.quantile(0.5)) >= kConfidentialNumber && quantiles.least() < quantiles.most();
}

void order_patterns(std::vector<Pattern>& patterns) {
  std::ranges::sort(patterns, [](const Pattern& a, const Pattern& b) {
    return a.count != b.count ? a.count > b.count : a.classes < b.classes;
  });
}

Result<void> merge_column(ColumnProfile& into, const ColumnProfile& other) {
  if ((into.kind == tables::Kind::Text) != (other.kind == tables::Kind::Text))
    return fail(Code::InvalidInput, "column '" + printable(into.name, 60) +
                                        "' comes as text in one profile and as numbers in the other: their "
                                        "values are hashed differently");
  const bool both = into.rows != 0 && other.rows != 0;
  if (into.rows == 0) into.order = other.order;
  if (both) into.order = {.known = false, .rises = false, .falls = false, .repeats = false};
  if (into.rows == 0) into.unique = other.unique;
  if (both)
    into.unique = into.unique == Unique::No || other.unique == Unique::No ? Unique::No : Unique::Unknown;
  into.rows += other.rows;
  for (std::size_t i = 0; i < kCellKinds; ++i) into.cells[i] += other.cells[i];
  into.padded += other.padded;
  into.not_utf8 += other.not_utf8;
  into.beyond_ascii += other.beyond_ascii;
  into.leading_zero += other.leading_zero;
  into.infinite += other.infinite;
  into.control += other.control;
  into.moments.merge(other.moments);
  into.quantiles.merge(other.quantiles);
  into.instants.merge(other.instants);
  into.distinct.merge(other.distinct);
  into.frequent.merge(other.frequent, [](std::string& mine, const std::string& theirs, bool) {
    if (mine.empty()) mine = theirs;
  });
  into.sampled = into.sampled || other.sampled;
  into.lengths.merge(other.lengths);
  into.other_patterns += other.other_patterns;
  for (const Pattern& pattern : other.patterns) {
    const auto at = std::ranges::find(into.patterns, pattern.classes, &Pattern::classes);
    if (at != into.patterns.end()) {
      at->count += pattern.count;
    } else if (into.patterns.size() < SketchSizes{}.patterns) {
      into.patterns.push_back(pattern);
    } else {
      into.other_patterns += pattern.count;
    }
  }
  order_patterns(into.patterns);
  return {};
}

}  // namespace bulwark::assay::profile
