#pragma once
// The knowledge base as JSON: docs/formats/atlas.schema.json.

#include <string>

#include "report/atlas_pages.h"

namespace bulwark::report {

// Each is a whole document: {"schema_version", "kind", "atlas", …}.
[[nodiscard]] std::string atlas_json(const AtlasView& view, const atlas::Object& object,
                                     std::string_view note);
[[nodiscard]] std::string atlas_json(const AtlasView& view, const atlas::Phase& phase);
[[nodiscard]] std::string atlas_list_json(const AtlasView& view, std::string_view what,
                                          const ListFilter& filter);
[[nodiscard]] std::string atlas_coverage_json(const AtlasView& view, const CoverageFacts& facts);
[[nodiscard]] std::string atlas_import_json(const AtlasView& after, const ImportOutcome& outcome);
// Everything: tactics, techniques, mitigations, case studies, controls, phases, crosswalk.
[[nodiscard]] std::string atlas_export_json(const AtlasView& view);

}  // namespace bulwark::report
