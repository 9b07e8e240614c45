#include "base/document.h"

#include <algorithm>
#include <ranges>

namespace bulwark {

Document::Document() = default;
Document::~Document() = default;
Document::Document(const Document&) = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(const Document&) = default;
Document& Document::operator=(Document&&) noexcept = default;

const Document* Document::find(std::string_view key) const {
  for (const Entry& entry : map | std::views::reverse)
    if (entry.first == key) return &entry.second;
  return nullptr;
}

std::string_view Document::text(std::string_view key) const {
  const Document* value = find(key);
  return value != nullptr && value->is_string() ? std::string_view(value->string) : std::string_view();
}

}  // namespace bulwark
