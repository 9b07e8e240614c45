// For comments on a change: the verdict, a table of what stands, details folded away.

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "report/atlas.h"
#include "report/grouping.h"
#include "report/run.h"

namespace bulwark::report {
namespace {

// Comments are cut by most services at 65,536 characters.
constexpr std::size_t kMaxRows = 100;

// Text inside a table cell: nothing in it may end the cell, start markup or make a link.
std::string cell(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '\n' || letter == '\r') {
      out += ' ';
    } else if (letter == '<') {
      out += "&lt;";
    } else if (letter == '&') {
      out += "&amp;";
    } else if (letter == '@') {
      out += "&#64;";  // nobody is called by a hostile file
    } else {
      if (std::string_view("|`*_[]#\\~").find(letter) != std::string_view::npos) out += '\\';
      out += letter;
    }
  }
  return out;
}

std::string code(std::string_view text) {
  std::string out = "`";
  for (const char letter : text) out += letter == '`' ? '\'' : letter == '|' ? '/' : letter;
  return out + "`";
}

void append_findings(std::string& out, const Run& run, const std::vector<FileGroup>& files) {
  std::size_t rows = 0;
  std::size_t left_out = 0;
  for (const FileGroup& file : files) {
    for (const std::size_t index : file.findings) {
      const Finding& found = run.report.findings[index];
      const policy::JudgedFinding& judged = run.verdict.findings[index];
      if (judged.severity == Severity::Info) continue;
      if (++rows > kMaxRows) {
        ++left_out;
        continue;
      }
      if (rows == 1) out += "| severity | rule | where | what |\n|---|---|---|---|\n";
      const std::string place = place_text(found.origin, found.place);
      std::string what = cell(found.message);
      if (!found.evidence.empty() && found.evidence != found.message) what += "<br>" + code(found.evidence);
      if (judged.allowed_by != policy::AllowedBy::Nobody)
        what += "<br>*allowed by " + std::string(policy::name_of(judged.allowed_by)) + ":* " +
                cell(judged.allowed_because);
      const std::string severity(bulwark::name_of(judged.severity));
      out += "| " + (judged.refuses ? "**" + severity + "**" : severity) + " | " +
             std::string(found.rule->id) + " | " + code(found.path) +
             (place.empty() ? "" : "<br>" + cell(place)) + " | " + what + " |\n";
    }
  }
  if (left_out > 0) out += "\n" + std::to_string(left_out) + " more findings are in the full report.\n";
  if (rows > 0) out += "\n";
}

void append_gaps(std::string& out, const Run& run) {
  if (run.report.gaps.empty()) return;
  out += "**Not seen**\n\n";
  for (std::size_t i = 0; i < std::min(run.report.gaps.size(), kMaxRows); ++i) {
    const Gap& gap = run.report.gaps[i];
    const std::string place = place_text(gap.origin, gap.place);
    out += "- " + code(gap.path) + (place.empty() ? "" : " (" + cell(place) + ")") + ": " +
           std::string(bulwark::name_of(gap.reason)) + ", " + cell(gap.why) + "\n";
  }
  out += "\n";
}

void append_rules(std::string& out, const Run& run) {
  std::set<const Rule*> rules;
  for (std::size_t i = 0; i < run.report.findings.size(); ++i)
    if (run.verdict.findings[i].severity > Severity::Info) rules.insert(run.report.findings[i].rule);
  if (rules.empty()) return;
  std::vector<const Rule*> sorted(rules.begin(), rules.end());
  std::ranges::sort(sorted, {}, &Rule::id);
  out += "<details><summary>Why it matters and what to do</summary>\n\n";
  for (const Rule* rule : sorted) {
    out += "**" + std::string(rule->id) + "** " + cell(rule->title) + ". " + cell(rule->why) + " *" +
           cell(rule->fix) + "*";
    for (const std::string_view id : techniques_of(*rule)) out += " " + std::string(id);
    out += "\n\n";
  }
  out += "</details>\n";
}

}  // namespace

std::string write_markdown(const Run& run) {
  const Totals totals = totals_of(run);
  std::string out = "### Bulwark: " + std::string(policy::name_of(run.verdict.outcome)) + "\n\n";
  out += std::to_string(run.files) + (run.files == 1 ? " file" : " files") + ", " + human_size(totals.bytes) +
         ": ";
  std::string parts;
  for (std::size_t i = totals.findings.size(); i-- > 0;)
    if (totals.findings[i] > 0)
      parts += (parts.empty() ? "" : ", ") + std::to_string(totals.findings[i]) + " " +
               std::string(bulwark::name_of(static_cast<Severity>(i)));
  out += (parts.empty() ? "no findings" : parts) + "; " +
         (totals.gaps == 0 ? "everything was seen" : std::to_string(totals.gaps) + " not seen") + ".\n\n";
  append_findings(out, run, files_of(run));
  append_gaps(out, run);
  append_rules(out, run);
  return out;
}

}  // namespace bulwark::report
