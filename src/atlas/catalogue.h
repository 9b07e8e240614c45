#pragma once
// MITRE ATLAS as facts: tactics, techniques, mitigations, case studies and their steps, of one version.
//
// The pinned version (5.6.0) is compiled in; a newer one can be imported. Source: mitre-atlas/atlas-data,
// Apache-2.0 (data/atlas/NOTICE). Names and relations only, none of its prose.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::atlas {

// All texts are views into what the catalogue was read from and live as long as it. Ids are written in full:
// "AML.T0010.003".
struct Tactic {
  std::string_view id;
  std::string_view name;
  int order = 0;                // position in the matrix, from 0
  std::string_view attack_ref;  // MITRE ATT&CK tactic id, or empty
};

struct Technique {
  std::string_view id;
  std::string_view name;
  std::string_view parent;                // id of the technique that this one refines, or empty
  std::vector<std::string_view> tactics;  // ids; of a sub-technique its parent's
  std::string_view attack_ref;            // MITRE ATT&CK technique id, or empty
  std::string_view maturity;              // "feasible", "demonstrated" or "realized"
};

struct Mitigation {
  std::string_view id;
  std::string_view name;
  std::vector<std::string_view> lifecycle;   // upstream's stages
  std::string_view category;                 // "Policy", "Technical - ML" or "Technical - Cyber"
  std::vector<std::string_view> techniques;  // ids that upstream links to it
};

struct Step {
  std::string_view tactic;
  std::string_view technique;
};

struct CaseStudy {
  std::string_view id;
  std::string_view name;
  std::string_view type;              // "incident" or "exercise"
  std::string_view date;              // ISO
  std::string_view date_granularity;  // "DATE", "MONTH" or "YEAR": how much of the date is meant
  std::string_view actor;
  std::string_view target;
  std::vector<Step> steps;  // in order; step 1 is steps[0]
};

// The texts of one version as tables, as they lie in data/atlas and in the user's data directory.
struct CatalogueTables {
  std::string_view version;  // "5.6.0"
  std::string_view tactics;
  std::string_view techniques;
  std::string_view mitigations;
  std::string_view mitigation_technique;
  std::string_view casestudies;
  std::string_view casestudy_steps;
};

class Catalogue {
 public:
  // `keeps` owns the texts (null: they live for ever). Errors: InvalidInput naming table and line, also for
  // an id that refers to nothing.
  [[nodiscard]] static Result<Catalogue> read(const CatalogueTables& tables,
                                              std::shared_ptr<const void> keeps = nullptr);

  [[nodiscard]] std::string_view version() const { return version_; }
  // In the order of the matrix; techniques, mitigations and case studies sorted by id.
  [[nodiscard]] const std::vector<Tactic>& tactics() const { return tactics_; }
  [[nodiscard]] const std::vector<Technique>& techniques() const { return techniques_; }
  [[nodiscard]] const std::vector<Mitigation>& mitigations() const { return mitigations_; }
  [[nodiscard]] const std::vector<CaseStudy>& case_studies() const { return case_studies_; }

  // By full id, or null.
  [[nodiscard]] const Tactic* tactic(std::string_view id) const;
  [[nodiscard]] const Technique* technique(std::string_view id) const;
  [[nodiscard]] const Mitigation* mitigation(std::string_view id) const;
  [[nodiscard]] const CaseStudy* case_study(std::string_view id) const;

  // Sorted by id.
  [[nodiscard]] std::vector<const Technique*> children_of(std::string_view technique) const;
  [[nodiscard]] std::vector<const Mitigation*> mitigations_of(std::string_view technique) const;
  [[nodiscard]] std::vector<const CaseStudy*> cases_with(std::string_view technique) const;

 private:
  [[nodiscard]] Result<void> read_steps(std::string_view text);
  [[nodiscard]] Result<void> read_mitigated(std::string_view text);

  std::shared_ptr<const void> keeps_;
  std::string_view version_;
  std::vector<Tactic> tactics_;
  std::vector<Technique> techniques_;
  std::vector<Mitigation> mitigations_;
  std::vector<CaseStudy> case_studies_;
};

// The version that our own maps are made for. Parsed at the first call. Threads: safe.
[[nodiscard]] const Catalogue& pinned();

// The pinned name of a technique, without parsing anything else; empty if unknown. Views into embedded data.
[[nodiscard]] std::string_view technique_name(std::string_view id);

}  // namespace bulwark::atlas
