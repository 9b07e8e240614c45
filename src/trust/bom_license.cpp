#include <map>

#include "base/document.h"
#include "base/text.h"
#include "trust/bom_readers.h"

// data/EMBED
extern "C" {
extern const char bw_cyclonedx_spdx[], bw_cyclonedx_spdx_end[];
}

namespace bulwark::trust {
namespace {

// SPDX ids by their lower-case form: the hub and GGUF write "apache-2.0".
std::map<std::string, std::string, std::less<>> read_ids() {
  std::map<std::string, std::string, std::less<>> ids;
  const std::string_view text(bw_cyclonedx_spdx,
                              static_cast<std::size_t>(bw_cyclonedx_spdx_end - bw_cyclonedx_spdx));
  const auto parsed = parse_json(text, Limits{});
  const Document* list = parsed ? parsed->root.find("enum") : nullptr;
  if (list == nullptr) return ids;
  for (const Document& id : list->list) ids.emplace(lower(id.string), id.string);
  return ids;
}

}  // namespace

std::string spdx_id(std::string_view name) {
  static const auto ids = read_ids();
  const auto found = ids.find(lower(trim(name)));
  return found == ids.end() ? std::string() : found->second;
}

}  // namespace bulwark::trust
