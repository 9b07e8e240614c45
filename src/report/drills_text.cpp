// For people: one line a drill, what did not hold below it, and the figures at the end.

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

#include "atlas/catalogue.h"
#include "base/text.h"
#include "report/drills.h"

namespace bulwark::report {
namespace {

std::string joined(const auto& words, std::string_view separator = ", ") {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += separator;
    text += word;
  }
  return text;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& letter : result)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  return result;
}

std::string painted(std::string_view text, std::string_view code, bool colour) {
  if (!colour) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string_view code_of(atlas::Outcome outcome) {
  switch (outcome) {
    case atlas::Outcome::Proven: return "32";
    case atlas::Outcome::Failed: return "1;31";
    case atlas::Outcome::Unassessed: return "33";
  }
  return "0";
}

std::string trial_line(const drill::TrialRecord& record) {
  std::string text = "        " + padded(record.held ? "ok" : "NOT", 4) + record.name + ": " + record.verdict;
  if (!record.rules.empty()) text += " (" + joined(record.rules) + ")";
  if (record.rules.empty() && !record.gaps.empty()) text += " (gap: " + joined(record.gaps) + ")";
  if (record.loaded) text += ", loaded, " + record.effect;
  if (!record.why.empty()) text += " - " + record.why;
  return text + "\n";
}

std::string details_of(const drill::Record& record) {
  std::string text;
  for (const drill::PartRecord& part : record.parts) {
    text +=
        "      " + padded(std::string(drill::name_of(part.part)), 10) + (part.held ? "held" : "DID NOT HOLD");
    if (!part.why.empty()) text += ": " + part.why;
    text += "\n";
    for (const drill::TrialRecord& trial : part.trials) text += trial_line(trial);
  }
  return text;
}

std::string seconds(std::chrono::milliseconds took) {
  return std::to_string(took.count() / 1000) + "." + std::to_string(took.count() % 1000 / 100) + " s";
}

std::size_t count_of(const std::vector<drill::Record>& records, atlas::Outcome outcome) {
  return static_cast<std::size_t>(std::ranges::count(records, outcome, &drill::Record::outcome));
}

// "  word  text" wrapped below itself.
std::string paragraph(std::string_view head, std::string_view text) {
  constexpr std::size_t kWide = 100;
  constexpr std::size_t kIndent = 15;
  std::string out = padded("  " + std::string(head), kIndent);
  std::size_t column = kIndent;
  for (const std::string_view word : words(text)) {
    if (column + word.size() + 1 > kWide) {
      out += "\n" + std::string(kIndent, ' ');
      column = kIndent;
    } else if (column > kIndent) {
      out += " ";
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + "\n";
}

std::string trials_of(std::string_view head, const std::vector<drill::Trial>& trials) {
  if (trials.empty()) return {};
  std::string text = "\n" + std::string(head) + "\n";
  for (const drill::Trial& trial : trials) {
    text += "  " + trial.name + "\n";
    std::vector<std::string> names;
    for (const drill::Sample& file : trial.files) names.push_back(file.name);
    text += "    loaded with " + trial.load.with + ": " + joined(names);
    if (!trial.approved.empty()) text += ", held against the approved version";
    text += "\n";
    if (!trial.rules.empty() || !trial.gaps.empty())
      text += "    must be refused for " + joined(trial.rules) +
              (trial.gaps.empty() ? "" : (trial.rules.empty() ? "gap " : ", gap ") + joined(trial.gaps)) +
              "\n";
    if (!trial.answer.empty()) text += "    must give: " + trial.answer + "\n";
  }
  return text;
}

}  // namespace

std::string evidence_of(const drill::Record& record) {
  const auto count = [&](drill::PartKind kind) -> std::size_t {
    const auto found = std::ranges::find(record.parts, kind, &drill::PartRecord::part);
    return found == record.parts.end() ? 0 : found->trials.size();
  };
  const auto counted = [](std::size_t number, const std::string& one, const std::string& many) {
    return std::to_string(number) + " " + (number == 1 ? one : many);
  };
  std::string text = counted(count(drill::PartKind::Attack), "attack stopped", "attacks stopped") + ", " +
                     std::to_string(count(drill::PartKind::Ablation)) + " reached the goal without " +
                     std::string(record.drill->control()) + ", " +
                     counted(count(drill::PartKind::Benign), "benign twin", "benign twins") + " passed";
  if (record.stopped_at_step != 0)
    text += "; stopped at step " + std::to_string(record.stopped_at_step) + " of " +
            std::to_string(record.drill->steps.size());
  return text;
}

std::string drills_text(const DrillRun& run, bool colour, bool verbose) {
  std::string out;
  for (const drill::Record& record : run.records) {
    out += painted(padded(upper(atlas::name_of(record.outcome)), 11), code_of(record.outcome), colour) +
           painted(record.drill->id, "1", colour) + "  " + record.drill->title + "\n";
    if (record.outcome == atlas::Outcome::Proven) {
      out += "           " + evidence_of(record) + "\n";
    } else {
      out += "           " + record.reason + "\n";
    }
    if (verbose || record.outcome == atlas::Outcome::Failed) out += details_of(record);
  }
  out += "\n" + std::to_string(run.records.size()) + (run.records.size() == 1 ? " drill" : " drills") +
         " in " + seconds(run.took) + ": " + std::to_string(count_of(run.records, atlas::Outcome::Proven)) +
         " proven, " + std::to_string(count_of(run.records, atlas::Outcome::Failed)) + " failed, " +
         std::to_string(count_of(run.records, atlas::Outcome::Unassessed)) + " unassessed\n";
  const bool shared = std::ranges::any_of(run.records, [](const drill::Record& record) {
    return record.outcome == atlas::Outcome::Proven && !record.isolated;
  });
  if (shared)
    out +=
        "note: some loaders could reach the network (a drill with a sink, or a kernel without namespaces)\n";
  return out;
}

std::string drill_list(const std::vector<const drill::Drill*>& drills,
                       const std::vector<std::string_view>& implemented) {
  std::string out;
  for (const drill::Drill* drill : drills) {
    std::string state;
    for (const std::string& control : drill->controls)
      if (std::ranges::find(implemented, control) == implemented.end())
        state = "  (" + control + " is not implemented in this build)";
    if (state.empty() && drill->attacks.empty()) state = "  (draft)";
    out += padded(drill->id, 22) + padded(drill->controls.front(), 10) + drill->title + state + "\n";
  }
  return out;
}

std::string drill_page(const drill::Drill& drill) {
  std::string out = drill.id + "  " + drill.title + "\n\n";
  for (const std::string& id : drill.techniques)
    out += paragraph("technique", id + " " + std::string(atlas::technique_name(id)));
  for (const std::string& id : drill.cases) {
    const atlas::CaseStudy* study = atlas::pinned().case_study(id);
    out += paragraph("case", id + " " + std::string(study == nullptr ? "" : study->name));
  }
  out += paragraph("control",
                   joined(drill.controls) + (drill.controls.size() > 1 ? " (the first is under test)" : ""));
  out += paragraph("proof", std::string(atlas::name_of(drill.proof)) + ", within " + seconds(drill.limit) +
                                "; the gate refuses from severity " + std::string(name_of(drill.fail_on)));
  out += paragraph("shows", drill.proves);
  out += paragraph("not shown", drill.does_not_show);
  out += paragraph("stands in", drill.file);
  if (!drill.steps.empty()) {
    out += "\nsteps of " + drill.cases.front() + "\n";
    for (const drill::Step& step : drill.steps)
      out += paragraph(
          std::to_string(step.number) + " " + std::string(name_of(step.act)),
          step.technique + " " + std::string(atlas::technique_name(step.technique)) + ": " + step.does);
  }
  out += trials_of("attacks (each also runs with " + drill.controls.front() + " off, and must succeed then)",
                   drill.attacks);
  out += trials_of("benign twins", drill.benign);
  if (drill.attacks.empty()) out += "\nThis is a draft: no attack is written yet.\n";
  return out;
}

}  // namespace bulwark::report
