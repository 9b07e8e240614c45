#pragma once
// Shorthand for objects whose unknown values are left out. Only for bom_*.cpp.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_text.h"

namespace bulwark::trust {

class JsonMap {
 public:
  // Left out if empty.
  JsonMap& text(std::string_view key, std::string_view value) {
    if (!value.empty()) entries_.emplace_back(key, json_string(std::string(value)));
    return *this;
  }
  // Left out if it is an empty list or map.
  JsonMap& put(std::string_view key, Document value) {
    const bool nothing = (value.is_list() && value.list.empty()) || (value.is_map() && value.map.empty());
    if (!nothing) entries_.emplace_back(key, std::move(value));
    return *this;
  }
  [[nodiscard]] Document done() { return json_map(std::move(entries_)); }

 private:
  std::vector<Document::Entry> entries_;
};

// {"name": "bulwark:…", "value": …}
[[nodiscard]] inline Document bom_property(std::string_view name, std::string_view value) {
  return JsonMap()
      .text("name", "bulwark:" + std::string(name))
      .put("value", json_string(std::string(value)))
      .done();
}

[[nodiscard]] inline Document sha256_hashes(std::string_view hex) {
  std::vector<Document> hashes;
  if (!hex.empty()) hashes.push_back(JsonMap().text("alg", "SHA-256").text("content", hex).done());
  return json_list(std::move(hashes));
}

}  // namespace bulwark::trust
