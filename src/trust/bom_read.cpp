#include "trust/bom_read.h"

#include <algorithm>

#include "base/text.h"
#include "trust/bom_schema.h"

namespace bulwark::trust {
namespace {

// As deep as Limits::document_depth let the document be.
void each_below(const Document& component, const std::function<void(const Document&)>& use) {
  use(component);
  if (const Document* inner = component.find("components"))
    for (const Document& each : inner->list) each_below(each, use);
}

}  // namespace

Result<Bom> read_bom(std::string_view text) {
  if (trim(text.substr(0, 100)).starts_with('<'))
    return fail(Code::Unsupported,
                "this is XML; bills of material are read as JSON (convert it with cyclonedx-cli)");
  ParsedDocument parsed = TRY(parse_json(text, Limits{}));
  if (!parsed.duplicates.empty()) {
    const DuplicateKey& key = parsed.duplicates.front();
    return fail(Code::InvalidInput,
                "the key '" + printable(key.key, 60) + "' comes twice at offset " +
                    std::to_string(key.offset) + "; readers would not agree on its value",
                key.offset);
  }
  Bom bom{std::move(parsed.root), {}};
  if (!bom.root.is_map() || bom.root.text("bomFormat") != "CycloneDX") {
    const bool spdx =
        bom.root.is_map() && (bom.root.find("spdxVersion") != nullptr || bom.root.find("@graph") != nullptr);
    return fail(spdx ? Code::Unsupported : Code::InvalidInput,
                spdx ? "this is SPDX, which is not implemented; CycloneDX is read"
                     : "no CycloneDX document: \"bomFormat\" is not \"CycloneDX\"");
  }
  bom.spec_version = bom.root.text("specVersion");
  if (std::ranges::find(kBomVersions, bom.spec_version) == kBomVersions.end()) {
    return fail(Code::Unsupported,
                "CycloneDX '" + printable(bom.spec_version, 20) + "' is not read; 1.5, 1.6 and 1.7 are");
  }
  return bom;
}

const Document* at_path(const Document& from, std::initializer_list<std::string_view> keys) {
  const Document* at = &from;
  for (const std::string_view key : keys) {
    at = at->find(key);
    if (at == nullptr) return nullptr;
  }
  return at;
}

void for_each_component(const Document& bom, const std::function<void(const Document&)>& use) {
  if (const Document* main = at_path(bom, {"metadata", "component"})) each_below(*main, use);
  if (const Document* list = bom.find("components"))
    for (const Document& each : list->list) each_below(each, use);
}

const Document* model_in(const Document& bom) {
  const Document* found = nullptr;
  for_each_component(bom, [&](const Document& component) {
    if (found == nullptr && component.text("type") == "machine-learning-model") found = &component;
  });
  return found != nullptr ? found : at_path(bom, {"metadata", "component"});
}

}  // namespace bulwark::trust
