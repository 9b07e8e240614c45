#include "trust/bom_facts.h"

#include "base/text.h"

namespace bulwark::trust {

std::string folded(std::string_view text) {
  std::string out;
  bool gap = false;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      gap = !out.empty();
      continue;
    }
    if (std::exchange(gap, false)) out += ' ';
    out += c;
  }
  return out;
}

std::string_view scalar_text(const Document& map, std::string_view key) {
  const Document* value = map.find(key);
  return value == nullptr || value->is_map() || value->is_list() ? std::string_view()
                                                                 : std::string_view(value->string);
}

void tell(Told& field, std::string_view text, std::string_view from) {
  if (field.known() || trim(text).empty()) return;
  field = {printable(folded(text), BomLimits{}.value_bytes), std::string(from)};
}

void Inventory::add(const Inventory& other) {
  tensors += other.tensors;
  parameters += other.parameters;
  for (const auto& [type, number] : other.types) types[type] += number;
  for (const auto& [operation, number] : other.operators) operators[operation] += number;
}

void ModelFacts::property(std::string_view key, std::string_view value, std::string_view from) {
  const BomLimits limits;
  value = trim(value);
  if (value.empty() || properties.size() >= limits.entries) return;
  for (const BomProperty& known : properties)
    if (known.name == key && known.value == value) return;
  properties.push_back({std::string(key), printable(folded(value), limits.value_bytes), std::string(from)});
}

}  // namespace bulwark::trust
