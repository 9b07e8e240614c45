#include "assay/profile/contract_check.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "assay/profile/describe.h"
#include "assay/profile/expectation.h"
#include "assay/profile/rules.h"
#include "assay/words.h"
#include "base/json_text.h"
#include "base/parallel.h"
#include "base/text.h"
#include "tables/values.h"

namespace bulwark::assay::profile {
namespace {

constexpr std::size_t kListedViolations = 200;
constexpr std::size_t kFindings = 200;

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

// No two rows agree in all columns of the key.
struct KeyCheck {
  Expectation expectation;
  std::vector<std::size_t> columns;
  KeySet keys;

  void take(const tables::Block& block) {
    ReadCell read;
    std::string key;
    for (std::size_t i = 0; i < block.rows; ++i) {
      key.clear();
      for (const std::size_t column : columns) {
        read.read(block.columns[column], i);
        key += is_null(read.cell.kind) ? "0" : "1" + std::to_string(read.text.size()) + ":";
        key += is_null(read.cell.kind) ? std::string_view() : read.text;
      }
      const auto [a, b] = key_of(key);
      const KeySet::Answer answer = keys.add(a, b);
      expectation.check(answer != KeySet::Answer::Met, block.first_row + i, {});
      if (answer == KeySet::Answer::Full && expectation.not_checked.empty())
        expectation.not_checked = "more different keys than can be remembered, from row " +
                                  std::to_string(block.first_row + i) + " on";
    }
  }
};

bool holds(Comparison comparison, int way) {
  switch (comparison) {
    case Comparison::Less: return way < 0;
    case Comparison::LessEqual: return way <= 0;
    case Comparison::Equal: return way == 0;
    case Comparison::NotEqual: return way != 0;
    case Comparison::GreaterEqual: return way >= 0;
    case Comparison::Greater: return way > 0;
  }
  return false;
}

struct PairCheck {
  Expectation expectation;
  Comparison comparison;
  std::size_t left = 0, right = 0;

  void take(const tables::Block& block) {
    ReadCell a;
    ReadCell b;
    for (std::size_t i = 0; i < block.rows; ++i) {
      a.read(block.columns[left], i);
      b.read(block.columns[right], i);
      if (is_null(a.cell.kind) || is_null(b.cell.kind)) continue;
      const bool numbers = is_number(a.cell.kind) && is_number(b.cell.kind);
      const auto dated = [](const Cell& cell) {
        return cell.kind == CellKind::Date || cell.kind == CellKind::Instant;
      };
      const int way = numbers || (dated(a.cell) && dated(b.cell))
                          ? (a.cell.number > b.cell.number) - (a.cell.number < b.cell.number)
                          : a.text.compare(b.text);
      expectation.check(holds(comparison, way), block.first_row + i, {});
    }
  }
};

struct SumCheck {
  Expectation expectation;
  std::vector<std::size_t> columns;
  std::optional<std::size_t> total_column;
  double total = 0;
  double tolerance = 0;

  void take(const tables::Block& block) {
    for (std::size_t i = 0; i < block.rows; ++i) {
      double sum = 0;
      double scale = 1;
      bool numbers = true;
      for (const std::size_t column : columns) {
        const auto number = tables::number_of(block.columns[column], i);
        numbers = numbers && number.has_value();
        sum += number.value_or(0);
        scale = std::max(scale, std::abs(number.value_or(0)));
      }
      std::optional<double> wanted = total;
      if (total_column) wanted = tables::number_of(block.columns[*total_column], i);
      if (!numbers || !wanted) continue;  // nulls and texts are for the columns' own promises
      // Sums of decimals are off by some last digits.
      const double slack = tolerance + 1e-12 * std::max(scale, std::abs(*wanted));
      expectation.check(std::abs(sum - *wanted) <= slack, block.first_row + i, {});
    }
  }
};

enum class Kept : std::uint8_t { Yes, No, Open };

// Without an allowance one row decides; with one the interval of the share does.
Kept kept(const Expectation& one) {
  if (one.broken != 0 && one.allowed <= 0) return Kept::No;
  if (one.broken != 0) {
    const stats::Interval share = stats::wilson(one.broken, one.checked);
    if (share.low > one.allowed) return Kept::No;
    if (share.high > one.allowed) return Kept::Open;
  }
  return one.not_checked.empty() ? Kept::Yes : Kept::Open;
}

std::string_view word_of(Kept kept) {
  return kept == Kept::Yes ? "kept" : kept == Kept::No ? "broken" : "undecided";
}

Document expectation_json(const Expectation& one) {
  Document out = json_map({{"kind", json_string(one.kind)},
                           {"column", json_string(printable(one.column))},
                           {"says", json_string(one.says)},
                           {"line", json_integer(one.line)},
                           {"outcome", json_string(std::string(word_of(kept(one))))},
                           {"checked", json_integer(static_cast<std::int64_t>(one.checked))},
                           {"broken", json_integer(static_cast<std::int64_t>(one.broken))}});
  if (one.allowed > 0) out.map.emplace_back("allowed", json_number(one.allowed));
  if (!one.not_checked.empty()) out.map.emplace_back("not_checked", json_string(one.not_checked));
  return out;
}

Document violation_json(const Expectation& one) {
  Document out = json_map({{"kind", json_string(one.kind)},
                           {"column", json_string(printable(one.column))},
                           {"says", json_string(one.says)},
                           {"count", json_integer(static_cast<std::int64_t>(one.broken))},
                           {"share", interval_json(stats::wilson(one.broken, one.checked))},
                           {"rows", rows_json(one.rows)}});
  if (!one.example.empty()) out.map.emplace_back("example", json_string(one.example));
  return out;
}

}  // namespace

struct ContractCheck::State {
  const Contract& contract;
  Settings settings;
  std::vector<tables::Column> columns;
  std::vector<Finding> missing;
  std::uint64_t rows = 0;
  // Each with the column that it reads.
  std::vector<std::pair<std::size_t, std::unique_ptr<ColumnExpectations>>> by_column;
  std::vector<std::unique_ptr<KeyCheck>> keys;
  std::vector<std::unique_ptr<PairCheck>> pairs;
  std::vector<std::unique_ptr<SumCheck>> sums;
  std::vector<Expectation> done;

  State(const Contract& given, std::span<const tables::Column> all, const Settings& run)
      : contract(given), settings(run), columns(all.begin(), all.end()) {
    for (std::size_t i = 0; i < columns.size(); ++i) places_.emplace(columns[i].name, i);
    std::size_t remembering = contract.keys.size();
    for (const ColumnContract& column : contract.columns) remembering += column.unique ? 1 : 0;
    const std::size_t share = ContractLimits{}.keys / std::max<std::size_t>(1, remembering);
    for (const ColumnContract& column : contract.columns) add_column(column, share);
    for (const KeyContract& key : contract.keys) add_key(key, share);
    for (const PairContract& pair : contract.compare) add_pair(pair);
    for (const SumContract& sum : contract.sums) add_sum(sum);
    if (!contract.other_columns) find_unknown();
  }

  void lacks(const std::string& name, std::uint32_t line) {
    std::vector<std::string_view> known;
    for (const tables::Column& column : columns) known.push_back(column.name);
    const std::string_view guess = known.size() <= 1'000 ? nearest(name, known) : std::string_view();
    Finding finding;
    finding.rule = &kContractColumns;
    finding.severity = kContractColumns.severity;
    finding.subject = printable(name, 100);
    finding.message = "column '" + printable(name, 60) + "' of the contract (line " + std::to_string(line) +
                      ") is not there" + (guess.empty() ? "" : "; there is '" + printable(guess, 60) + "'");
    if (std::ranges::none_of(missing, [&](const Finding& one) { return one.subject == finding.subject; }))
      missing.push_back(std::move(finding));
  }

  void find_unknown() {
    std::set<std::string_view> known;
    for (const ColumnContract& column : contract.columns) known.insert(column.name);
    for (const tables::Column& column : columns) {
      if (known.contains(column.name)) continue;
      Finding finding;
      finding.rule = &kContractColumns;
      finding.severity = kContractColumns.severity;
      finding.subject = printable(column.name, 100);
      finding.message = "the contract does not know column '" + printable(column.name, 60) +
                        "' and refuses others (other_columns)";
      missing.push_back(std::move(finding));
      if (missing.size() > kFindings) return;
    }
  }

  std::optional<std::size_t> place(const std::string& name, std::uint32_t line) {
    const auto at = places_.find(name);
    if (at != places_.end()) return at->second;
    lacks(name, line);
    return std::nullopt;
  }

  Expectation expectation(std::string kind, std::string names, std::string says, std::uint32_t line) const {
    Expectation one;
    one.kind = std::move(kind);
    one.column = std::move(names);
    one.says = std::move(says);
    one.line = line;
    one.listed = settings.listed;
    return one;
  }

  void add_column(const ColumnContract& column, std::size_t share) {
    const auto at = places_.find(column.name);
    if (at != places_.end()) {
      by_column.emplace_back(at->second,
                             std::make_unique<ColumnExpectations>(column, settings.listed, share));
    } else if (column.required) {
      lacks(column.name, column.line);
    }
  }

  bool places(const std::vector<std::string>& names, std::uint32_t line, std::vector<std::size_t>& out) {
    for (const std::string& name : names) {
      const auto at = place(name, line);
      if (!at) return false;
      out.push_back(*at);
    }
    return true;
  }

  void add_key(const KeyContract& key, std::size_t share) {
    auto check = std::make_unique<KeyCheck>(KeyCheck{
        .expectation = expectation("key", joined(key.columns), "no two rows agree in all of them", key.line),
        .columns = {},
        .keys = KeySet(share)});
    if (places(key.columns, key.line, check->columns)) keys.push_back(std::move(check));
  }

  void add_pair(const PairContract& pair) {
    const auto left = place(pair.left, pair.line);
    const auto right = place(pair.right, pair.line);
    if (!left || !right) return;
    const std::string says = pair.left + " " + std::string(name_of(pair.comparison)) + " " + pair.right;
    pairs.push_back(std::make_unique<PairCheck>(PairCheck{
        .expectation = expectation("compare", pair.left + ", " + pair.right, printable(says), pair.line),
        .comparison = pair.comparison,
        .left = *left,
        .right = *right}));
  }

  void add_sum(const SumContract& sum) {
    auto check = std::make_unique<SumCheck>();
    const std::string wanted = sum.total_column.empty() ? number_text(sum.total) : sum.total_column;
    check->expectation =
        expectation("sum", joined(sum.columns), "add up to " + printable(wanted, 60), sum.line);
    check->total = sum.total;
    check->tolerance = sum.tolerance;
    if (!places(sum.columns, sum.line, check->columns)) return;
    if (!sum.total_column.empty()) {
      check->total_column = place(sum.total_column, sum.line);
      if (!check->total_column) return;
    }
    sums.push_back(std::move(check));
  }

  void check_rows() {
    if (!contract.min_rows && !contract.max_rows) return;
    Expectation one = expectation("rows", "", "", 0);
    if (contract.min_rows) one.says = "at least " + std::to_string(*contract.min_rows) + " rows";
    if (contract.max_rows)
      one.says +=
          (one.says.empty() ? "" : ", ") + ("at most " + std::to_string(*contract.max_rows) + " rows");
    one.checked = 1;
    if ((contract.min_rows && rows < *contract.min_rows) ||
        (contract.max_rows && rows > *contract.max_rows)) {
      one.broken = 1;
      one.example = std::to_string(rows) + " rows";
    }
    done.push_back(std::move(one));
  }

 private:
  std::map<std::string, std::size_t, std::less<>> places_;
};

ContractCheck::ContractCheck(const Contract& contract, std::span<const tables::Column> columns,
                             const Settings& settings)
    : state_(std::make_unique<State>(contract, columns, settings)) {}

ContractCheck::~ContractCheck() = default;

void ContractCheck::take(const tables::Block& block) {
  State& state = *state_;
  state.rows += block.rows;
  std::vector<std::function<void()>> tasks;
  for (auto& [column, expectations] : state.by_column)
    if (column < block.columns.size())
      tasks.emplace_back([&, at = column, one = expectations.get()] {
        one->take(block.columns[at], block.first_row, block.rows);
      });
  for (const auto& key : state.keys) tasks.emplace_back([&, one = key.get()] { one->take(block); });
  for (const auto& pair : state.pairs) tasks.emplace_back([&, one = pair.get()] { one->take(block); });
  for (const auto& sum : state.sums) tasks.emplace_back([&, one = sum.get()] { one->take(block); });
  parallel_for(tasks.size(), state.settings.jobs, [&](std::size_t i) { tasks[i](); });
}

namespace {

Finding finding_of(const Expectation& one, std::size_t others) {
  Finding finding;
  finding.rule = &kContractBroken;
  finding.severity = kContractBroken.severity;
  finding.subject = printable(one.column, 100);
  const std::string where = one.column.empty() ? "the data set" : "'" + printable(one.column, 60) + "'";
  finding.message = where + " must be " + one.says + ": ";
  if (one.kind == "rows") {
    finding.message = "there must be " + one.says + "; there are " + one.example;
  } else {
    if (one.kind == "sum" || one.kind == "key" || one.kind == "compare")
      finding.message = (one.kind == "compare" ? one.says : where + ": " + one.says) + ": ";
    finding.message += std::to_string(one.broken) + " of " + std::to_string(one.checked) +
                       " rows do not (share " + interval_text(stats::wilson(one.broken, one.checked)) + ")";
    finding.message += ", first " + row_words(one.rows, one.broken);
    if (!one.example.empty()) finding.evidence = one.example;
  }
  if (others != 0)
    finding.message +=
        "; " + std::to_string(others) + " more of its promises " + (others == 1 ? "is" : "are") + " broken";
  return finding;
}

Listing violations_listing(const std::vector<const Expectation*>& broken) {
  Listing out;
  out.title = "Broken promises of the contract";
  out.header = {"column", "must be", "broken", "share", "first rows", "example"};
  for (const Expectation* one : broken) {
    if (out.rows.size() == kListedViolations) {
      out.note = std::to_string(broken.size() - out.rows.size()) + " more are in the json.";
      break;
    }
    out.rows.push_back({printable(one->column, 60), one->says, std::to_string(one->broken),
                        interval_text(stats::wilson(one->broken, one->checked)),
                        one->rows.empty() ? "" : row_words(one->rows, one->broken), one->example});
  }
  return out;
}

}  // namespace

void ContractCheck::finish(PartResult& result, bool details) {
  State& state = *state_;
  state.check_rows();
  for (auto& [column, expectations] : state.by_column)
    for (Expectation& one : expectations->take_results()) state.done.push_back(std::move(one));
  for (const auto& key : state.keys) state.done.push_back(std::move(key->expectation));
  for (const auto& pair : state.pairs) state.done.push_back(std::move(pair->expectation));
  for (const auto& sum : state.sums) state.done.push_back(std::move(sum->expectation));

  std::vector<const Expectation*> broken;
  std::map<std::string, std::vector<const Expectation*>> of_column;
  std::size_t open = 0;
  Document expectations = json_list();
  Document violations = json_list();
  for (const Expectation& one : state.done) {
    const Kept outcome = kept(one);
    if (details) expectations.list.push_back(expectation_json(one));
    if (one.broken != 0 && details) violations.list.push_back(violation_json(one));
    if (outcome == Kept::Open) ++open;
    if (!one.not_checked.empty())
      result.gaps.push_back(
          {.reason = GapReason::Limit,
           .path = {},
           .origin = {},
           .place = {},
           .why = "contract, '" + printable(one.column, 60) + "' " + one.kind + ": " + one.not_checked});
    if (outcome != Kept::No) continue;
    broken.push_back(&one);
    of_column[one.column].push_back(&one);
  }
  for (Finding& finding : state.missing)
    if (result.findings.size() < 5 * kFindings) result.findings.push_back(std::move(finding));
  for (const Expectation* one : broken) {
    auto& same = of_column[one->column];
    if (same.empty() || same.front() != one) continue;
    result.findings.push_back(finding_of(*one, same.size() - 1));
    if (result.findings.size() > 10 * kFindings) break;
  }
  const Expectation* worst = nullptr;
  for (const Expectation* one : broken)
    if (worst == nullptr || one->broken * worst->checked > worst->broken * one->checked) worst = one;
  if (worst != nullptr)
    result.measures.push_back(
        {.name = "share of rows that break '" + worst->kind + "' of '" + printable(worst->column, 40) + "'",
         .interval = stats::wilson(worst->broken, worst->checked),
         .threshold = worst->allowed});
  if (!broken.empty()) result.listings.push_back(violations_listing(broken));
  const bool failed = !broken.empty() || !state.missing.empty();
  result.outcome = failed ? Outcome::Failed : open != 0 ? Outcome::Undecided : Outcome::Passed;
  result.why =
      std::to_string(broken.size()) + " of " + std::to_string(state.done.size()) +
      " promises of the contract are broken" +
      (state.missing.empty() ? "" : ", " + std::to_string(state.missing.size()) + " columns are wrong") +
      (open == 0 ? "" : ", " + std::to_string(open) + " are undecided");
  if (!details) return;
  result.details.map.emplace_back(
      "contract", json_map({{"outcome", json_string(std::string(assay::name_of(result.outcome)))},
                            {"expectations", std::move(expectations)},
                            {"violations", std::move(violations)}}));
}

}  // namespace bulwark::assay::profile
