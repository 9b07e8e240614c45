// The part `pii` of the assay: all cells once, all columns at the same time, then one decision for each
// column.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "assay/parts.h"
#include "assay/pii/column.h"
#include "assay/pii/find.h"
#include "assay/pii/regimes.h"
#include "assay/pii/rules.h"
#include "assay/words.h"
#include "base/parallel.h"
#include "base/text.h"
#include "tables/values.h"

namespace bulwark::assay {
namespace {

using pii::ColumnName;
using pii::ColumnTally;
using pii::Decision;
using pii::KindDecision;
using pii::KindIndex;
using pii::Recogniser;

constexpr std::size_t kChunk = 8'192;     // rows of a column that one thread takes; fixed, so results are too
constexpr std::size_t kDistinct = 1'024;  // different values of a chunk that count for the test
constexpr double kLargestInteger = 9'007'199'254'740'992;  // beyond 2^53 a real has lost digits

std::string percent(double share) {
  const double value = share * 100;
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed,
                                 value > 0 && value < 1 ? 3 : 1);
  return std::string(text.data(), end.ptr) + " %";
}

struct ColumnState {
  tables::Column about;
  ColumnName name;
  ColumnTally tally;
  std::vector<KindDecision> decisions;
};

// Reals that are whole numbers may be identifiers; other reals are measurements, or coordinates by name.
std::optional<std::string_view> cell_text(const tables::Cells& cells, std::size_t row, bool place,
                                          std::string& scratch) {
  if (cells.kind == tables::Kind::Boolean || tables::null_of(cells, row) != tables::Null::None)
    return std::nullopt;
  if (cells.kind != tables::Kind::Real) return tables::text_of(cells, row, scratch);
  const double value = cells.reals[row];
  if (std::trunc(value) == value && std::fabs(value) < kLargestInteger) {
    scratch = std::to_string(static_cast<std::int64_t>(value));
    return scratch;
  }
  if (!place) return std::nullopt;
  return tables::text_of(cells, row, scratch);
}

class PiiPart : public StreamingPart {
 public:
  PiiPart(std::span<const tables::Column> columns, const Settings& settings) : settings_(settings) {
    for (const tables::Column& column : columns) {
      const ColumnName name = pii::column_name(column.name);
      columns_.push_back({.about = column, .name = name, .tally = ColumnTally(name), .decisions = {}});
    }
  }

  void take(const tables::Block& block) override {
    rows_ += block.rows;
    const std::size_t width = std::min(columns_.size(), block.columns.size());
    const std::size_t chunks = (block.rows + kChunk - 1) / kChunk;
    std::vector<std::optional<ColumnTally>> pieces(width * chunks);
    parallel_for(pieces.size(), settings_.jobs, [&](std::size_t i) {
      const std::size_t column = i / chunks;
      const std::size_t begin = i % chunks * kChunk;
      pieces[i] = look_at(block, column, begin, std::min(block.rows, begin + kChunk));
    });
    for (std::size_t i = 0; i < pieces.size(); ++i) columns_[i / chunks].tally.merge(std::move(*pieces[i]));
  }

  PartResult finish() override;

 private:
  [[nodiscard]] ColumnTally look_at(const tables::Block& block, std::size_t column, std::size_t begin,
                                    std::size_t end) const {
    const ColumnName& name = columns_[column].name;
    ColumnTally tally(name, {.distinct = kDistinct});
    pii::Scanner scanner;
    std::string scratch;
    for (std::size_t row = begin; row < end; ++row)
      if (const auto text = cell_text(block.columns[column], row, name.place, scratch))
        tally.take(*text, block.first_row + row, scanner);
    return tally;
  }

  [[nodiscard]] std::string home() const;
  void decide_all();
  void name_biometrics(ColumnState& column) const;
  void find_out(const ColumnState& column, PartResult& result) const;
  [[nodiscard]] Document column_json(const ColumnState& column) const;
  void add_regimes(PartResult& result) const;
  void add_listing(PartResult& result) const;

  Settings settings_;
  std::vector<ColumnState> columns_;
  std::uint64_t rows_ = 0;
};

// The country whose identifiers fill most columns: a hint for what is ambiguous.
std::string PiiPart::home() const {
  std::map<std::string_view, std::size_t> votes;
  for (const ColumnState& column : columns_)
    for (const KindDecision& entry : column.decisions)
      if (entry.decision == Decision::Column) ++votes[pii::recognisers()[entry.kind]->country];
  votes.erase("");
  const auto most = std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; });
  return most == votes.end() ? "" : std::string(most->first);
}

void PiiPart::decide_all() {
  for (ColumnState& column : columns_) column.decisions = pii::decide(column.tally, column.name, "");
  if (const std::string country = home(); !country.empty())
    for (ColumnState& column : columns_) column.decisions = pii::decide(column.tally, column.name, country);
  for (ColumnState& column : columns_) name_biometrics(column);
}

// No cell shows that it is a fingerprint; only the column's name can.
void PiiPart::name_biometrics(ColumnState& column) const {
  const KindIndex kind = pii::index_of("biometric");
  if (!column.name.kinds.has(kind) || column.tally.cells() == 0) return;
  column.decisions.push_back({.kind = kind,
                              .decision = Decision::Column,
                              .matches = column.tally.cells(),
                              .share = stats::wilson(column.tally.cells(), column.tally.cells()),
                              .chance = 1,
                              .named = true});
}

Document PiiPart::column_json(const ColumnState& column) const {
  std::vector<Document> kinds;
  std::string_view decision;
  for (const KindDecision& entry : column.decisions) {
    const Recogniser& kind = *pii::recognisers()[entry.kind];
    const pii::KindTally& seen = column.tally.kinds()[entry.kind];
    if (kind.named > 0 && entry.decision == Decision::None && seen.score == 0) continue;
    std::vector<Document> rows;
    // Of what is there by chance neither rows nor examples are of use.
    const bool shown = entry.decision != Decision::None;
    for (const std::uint64_t row : seen.rows)
      if (shown) rows.push_back(json_integer(static_cast<std::int64_t>(row)));
    std::vector<Document> examples;
    for (const std::string& example : seen.examples)
      if (shown) examples.push_back(json_string(printable(example)));
    if (entry.decision != Decision::None && decision.empty()) decision = kind.id;
    kinds.push_back(json_map(
        {{"kind", json_string(std::string(kind.id))},
         {"title", json_string(std::string(kind.title))},
         {"matches", json_integer(static_cast<std::int64_t>(entry.matches))},
         {"cells", json_integer(static_cast<std::int64_t>(column.tally.cells()))},
         {"share", interval_json(entry.share)},
         {"null_rate", json_number(kind.null_rate)},
         {"chance", json_number(entry.chance)},
         {"decided", json_boolean(entry.decision != Decision::None)},
         {"decision", json_string(std::string(pii::name_of(entry.decision)))},
         {"named", json_boolean(entry.named)},
         {"explained_by", entry.explained_by == pii::kNoKind
                              ? json_null()
                              : json_string(std::string(pii::recognisers()[entry.explained_by]->id))},
         {"score", json_number(std::round(static_cast<double>(seen.score) * 1000) / 1000)},
         {"rows", json_list(std::move(rows))},
         {"examples", json_list(std::move(examples))}}));
  }
  return json_map({{"column", json_string(column.about.name)},
                   {"decision", decision.empty() ? json_null() : json_string(std::string(decision))},
                   {"cells", json_integer(static_cast<std::int64_t>(column.tally.cells()))},
                   {"free_text", json_boolean(column.tally.free_text())},
                   {"missed_below", json_number(stats::missed_rate(column.tally.cells()))},
                   {"kinds", json_list(std::move(kinds))}});
}

// One finding for each rule: the kind with most matches speaks, the others are named.
void PiiPart::find_out(const ColumnState& column, PartResult& result) const {
  std::map<const Rule*, std::vector<const KindDecision*>> by_rule;
  for (const KindDecision& entry : column.decisions)
    if (entry.decision != Decision::None)
      by_rule[pii::rule_of(entry.kind, entry.decision).rule].push_back(&entry);
  std::vector<const Rule*> order;
  for (const auto& [rule, entries] : by_rule) order.push_back(rule);
  std::ranges::sort(order, {}, &Rule::id);
  for (const Rule* rule : order) {
    const std::vector<const KindDecision*>& entries = by_rule[rule];
    const KindDecision& most = *entries.front();
    const Recogniser& kind = *pii::recognisers()[most.kind];
    const pii::KindTally& seen = column.tally.kinds()[most.kind];
    std::string message = "column '" + printable(column.about.name, 80) + "': ";
    message += most.decision == Decision::Column ? "holds " : "has values that look like ";
    message += std::string(kind.title) + " in " + std::to_string(most.matches) + " of " +
               std::to_string(column.tally.cells()) + " cells (" + percent(most.share.low) + " to " +
               percent(most.share.high) + ")";
    for (std::size_t i = 1; i < entries.size() && i < 4; ++i)
      message += (i == 1 ? "; also " : ", ") + std::string(pii::recognisers()[entries[i]->kind]->title);
    if (!seen.rows.empty()) message += "; first in row " + std::to_string(seen.rows.front());
    Severity severity = Severity::Info;
    for (const KindDecision* entry : entries)
      severity = std::max(severity, pii::rule_of(entry->kind, entry->decision).severity);
    std::string evidence = "rows";
    for (std::size_t i = 0; i < seen.rows.size() && i < 8; ++i)
      evidence += " " + std::to_string(seen.rows[i]);
    if (!seen.examples.empty()) evidence += "; like " + printable(seen.examples.front(), 80);
    result.findings.push_back({.rule = rule,
                               .severity = severity,
                               .path = "",
                               .origin = {},
                               .place = {},
                               .message = std::move(message),
                               .evidence = std::move(evidence),
                               .subject = column.about.name});
  }
}

void PiiPart::add_regimes(PartResult& result) const {
  for (const pii::Regime& regime : pii::regimes()) {
    std::vector<Document> items;
    Listing listing{
        .title = std::string(regime.title), .header = {"item", "status", "where"}, .rows = {}, .note = ""};
    for (const pii::RegimeItem& item : regime.items) {
      std::vector<Document> found;
      std::string where;
      for (const ColumnState& column : columns_) {
        std::string in_column;
        for (const KindDecision& entry : column.decisions) {
          const Recogniser& kind = *pii::recognisers()[entry.kind];
          if (entry.decision == Decision::None) continue;
          const std::vector<std::string_view> wanted = words(item.kinds);
          if (std::ranges::find(wanted, kind.id) == wanted.end()) continue;
          in_column += (in_column.empty() ? "" : ", ") + std::string(kind.id);
        }
        if (in_column.empty()) continue;
        found.push_back(json_string(column.about.name));
        if (where.size() < 200)
          where += (where.empty() ? "" : "; ") + printable(column.about.name, 60) + " (" + in_column + ")";
      }
      const std::string status = !found.empty() ? "found" : item.kinds.empty() ? "not testable" : "not found";
      listing.rows.push_back(
          {std::string(item.item), status, where.empty() ? std::string(item.note) : where});
      items.push_back(json_map({{"item", json_string(std::string(item.item))},
                                {"status", json_string(status)},
                                {"columns", json_list(std::move(found))},
                                {"note", json_string(std::string(item.note))}}));
    }
    result.details.map.emplace_back(std::string(regime.key), json_list(std::move(items)));
    result.listings.push_back(std::move(listing));
  }
}

void PiiPart::add_listing(PartResult& result) const {
  Listing listing{.title = "Personal data by column",
                  .header = {"column", "kind", "decision", "matches", "share", "first rows", "like"},
                  .rows = {},
                  .note = "Examples are masked; whole values are never written."};
  for (const ColumnState& column : columns_) {
    for (const KindDecision& entry : column.decisions) {
      if (entry.decision == Decision::None || listing.rows.size() >= settings_.listed) continue;
      const pii::KindTally& seen = column.tally.kinds()[entry.kind];
      std::string rows;
      for (std::size_t i = 0; i < seen.rows.size() && i < 5; ++i)
        rows += (i == 0 ? "" : ", ") + std::to_string(seen.rows[i]);
      listing.rows.push_back({printable(column.about.name, 60),
                              std::string(pii::recognisers()[entry.kind]->title),
                              std::string(pii::name_of(entry.decision)),
                              std::to_string(entry.matches) + " of " + std::to_string(column.tally.cells()),
                              percent(entry.share.low) + " to " + percent(entry.share.high), rows,
                              seen.examples.empty() ? "" : printable(seen.examples.front(), 60)});
    }
  }
  if (!listing.rows.empty()) result.listings.push_back(std::move(listing));
}

PartResult PiiPart::finish() {
  PartResult result;
  result.part = "pii";
  result.blind = {
      "Names outside the gazetteer, without a title, and in scripts without capitals are missed; no language "
      "model reads the text.",
      "Bare numbers are identifiers only if a column's name, the words around them or the whole column says "
      "so.",
      "Columns of integers and reals have lost leading zeros: identifiers that start with 0 are missed "
      "there.",
      "Context words are known in some twenty languages; pictures and sound are not looked into."};
  if (columns_.empty() || rows_ == 0) {
    result.why = rows_ == 0 ? "there are no rows" : "there are no columns of text or numbers";
    return result;
  }
  decide_all();
  std::size_t holding = 0;
  std::uint64_t most = 0;
  Severity worst = Severity::Info;
  std::map<KindIndex, std::pair<std::uint64_t, std::size_t>> totals;
  std::vector<Document> columns;
  for (const ColumnState& column : columns_) {
    bool decided = false;
    for (const KindDecision& entry : column.decisions) {
      if (entry.decision == Decision::None) continue;
      decided = true;
      totals[entry.kind].first += entry.matches;
      ++totals[entry.kind].second;
      const Severity severity = pii::rule_of(entry.kind, entry.decision).severity;
      if (severity >= Severity::Medium) most = std::max(most, std::min(entry.matches, rows_));
      worst = std::max(worst, severity);
    }
    holding += decided ? 1U : 0U;
    find_out(column, result);
    if (settings_.details) columns.push_back(column_json(column));
  }
  std::vector<Document> kinds;
  for (const auto& [kind, total] : totals)
    kinds.push_back(json_map({{"kind", json_string(std::string(pii::recognisers()[kind]->id))},
                              {"matches", json_integer(static_cast<std::int64_t>(total.first))},
                              {"columns", json_integer(static_cast<std::int64_t>(total.second))}}));
  result.details = json_map({{"columns", json_list(std::move(columns))},
                             {"kinds", json_list(std::move(kinds))},
                             {"rows", json_integer(static_cast<std::int64_t>(rows_))},
                             {"missed_below", json_number(stats::missed_rate(rows_))}});
  add_listing(result);
  add_regimes(result);
  result.measures.push_back({.name = "share of rows with personal data, at least",
                             .interval = stats::wilson(most, rows_),
                             .threshold = 0});
  result.outcome = worst >= Severity::Medium ? Outcome::Failed : Outcome::Passed;
  result.why = holding == 0 ? "no personal data in " + std::to_string(columns_.size()) +
                                  " columns; every row was read, so a kind in fewer than " +
                                  percent(stats::missed_rate(rows_)) + " of further rows may still be missed"
                            : std::to_string(holding) + " of " + std::to_string(columns_.size()) +
                                  " columns hold personal data";
  return result;
}

}  // namespace

std::unique_ptr<StreamingPart> pii_part(std::span<const tables::Column> columns, const Settings& settings) {
  return std::make_unique<PiiPart>(columns, settings);
}

}  // namespace bulwark::assay
