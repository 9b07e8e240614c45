#include "store/storage.h"

#include <algorithm>

#include "base/text.h"

namespace bulwark::store {
namespace {

constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxComponents = 4;

bool is_component(std::string_view text) {
  return !text.empty() && text.front() != '.' && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace

bool is_storage_name(std::string_view name) {
  if (name.size() > kMaxName) return false;
  const auto components = split(name, '/');
  return components.size() <= kMaxComponents && std::ranges::all_of(components, is_component);
}

Result<std::vector<std::uint8_t>> read_all(Storage& storage, const std::string& name, std::uint64_t limit) {
  const auto file = TRY(storage.open(name));
  const std::uint64_t size = TRY(file->size());
  if (size > limit)
    return fail(Code::LimitReached, name + ": " + std::to_string(size) + " bytes, at most " +
                                        std::to_string(limit) + " are expected");
  std::vector<std::uint8_t> content(size);
  const std::size_t got = TRY(file->read_at(0, content));
  content.resize(got);  // shorter if it shrinks meanwhile: whoever parses it finds out
  return content;
}

}  // namespace bulwark::store
