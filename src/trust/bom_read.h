#pragma once
// Bills of material that somebody made: CycloneDX 1.5, 1.6 and 1.7 in JSON. Fields that we know nothing of
// are kept; what contradicts itself is refused.

#include <functional>
#include <string>
#include <string_view>

#include "base/document.h"

namespace bulwark::trust {

struct Bom {
  Document root;
  std::string spec_version;
};

// Errors: InvalidInput (no JSON, no CycloneDX, a key that comes twice: readers would disagree on which one
// counts), Unsupported (XML, another version), LimitReached.
[[nodiscard]] Result<Bom> read_bom(std::string_view text);

// The value at the end of the keys, or null.
[[nodiscard]] const Document* at_path(const Document& from, std::initializer_list<std::string_view> keys);

// metadata.component first, then "components" with those inside of them.
void for_each_component(const Document& bom, const std::function<void(const Document&)>& use);
// What the document is about: the first machine-learning-model, else metadata.component; null if neither is
// there.
[[nodiscard]] const Document* model_in(const Document& bom);

}  // namespace bulwark::trust
