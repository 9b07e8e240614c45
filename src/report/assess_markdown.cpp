// For a change request or a wiki: the figures, what to do first, every phase as a table.

#include <algorithm>
#include <cmath>

#include "report/assess.h"
#include "report/assess_words.h"

namespace bulwark::report {
namespace {

using assess::Assessment;
using assess::Threat;

constexpr std::size_t kRanked = 12;

// Text inside a table cell: nothing in it may end the cell, start markup, make a link or call anybody.
std::string cell(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '<') {
      out += "&lt;";
    } else if (letter == '&') {
      out += "&amp;";
    } else if (letter == '@') {
      out += "&#64;";
    } else if (letter == '\n' || letter == '\r') {
      out += ' ';
    } else {
      if (std::string_view("|`*_[]#\\~").find(letter) != std::string_view::npos) out += '\\';
      out += letter;
    }
  }
  return out;
}

void append_defences(std::string& out, const Assessment& assessment, bool early) {
  std::size_t rank = 0;
  for (const assess::RankedControl& one : assessment.ranking.controls) {
    if (one.early != early) continue;
    if (++rank == 1)
      out += std::string("\n### ") + (early ? "Before anything runs" : "In operation") +
             "\n\n| # | control | do | here | closes | effort |\n|--:|---|---|---|--:|--:|\n";
    if (rank > kRanked) continue;
    out += "| " + std::to_string(rank) + " | " + std::string(one.control) + " | " + cell(one.change->change) +
           " | " + std::string(state_name(*assessment.standing(one.control))) + " | " +
           std::to_string(std::llround(one.closes)) + " | " + std::to_string(one.effort) + " |\n";
  }
  if (rank > kRanked) out += "\n" + std::to_string(rank - kRanked) + " more are in the full report.\n";
}

void append_phases(std::string& out, const Assessment& assessment) {
  std::string_view survey;
  for (const assess::PhaseView& view : assessment.phases) {
    if (view.survey != survey) out += "\n## " + std::string(view.survey) + "\n";
    survey = view.survey;
    out += "\n### " + std::string(view.name) + "\n\n";
    if (view.threats.empty()) {
      out += "Nothing that applies.\n";
      continue;
    }
    out +=
        "| technique | maturity | cases | because of | attacker | state here |\n|---|---|---|---|---|---|\n";
    for (const std::size_t index : view.threats) {
      const Threat& threat = assessment.threats[index];
      out += "| " + std::string(threat.technique->id) + " " +
             cell(assess::full_name(*assessment.catalogue, *threat.technique)) + " | " +
             std::string(threat.technique->maturity) + " | " + cases_words(threat) + " | " +
             cell(because_words(assessment, threat, 3)) + " | " + attacker_words(*threat.rule) + " | " +
             std::string(best_state(assessment, threat)) + " |\n";
    }
  }
}

}  // namespace

std::string assess_markdown(const AssessRun& run) {
  const Assessment& assessment = run.assessment;
  std::string out = "# Threat assessment: " + cell(assessment.looked.name) + "\n\n";
  out += counted(assessment.components.size(), "component") + "; " +
         std::to_string(assessment.threats.size()) + " of " +
         std::to_string(assessment.catalogue->techniques().size()) + " techniques of MITRE ATLAS " +
         std::string(assessment.catalogue->version()) + " apply.\n\n## What to do first\n";
  append_defences(out, assessment, true);
  append_defences(out, assessment, false);
  out += "\n## What it is made of\n\n| kind | name | seen | reach |\n|---|---|---|---|\n";
  for (const assess::Component& component : assessment.components)
    out += "| " + std::string(info(component.kind).title) + " | " + cell(component.name) + " | " +
           cell(place_of(component)) + " | " + std::string(name_of(component.exposure)) + " |\n";
  append_phases(out, assessment);
  out += "\n## What this assessment did not see\n\n";
  for (const assess::Kind kind : assessment.absent)
    out +=
        "- found none: " + std::string(info(kind).title) + " (" + std::string(info(kind).looks_for) + ")\n";
  for (const std::string& file : assessment.looked.not_read) out += "- not read: " + cell(file) + "\n";
  for (const assess::BlindSpot& spot : assess::blind_spots())
    out += "- no repository shows " + std::string(spot.what) + ": " + std::string(spot.instead) + "\n";
  return out;
}

}  // namespace bulwark::report
