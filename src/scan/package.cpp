#include "scan/package.h"

#include <algorithm>

namespace bulwark::scan {

const std::vector<const Member*>& Package::by_name() const {
  std::call_once(sorted_, [this] {
    for (const Member& member : members_) by_name_.push_back(&member);
    // Among equal names the first of the archive stays first.
    std::ranges::sort(by_name_, [](const Member* a, const Member* b) {
      return a->name != b->name ? a->name < b->name : a < b;
    });
  });
  return by_name_;
}

const Member* Package::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(by_name(), name, {}, &Member::name);
  return found == by_name().end() || (*found)->name != name ? nullptr : *found;
}

bool Package::has_prefix(std::string_view prefix) const {
  const auto found = std::ranges::lower_bound(by_name(), prefix, {}, &Member::name);
  return found != by_name().end() && (*found)->name.starts_with(prefix);
}

Result<Content> Package::read(std::string_view name, Inspection& in) const {
  const Member* member = find(name);
  if (member == nullptr) return fail(Code::NotFound, "no member named " + std::string(name));
  return read(static_cast<std::size_t>(member - members_.data()), in);
}

}  // namespace bulwark::scan
