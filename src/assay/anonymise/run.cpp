#include "assay/anonymise/run.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "assay/anonymise/cells.h"
#include "assay/anonymise/mondrian.h"
#include "assay/anonymise/ranked.h"
#include "assay/anonymise/transform.h"
#include "base/parallel.h"
#include "base/text.h"

namespace bulwark::assay::anonymise {
namespace {

constexpr std::uint64_t kMostRows = std::numeric_limits<std::uint32_t>::max() - 1;
constexpr std::size_t kListedRows = 5;       // of cells that an operator did not understand
constexpr std::size_t kMostSubsets = 64;     // each costs a sort of all rows, twice
constexpr std::uint32_t kRiskThreshold = 5;  // classes below it are counted if the plan names no k

// One column of the data at work.
struct Work {
  std::size_t index = 0;  // in the data
  const ColumnPlan* plan = nullptr;
  std::unique_ptr<Transform> transform;  // null: as it is
  std::optional<std::size_t> subject;    // index of the column of its subject
  ColumnOutcome outcome;
  NewCells cells;
};

bool is_dropped(const Work& work) {
  return work.plan != nullptr && std::holds_alternative<Drop>(work.plan->action);
}

// What becomes of one cell; `made` holds it if it is new.
enum class Fate : std::uint8_t { AsItIs, Made, Emptied };
Fate change(Work& work, const CellTexts& own, const CellTexts* subject, std::size_t row, std::string& made) {
  made.clear();
  if (work.transform == nullptr) return Fate::AsItIs;
  if (own.nothing(row)) return Fate::AsItIs;
  const std::string_view who =
      subject == nullptr || subject->nothing(row) ? std::string_view() : subject->text(row);
  if (work.transform->apply(own.text(row), who, made)) return Fate::Made;
  made.clear();
  return Fate::Emptied;
}

class Run {
 public:
  Run(const tables::Dataset& dataset, const Plan& plan, const Settings& settings, const Surroundings& around)
      : dataset_(dataset), plan_(plan), settings_(settings), around_(around) {}

  Result<Summary> run() {
    TRY(prepare());
    TRY(look());
    TRY(check_direct_identifiers());
    TRY(partition());
    TRY(write());
    measure_copy();
    TRY(publish_counts());
    say_what_was_not_checked();
    for (Work& work : works_) summary_.columns.push_back(std::move(work.outcome));
    return std::move(summary_);
  }

 private:
  [[nodiscard]] const std::vector<tables::Column>& columns() const { return dataset_.about().columns; }
  [[nodiscard]] std::size_t index_of(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::find(columns(), name, &tables::Column::name) -
                                    columns().begin());
  }

  Result<void> prepare() {
    if (columns().empty()) return fail(Code::InvalidInput, "the data have no columns to anonymise");
    std::vector<std::string_view> names;
    for (const tables::Column& column : columns()) names.push_back(column.name);
    TRY(check_columns(plan_, names));
    std::map<std::string, crypto::Secret, std::less<>> keys;
    for (std::size_t i = 0; i < columns().size(); ++i) {
      Work work{.index = i, .plan = plan_.find(columns()[i].name)};
      work.outcome.column = columns()[i].name;
      if (work.plan != nullptr) TRY(equip(work, keys));
      works_.push_back(std::move(work));
    }
    texts_.resize(works_.size());
    made_.resize(works_.size());
    for (const std::string& name : plan_.quasi_identifiers) {
      quasi_.push_back(index_of(name));
      works_[quasi_.back()].outcome.quasi_identifier = true;
    }
    summary_.quasi_identifiers = plan_.quasi_identifiers;
    summary_.population = plan_.population;
    return {};
  }

  Result<void> equip(Work& work, std::map<std::string, crypto::Secret, std::less<>>& keys) {
    const ColumnPlan& plan = *work.plan;
    Bytes master;
    if (needs_key(plan.action)) {
      const std::string& reference = plan.key.empty() ? plan_.key : plan.key;
      auto found = keys.find(reference);
      if (found == keys.end()) {
        crypto::Secret key = TRY(around_.key_of(reference));
        found = keys.emplace(reference, std::move(key)).first;
      }
      master = found->second.bytes();
      work.outcome.domain = domain_of(plan);
    }
    work.transform = TRY(make_transform(plan, master, around_.random));
    work.outcome.action = name_of(plan.action);
    work.outcome.keeps_format = work.transform != nullptr && work.transform->keeps_format();
    if (const auto* keep = std::get_if<Keep>(&plan.action)) work.outcome.reason = keep->reason;
    if (const auto* shift = std::get_if<DateShift>(&plan.action)) work.subject = index_of(shift->subject);
    return {};
  }

  // The columns whose values the first pass keeps or counts.
  [[nodiscard]] std::set<std::size_t> kept_columns() const {
    std::set<std::size_t> kept(quasi_.begin(), quasi_.end());
    if (plan_.k_anonymity)
      for (const Diversity& each : plan_.k_anonymity->sensitive) kept.insert(index_of(each.column));
    for (const CountTable& table : plan_.counts) {
      for (const Domain& domain : table.by) kept.insert(index_of(domain.column));
      if (!table.subject.empty()) kept.insert(index_of(table.subject));
    }
    return kept;
  }

  struct Rankers {
    std::vector<Ranker> raw, changed, sensitive;
  };
  [[nodiscard]] Rankers rankers() const {
    Rankers made;
    for (const std::size_t index : quasi_) {
      made.raw.emplace_back(columns()[index].name);
      made.changed.emplace_back(columns()[index].name);
    }
    if (plan_.k_anonymity)
      for (const Diversity& each : plan_.k_anonymity->sensitive) made.sensitive.emplace_back(each.column);
    return made;
  }

  // What is in the data: personal data, quasi-identifiers as numbers, counts.
  Result<void> look() {
    PersonalScanner scanner(columns(), settings_);
    const std::set<std::size_t> kept = kept_columns();
    Rankers ranked = rankers();
    for (const CountTable& table : plan_.counts) tallies_.emplace_back(table);
    const std::unique_ptr<tables::Reader> reader = TRY(dataset_.read({}));
    tables::Block block;
    for (;;) {
      const bool more = TRY(reader->next(block));
      if (!more) break;
      summary_.rows_read += block.rows;
      if (summary_.rows_read > kMostRows)
        return fail(Code::LimitReached, "more than " + std::to_string(kMostRows) + " rows");
      scanner.take(block);
      keep(block, kept, ranked);
    }
    summary_.gaps = reader->gaps();
    for (std::size_t i = 0; i < quasi_.size(); ++i) {
      raw_.push_back(ranked.raw[i].finish());
      changed_.push_back(works_[quasi_[i]].transform != nullptr ? ranked.changed[i].finish() : Ranked());
    }
    for (Ranker& ranker : ranked.sensitive) sensitive_.push_back(ranker.finish());
    summary_.before = scanner.finish();
    return {};
  }

  void keep(const tables::Block& block, const std::set<std::size_t>& kept, Rankers& ranked) {
    if (kept.empty()) return;
    std::vector<CellTexts>& texts = texts_;
    for (const std::size_t index : kept) {
      texts[index].read(block.columns[index], block.rows);
      if (const auto subject = works_[index].subject)
        texts[*subject].read(block.columns[*subject], block.rows);
    }
    const std::vector<std::size_t> indices(kept.begin(), kept.end());
    parallel_for(indices.size(), settings_.jobs, [&](std::size_t i) { transform(indices[i], block.rows); });
    parallel_for(quasi_.size(), settings_.jobs, [&](std::size_t i) {
      take(texts[quasi_[i]], block.rows, ranked.raw[i]);
      if (works_[quasi_[i]].transform != nullptr) take(made_[quasi_[i]], block.rows, ranked.changed[i]);
    });
    for (std::size_t i = 0; i < ranked.sensitive.size(); ++i)
      take(made_[index_of(plan_.k_anonymity->sensitive[i].column)], block.rows, ranked.sensitive[i]);
    for (std::size_t i = 0; i < tallies_.size(); ++i) count(i, block.rows);
  }

  // A direct identifier that is left as it is must be left on purpose.
  Result<void> check_direct_identifiers() {
    for (const Work& work : works_) {
      const PersonalColumn* found = summary_.before.direct(work.outcome.column);
      if (found == nullptr || work.plan != nullptr) continue;
      return fail(Code::Denied, "column '" + printable(found->column, 60) + "' holds personal data (" +
                                    found->title +
                                    ") and the plan says nothing about it; give it an operator, or 'do: "
                                    "keep' with a reason");
    }
    return {};
  }

  // The column after its operator, in memory of its own.
  void transform(std::size_t index, std::size_t rows) {
    Work& work = works_[index];
    if (work.transform == nullptr) {
      made_[index] = texts_[index];
      return;
    }
    const CellTexts* subject = work.subject ? &texts_[*work.subject] : nullptr;
    std::string cell;
    work.cells.start();
    for (std::size_t row = 0; row < rows; ++row) {
      const Fate fate = change(work, texts_[index], subject, row, cell);
      work.cells.add_copy(fate == Fate::AsItIs ? texts_[index].text(row) : std::string_view(cell));
    }
    made_[index].read({.texts = work.cells.finish()}, rows);
  }

  static void take(const CellTexts& texts, std::size_t rows, Ranker& ranker) {
    for (std::size_t row = 0; row < rows; ++row) {
      if (texts.nothing(row)) {
        ranker.take_nothing();
      } else {
        ranker.take(texts.text(row));
      }
    }
  }

  void count(std::size_t at, std::size_t rows) {
    const CountTable& table = plan_.counts[at];
    std::vector<std::string_view> values(table.by.size());
    std::vector<std::size_t> from;
    for (const Domain& domain : table.by) from.push_back(index_of(domain.column));
    const std::size_t subject = table.subject.empty() ? 0 : index_of(table.subject);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t i = 0; i < from.size(); ++i) values[i] = made_[from[i]].text(row);
      const bool known = !table.subject.empty() && !texts_[subject].nothing(row);
      tallies_[at].take(values, known ? texts_[subject].text(row) : std::string_view());
    }
  }

  static std::unexpected<Error> changed_meanwhile() {
    return fail(Code::Corrupt, "the data have other rows than when they were first read");
  }

  [[nodiscard]] std::vector<const Ranked*> ranked_before() const {
    std::vector<const Ranked*> columns;
    for (const Ranked& each : raw_) columns.push_back(&each);
    return columns;
  }
  [[nodiscard]] std::vector<const Ranked*> ranked_changed() const {
    std::vector<const Ranked*> columns;
    for (std::size_t i = 0; i < raw_.size(); ++i)
      columns.push_back(works_[quasi_[i]].transform != nullptr ? &changed_[i] : &raw_[i]);
    return columns;
  }

  Result<void> partition() {
    if (!plan_.k_anonymity || summary_.rows_read == 0) return {};
    std::vector<const Ranked*> sensitive;
    for (const Ranked& each : sensitive_) sensitive.push_back(&each);
    const std::vector<const Ranked*> columns = ranked_changed();
    auto made = plan_.k_anonymity->method == Method::Mondrian
                    ? mondrian(columns, sensitive, *plan_.k_anonymity)
                    : suppress_small_classes(columns, sensitive, *plan_.k_anonymity);
    if (!made) return fail(Code::Denied, "k_anonymity cannot be reached: " + made.error().message);
    partition_ = std::move(*made);
    return {};
  }

  // What the copy has in a cell of the i-th quasi-identifier.
  [[nodiscard]] std::string_view quasi_text(std::size_t i, std::uint64_t row) const {
    if (partition_) return partition_->labels[partition_->leaf_of_row[row]][i];
    const Ranked& column = works_[quasi_[i]].transform != nullptr ? changed_[i] : raw_[i];
    const std::uint32_t code = column.codes[row];
    return code == 0 ? std::string_view() : std::string_view(column.texts[code - 1]);
  }
  [[nodiscard]] bool suppressed(std::uint64_t row) const {
    return partition_ && partition_->leaf_of_row[row] == kSuppressedRow;
  }

  Result<void> write() {
    std::vector<tables::Column> written;
    std::vector<std::string_view> header;
    for (const Work& work : works_) {
      if (is_dropped(work)) continue;
      written.push_back({.name = work.outcome.column});
    }
    for (const tables::Column& column : written) header.push_back(column.name);
    if (written.empty()) return fail(Code::InvalidInput, "the plan drops every column");
    // Without names in a text file there is no line of names; other formats always have some.
    const bool is_text = dataset_.about().format == "csv" || dataset_.about().format == "tsv";
    if (!is_text || dataset_.about().first_row_is_header) TRY(around_.writer.row(header));
    PersonalScanner scanner(written, settings_);

    const std::unique_ptr<tables::Reader> reader = TRY(dataset_.read({}));
    tables::Block block;
    std::uint64_t rows = 0;
    for (;;) {
      const bool more = TRY(reader->next(block));
      if (!more) break;
      if (rows + block.rows > summary_.rows_read) return changed_meanwhile();
      const tables::Block copy = make(block, rows);
      TRY(write_rows(copy));
      scanner.take(copy);
      rows += block.rows;
      summary_.rows_written += copy.rows;
    }
    if (rows != summary_.rows_read) return changed_meanwhile();
    TRY(around_.writer.finish());
    summary_.after = scanner.finish();
    return {};
  }

  tables::Block make(const tables::Block& block, std::uint64_t first_row) {
    parallel_for(works_.size(), settings_.jobs,
                 [&](std::size_t i) { texts_[i].read(block.columns[i], block.rows); });
    std::vector<std::span<const std::string_view>> views(works_.size());
    parallel_for(works_.size(), settings_.jobs, [&](std::size_t i) {
      if (!is_dropped(works_[i])) views[i] = make_column(works_[i], block.rows, first_row);
    });
    tables::Block copy{.first_row = summary_.rows_written};
    for (std::size_t row = 0; row < block.rows; ++row) copy.rows += suppressed(first_row + row) ? 0U : 1U;
    for (std::size_t i = 0; i < works_.size(); ++i)
      if (!is_dropped(works_[i])) copy.columns.push_back({.texts = views[i]});
    return copy;
  }

  std::span<const std::string_view> make_column(Work& work, std::size_t rows, std::uint64_t first_row) {
    const CellTexts& own = texts_[work.index];
    const CellTexts* subject = work.subject ? &texts_[*work.subject] : nullptr;
    const auto quasi = std::ranges::find(quasi_, work.index);
    const bool ready = quasi != quasi_.end();
    const auto at = static_cast<std::size_t>(quasi - quasi_.begin());
    std::string cell;
    work.cells.start();
    for (std::size_t row = 0; row < rows; ++row) {
      if (suppressed(first_row + row)) continue;
      if (own.nothing(row)) ++work.outcome.nothing;
      if (ready) {
        // What was made in the pass before; noise is not drawn again.
        const std::string_view text = quasi_text(at, first_row + row);
        if (!own.nothing(row) && text.empty()) note_emptied(work, first_row + row);
        work.outcome.changed += text != own.text(row) && !own.nothing(row) ? 1U : 0U;
        work.cells.add(text);
        continue;
      }
      const Fate fate = change(work, own, subject, row, cell);
      if (fate == Fate::Emptied) note_emptied(work, first_row + row);
      if (fate == Fate::AsItIs) {
        work.cells.add(own.text(row));
      } else {
        work.outcome.changed += cell != own.text(row) ? 1U : 0U;
        work.cells.add_copy(cell);
      }
    }
    return work.cells.finish();
  }

  static void note_emptied(Work& work, std::uint64_t row) {
    if (work.plan != nullptr && std::holds_alternative<Suppress>(work.plan->action)) return;
    ++work.outcome.emptied;
    if (work.outcome.emptied_rows.size() < kListedRows) work.outcome.emptied_rows.push_back(row);
  }

  Result<void> write_rows(const tables::Block& copy) {
    std::vector<std::string_view> cells(copy.columns.size());
    for (std::size_t row = 0; row < copy.rows; ++row) {
      for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = copy.columns[i].texts[row];
      TRY(around_.writer.row(cells));
    }
    return {};
  }

  // The quasi-identifiers of the rows of the copy, as they stand there. Without a partition they are those
  // after the operators.
  [[nodiscard]] std::vector<Ranked> ranked_after() const {
    std::vector<Ranked> after;
    for (std::size_t i = 0; partition_ && i < quasi_.size(); ++i) {
      Ranker ranker(columns()[quasi_[i]].name);
      for (const std::vector<std::string>& labels : partition_->labels) ranker.take(labels[i]);
      Ranked column = ranker.finish();
      std::vector<std::uint32_t> of_leaf = std::move(column.codes);
      column.codes.clear();
      column.codes.reserve(summary_.rows_written);
      for (const std::uint32_t leaf : partition_->leaf_of_row)
        if (leaf != kSuppressedRow) column.codes.push_back(of_leaf[leaf]);
      after.push_back(std::move(column));
    }
    return after;
  }

  void measure_copy() {
    if (quasi_.empty() || summary_.rows_read == 0) return;
    const std::uint32_t k = plan_.k_anonymity ? plan_.k_anonymity->k : kRiskThreshold;
    const std::vector<Ranked> after = ranked_after();
    std::vector<const Ranked*> after_columns = ranked_changed();
    for (std::size_t i = 0; i < after.size(); ++i) after_columns[i] = &after[i];
    const std::vector<const Ranked*> before_columns = ranked_before();
    const Classes classes = classes_of(after_columns, summary_.rows_written);
    summary_.risk = {.before = risk_of(class_sizes(before_columns, summary_.rows_read), k, plan_.population),
                     .after = risk_of(classes.sizes, k, plan_.population)};
    measure_subsets(before_columns, after_columns, k);
    if (!plan_.k_anonymity) return;
    Anonymity anonymity{.wanted = *plan_.k_anonymity,
                        .reached = summary_.risk->after.smallest,
                        .classes = classes.sizes.size(),
                        .suppressed = summary_.rows_read - summary_.rows_written};
    for (std::size_t i = 0; i < sensitive_.size(); ++i)
      anonymity.sensitive.push_back(worst_of(classes, sensitive_[i], plan_.k_anonymity->sensitive[i]));
    summary_.anonymity = std::move(anonymity);
  }

  [[nodiscard]] SensitiveOutcome worst_of(const Classes& classes, const Ranked& column,
                                          const Diversity& wanted) const {
    SensitiveOutcome worst{.wanted = wanted};
    std::vector<std::vector<std::uint32_t>> members(classes.sizes.size());
    std::size_t written = 0;
    for (std::uint64_t row = 0; row < summary_.rows_read; ++row)
      if (!suppressed(row)) members[classes.of_row[written++]].push_back(column.codes[row]);
    DiversityMeter meter(column);
    bool first = true;
    for (const std::vector<std::uint32_t>& codes : members) {
      const DiversityFigures figures = meter.measure(codes);
      worst.distinct = first ? figures.distinct : std::min(worst.distinct, figures.distinct);
      worst.entropy = first ? figures.entropy : std::min(worst.entropy, figures.entropy);
      worst.closeness = std::max(worst.closeness, figures.closeness);
      first = false;
    }
    return worst;
  }

  // Every quasi-identifier by itself, and every two.
  void measure_subsets(const std::vector<const Ranked*>& before, const std::vector<const Ranked*>& after,
                       std::uint32_t k) {
    if (quasi_.size() < 2) return;
    std::vector<std::vector<std::size_t>> sets;
    for (std::size_t i = 0; i < quasi_.size(); ++i) sets.push_back({i});
    for (std::size_t i = 0; i < quasi_.size() && quasi_.size() > 2; ++i)
      for (std::size_t j = i + 1; j < quasi_.size(); ++j) sets.push_back({i, j});
    if (sets.size() > kMostSubsets) sets.resize(kMostSubsets);
    summary_.subsets.resize(sets.size());
    parallel_for(sets.size(), settings_.jobs, [&](std::size_t i) {
      summary_.subsets[i] = {.before = subset(sets[i], before, summary_.rows_read, k),
                             .after = subset(sets[i], after, summary_.rows_written, k)};
    });
  }

  static SubsetRisk subset(const std::vector<std::size_t>& set, const std::vector<const Ranked*>& all,
                           std::uint64_t rows, std::uint32_t k) {
    std::vector<const Ranked*> columns;
    SubsetRisk result;
    for (const std::size_t i : set) {
      columns.push_back(all[i]);
      result.columns.push_back(all[i]->name);
    }
    const Risk risk = risk_of(class_sizes(columns, rows), k, 0);
    result.unique = risk.unique;
    result.below_k = risk.below_k;
    result.smallest = risk.smallest;
    return result;
  }

  Result<void> publish_counts() {
    for (const CountTally& tally : tallies_) {
      PublishedCounts counts = TRY(tally.publish(around_.random));
      summary_.counts.push_back(std::move(counts));
    }
    return {};
  }

  void say_what_was_not_checked() {
    std::vector<std::string>& not_checked = summary_.not_checked;
    if (quasi_.empty())
      not_checked.emplace_back(
          "Risk of finding people again: the plan names no quasi_identifiers, so nothing was measured.");
    if (!quasi_.empty() && plan_.population == 0)
      not_checked.emplace_back(
          "Uniqueness in the population: the plan does not say how many people the rows were drawn "
          "from.");
    if (!quasi_.empty())
      not_checked.emplace_back(
          "Columns that are no quasi_identifiers and nevertheless known to an attacker; several rows of one "
          "person; links to other tables that share tokens.");
    if (!summary_.before.assessed)
      not_checked.push_back("Personal data in the data and in the copy: " + summary_.before.why_not);
    if (!summary_.counts.empty())
      not_checked.emplace_back(
          "What earlier tables of counts spent: the privacy spent here is in this report and in no ledger.");
  }

  const tables::Dataset& dataset_;
  const Plan& plan_;
  const Settings& settings_;
  const Surroundings& around_;
  Summary summary_;
  std::vector<Work> works_;         // by column of the data
  std::vector<std::size_t> quasi_;  // columns
  std::vector<Ranked> raw_;         // the quasi-identifiers in the data
  std::vector<Ranked> changed_;     // after their operators; empty where there is none
  std::vector<Ranked> sensitive_;
  std::vector<CountTally> tallies_;
  std::optional<Partition> partition_;
  std::vector<CellTexts> texts_;  // of the block at hand, by column
  std::vector<CellTexts> made_;   // after their operators
};

}  // namespace

Result<Summary> run(const tables::Dataset& dataset, const Plan& plan, const Settings& settings,
                    const Surroundings& around) {
  return Run(dataset, plan, settings, around).run();
}

}  // namespace bulwark::assay::anonymise
