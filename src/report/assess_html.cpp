// One page: a matrix of phases by tactics that one can walk, and everything behind it.

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "report/assess.h"
#include "report/assess_words.h"
#include "report/html.h"

extern "C" const char bw_assess_css[], bw_assess_css_end[];
extern "C" const char bw_assess_js[], bw_assess_js_end[];

namespace bulwark::report {
namespace {

using assess::Assessment;
using assess::Threat;

constexpr std::size_t kRanked = 6;       // defences shown before the fold
constexpr std::size_t kComponents = 12;  // named with one technique

std::string_view badge_of(std::string_view state) {
  if (state == "proven" || state == "discovered and declared") return "good";
  if (state == "present" || state == "demonstrated" || state == "internal") return "note";
  if (state == "absent" || state == "network") return "warn";
  if (state == "failed" || state == "realized" || state == "public" || state == "incident") return "bad";
  return "none";
}

std::string badge(std::string_view text) {
  return "<span class=\"badge " + std::string(badge_of(text)) + "\">" + html(text) + "</span>";
}

std::string id(std::string_view text) {
  return "<span class=\"id\">" + html(text) + "</span>";
}

std::string anchor(std::string_view technique) {
  return "t-" + std::string(technique);
}

std::string heat(std::size_t count) {
  return count < 3 ? "h1" : count < 6 ? "h2" : count < 10 ? "h3" : "h4";
}

class Page {
 public:
  explicit Page(const AssessRun& run) : assessment_(run.assessment), version_(run.version) {
    for (const assess::PhaseView& view : assessment_.phases)
      for (const std::size_t index : view.threats)
        for (const std::string_view tactic : assessment_.threats[index].technique->tactics)
          if (view.code != "PR" || tactic == "AML.TA0002" || tactic == "AML.TA0003")
            cells_[{view.code, tactic}].push_back(index);
  }

  std::string take() {
    constexpr auto kContents = std::to_array<HtmlLink>({{"first", "What to do first"},
                                                        {"matrix", "Phases and tactics"},
                                                        {"techniques", "Techniques"},
                                                        {"components", "Components"},
                                                        {"controls", "Controls"},
                                                        {"unseen", "What was not seen"}});
    summary();
    defences();
    matrix();
    techniques();
    components();
    controls();
    not_seen();
    const std::string title = "Threat assessment: " + assessment_.looked.name;
    const std::string about = lede();
    const std::string footer = "<p>Made by Bulwark " + html(version_) + " with MITRE ATLAS " +
                               html(assessment_.catalogue->version()) +
                               " (Apache-2.0). Points order; they are an estimate and no probability. A "
                               "state says what this build of Bulwark "
                               "can do, not what is switched on.</p>\n";
    return write_html({.title = title,
                       .lede = about,
                       .contents = kContents,
                       .body = body_,
                       .footer = footer,
                       .style = {bw_assess_css, static_cast<std::size_t>(bw_assess_css_end - bw_assess_css)},
                       .script = {bw_assess_js, static_cast<std::size_t>(bw_assess_js_end - bw_assess_js)}});
  }

 private:
  std::string lede() const {
    const assess::Looked& looked = assessment_.looked;
    std::string text;
    if (!looked.tree.empty())
      text = counted(looked.files, "file") + " of <code>" + html(looked.tree) + "</code> seen, " +
             std::to_string(looked.read) + " read as text";
    if (!looked.inventory.empty())
      text +=
          (text.empty() ? "Declared in <code>" : "; inventory <code>") + html(looked.inventory) + "</code>";
    return text + ".";
  }

  void card(const std::string& figure, std::string_view text) {
    body_ += "<div class=\"card\"><div class=\"figure\">" + html(figure) + "</div><p class=\"small muted\">" +
             html(text) + "</p></div>\n";
  }

  void heading(std::string_view anchor_id, std::string_view text) {
    body_ += "<h2 id=\"" + std::string(anchor_id) + "\">" + html(text) + "</h2>\n";
  }

  void summary() {
    std::size_t real = 0;
    std::map<std::string_view, std::size_t> states;
    for (const Threat& threat : assessment_.threats) {
      real += threat.technique->maturity == "realized" ? 1U : 0U;
      ++states[best_state(assessment_, threat)];
    }
    body_ += "<div class=\"summary\">\n";
    card(std::to_string(assessment_.components.size()),
         "components of " + std::to_string(assess::kinds().size() - assessment_.absent.size()) + " kinds");
    card(std::to_string(assessment_.threats.size()),
         "of " + std::to_string(assessment_.catalogue->techniques().size()) + " ATLAS techniques apply");
    card(std::to_string(real), "of these were seen in real incidents");
    card(std::to_string(states["proven"]), "can be met here, proven by a drill");
    card(std::to_string(states["present"]), "have a control here that no drill has proven");
    card(std::to_string(states["absent"]), "have no control in this build");
    card(std::to_string(states["document only"]), "are out of any platform's reach");
    body_ += "</div>\n";
  }

  void defences() {
    heading("first", "What to do first");
    if (assessment_.ranking.controls.empty()) {
      body_ += "<p>Nothing that threatens was found, so nothing is ranked.</p>\n";
      return;
    }
    body_ +=
        "<p>What closes the most realised risk for the least change stands first. Points: maturity × cases × "
        "exposure, summed over the techniques that a control helps against and that those above it leave "
        "open: " +
        std::to_string(std::llround(assessment_.ranking.risk)) + " threaten here";
    if (assessment_.ranking.closed > 0)
      body_ += ", " + std::to_string(std::llround(assessment_.ranking.closed)) +
               " of them closed by controls in use";
    body_ += ".</p>\n";
    ranked("Before anything runs", true);
    ranked("In operation", false);
  }

  void ranked(std::string_view title, bool early) {
    std::vector<const assess::RankedControl*> list;
    for (const assess::RankedControl& one : assessment_.ranking.controls)
      if (one.early == early) list.push_back(&one);
    if (list.empty()) return;
    double most = 0;
    for (const assess::RankedControl* one : list) most = std::max(most, one->closes);
    body_ += "<h3>" + html(title) + "</h3>\n";
    rows(list, 0, std::min(kRanked, list.size()), most, title);
    if (list.size() <= kRanked) return;
    body_ +=
        "<details class=\"more\"><summary>" + std::to_string(list.size() - kRanked) + " more</summary>\n";
    rows(list, kRanked, list.size(), most, std::string(title) + ", continued");
    body_ += "</details>\n";
  }

  void rows(const std::vector<const assess::RankedControl*>& list, std::size_t begin, std::size_t end,
            double most, const std::string_view caption) {
    body_ += "<table class=\"ranked\"><caption>" + html(caption) +
             "</caption><thead><tr><th scope=\"col\" class=\"number\">#</th><th scope=\"col\">Defence</th>"
             "<th scope=\"col\">Here</th><th scope=\"col\">Closes</th><th scope=\"col\">Effort</th>"
             "<th scope=\"col\">Phase</th><th scope=\"col\">Helps against</th></tr></thead>\n<tbody>\n";
    for (std::size_t i = begin; i < end; ++i) {
      const assess::RankedControl& one = *list[i];
      const int width = std::clamp(static_cast<int>(std::lround(20 * one.closes / most)), 1, 20);
      body_ += "<tr><td class=\"number\">" + std::to_string(i + 1) + "</td><td class=\"what\"><a href=\"#c-" +
               html(one.control) + "\"><strong>" + html(one.control) + "</strong></a><p>" +
               html(one.change->change) + "</p></td><td>" +
               badge(state_name(*assessment_.standing(one.control))) +
               "</td><td class=\"closes\" data-label=\"closes\"><span class=\"bar\"><i class=\"w" +
               std::to_string(width) + "\"></i></span>" + std::to_string(std::llround(one.closes)) +
               "</td><td data-label=\"effort\">" + std::to_string(one.effort) + "</td><td>" +
               html(atlas::phase(one.change->phase)->name) + "</td><td>" + links(one.techniques, 4) +
               "</td></tr>\n";
    }
    body_ += "</tbody></table>\n";
  }

  static std::string links(const std::vector<std::string_view>& techniques, std::size_t most) {
    std::string out;
    for (std::size_t i = 0; i < std::min(most, techniques.size()); ++i) {
      const std::string_view technique = techniques[i];
      out += (i == 0 ? "" : " ") + std::string("<a class=\"id\" href=\"#") + anchor(technique) + "\">" +
             html(technique.substr(4)) + "</a>";
    }
    if (techniques.size() > most)
      out += " <span class=\"muted small\">+" + std::to_string(techniques.size() - most) + "</span>";
    return out;
  }

  void matrix() {
    heading("matrix", "Phases and tactics");
    if (assessment_.threats.empty()) {
      body_ += "<p>No technique was found to apply.</p>\n";
      return;
    }
    body_ +=
        "<p>How many techniques apply in each phase of the pipeline, by what an adversary wants to reach. A "
        "number "
        "opens its techniques; arrow keys walk from one to the next.</p>\n";
    filters();
    body_ +=
        "<p class=\"key small muted\"><span class=\"h1\"><i></i>1–2</span><span "
        "class=\"h2\"><i></i>3–5</span>"
        "<span class=\"h3\"><i></i>6–9</span><span class=\"h4\"><i></i>10 and more techniques</span>"
        "<span>“seen”: in real incidents</span></p>\n"
        "<div class=\"scrolls\" role=\"region\" aria-label=\"Matrix of phases and tactics\" tabindex=\"0\">\n"
        "<table class=\"matrix\"><thead><tr><td class=\"corner\"></td>";
    for (const atlas::Tactic& tactic : assessment_.catalogue->tactics())
      body_ += "<th scope=\"col\"><span>" + html(tactic.name) + "</span></th>";
    body_ += "</tr></thead>\n<tbody>\n";
    std::string_view survey;
    for (const assess::PhaseView& view : assessment_.phases) {
      if (view.survey != survey)
        body_ += "<tr><th class=\"survey\" scope=\"rowgroup\" colspan=\"" +
                 std::to_string(assessment_.catalogue->tactics().size() + 1) + "\">" + html(view.survey) +
                 "</th></tr>\n";
      survey = view.survey;
      body_ += "<tr><th scope=\"row\">" + html(view.name) + "</th>";
      for (const atlas::Tactic& tactic : assessment_.catalogue->tactics()) cell(view, tactic);
      body_ += "</tr>\n";
    }
    body_ += "</tbody></table></div>\n";
    for (const assess::PhaseView& view : assessment_.phases)
      for (const atlas::Tactic& tactic : assessment_.catalogue->tactics()) cell_list(view, tactic);
  }

  static std::string cell_id(const assess::PhaseView& view, const atlas::Tactic& tactic) {
    return std::string(view.code) + "-" + std::string(tactic.id.substr(4));
  }

  void cell(const assess::PhaseView& view, const atlas::Tactic& tactic) {
    const auto found = cells_.find({view.code, tactic.id});
    if (found == cells_.end()) {
      body_ += "<td></td>";
      return;
    }
    const std::size_t count = found->second.size();
    const std::size_t seen = realized(assessment_, found->second);
    body_ += "<td><a class=\"" + heat(count) + "\" href=\"#m-" + cell_id(view, tactic) + "\" title=\"" +
             html(view.name) + ": " + html(tactic.name) + "\"><b>" + std::to_string(count) + "</b><small>" +
             std::to_string(seen) + " seen</small></a></td>";
  }

  void cell_list(const assess::PhaseView& view, const atlas::Tactic& tactic) {
    const auto found = cells_.find({view.code, tactic.id});
    if (found == cells_.end()) return;
    body_ += "<section class=\"cell card\" id=\"m-" + cell_id(view, tactic) +
             "\"><a class=\"close small\" href=\"#matrix\">close</a><h3 tabindex=\"-1\">" + html(view.name) +
             ": " + html(tactic.name) + "</h3><ul>";
    for (const std::size_t index : found->second) {
      const Threat& threat = assessment_.threats[index];
      body_ += "<li><a href=\"#" + anchor(threat.technique->id) + "\">" +
               html(assess::full_name(*assessment_.catalogue, *threat.technique)) + "</a> " +
               id(threat.technique->id) + " " + badge(threat.technique->maturity) + "</li>";
    }
    body_ += "</ul></section>\n";
  }

  void filters() {
    body_ +=
        "<form class=\"filters\"><label>Search techniques, components, controls, cases"
        "<input id=\"search\" type=\"search\" autocomplete=\"off\"></label><label>State here<select "
        "id=\"state\">"
        "<option value=\"\">any</option>";
    for (const char* state : {"proven", "present", "absent", "document only"})
      body_ += "<option>" + std::string(state) + "</option>";
    body_ += "</select></label><label>Maturity<select id=\"maturity\"><option value=\"\">any</option>";
    for (const char* maturity : {"realized", "demonstrated", "feasible"})
      body_ += "<option>" + std::string(maturity) + "</option>";
    body_ +=
        "</select></label><button type=\"button\" id=\"clear\">Clear</button>"
        "<output id=\"found\" aria-live=\"polite\"></output></form>\n";
  }

  void techniques() {
    heading("techniques", "Techniques");
    std::vector<std::size_t> order(assessment_.threats.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, std::greater(), [&](std::size_t i) {
      return std::pair(assessment_.threats[i].defence->in_reach(), assessment_.threats[i].weight);
    });
    body_ += "<p>Those that can be met first, the heaviest first.</p>\n<div class=\"techniques\">\n";
    for (const std::size_t index : order) technique(index);
    body_ += "</div>\n";
  }

  void technique(std::size_t index) {
    const Threat& threat = assessment_.threats[index];
    const std::string_view state = best_state(assessment_, threat);
    std::string places;
    for (const auto& [key, list] : cells_)
      if (std::ranges::find(list, index) != list.end())
        places +=
            (places.empty() ? "" : " ") + std::string(key.first) + "-" + std::string(key.second.substr(4));
    body_ += "<details id=\"" + anchor(threat.technique->id) + "\" data-cells=\"" + places +
             "\" data-state=\"" + html(state) + "\" data-maturity=\"" + html(threat.technique->maturity) +
             "\"><summary>" + id(threat.technique->id) + "<strong>" +
             html(assess::full_name(*assessment_.catalogue, *threat.technique)) + "</strong>" +
             badge(threat.technique->maturity) + badge(state) + "<span class=\"small muted\">" +
             std::to_string(threat.weight) + " points</span></summary>\n<div class=\"body\"><p>" +
             html(threat.rule->because) + "</p>\n<dl>";
    row("Because of", component_list(threat));
    row("Attacker", html(attacker_words(*threat.rule)));
    std::string where;
    for (const assess::PhaseView& view : assessment_.phases)
      if (std::ranges::find(view.threats, index) != view.threats.end())
        where += (where.empty() ? "" : ", ") + html(view.name);
    row("Phases", where);
    row("Controls", control_list(threat));
    std::string mitigations;
    for (const atlas::Mitigation* mitigation : threat.mitigations)
      mitigations += "<li>" + html(mitigation->name) + " " + id(mitigation->id) + "</li>";
    if (!mitigations.empty()) row("Mitigations", "<ul>" + mitigations + "</ul>");
    std::string cases;
    for (const atlas::CaseStudy* study : threat.cases)
      cases += "<li>" + html(assess::date_of(*study)) + " " + badge(study->type) + " " + html(study->name) +
               " " + id(study->id) + "</li>";
    if (!cases.empty()) row("Cases", "<ul>" + cases + "</ul>");
    body_ += "</dl></div></details>\n";
  }

  void row(std::string_view term, const std::string& value) {
    body_ += "<dt>" + std::string(term) + "</dt><dd>" + value + "</dd>\n";
  }

  std::string component_list(const Threat& threat) const {
    std::string out = "<ul>";
    for (std::size_t i = 0; i < std::min(kComponents, threat.components.size()); ++i) {
      const assess::Component& component = assessment_.components[threat.components[i]];
      const std::string place = place_of(component);
      out += "<li>" + html(component.name) +
             (place.empty() || place == component.name ? ""
                                                       : " <span class=\"place\">" + html(place) + "</span>");
      if (component.exposure >= assess::Exposure::Network) out += " " + badge(name_of(component.exposure));
      out += "</li>";
    }
    if (threat.components.size() > kComponents)
      out +=
          "<li class=\"muted\">and " + std::to_string(threat.components.size() - kComponents) + " more</li>";
    return out + "</ul>";
  }

  std::string control_list(const Threat& threat) const {
    std::string out = "<ul>";
    for (const std::string_view control : threat.defence->controls) {
      const assess::Standing& standing = *assessment_.standing(control);
      out += "<li><a href=\"#c-" + html(control) + "\">" + html(control) + "</a> " +
             badge(state_name(standing)) + (standing.in_use ? " " + badge("in use") : "") + "</li>";
    }
    return out + "</ul>";
  }

  void components() {
    heading("components", "Components");
    if (assessment_.components.empty()) {
      body_ += "<p>No component of a machine-learning pipeline was found.</p>\n";
      return;
    }
    body_ +=
        "<div class=\"scrolls\" role=\"region\" aria-label=\"Components\" tabindex=\"0\"><table><thead><tr>"
        "<th scope=\"col\">Kind</th><th scope=\"col\">Name</th><th scope=\"col\">Seen</th>"
        "<th scope=\"col\">Why</th><th scope=\"col\">Reach</th><th "
        "scope=\"col\">Sure</th></tr></thead>\n<tbody>\n";
    const bool compared = !assessment_.looked.inventory.empty() && !assessment_.looked.tree.empty();
    for (const assess::Component& component : assessment_.components) {
      body_ += "<tr><td>" + html(info(component.kind).title) + "</td><td>" + html(component.name);
      if (compared && !component.discovered) body_ += " " + badge("declared, not found");
      if (compared && !component.declared) body_ += " " + badge("found, not declared");
      if (!component.note.empty())
        body_ += "<br><span class=\"muted small\">" + html(component.note) + "</span>";
      const std::string place = place_of(component);
      body_ +=
          "</td><td class=\"place\">" + html(place) +
          (component.times > 1 ? " and " + std::to_string(component.times - 1) + " more" : std::string()) +
          "</td><td class=\"small\">" +
          (component.seen.empty() ? "declared" : html(component.seen.front().why)) + "</td><td>" +
          badge(name_of(component.exposure)) + "</td><td>" + html(name_of(component.confidence)) +
          "</td></tr>\n";
    }
    body_ += "</tbody></table></div>\n";
  }

  void controls() {
    heading("controls", "Controls");
    body_ +=
        "<p>Proven: a drill of this build stopped the attack, and the attack succeeded without the control. "
        "Present: "
        "this build has it, no drill has run. Absent: this build does not have it. Not applicable: nothing "
        "that "
        "threatens here names it.</p>\n<div class=\"scrolls\" role=\"region\" aria-label=\"Controls\" "
        "tabindex=\"0\">"
        "<table><thead><tr><th scope=\"col\">Control</th><th scope=\"col\">State here</th>"
        "<th scope=\"col\">What it does</th></tr></thead>\n<tbody>\n";
    for (const assess::Standing& standing : assessment_.controls)
      body_ += "<tr id=\"c-" + html(standing.control->id) + "\"><td><strong>" + html(standing.control->id) +
               "</strong></td><td>" + badge(state_name(standing)) +
               (standing.in_use ? " " + badge("in use") : "") + "</td><td>" +
               html(standing.control->statement) + "</td></tr>\n";
    body_ += "</tbody></table></div>\n";
  }

  void not_seen() {
    heading("unseen", "What was not seen");
    if (assessment_.looked.tree.empty()) {
      body_ += "<p>No tree was looked at: only what the inventory declares is assessed.</p>\n";
    } else if (!assessment_.absent.empty()) {
      body_ += "<h3>Looked for, and found none</h3>\n<ul>\n";
      for (const assess::Kind kind : assessment_.absent)
        body_ += "<li>" + html(info(kind).title) + " <span class=\"muted\">(" + html(info(kind).looks_for) +
                 ")</span></li>\n";
      body_ += "</ul>\n";
    }
    if (!assessment_.looked.not_read.empty()) {
      body_ += "<h3>Could not be read</h3>\n<ul>\n";
      for (const std::string& file : assessment_.looked.not_read) body_ += "<li>" + html(file) + "</li>\n";
      body_ += "</ul>\n";
    }
    body_ += "<h3>What no repository shows</h3>\n<ul>\n";
    for (const assess::BlindSpot& spot : assess::blind_spots())
      body_ += "<li><strong>" + html(spot.what) + "</strong>: " + html(spot.instead) + "</li>\n";
    body_ += "</ul>\n";
  }

  const Assessment& assessment_;
  std::string_view version_;
  std::string body_;
  std::map<std::pair<std::string_view, std::string_view>, std::vector<std::size_t>> cells_;  // phase, tactic
};

}  // namespace

std::string assess_html(const AssessRun& run) {
  return Page(run).take();
}

}  // namespace bulwark::report
