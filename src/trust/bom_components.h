#pragma once
// One element of "components" each, from facts. Only for bom_write.cpp.

#include "base/document.h"
#include "trust/bom_facts.h"

namespace bulwark::trust {

[[nodiscard]] Document model_component(const ModelFacts& model, const BomSubject& subject);
[[nodiscard]] Document application_component(const BomSubject& subject);  // of several models, or none
[[nodiscard]] Document file_component(const BomFile& file);
[[nodiscard]] Document library_component(const LibraryFacts& library);
[[nodiscard]] Document dataset_component(const DatasetFacts& dataset);
[[nodiscard]] Document model_card(const ModelFacts& model);

// Empty list if nothing is known. Expressions stand alone, as the format asks.
[[nodiscard]] Document license_list(const std::vector<LicenseFacts>& licenses);
// Text as an IRI reference: a path is percent-encoded. Empty if it can be none.
[[nodiscard]] std::string reference_of(std::string_view text);

}  // namespace bulwark::trust
