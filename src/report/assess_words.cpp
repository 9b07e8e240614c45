#include "report/assess_words.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace bulwark::report {

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  const std::string plural = many.empty() ? std::string(one) + "s" : std::string(many);
  return std::to_string(count) + " " + (count == 1 ? std::string(one) : plural);
}

std::string cases_words(const assess::Threat& threat) {
  if (threat.cases.empty()) return {};
  std::string text;
  if (threat.incidents > 0) text = counted(static_cast<std::size_t>(threat.incidents), "incident");
  if (threat.exercises > 0)
    text += (text.empty() ? "" : ", ") + counted(static_cast<std::size_t>(threat.exercises), "exercise");
  const auto newest = std::ranges::max_element(threat.cases, {}, &atlas::CaseStudy::date);
  return text + "; newest " + std::string(assess::date_of(**newest));
}

std::string place_of(const assess::Component& component) {
  if (component.seen.empty()) return {};
  const assess::Sighting& first = component.seen.front();
  return first.path + (first.line == 0 ? std::string() : ":" + std::to_string(first.line));
}

std::string because_words(const assess::Assessment& assessment, const assess::Threat& threat,
                          std::size_t most) {
  std::vector<std::size_t> order = threat.components;
  // What is reached from outside first, then what is known best; kinds that were named already last.
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    const assess::Component& left = assessment.components[a];
    const assess::Component& right = assessment.components[b];
    return std::tuple(right.exposure, right.confidence) < std::tuple(left.exposure, left.confidence);
  });
  std::set<assess::Kind> named;
  std::ranges::stable_partition(
      order, [&](std::size_t index) { return named.insert(assessment.components[index].kind).second; });
  std::string text;
  for (std::size_t i = 0; i < std::min(most, order.size()); ++i) {
    const assess::Component& component = assessment.components[order[i]];
    const std::string place = place_of(component);
    text += (i == 0 ? "" : ", ") + component.name;
    if (!place.empty() && place != component.name) text += " (" + place + ")";
  }
  if (order.size() > most) text += " and " + std::to_string(order.size() - most) + " more";
  return text;
}

std::string attacker_words(const assess::Applicability& rule) {
  std::string text = std::string(rule.knowledge) + " box; ";
  for (std::size_t i = 0; i < rule.access.size(); ++i) {
    const auto word = std::ranges::find(assess::access_words(), rule.access[i], &assess::Word::word);
    text += (i == 0 ? "" : ", or ") + std::string(word->meaning);
  }
  return text;
}

std::size_t realized(const assess::Assessment& assessment, const std::vector<std::size_t>& threats) {
  return static_cast<std::size_t>(std::ranges::count_if(threats, [&](std::size_t index) {
    return assessment.threats[index].technique->maturity == "realized";
  }));
}

}  // namespace bulwark::report
