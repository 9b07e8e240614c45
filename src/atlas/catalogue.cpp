#include "atlas/catalogue.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "atlas/embedded.h"
#include "atlas/table.h"
#include "base/text.h"

namespace bulwark::atlas {
namespace {

template <class Item>
const Item* by_id(const std::vector<Item>& sorted, std::string_view id) {
  const auto found = std::ranges::lower_bound(sorted, id, {}, &Item::id);
  return found == sorted.end() || found->id != id ? nullptr : &*found;
}

std::unexpected<Error> unknown(std::string_view table, std::string_view id) {
  return fail(Code::InvalidInput,
              std::string(table) + ": refers to " + printable(id, 40) + ", which is not in the catalogue");
}

Result<std::vector<Tactic>> read_tactics(std::string_view text) {
  const Table table = TRY(Table::read("tactics", text, {"id", "name", "order", "attack_ref"}));
  std::vector<Tactic> tactics;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const int order = TRY(table.number(i, 2));
    tactics.push_back({table.at(i, 0), table.at(i, 1), order, table.at(i, 3)});
  }
  std::ranges::sort(tactics, {}, &Tactic::order);
  return tactics;
}

Result<std::vector<Technique>> read_techniques(std::string_view text) {
  const Table table = TRY(Table::read(
      "techniques", text, {"id", "name", "subtechnique_of", "tactic_ids", "attack_ref", "maturity"}));
  std::vector<Technique> techniques;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    techniques.push_back(
        {table.at(i, 0), table.at(i, 1), table.at(i, 2), table.list(i, 3), table.at(i, 4), table.at(i, 5)});
  }
  std::ranges::sort(techniques, {}, &Technique::id);
  return techniques;
}

Result<std::vector<Mitigation>> read_mitigations(std::string_view text) {
  const Table table = TRY(Table::read("mitigations", text, {"id", "name", "ml_lifecycle", "category"}));
  std::vector<Mitigation> mitigations;
  for (std::size_t i = 0; i < table.rows(); ++i)
    mitigations.push_back({table.at(i, 0), table.at(i, 1), table.list(i, 2), table.at(i, 3), {}});
  std::ranges::sort(mitigations, {}, &Mitigation::id);
  return mitigations;
}

Result<std::vector<CaseStudy>> read_case_studies(std::string_view text) {
  const Table table = TRY(Table::read(
      "casestudies", text, {"id", "name", "type", "incident_date", "date_granularity", "actor", "target"}));
  std::vector<CaseStudy> studies;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    studies.push_back({table.at(i, 0),
                       table.at(i, 1),
                       table.at(i, 2),
                       table.at(i, 3),
                       table.at(i, 4),
                       table.at(i, 5),
                       table.at(i, 6),
                       {}});
  }
  std::ranges::sort(studies, {}, &CaseStudy::id);
  return studies;
}

}  // namespace

Result<Catalogue> Catalogue::read(const CatalogueTables& tables, std::shared_ptr<const void> keeps) {
  Catalogue catalogue;
  catalogue.keeps_ = std::move(keeps);
  catalogue.version_ = tables.version;
  catalogue.tactics_ = TRY(read_tactics(tables.tactics));
  catalogue.techniques_ = TRY(read_techniques(tables.techniques));
  catalogue.mitigations_ = TRY(read_mitigations(tables.mitigations));
  catalogue.case_studies_ = TRY(read_case_studies(tables.casestudies));
  for (const Technique& technique : catalogue.techniques_) {
    if (!technique.parent.empty() && catalogue.technique(technique.parent) == nullptr)
      return unknown("techniques", technique.parent);
    for (const std::string_view tactic : technique.tactics)
      if (catalogue.tactic(tactic) == nullptr) return unknown("techniques", tactic);
  }
  TRY(catalogue.read_mitigated(tables.mitigation_technique));
  TRY(catalogue.read_steps(tables.casestudy_steps));
  return catalogue;
}

Result<void> Catalogue::read_mitigated(std::string_view text) {
  const Table table = TRY(Table::read("mitigation_technique", text, {"mitigation_id", "technique_id"}));
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const auto found = std::ranges::find(mitigations_, table.at(i, 0), &Mitigation::id);
    if (found == mitigations_.end()) return unknown("mitigation_technique", table.at(i, 0));
    if (technique(table.at(i, 1)) == nullptr) return unknown("mitigation_technique", table.at(i, 1));
    found->techniques.push_back(table.at(i, 1));
  }
  return {};
}

Result<void> Catalogue::read_steps(std::string_view text) {
  const Table table =
      TRY(Table::read("casestudy_steps", text, {"casestudy_id", "step", "tactic_id", "technique_id"}));
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const auto found = std::ranges::find(case_studies_, table.at(i, 0), &CaseStudy::id);
    if (found == case_studies_.end()) return unknown("casestudy_steps", table.at(i, 0));
    const int number = TRY(table.number(i, 1));
    if (std::cmp_not_equal(number, found->steps.size() + 1)) {
      return fail(Code::InvalidInput, "casestudy_steps: " + std::string(found->id) + " has step " +
                                          std::to_string(number) + " after step " +
                                          std::to_string(found->steps.size()));
    }
    if (tactic(table.at(i, 2)) == nullptr) return unknown("casestudy_steps", table.at(i, 2));
    if (technique(table.at(i, 3)) == nullptr) return unknown("casestudy_steps", table.at(i, 3));
    found->steps.push_back({table.at(i, 2), table.at(i, 3)});
  }
  return {};
}

const Tactic* Catalogue::tactic(std::string_view id) const {
  const auto found = std::ranges::find(tactics_, id, &Tactic::id);
  return found == tactics_.end() ? nullptr : &*found;
}
const Technique* Catalogue::technique(std::string_view id) const {
  return by_id(techniques_, id);
}
const Mitigation* Catalogue::mitigation(std::string_view id) const {
  return by_id(mitigations_, id);
}
const CaseStudy* Catalogue::case_study(std::string_view id) const {
  return by_id(case_studies_, id);
}

std::vector<const Technique*> Catalogue::children_of(std::string_view technique) const {
  std::vector<const Technique*> children;
  for (const Technique& candidate : techniques_)
    if (candidate.parent == technique) children.push_back(&candidate);
  return children;
}

std::vector<const Mitigation*> Catalogue::mitigations_of(std::string_view technique) const {
  std::vector<const Mitigation*> found;
  for (const Mitigation& mitigation : mitigations_)
    if (std::ranges::find(mitigation.techniques, technique) != mitigation.techniques.end())
      found.push_back(&mitigation);
  return found;
}

std::vector<const CaseStudy*> Catalogue::cases_with(std::string_view technique) const {
  std::vector<const CaseStudy*> found;
  for (const CaseStudy& study : case_studies_)
    if (std::ranges::find(study.steps, technique, &Step::technique) != study.steps.end())
      found.push_back(&study);
  return found;
}

const Catalogue& pinned() {
  static const Catalogue catalogue = [] {
    auto read = Catalogue::read({.version = "5.6.0",
                                 .tactics = embedded::tactics(),
                                 .techniques = embedded::techniques(),
                                 .mitigations = embedded::mitigations(),
                                 .mitigation_technique = embedded::mitigation_technique(),
                                 .casestudies = embedded::casestudies(),
                                 .casestudy_steps = embedded::casestudy_steps()});
    if (!read) std::abort();  // our own data; a test reads every table
    return std::move(*read);
  }();
  return catalogue;
}

std::string_view technique_name(std::string_view id) {
  for (const std::string_view line : split(embedded::techniques(), '\n')) {
    if (!line.starts_with(id) || !line.substr(id.size()).starts_with('\t')) continue;
    const std::string_view rest = line.substr(id.size() + 1);
    return rest.substr(0, rest.find('\t'));
  }
  return {};
}

}  // namespace bulwark::atlas
