#include "scan/package.h"

#include <algorithm>

namespace bulwark::scan {

const Member* Package::find(std::string_view name) const {
  const auto found = std::ranges::find(members_, name, &Member::name);
  return found == members_.end() ? nullptr : &*found;
}

Result<Content> Package::read(std::string_view name, Inspection& in) const {
  const Member* member = find(name);
  if (member == nullptr) return fail(Code::NotFound, "no member named " + std::string(name));
  return read(static_cast<std::size_t>(member - members_.data()), in);
}

}  // namespace bulwark::scan
