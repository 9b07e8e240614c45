#pragma once
// Pages of the ATLAS knowledge base: what is known about an object, and how it stands in this build.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/catalogue.h"
#include "atlas/compare.h"
#include "atlas/coverage.h"
#include "atlas/import.h"
#include "atlas/lookup.h"
#include "atlas/map.h"
#include "core/rule.h"
#include "report/page.h"

namespace bulwark::report {

// What the pages are about. Everything in it outlives the call.
struct AtlasView {
  const atlas::Catalogue& catalogue;
  const atlas::Map& map;
  std::span<const std::string_view> implemented;  // ids of the controls of this build, sorted
  std::span<const atlas::DrillOutcome> drills;    // of this build; empty: none has run
  std::span<const Rule* const> rules;             // every rule of this build
  bool imported = false;                          // the catalogue is not the one that is compiled in
};

// Which version this is, in words: for the head of every page.
[[nodiscard]] std::string version_line(const AtlasView& view);
[[nodiscard]] Tone tone_of(atlas::ControlState state);

// `object` must be found in the view's catalogue; `note` is shown above everything.
[[nodiscard]] Page object_page(const AtlasView& view, const atlas::Object& object, std::string_view note);
[[nodiscard]] Page technique_page(const AtlasView& view, const atlas::Technique& technique);
[[nodiscard]] Page case_page(const AtlasView& view, const atlas::CaseStudy& study);
[[nodiscard]] Page control_page(const AtlasView& view, const atlas::Control& control);
[[nodiscard]] Page phase_page(const AtlasView& view, const atlas::Phase& phase);

struct CoverageFacts {
  std::string build;  // digest of the running program
  std::string date;   // ISO
};
// Always over the catalogue of `view`, which must be the pinned one: the metric is made for it.
[[nodiscard]] Page coverage_page(const AtlasView& view, const CoverageFacts& facts);

// Everything on one page: coverage, then every list.
[[nodiscard]] Page export_page(const AtlasView& view, const CoverageFacts& facts);

// What an import changed. `before`: the pinned catalogue.
struct ImportOutcome {
  const atlas::Import& import;
  std::vector<atlas::Change> changes;
  std::vector<atlas::BrokenReference> broken;
  std::size_t references = 0;  // that were checked
  std::string folder;          // where the tables are now
};
[[nodiscard]] Page import_page(const AtlasView& after, const ImportOutcome& outcome);

// `bulwark atlas list`. Empty filters match everything.
struct ListFilter {
  std::string tactic, phase, control, maturity, kind;
};
// `what`: tactics, techniques, mitigations, cases, controls, phases or crosswalk.
[[nodiscard]] Page list_page(const AtlasView& view, std::string_view what, const ListFilter& filter);

// Pieces that the writers of this folder share.
[[nodiscard]] std::vector<const Rule*> rules_for(const AtlasView& view, std::string_view technique);
[[nodiscard]] std::vector<const atlas::DrillOutcome*> drills_for(const AtlasView& view,
                                                                 std::string_view technique);
[[nodiscard]] std::vector<std::string_view> controls_here(const AtlasView& view,
                                                          const std::vector<std::string_view>& controls);
[[nodiscard]] bool matches(const AtlasView& view, const ListFilter& filter,
                           const atlas::Technique& technique);
// "prevent, detect" of a defence; "out of reach".
[[nodiscard]] std::string answers_of(const atlas::Defence* defence);
// "2023-06" of a case study's date, as exact as upstream means it.
[[nodiscard]] std::string date_of(const atlas::CaseStudy& study);
[[nodiscard]] std::string joined(const std::vector<std::string_view>& items,
                                 std::string_view separator = ", ");

}  // namespace bulwark::report
