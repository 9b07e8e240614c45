// One page without anything else: a verdict for each part, pictures, the rows to look at, what was not seen.

#include <algorithm>

#include "base/text.h"
#include "report/assay.h"
#include "report/assay_page.h"
#include "report/grouping.h"
#include "report/html.h"
#include "report/svg.h"

extern "C" const char bw_assay_css[], bw_assay_css_end[];

namespace bulwark::report {
namespace {

using assay::Outcome;
using assay::PartResult;

constexpr std::size_t kRows = 200;  // of a listing
constexpr std::size_t kPlots = 60;  // of a part: a table of a thousand columns has a thousand histograms
constexpr std::size_t kOpenRows = 12;

std::string_view badge_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::Passed: return "good";
    case Outcome::Failed: return "bad";
    case Outcome::Undecided: return "warn";
    case Outcome::NotAssessed: return "none";
  }
  return "none";
}

std::string_view badge_of(Severity severity) {
  if (severity >= Severity::High) return "bad";
  if (severity == Severity::Medium) return "warn";
  return severity == Severity::Low ? "note" : "none";
}

std::string badge(std::string_view css, std::string_view text) {
  return "<span class=\"badge " + std::string(css) + "\">" + html(text) + "</span>";
}

std::string title_of(std::string_view part) {
  if (part == "profile") return "Profile and contract";
  if (part == "pii") return "Personal and regulated data";
  if (part == "labels") return "Labels";
  if (part == "leakage") return "Leakage";
  if (part == "poison") return "Poison and backdoors";
  if (part == "text") return "Texts";
  if (part == "drift") return "Drift";
  if (part == "feedback") return "Feedback";
  return std::string(part);
}

class AssayPage {
 public:
  explicit AssayPage(const AssayRun& run) : run_(run) {}

  std::string take() {
    for (std::size_t i = 0; i < run_.data.size(); ++i) verdicts(run_.data[i], i);
    findings();
    for (std::size_t i = 0; i < run_.data.size(); ++i)
      for (const PartResult& part : run_.data[i].parts) this->part(part, stem_of(i));
    not_seen();
    const std::string title = run_.data.size() == 1
                                  ? "Assay of " + run_.data.front().path
                                  : "Assay of " + std::to_string(run_.data.size()) + " data sets";
    const std::string verdict(policy::name_of(run_.run.verdict.outcome));
    const std::string lede = badge(verdict == "accepted"  ? "good"
                                   : verdict == "refused" ? "bad"
                                                          : "warn",
                                   verdict) +
                             " What is in the data before a model learns it. " + html(why_accepted(run_));
    const std::string footer =
        "<p>Made by Bulwark " + html(run_.run.version) + " with seed " + std::to_string(run_.seed) +
        ". Intervals are at 95 %. Rows are counted from 0, the header not included. Values of "
        "personal data are masked.</p>\n";
    std::vector<HtmlLink> links;
    for (const auto& [id, text] : contents_) links.push_back({.id = id, .text = text});
    return write_html({.title = title,
                       .lede = lede,
                       .contents = links,
                       .body = body_,
                       .footer = footer,
                       .style = {bw_assay_css, static_cast<std::size_t>(bw_assay_css_end - bw_assay_css)},
                       .script = {}});
  }

 private:
  void heading(std::string_view id, std::string_view text) {
    contents_.emplace_back(id, text);
    body_ += "<h2 id=\"" + html(id) + "\">" + html(text) + "</h2>\n";
  }

  void findings() {
    const Report& report = run_.run.report;
    if (report.findings.empty()) return;
    heading("findings", "Findings");
    std::vector<std::size_t> order(report.findings.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, std::ranges::greater(),
                             [&](std::size_t i) { return run_.run.verdict.findings[i].severity; });
    body_ +=
        "<div class=\"scrolls\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"Findings\"><table>\n<thead><tr><th "
        "scope=\"col\">Severity</th><th scope=\"col\">Rule</th><th scope=\"col\">What was found, and what to "
        "do</th></tr></thead>\n<tbody>\n";
    for (const std::size_t i : order) {
      const Finding& found = report.findings[i];
      const policy::JudgedFinding& judged = run_.run.verdict.findings[i];
      body_ += "<tr><td>" + badge(badge_of(judged.severity), bulwark::name_of(judged.severity)) +
               "</td><td class=\"id\">" + html(found.rule->id) + "</td><td><p>" + html(found.message) +
               "</p>";
      if (!found.evidence.empty() && found.evidence != found.message)
        body_ += "<p><code>" + html(found.evidence) + "</code></p>";
      body_ += "<p class=\"small muted\">" + html(found.rule->why) + " <strong>" + html(found.rule->fix) +
               "</strong>";
      if (judged.allowed_by != policy::AllowedBy::Nobody)
        body_ +=
            " Allowed by " + html(policy::name_of(judged.allowed_by)) + ": " + html(judged.allowed_because);
      body_ += "</p></td></tr>\n";
    }
    body_ += "</tbody></table></div>\n";
  }

  static std::string stem_of(std::size_t index) { return "d" + std::to_string(index) + "-"; }

  void verdicts(const assay::Assayed& data, std::size_t index) {
    const std::string stem = stem_of(index);
    heading(stem + "verdicts", run_.data.size() == 1 ? "Verdicts" : data.path);
    body_ += "<p>" + html(data.format) + ", " + std::to_string(data.rows) + " rows, " +
             std::to_string(data.columns) + " columns, " + html(human_size(data.bytes));
    for (const auto& [role, column] : data.roles)
      body_ += "; " + html(role) + " <code>" + html(column) + "</code>";
    body_ += ".</p>\n";
    for (const std::string& note : data.notes) body_ += "<p class=\"muted\">" + html(note) + "</p>\n";
    body_ += "<div class=\"verdicts\">\n";
    for (const PartResult& part : data.parts) {
      body_ += "<section class=\"card\"><h3><a href=\"#" + stem + html(part.part) + "\">" +
               html(title_of(part.part)) + "</a></h3>" +
               badge(badge_of(part.outcome), assay::name_of(part.outcome)) + "<p>" + html(part.why) +
               "</p>\n";
      if (!part.measures.empty()) measure(part.measures.front());
      body_ += "</section>\n";
    }
    body_ += "</div>\n";
  }

  void measure(const assay::Measure& measure) {
    body_ += interval_svg(measure) + "<p class=\"small muted\">" + html(measure_text(measure)) + "</p>\n";
  }

  void part(const PartResult& part, const std::string& stem) {
    heading(stem + part.part, title_of(part.part));
    body_ +=
        "<p>" + badge(badge_of(part.outcome), assay::name_of(part.outcome)) + " " + html(part.why) + "</p>\n";
    for (std::size_t i = 1; i < part.measures.size(); ++i) measure(part.measures[i]);
    rasters(part);
    plots(part);
    for (const assay::Listing& listing : part.listings) this->listing(listing);
    if (!part.blind.empty()) {
      body_ += "<h3>What this part cannot see</h3>\n<ul>\n";
      for (const std::string& words : part.blind) body_ += "<li>" + html(words) + "</li>\n";
      body_ += "</ul>\n";
    }
  }

  void rasters(const PartResult& part) {
    if (part.rasters.empty()) return;
    body_ += "<div class=\"rasters\">\n";
    for (const assay::Raster& raster : part.rasters)
      body_ +=
          "<figure>" + raster_svg(raster) + "<figcaption>" + html(raster.title) + "</figcaption></figure>\n";
    body_ += "</div>\n";
  }

  void plots(const PartResult& part) {
    if (part.plots.empty()) return;
    body_ += "<div class=\"plots\">\n";
    for (std::size_t i = 0; i < std::min(part.plots.size(), kPlots); ++i)
      body_ += "<figure><figcaption>" + html(part.plots[i].title) + "</figcaption>" +
               plot_svg(part.plots[i]) + "</figure>\n";
    body_ += "</div>\n";
    if (part.plots.size() > kPlots)
      body_ += "<p class=\"muted\">" + std::to_string(part.plots.size() - kPlots) +
               " more pictures are left out.</p>\n";
  }

  void listing(const assay::Listing& listing) {
    if (listing.rows.empty() && listing.note.empty()) return;
    const bool open = listing.rows.size() <= kOpenRows;
    body_ += std::string("<details") + (open ? " open" : "") + "><summary>" + html(listing.title) + " (" +
             std::to_string(listing.rows.size()) +
             ")</summary>\n<div class=\"scrolls\" tabindex=\"0\" role=\"region\" "
             "aria-label=\"" +
             html(listing.title) + "\"><table>\n<thead><tr>";
    for (const std::string& cell : listing.header) body_ += "<th scope=\"col\">" + html(cell) + "</th>";
    body_ += "</tr></thead>\n<tbody>\n";
    for (std::size_t i = 0; i < std::min(listing.rows.size(), kRows); ++i) {
      body_ += "<tr>";
      for (const std::string& cell : listing.rows[i]) body_ += "<td>" + html(cell) + "</td>";
      body_ += "</tr>\n";
    }
    body_ += "</tbody></table></div>\n";
    if (listing.rows.size() > kRows)
      body_ += "<p class=\"muted\">" + std::to_string(listing.rows.size() - kRows) +
               " more rows: see --format json.</p>\n";
    if (!listing.note.empty()) body_ += "<p class=\"muted\">" + html(listing.note) + "</p>\n";
    body_ += "</details>\n";
  }

  void not_seen() {
    heading("unseen", "What was not seen");
    if (run_.run.report.gaps.empty()) {
      body_ += "<p>Every row could be read.</p>\n";
      return;
    }
    body_ += "<ul>\n";
    for (const Gap& gap : run_.run.report.gaps) {
      const std::string place = place_text(gap.origin, gap.place);
      body_ += "<li>" + html(gap.path) + (place.empty() ? "" : ", " + html(place)) + ": " +
               html(bulwark::name_of(gap.reason)) + ", " + html(gap.why) + "</li>\n";
    }
    body_ += "</ul>\n";
  }

  const AssayRun& run_;
  std::string body_;
  std::vector<std::pair<std::string, std::string>> contents_;
};

}  // namespace

std::string assay_html(const AssayRun& run) {
  return AssayPage(run).take();
}

}  // namespace bulwark::report
