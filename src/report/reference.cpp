#include "report/reference.h"

#include <boost/json.hpp>
#include <map>

#include "base/text.h"
#include "report/areas.h"
#include "report/atlas.h"
#include "report/pretty.h"

namespace bulwark::report {
namespace {

namespace json = boost::json;

std::string techniques_text(const Rule& rule, std::string_view separator) {
  std::string text;
  for (const std::string_view id : techniques_of(rule)) {
    if (!text.empty()) text += separator;
    text.append(id).append(" ").append(technique_name(id));
  }
  return text;
}

}  // namespace

std::string explanation_text(const Rule& rule) {
  std::string text;
  text.append(rule.id).append("  ").append(rule.title).append("\n");
  text.append("severity  ").append(name_of(rule.severity)).append("\n");
  text.append("why       ").append(rule.why).append("\n");
  text.append("do        ").append(rule.fix).append("\n");
  text.append("ATLAS     ").append(techniques_text(rule, "\n          ")).append("\n");
  text.append("controls  ").append(rule.controls).append("\n");
  return text;
}

std::string reference_text(std::span<const Rule* const> rules) {
  std::string text;
  if (rules.size() == 1) return explanation_text(*rules.front());
  for (const Rule* rule : rules) {
    const std::string severity(name_of(rule->severity));
    text += std::string(rule->id) + std::string(rule->id.size() < 14 ? 14 - rule->id.size() : 1, ' ') +
            severity + std::string(10 - severity.size(), ' ') + std::string(rule->title) + "\n";
  }
  return text;
}

std::string reference_markdown(std::span<const Rule* const> rules) {
  std::string text;
  for (const Rule* rule : rules) {
    text.append("## ").append(rule->id).append(": ").append(rule->title).append("\n\n");
    text.append("Severity: **")
        .append(name_of(rule->severity))
        .append("**. Controls: ")
        .append(rule->controls);
    text.append(".\n\n").append(rule->why).append("\n\n");
    text.append("*What to do:* ").append(rule->fix).append("\n\n");
    text.append("MITRE ATLAS: ").append(techniques_text(*rule, "; ")).append(".\n\n");
  }
  return text;
}

std::string reference_json(std::span<const Rule* const> rules) {
  json::array list;
  for (const Rule* rule : rules) {
    json::array atlas;
    for (const std::string_view id : techniques_of(*rule)) atlas.emplace_back(json::string(id));
    json::array controls;
    for (const std::string_view id : words(rule->controls)) controls.emplace_back(json::string(id));
    list.emplace_back(json::object{{"rule", rule->id},
                                   {"title", rule->title},
                                   {"severity", name_of(rule->severity)},
                                   {"why", rule->why},
                                   {"fix", rule->fix},
                                   {"atlas", std::move(atlas)},
                                   {"controls", std::move(controls)}});
  }
  return pretty(json::object{{"rules", std::move(list)}});
}

std::vector<std::pair<std::string, std::string>> reference_pages(std::span<const Rule* const> rules) {
  std::map<std::string, std::vector<const Rule*>, std::less<>> areas;
  for (const Rule* rule : rules) areas[std::string(area_of(rule->id))].push_back(rule);
  std::string index =
      "# Rules\n\nPrinted from the code by `bulwark rules --folder docs/rules`; do not edit by hand.\n\n"
      "| area | about | rules |\n|---|---|---|\n";
  std::string table = "\n| rule | severity | what |\n|---|---|---|\n";
  std::vector<std::pair<std::string, std::string>> pages;
  for (const auto& [area, members] : areas) {
    const std::string meaning(area_meaning(area));
    index +=
        "| [" + area + "](" + area + ".md) | " + meaning + " | " + std::to_string(members.size()) + " |\n";
    for (const Rule* rule : members)
      table += "| [" + std::string(rule->id) + "](" + area + ".md) | " +
               std::string(name_of(rule->severity)) + " | " + std::string(rule->title) + " |\n";
    pages.emplace_back(area + ".md", "# " + area + (meaning.empty() ? "" : ": " + meaning) + "\n\n" +
                                         reference_markdown(members));
    pages.back().second.pop_back();  // one line feed at the end
  }
  pages.emplace(pages.begin(), "README.md", index + table);
  return pages;
}

}  // namespace bulwark::report
