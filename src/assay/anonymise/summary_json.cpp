#include "assay/anonymise/summary.h"
#include "base/json_text.h"

namespace bulwark::assay::anonymise {
namespace {

Document integer(std::uint64_t value) {
  return json_integer(static_cast<std::int64_t>(value));
}

Document texts(const std::vector<std::string>& values) {
  std::vector<Document> list;
  for (const std::string& value : values) list.push_back(json_string(value));
  return json_list(std::move(list));
}

Document column_json(const ColumnOutcome& column) {
  std::vector<Document::Entry> entries = {
      {"column", json_string(column.column)},
      {"operator", column.action.empty() ? json_null() : json_string(column.action)},
      {"quasi_identifier", json_boolean(column.quasi_identifier)},
      {"cells_changed", integer(column.changed)},
      {"cells_empty_before", integer(column.nothing)},
      {"cells_emptied", integer(column.emptied)},
      {"keeps_format", json_boolean(column.keeps_format)}};
  if (!column.domain.empty()) entries.emplace_back("domain", json_string(column.domain));
  if (!column.reason.empty()) entries.emplace_back("reason", json_string(column.reason));
  if (!column.emptied_rows.empty()) {
    std::vector<Document> rows;
    for (const std::uint64_t row : column.emptied_rows) rows.push_back(integer(row));
    entries.emplace_back("first_rows_emptied", json_list(std::move(rows)));
  }
  return json_map(std::move(entries));
}

Document risk_json(const Risk& risk) {
  return json_map({{"rows", integer(risk.rows)},
                   {"classes", integer(risk.classes)},
                   {"smallest_class", integer(risk.smallest)},
                   {"unique_rows", integer(risk.unique)},
                   {"rows_below_k", integer(risk.below_k)},
                   {"classes_below_k", integer(risk.classes_below_k)},
                   {"prosecutor_highest", json_number(risk.prosecutor_highest)},
                   {"prosecutor_mean", json_number(risk.prosecutor_mean)},
                   {"journalist_highest", json_number(risk.journalist_highest)},
                   {"marketer", json_number(risk.marketer)},
                   {"marketer_is_upper_bound", json_boolean(risk.marketer_is_bound)},
                   {"population_unique_share",
                    risk.population_unique ? json_number(*risk.population_unique) : json_null()}});
}

Document subset_json(const SubsetRisk& risk) {
  return json_map({{"unique_rows", integer(risk.unique)},
                   {"rows_below_k", integer(risk.below_k)},
                   {"smallest_class", integer(risk.smallest)}});
}

Document sensitive_json(const SensitiveOutcome& sensitive) {
  const Diversity& wanted = sensitive.wanted;
  return json_map({{"column", json_string(wanted.column)},
                   {"distinct", integer(sensitive.distinct)},
                   {"distinct_wanted", wanted.distinct ? integer(*wanted.distinct) : json_null()},
                   {"entropy", json_number(sensitive.entropy)},
                   {"entropy_wanted", wanted.entropy ? json_number(*wanted.entropy) : json_null()},
                   {"closeness", json_number(sensitive.closeness)},
                   {"closeness_wanted", wanted.closeness ? json_number(*wanted.closeness) : json_null()}});
}

Document anonymity_json(const Anonymity& anonymity) {
  std::vector<Document> sensitive;
  for (const SensitiveOutcome& each : anonymity.sensitive) sensitive.push_back(sensitive_json(each));
  return json_map(
      {{"method", json_string(anonymity.wanted.method == Method::Mondrian ? "mondrian" : "suppress")},
       {"split", json_string(anonymity.wanted.relaxed ? "relaxed" : "strict")},
       {"k_wanted", integer(anonymity.wanted.k)},
       {"k_reached", integer(anonymity.reached)},
       {"classes", integer(anonymity.classes)},
       {"rows_suppressed", integer(anonymity.suppressed)},
       {"sensitive", json_list(std::move(sensitive))}});
}

Document counts_json(const PublishedCounts& counts) {
  return json_map({{"name", json_string(counts.name)},
                   {"columns", texts(counts.columns)},
                   {"cells", integer(counts.counts.size())},
                   {"mechanism", json_string(counts.spend.mechanism)},
                   {"epsilon", json_number(counts.spend.epsilon)},
                   {"delta", json_number(counts.spend.delta)},
                   {"rho", json_number(counts.spend.rho)},
                   {"deviation", json_number(counts.spend.deviation)},
                   {"rows_per_subject", integer(counts.spend.sensitivity)},
                   {"rows_left_out", integer(counts.left_out)},
                   {"in_ledger", json_boolean(false)}});
}

Document scan_json(const PersonalScan& scan) {
  if (!scan.assessed)
    return json_map({{"assessed", json_boolean(false)}, {"why_not", json_string(scan.why_not)}});
  std::vector<Document> columns;
  for (const PersonalColumn& each : scan.columns)
    columns.push_back(json_map({{"column", json_string(each.column)},
                                {"kind", json_string(each.kind)},
                                {"decided", json_boolean(each.decided)},
                                {"cells", integer(each.cells)}}));
  return json_map({{"assessed", json_boolean(true)}, {"columns", json_list(std::move(columns))}});
}

}  // namespace

Document report_json(const Summary& summary) {
  std::vector<Document> columns;
  for (const ColumnOutcome& each : summary.columns) columns.push_back(column_json(each));
  std::vector<Document> subsets;
  for (const SubsetPair& each : summary.subsets)
    subsets.push_back(json_map({{"columns", texts(each.before.columns)},
                                {"before", subset_json(each.before)},
                                {"after", subset_json(each.after)}}));
  std::vector<Document> counts;
  for (const PublishedCounts& each : summary.counts) counts.push_back(counts_json(each));
  std::vector<Document> gaps;
  for (const Gap& gap : summary.gaps) gaps.push_back(json_string(gap.why));
  return json_map({{"schema", json_string("bulwark.anonymise/1")},
                   {"rows_read", integer(summary.rows_read)},
                   {"rows_written", integer(summary.rows_written)},
                   {"columns", json_list(std::move(columns))},
                   {"quasi_identifiers", texts(summary.quasi_identifiers)},
                   {"population", summary.population == 0 ? json_null() : integer(summary.population)},
                   {"risk_before", summary.risk ? risk_json(summary.risk->before) : json_null()},
                   {"risk_after", summary.risk ? risk_json(summary.risk->after) : json_null()},
                   {"subsets", json_list(std::move(subsets))},
                   {"k_anonymity", summary.anonymity ? anonymity_json(*summary.anonymity) : json_null()},
                   {"counts", json_list(std::move(counts))},
                   {"personal_data_before", scan_json(summary.before)},
                   {"personal_data_after", scan_json(summary.after)},
                   {"gaps", json_list(std::move(gaps))},
                   {"not_checked", texts(summary.not_checked)}});
}

}  // namespace bulwark::assay::anonymise
