#include <algorithm>
#include <cmath>

#include "assay/anonymise/number_text.h"
#include "assay/anonymise/summary.h"
#include "base/text.h"

namespace bulwark::assay::anonymise {
namespace {

constexpr std::size_t kName = 32;

std::string name(std::string_view text) {
  return printable(text, kName);
}

// Columns of a table, two blanks between them.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += " " + row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 1, ' ');
    }
    text += line + "\n";
  }
  return text;
}

std::string percent(double share) {
  const double points = share * 100;
  if (points > 0 && points < 0.01) return "<0.01 %";
  return number_text(points, points < 10 ? 2 : 1) + " %";
}

std::string columns_text(const Summary& summary) {
  std::vector<std::vector<std::string>> rows = {{"column", "operator", "changed", "emptied", ""}};
  for (const ColumnOutcome& column : summary.columns) {
    std::string note = column.quasi_identifier ? "quasi-identifier" : "";
    const auto add = [&note](const std::string& more) { note += (note.empty() ? "" : "; ") + more; };
    if (!column.domain.empty() && column.domain != column.column) add("domain " + name(column.domain));
    if (!column.reason.empty()) add("kept: " + printable(column.reason, 60));
    if (!column.emptied_rows.empty()) {
      std::string places;
      for (const std::uint64_t row : column.emptied_rows)
        places += (places.empty() ? "" : ", ") + std::to_string(row);
      add("not understood in row " + places +
          (column.emptied > column.emptied_rows.size() ? " and more" : ""));
    }
    const bool by_partition = column.quasi_identifier && summary.anonymity.has_value();
    const std::string made = !column.action.empty() ? column.action : by_partition ? "" : "(not in the plan)";
    rows.push_back({name(column.column),
                    by_partition ? made + (made.empty() ? "" : ", ") + "k_anonymity" : made,
                    column.action == "drop" ? "-" : std::to_string(column.changed),
                    column.emptied == 0 ? "" : std::to_string(column.emptied), note});
  }
  return table(rows);
}

std::string risk_text(const Summary& summary) {
  const Risk& before = summary.risk->before;
  const Risk& after = summary.risk->after;
  const std::string bound = before.marketer_is_bound ? " (upper bound)" : " (estimate)";
  std::vector<std::vector<std::string>> rows = {
      {"", "before", "after"},
      {"rows", std::to_string(before.rows), std::to_string(after.rows)},
      {"classes of equal rows", std::to_string(before.classes), std::to_string(after.classes)},
      {"smallest class", std::to_string(before.smallest), std::to_string(after.smallest)},
      {"rows alone in their class", std::to_string(before.unique), std::to_string(after.unique)},
      {"rows in classes below k", std::to_string(before.below_k), std::to_string(after.below_k)},
      {"prosecutor, highest", percent(before.prosecutor_highest), percent(after.prosecutor_highest)},
      {"prosecutor, mean", percent(before.prosecutor_mean), percent(after.prosecutor_mean)},
      {"journalist, highest (upper bound)", percent(before.journalist_highest),
       percent(after.journalist_highest)},
      {"marketer" + bound, percent(before.marketer), percent(after.marketer)}};
  if (before.population_unique && after.population_unique)
    rows.push_back({"unique in the population (Zayatz)", percent(*before.population_unique),
                    percent(*after.population_unique)});
  std::string quasi;
  for (const std::string& column : summary.quasi_identifiers)
    quasi += (quasi.empty() ? "" : ", ") + name(column);
  return "\nRisk that a row is found again, by " + quasi + "\n" + table(rows);
}

std::string subsets_text(const Summary& summary) {
  std::vector<std::vector<std::string>> rows = {
      {"who knows only", "unique before", "unique after", "smallest class after"}};
  for (const SubsetPair& each : summary.subsets) {
    std::string columns;
    for (const std::string& column : each.before.columns)
      columns += (columns.empty() ? "" : " + ") + name(column);
    rows.push_back({columns, std::to_string(each.before.unique), std::to_string(each.after.unique),
                    std::to_string(each.after.smallest)});
  }
  return rows.size() == 1 ? "" : "\n" + table(rows);
}

std::string wanted_text(const std::string& reached, const std::string& wanted) {
  return reached + " (plan: " + wanted + ")";
}

std::string anonymity_text(const Anonymity& anonymity) {
  std::string text =
      "\nk-anonymity: " + wanted_text(std::to_string(anonymity.reached), std::to_string(anonymity.wanted.k)) +
      ", " + std::to_string(anonymity.classes) + " classes, " + std::to_string(anonymity.suppressed) +
      " rows suppressed\n";
  for (const SensitiveOutcome& each : anonymity.sensitive) {
    text += "  " + name(each.wanted.column) + ":";
    if (each.wanted.distinct)
      text += " distinct l-diversity " +
              wanted_text(std::to_string(each.distinct), std::to_string(*each.wanted.distinct));
    if (each.wanted.entropy)
      text += " entropy l-diversity " +
              wanted_text(number_text(each.entropy, 3), number_text(*each.wanted.entropy));
    if (each.wanted.closeness)
      text +=
          " t-closeness " + wanted_text(number_text(each.closeness, 3), number_text(*each.wanted.closeness));
    text += "\n";
  }
  return text;
}

std::string counts_text(const Summary& summary) {
  double epsilon = 0;
  double delta = 0;
  std::string text = "\nCounts with differential privacy\n";
  for (const PublishedCounts& each : summary.counts) {
    epsilon += each.spend.epsilon;
    delta += each.spend.delta;
    text += "  " + each.name + ": " + std::to_string(each.counts.size()) + " cells, " + each.spend.mechanism +
            ", epsilon " + number_text(each.spend.epsilon) +
            (each.spend.delta > 0 ? ", delta " + number_text(each.spend.delta) : "") +
            ", noise of deviation " + number_text(each.spend.deviation, 2) + ", at most " +
            std::to_string(each.spend.sensitivity) + " rows of a subject (" + std::to_string(each.left_out) +
            " left out)\n";
  }
  return text + "  together: epsilon " + number_text(epsilon) +
         (delta > 0 ? ", delta " + number_text(delta) : "") + "\n";
}

std::string still_there_text(const Summary& summary) {
  if (!summary.after.assessed) return {};
  std::string text = "\nPersonal data that are still found in the copy\n";
  if (summary.after.columns.empty()) return text + "  none\n";
  for (const PersonalColumn& each : summary.after.columns) {
    const auto column = std::ranges::find(summary.columns, each.column, &ColumnOutcome::column);
    const bool made = column != summary.columns.end() && column->keeps_format;
    text += "  " + name(each.column) + ": " + printable(each.title, 60) + " in " +
            std::to_string(each.cells) + " cells" +
            (made ? " (made by " + column->action + ", which keeps the format)" : "") + "\n";
  }
  return text;
}

}  // namespace

std::string report_text(const Summary& summary) {
  std::string text = std::to_string(summary.rows_read) + " rows read, " +
                     std::to_string(summary.rows_written) + " written\n\n" + columns_text(summary);
  if (summary.risk) text += risk_text(summary) + subsets_text(summary);
  if (summary.anonymity) text += anonymity_text(*summary.anonymity);
  if (!summary.counts.empty()) text += counts_text(summary);
  text += still_there_text(summary);
  if (!summary.gaps.empty()) {
    text += "\nMet while reading the data\n";
    for (const Gap& gap : summary.gaps) text += "  " + printable(gap.why) + "\n";
  }
  text += "\nNot checked\n";
  for (const std::string& each : summary.not_checked) text += "  " + printable(each, 400) + "\n";
  return text;
}

}  // namespace bulwark::assay::anonymise
