// Profiles as json: sketches and all, so that two files can be merged; no value that may not be shown.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "assay/profile/describe.h"
#include "assay/profile/profile.h"
#include "base/encoding.h"
#include "base/json_text.h"
#include "base/text.h"
#include "stats/hash.h"
#include "tables/values.h"

namespace bulwark::assay::profile {
namespace {

constexpr std::size_t kNameBytes = 4'096;
constexpr std::size_t kMostItems = 4'096;
constexpr std::uint64_t kMostCount = std::uint64_t{1} << 53;
constexpr std::array<std::string_view, 4> kKinds = {"text", "integer", "real", "boolean"};
constexpr std::array<std::string_view, 3> kUnique = {"unknown", "yes", "no"};

Document count_json(std::uint64_t count) {
  return json_integer(static_cast<std::int64_t>(count));
}

Document quantiles_json(const ColumnProfile& column, const stats::QuantileSketch& sketch) {
  if (sketch.count() == 0) return json_null();
  const stats::QuantileSketch::State state = sketch.state();
  Document levels = json_list();
  for (const auto& level : state.levels) {
    Document values = json_list();
    for (const double value : level) values.list.push_back(json_number(shown_number(column, value)));
    levels.list.push_back(std::move(values));
  }
  return json_map({{"k", count_json(state.k)},
                   {"least", json_number(shown_number(column, state.least))},
                   {"most", json_number(shown_number(column, state.most))},
                   {"levels", std::move(levels)}});
}

Document moments_json(const ColumnProfile& column) {
  const stats::Moments& moments = column.moments;
  const auto finite = [](double value) { return std::isfinite(value) ? json_number(value) : json_null(); };
  return json_map({{"count", count_json(moments.count)},
                   {"mean", finite(shown_number(column, moments.mean))},
                   {"m2", finite(moments.m2)},
                   {"m3", finite(moments.m3)},
                   {"m4", finite(moments.m4)}});
}

Document frequent_json(const ColumnProfile& column) {
  // All values or none: counts of some would look like those of all.
  Document items = json_list();
  bool complete = column.category();
  if (complete) {
    for (const auto& [hash, item] : column.frequent.ordered()) {
      complete = complete && item->count >= 5 && !item->note.empty() && shown_value(item->note) == item->note;
      items.list.push_back(
          json_map({{"value", json_string(item->note)}, {"count", count_json(item->count)}}));
    }
  }
  if (!complete) items.list.clear();
  return json_map({{"counters", count_json(column.frequent.counters())},
                   {"error", count_json(std::max<std::uint64_t>(column.frequent.error(), complete ? 0 : 1))},
                   {"sampled", json_boolean(column.sampled)},
                   {"complete", json_boolean(complete)},
                   {"items", std::move(items)}});
}

Document cells_json(const ColumnProfile& column) {
  Document out = json_map();
  for (std::size_t kind = 1; kind < kCellKinds; ++kind)
    if (column.cells[kind] != 0)
      out.map.emplace_back(std::string(name_of(static_cast<CellKind>(kind))), count_json(column.cells[kind]));
  return out;
}

// Names of the counts of odd cells, and where they are kept.
constexpr std::array<std::pair<std::string_view, std::uint64_t ColumnProfile::*>, 6> kOddities = {{
    {"padded", &ColumnProfile::padded},
    {"not_utf8", &ColumnProfile::not_utf8},
    {"beyond_ascii", &ColumnProfile::beyond_ascii},
    {"leading_zeros", &ColumnProfile::leading_zero},
    {"infinite", &ColumnProfile::infinite},
    {"nul_bytes", &ColumnProfile::control},
}};

Document patterns_json(const ColumnProfile& column) {
  Document out = json_list();
  for (const Pattern& pattern : column.patterns)
    if (pattern.count >= 5 && printable(pattern.classes) == pattern.classes)
      out.list.push_back(
          json_map({{"classes", json_string(pattern.classes)}, {"count", count_json(pattern.count)}}));
  return out;
}

Document lengths_json(const Lengths& lengths) {
  Document histogram = json_list();
  for (std::size_t i = 0; i < lengths.histogram.size(); ++i)
    if (lengths.histogram[i] != 0)
      histogram.list.push_back(json_list({count_json(i), count_json(lengths.histogram[i])}));
  return json_map({{"count", count_json(lengths.count)},
                   {"total", count_json(lengths.total)},
                   {"least", count_json(lengths.least)},
                   {"most", count_json(lengths.most)},
                   {"histogram", std::move(histogram)}});
}

Document column_document(const ColumnProfile& column) {
  const std::string sketch = column.distinct.write();
  Document oddities = json_map();
  for (const auto& [name, member] : kOddities)
    if (column.*member != 0) oddities.map.emplace_back(std::string(name), count_json(column.*member));
  std::uint64_t listed = 0;
  for (const Pattern& pattern : column.patterns) listed += pattern.count;
  Document patterns = patterns_json(column);
  for (const Document& pattern : patterns.list)
    listed -= static_cast<std::uint64_t>(pattern.find("count")->integer);
  return json_map(
      {{"name", json_string(is_utf8(column.name) ? column.name : printable(column.name, kNameBytes))},
       {"kind", json_string(std::string(kKinds[static_cast<std::size_t>(column.kind)]))},
       {"declared", json_string(printable(column.declared, 60))},
       {"rows", count_json(column.rows)},
       {"cells", cells_json(column)},
       {"oddities", std::move(oddities)},
       {"moments", moments_json(column)},
       {"quantiles", quantiles_json(column, column.quantiles)},
       {"instants", quantiles_json(column, column.instants)},
       {"distinct", json_string(encode_base64(bytes_of(sketch)))},
       {"frequent", frequent_json(column)},
       {"patterns", std::move(patterns)},
       {"other_patterns", count_json(column.other_patterns + listed)},
       {"lengths", lengths_json(column.lengths)},
       {"order", json_string(!column.order.known                        ? "unknown"
                             : column.order.rises && column.order.falls ? "constant"
                             : column.order.rises                       ? "rises"
                             : column.order.falls                       ? "falls"
                                                                        : "none")},
       {"repeats", json_boolean(column.order.repeats)},
       {"unique", json_string(std::string(kUnique[static_cast<std::size_t>(column.unique)]))}});
}

// ------------------------------------------------------------------------------------------------- reading

class ColumnReader {
 public:
  ColumnReader(const Document& value, std::size_t index) : value_(value), index_(index) {}

  Result<ColumnProfile> read() {
    if (!value_.is_map()) return wrong_field("is no object");
    column_.name = TRY(text("name"));
    const std::string kind = TRY(text("kind"));
    const auto at = std::ranges::find(kKinds, kind);
    if (at == kKinds.end()) return wrong_field("kind '" + printable(kind, 40) + "' is unknown");
    column_.kind = static_cast<tables::Kind>(at - kKinds.begin());
    column_.declared = TRY(text("declared"));
    column_.rows = TRY(count(value_, "rows"));
    TRY(cells());
    TRY(oddities());
    TRY(moments());
    column_.quantiles = TRY(quantiles("quantiles"));
    column_.instants = TRY(quantiles("instants"));
    TRY(distinct());
    TRY(frequent());
    TRY(patterns());
    TRY(lengths());
    TRY(flags());
    return std::move(column_);
  }

 private:
  [[nodiscard]] std::unexpected<Error> wrong_field(const std::string& what) const {
    return fail(Code::InvalidInput, "columns[" + std::to_string(index_) + "]: " + what, value_.offset);
  }
  Result<const Document*> field(const Document& of, std::string_view key) const {
    const Document* found = of.find(key);
    if (found == nullptr) return wrong_field("'" + std::string(key) + "' is missing");
    return found;
  }
  Result<std::string> text(std::string_view key) const {
    const Document* found = TRY(field(value_, key));
    if (!found->is_string() || found->string.size() > kNameBytes)
      return wrong_field("'" + std::string(key) + "' is no short text");
    return found->string;
  }
  Result<std::uint64_t> count(const Document& of, std::string_view key) const {
    const Document* found = TRY(field(of, key));
    if (found->kind != Document::Kind::Integer || found->integer < 0 ||
        static_cast<std::uint64_t>(found->integer) > kMostCount)
      return wrong_field("'" + std::string(key) + "' is no count");
    return static_cast<std::uint64_t>(found->integer);
  }
  Result<double> number(const Document& of, std::string_view key) const {
    const Document* found = TRY(field(of, key));
    if (found->kind == Document::Kind::Null) return std::nan("");
    if (found->kind != Document::Kind::Integer && found->kind != Document::Kind::Number)
      return wrong_field("'" + std::string(key) + "' is no number");
    return found->number;
  }

  Result<void> cells() {
    const Document* found = TRY(field(value_, "cells"));
    std::uint64_t all = 0;
    for (std::size_t kind = 1; kind < kCellKinds; ++kind) {
      const std::string_view name = name_of(static_cast<CellKind>(kind));
      if (found->find(name) == nullptr) continue;
      column_.cells[kind] = TRY(count(*found, name));
      all += column_.cells[kind];
    }
    if (all != column_.rows) return wrong_field("its cells are not as many as its rows");
    return {};
  }
  Result<void> oddities() {
    const Document* found = TRY(field(value_, "oddities"));
    for (const auto& [name, member] : kOddities)
      if (found->find(name) != nullptr) column_.*member = TRY(count(*found, name));
    return {};
  }
  Result<void> moments() {
    const Document* found = TRY(field(value_, "moments"));
    column_.moments.count = TRY(count(*found, "count"));
    column_.moments.mean = TRY(number(*found, "mean"));
    column_.moments.m2 = TRY(number(*found, "m2"));
    column_.moments.m3 = TRY(number(*found, "m3"));
    column_.moments.m4 = TRY(number(*found, "m4"));
    return {};
  }
  Result<stats::QuantileSketch> quantiles(std::string_view key) const {
    const Document* found = TRY(field(value_, key));
    if (found->kind == Document::Kind::Null) return stats::QuantileSketch();
    stats::QuantileSketch::State state;
    const std::uint64_t k = TRY(count(*found, "k"));
    state.k = static_cast<unsigned>(std::min<std::uint64_t>(k, 1'000'000));
    state.least = TRY(number(*found, "least"));
    state.most = TRY(number(*found, "most"));
    const Document* levels = TRY(field(*found, "levels"));
    for (const Document& level : levels->list) {
      std::vector<double>& values = state.levels.emplace_back();
      for (const Document& value : level.list) {
        if (value.kind != Document::Kind::Integer && value.kind != Document::Kind::Number)
          return wrong_field("'" + std::string(key) + "' holds what is no number");
        values.push_back(value.number);
      }
    }
    auto sketch = stats::QuantileSketch::from(std::move(state), index_);
    if (!sketch) return wrong_field("'" + std::string(key) + "': " + sketch.error().message);
    if (sketch->count() > column_.rows)
      return wrong_field("'" + std::string(key) + "' counts more than its rows");
    return std::move(*sketch);
  }
  Result<void> distinct() {
    const Document* found = TRY(field(value_, "distinct"));
    const auto bytes = decode_canonical_base64(found->string);
    if (!bytes) return wrong_field("'distinct' is no base64");
    auto sketch = stats::DistinctSketch::read(*bytes);
    if (!sketch) return wrong_field("'distinct': " + sketch.error().message);
    column_.distinct = std::move(*sketch);
    return {};
  }
  Result<void> frequent() {
    const Document* found = TRY(field(value_, "frequent"));
    const std::uint64_t counters = TRY(count(*found, "counters"));
    if (counters > kMostItems) return wrong_field("'frequent' has too many counters");
    column_.frequent = stats::FrequentItems<std::string>(static_cast<std::uint32_t>(counters));
    const Document* items = TRY(field(*found, "items"));
    if (items->list.size() > kMostItems) return wrong_field("'frequent' has too many items");
    for (const Document& item : items->list) {
      const Document* value = TRY(field(item, "value"));
      const std::uint64_t times = TRY(count(item, "count"));
      bool fresh = false;
      auto* kept = column_.frequent.add(hash_of_value(value->string), times, fresh, [](auto&) {});
      if (kept != nullptr) kept->note = value->string;
    }
    // Values that are not told are not known any more.
    const Document* complete = TRY(field(*found, "complete"));
    const std::uint64_t error = TRY(count(*found, "error"));
    column_.frequent.set_error(
        std::max<std::uint64_t>({error, column_.frequent.error(), complete->boolean ? 0U : 1U}));
    if (const Document* sampled = found->find("sampled")) column_.sampled = sampled->boolean;
    return {};
  }
  // As the pass hashes cells of this kind.
  [[nodiscard]] std::uint64_t hash_of_value(std::string_view value) const {
    switch (column_.kind) {
      case tables::Kind::Text: return stats::hash_of(value);
      case tables::Kind::Integer:
        return stats::hash_of(static_cast<std::uint64_t>(tables::integer_of(value).value_or(0)));
      case tables::Kind::Real:
        return stats::hash_of(std::bit_cast<std::uint64_t>(tables::number_of(value).value_or(0)));
      case tables::Kind::Boolean: return stats::hash_of(std::uint64_t{value == "true" ? 1U : 0U});
    }
    return 0;
  }
  Result<void> patterns() {
    const Document* found = TRY(field(value_, "patterns"));
    if (found->list.size() > kMostItems) return wrong_field("too many patterns");
    for (const Document& pattern : found->list) {
      const Document* classes = TRY(field(pattern, "classes"));
      if (classes->string.size() > kPatternBytes) return wrong_field("a pattern is too long");
      const std::uint64_t times = TRY(count(pattern, "count"));
      column_.patterns.push_back({.classes = classes->string, .count = times});
    }
    order_patterns(column_.patterns);
    column_.other_patterns = TRY(count(value_, "other_patterns"));
    return {};
  }
  Result<void> lengths() {
    const Document* found = TRY(field(value_, "lengths"));
    Lengths& lengths = column_.lengths;
    lengths.count = TRY(count(*found, "count"));
    lengths.total = TRY(count(*found, "total"));
    const std::uint64_t least = TRY(count(*found, "least"));
    const std::uint64_t most = TRY(count(*found, "most"));
    if (least > most || most > ~std::uint32_t{0}) return wrong_field("'lengths' has wrong ends");
    lengths.least = static_cast<std::uint32_t>(least);
    lengths.most = static_cast<std::uint32_t>(most);
    const Document* histogram = TRY(field(*found, "histogram"));
    for (const Document& entry : histogram->list) {
      if (entry.list.size() != 2 || entry.list[0].kind != Document::Kind::Integer ||
          entry.list[0].integer < 0 ||
          entry.list[0].integer >= static_cast<std::int64_t>(Lengths::kBuckets) || entry.list[1].integer < 0)
        return wrong_field("'lengths' has a wrong entry");
      const auto bucket = static_cast<std::size_t>(entry.list[0].integer);
      if (bucket >= lengths.histogram.size()) lengths.histogram.resize(bucket + 1);
      lengths.histogram[bucket] = static_cast<std::uint64_t>(entry.list[1].integer);
    }
    return {};
  }
  Result<void> flags() {
    const std::string order = TRY(text("order"));
    column_.order = {.known = order != "unknown",
                     .rises = order == "rises" || order == "constant",
                     .falls = order == "falls" || order == "constant",
                     .repeats = false};
    const Document* repeats = TRY(field(value_, "repeats"));
    column_.order.repeats = repeats->boolean;
    const std::string unique = TRY(text("unique"));
    const auto at = std::ranges::find(kUnique, unique);
    if (at == kUnique.end()) return wrong_field("unique is 'unknown', 'yes' or 'no'");
    column_.unique = static_cast<Unique>(at - kUnique.begin());
    return {};
  }

  const Document& value_;
  std::size_t index_;
  ColumnProfile column_;
};

}  // namespace

Document profile_document(const Profile& profile) {
  Document columns = json_list();
  for (const ColumnProfile& column : profile.columns) columns.list.push_back(column_document(column));
  return json_map({{"format", json_string(std::string(kFormat))},
                   {"rows", count_json(profile.rows)},
                   {"columns_left_out", count_json(profile.columns_left_out)},
                   {"columns", std::move(columns)}});
}

std::string write_profile(const Profile& profile) {
  return pretty_json(profile_document(profile));
}

Result<Profile> read_profile(std::string_view json) {
  Limits limits;
  limits.document_bytes = ProfileLimits{}.document_bytes;
  const ParsedDocument parsed = TRY(parse_json(json, limits));
  if (!parsed.duplicates.empty())
    return fail(Code::InvalidInput, "key '" + printable(parsed.duplicates.front().key, 60) + "' comes twice",
                parsed.duplicates.front().offset);
  return profile_from(parsed.root);
}

Result<Profile> profile_from(const Document& document) {
  const std::string_view format = document.text("format");
  if (!format.starts_with("bulwark.profile/"))
    return fail(Code::InvalidInput, "no profile: 'format' is not " + std::string(kFormat));
  if (format != kFormat)
    return fail(Code::Unsupported, "a profile of format '" + printable(format, 60) +
                                       "'; this program reads " + std::string(kFormat));
  Profile profile;
  const auto count = [&](std::string_view key) -> std::uint64_t {
    const Document* value = document.find(key);
    return value != nullptr && value->integer > 0 ? static_cast<std::uint64_t>(value->integer) : 0;
  };
  profile.rows = count("rows");
  profile.columns_left_out = count("columns_left_out");
  const Document* columns = document.find("columns");
  if (columns == nullptr || !columns->is_list()) return fail(Code::InvalidInput, "'columns' is no list");
  if (columns->list.size() > ProfileLimits{}.columns)
    return fail(Code::LimitReached,
                "a profile of more than " + std::to_string(ProfileLimits{}.columns) + " columns");
  for (std::size_t i = 0; i < columns->list.size(); ++i) {
    ColumnProfile column = TRY(ColumnReader(columns->list[i], i).read());
    if (column.rows != profile.rows)
      return fail(Code::InvalidInput, "columns[" + std::to_string(i) + "] has other rows than the profile");
    profile.columns.push_back(std::move(column));
  }
  return profile;
}

Result<void> merge_profiles(Profile& into, const Profile& other) {
  if (into.columns.size() != other.columns.size())
    return fail(Code::InvalidInput, "the profiles have " + std::to_string(into.columns.size()) + " and " +
                                        std::to_string(other.columns.size()) + " columns");
  for (std::size_t i = 0; i < into.columns.size(); ++i)
    if (into.columns[i].name != other.columns[i].name)
      return fail(Code::InvalidInput, "column " + std::to_string(i) + " is '" +
                                          printable(into.columns[i].name, 60) + "' in one profile and '" +
                                          printable(other.columns[i].name, 60) + "' in the other");
  Profile merged = into;
  for (std::size_t i = 0; i < merged.columns.size(); ++i)
    TRY(merge_column(merged.columns[i], other.columns[i]));
  merged.rows += other.rows;
  merged.columns_left_out = std::max(merged.columns_left_out, other.columns_left_out);
  into = std::move(merged);
  return {};
}

}  // namespace bulwark::assay::profile
