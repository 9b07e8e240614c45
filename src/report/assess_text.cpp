// For people: what was found, what threatens it phase by phase, what to do first, what was not seen.

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/text.h"
#include "report/assess.h"
#include "report/assess_words.h"

namespace bulwark::report {
namespace {

using assess::Assessment;
using assess::Threat;

constexpr unsigned kWidest = 120;    // longer lines are hard to read
constexpr std::size_t kThreats = 4;  // shown of a phase, unless all are asked for
constexpr std::size_t kEarly = 10;   // defences shown
constexpr std::size_t kLater = 6;
constexpr std::size_t kNamed = 4;   // components named in one line
constexpr std::size_t kFiles = 10;  // files named that could not be read

std::string_view paint_of(std::string_view state) {
  if (state == "proven") return "32";
  if (state == "present") return "36";
  if (state == "failed") return "1;31";
  return state == "absent" ? "33" : "2";
}

class Page {
 public:
  explicit Page(const AssessRun& run)
      : run_(run), assessment_(run.assessment), columns_(std::clamp(run.columns, 60U, kWidest)) {}

  std::string take() {
    head();
    components();
    difference();
    phases();
    defences();
    not_seen();
    return std::move(out_);
  }

 private:
  std::string painted(std::string_view text, std::string_view code) const {
    if (!run_.colour || text.empty()) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
  }

  void title(std::string_view text) { out_ += "\n" + painted(text, "1") + "\n"; }

  static std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
  }

  // `start`, then words up to the last column; further lines are indented.
  void line(const std::string& start, std::size_t start_width, std::string_view text, std::size_t indent,
            std::string_view paint = {}) {
    std::string row;
    std::size_t used = start_width;
    out_ += start;
    const auto flush = [&] { out_ += (paint.empty() ? row : painted(row, paint)) + "\n"; };
    for (const std::string_view word : words(text)) {
      if (!row.empty() && used + 1 + width_of(word) > columns_) {
        flush();
        out_ += std::string(indent, ' ');
        row.clear();
        used = indent;
      }
      used += width_of(word) + (row.empty() ? 0 : 1);
      row += (row.empty() ? "" : " ") + std::string(word);
    }
    flush();
  }
  void labelled(std::size_t indent, std::string_view label, std::size_t width, std::string_view text) {
    std::string start = std::string(indent, ' ') + painted(label, "2");
    const std::size_t label_width = width_of(label);
    start.append(width > label_width ? width - label_width : 1, ' ');
    line(start, indent + width, text, indent + width);
  }

  void head() {
    const assess::Looked& looked = assessment_.looked;
    std::string what;
    if (!looked.tree.empty())
      what = counted(looked.files, "file") + " seen in " + looked.tree + ", " + std::to_string(looked.read) +
             " read as text";
    if (!looked.inventory.empty())
      what += (what.empty() ? "declared in " : "; inventory ") + looked.inventory;
    out_ += painted(looked.name, "1") + "  " +
            painted("ATLAS " + std::string(assessment_.catalogue->version()), "2") + "\n";
    line({}, 0, what, 0);
    std::vector<std::size_t> all(assessment_.threats.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    line({}, 0,
         counted(assessment_.components.size(), "component") + "; " + std::to_string(all.size()) + " of " +
             std::to_string(assessment_.catalogue->techniques().size()) + " techniques apply, " +
             std::to_string(realized(assessment_, all)) + " of these seen in real incidents",
         0);
  }

  void components() {
    if (assessment_.components.empty()) {
      out_ += "\nNo component of a machine-learning pipeline was found.\n";
      return;
    }
    title("What it is made of");
    for (const assess::KindInfo& kind : assess::kinds()) {
      std::vector<const assess::Component*> found;
      for (const assess::Component& component : assessment_.components)
        if (component.kind == kind.kind) found.push_back(&component);
      if (found.empty()) continue;
      std::string text;
      const std::size_t most = run_.verbose ? found.size() : kNamed;
      for (std::size_t i = 0; i < std::min(most, found.size()); ++i) {
        const std::string place = place_of(*found[i]);
        text += (i == 0 ? "" : ", ") + found[i]->name;
        if (!place.empty() && place != found[i]->name) text += " (" + place + ")";
        if (found[i]->exposure >= assess::Exposure::Network)
          text += " [" + std::string(name_of(found[i]->exposure)) + "]";
        if (found[i]->confidence == assess::Confidence::Possible) text += " [possible]";
      }
      if (found.size() > most) text += " and " + std::to_string(found.size() - most) + " more";
      labelled(2, kind.title, 26, text);
    }
  }

  void difference() {
    if (assessment_.looked.inventory.empty() || assessment_.looked.tree.empty()) return;
    title("Inventory and tree");
    if (assessment_.not_found.empty() && assessment_.not_declared.empty()) {
      out_ += "  they agree\n";
      return;
    }
    const auto list = [&](std::string_view label, const std::vector<std::size_t>& indices) {
      for (const std::size_t index : indices) {
        const assess::Component& component = assessment_.components[index];
        const std::string place = component.discovered ? place_of(component) : std::string();
        labelled(2, label, 22,
                 std::string(info(component.kind).id) + " " + component.name +
                     (place.empty() ? "" : " (" + place + ")"));
      }
    };
    list("declared, not found", assessment_.not_found);
    list("found, not declared", assessment_.not_declared);
  }

  void phases() {
    if (assessment_.threats.empty()) return;
    title("What threatens it, phase by phase");
    std::string_view survey;
    for (const assess::PhaseView& view : assessment_.phases) {
      if (view.survey != survey) out_ += "\n" + painted(view.survey, "1;4") + "\n";
      survey = view.survey;
      line("  " + painted(view.name, "1") + "  ", 4 + width_of(view.name),
           counted(view.threats.size(), "technique") + ", " +
               std::to_string(realized(assessment_, view.threats)) + " realized",
           4, "2");
      const std::size_t most = run_.verbose ? view.threats.size() : kThreats;
      for (std::size_t i = 0; i < std::min(most, view.threats.size()); ++i)
        threat(assessment_.threats[view.threats[i]]);
      if (view.threats.size() > most)
        out_ += "    " +
                painted("and " + std::to_string(view.threats.size() - most) + " more (-v shows them)", "2") +
                "\n";
    }
  }

  void threat(const Threat& threat) {
    const std::string_view state = best_state(assessment_, threat);
    std::string start = "    " + std::string(threat.technique->id);
    start.append(start.size() < 20 ? 20 - start.size() : 1, ' ');
    const std::size_t indent = start.size();
    line(start, indent, assess::full_name(*assessment_.catalogue, *threat.technique), indent, "1");
    if (!shown_.insert(&threat).second) {
      out_ += std::string(indent, ' ') + painted("told above", "2") + "\n";
      return;
    }
    const std::string cases = cases_words(threat);
    out_ += std::string(indent, ' ') + painted(state, paint_of(state));
    line({}, indent + state.size(),
         "; " + std::string(threat.technique->maturity) + (cases.empty() ? "" : "; " + cases), indent, "2");
    labelled(indent, "because of", 12, because_words(assessment_, threat, run_.verbose ? 8 : 3));
    if (!run_.verbose) return;
    labelled(indent, "why", 12, threat.rule->because);
    labelled(indent, "attacker", 12, attacker_words(*threat.rule));
    std::string controls;
    for (const std::string_view id : threat.defence->controls)
      controls += (controls.empty() ? "" : ", ") + std::string(id) + " " +
                  std::string(state_name(*assessment_.standing(id)));
    labelled(indent, "controls", 12, controls);
    std::string mitigations;
    for (const atlas::Mitigation* mitigation : threat.mitigations)
      mitigations += (mitigations.empty() ? "" : ", ") + std::string(mitigation->id) + " " +
                     std::string(mitigation->name);
    if (!mitigations.empty()) labelled(indent, "mitigations", 12, mitigations);
    for (const atlas::CaseStudy* study : threat.cases)
      labelled(indent, study->type, 12,
               std::string(assess::date_of(*study)) + " " + std::string(study->id) + " " +
                   std::string(study->name));
  }

  void defences() {
    const assess::Ranking& ranking = assessment_.ranking;
    if (ranking.controls.empty()) return;
    title("What to do first");
    line({}, 0,
         "Ranked by what closes the most realised risk for the least change (docs/assess.md). Points are an "
         "estimate: " +
             std::to_string(std::llround(ranking.risk)) + " threaten here" +
             (ranking.closed > 0 ? ", " + std::to_string(std::llround(ranking.closed)) +
                                       " of these closed by controls in use"
                                 : std::string()) +
             ".",
         0);
    part("before anything runs", true, kEarly);
    part("in operation", false, kLater);
  }

  void part(std::string_view name, bool early, std::size_t most) {
    std::vector<const assess::RankedControl*> list;
    for (const assess::RankedControl& ranked : assessment_.ranking.controls)
      if (ranked.early == early) list.push_back(&ranked);
    if (list.empty()) return;
    out_ += "\n  " + painted(name, "1;4") + "\n";
    if (run_.verbose) most = list.size();
    for (std::size_t i = 0; i < std::min(most, list.size()); ++i) {
      const assess::RankedControl& ranked = *list[i];
      const std::string_view state = state_name(*assessment_.standing(ranked.control));
      std::string start =
          "  " + std::string(i < 9 ? " " : "") + std::to_string(i + 1) + "  " + painted(ranked.control, "1");
      start.append(ranked.control.size() < 13 ? 13 - ranked.control.size() : 1, ' ');
      line(start, 19, ranked.change->change, 19);
      out_ += std::string(19, ' ') + painted(state, paint_of(state)) + "  " +
              painted("closes " + std::to_string(std::llround(ranked.closes)) + ", effort " +
                          std::to_string(ranked.effort) + ", helps against " +
                          counted(ranked.techniques.size(), "technique") + "; made in " +
                          std::string(atlas::phase(ranked.change->phase)->name),
                      "2") +
              "\n";
    }
    if (list.size() > most)
      out_ += "      " + painted("and " + std::to_string(list.size() - most) + " more (-v shows them)", "2") +
              "\n";
  }

  void not_seen() {
    title("What this assessment did not see");
    if (!assessment_.absent.empty()) {
      if (assessment_.looked.tree.empty()) {
        out_ += "  no tree was looked at: only what the inventory declares is assessed\n";
      } else if (assessment_.components.empty()) {
        out_ += "  looked for, and found none:\n";
        for (const assess::Kind kind : assessment_.absent)
          labelled(4, info(kind).title, 28, info(kind).looks_for);
      } else {
        std::string none;
        for (const assess::Kind kind : assessment_.absent)
          none += (none.empty() ? "" : ", ") + std::string(info(kind).title);
        labelled(2, "found none of", 18, none);
      }
    }
    for (std::size_t i = 0; i < std::min(kFiles, assessment_.looked.not_read.size()); ++i)
      labelled(2, "not read", 18, assessment_.looked.not_read[i]);
    if (assessment_.looked.not_read.size() > kFiles)
      labelled(2, "not read", 18, std::to_string(assessment_.looked.not_read.size() - kFiles) + " more");
    out_ += "  no repository shows:\n";
    for (const assess::BlindSpot& spot : assess::blind_spots())
      line("    - ", 6, std::string(spot.what) + ": " + std::string(spot.instead), 6);
  }

  const AssessRun& run_;
  const Assessment& assessment_;
  std::size_t columns_;
  std::string out_;
  std::set<const Threat*> shown_;  // told in full
};

}  // namespace

std::string assess_text(const AssessRun& run) {
  return Page(run).take();
}

}  // namespace bulwark::report
