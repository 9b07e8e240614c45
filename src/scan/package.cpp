#include "scan/package.h"

#include <algorithm>

namespace bulwark::scan {

void Package::sort_names() {
  by_name_.clear();
  for (const Member& member : members_) by_name_.push_back(&member);
  // Among equal names the first of the archive stays first.
  std::ranges::sort(by_name_, [](const Member* a, const Member* b) {
    return a->name != b->name ? a->name < b->name : a < b;
  });
}

const Member* Package::find(std::string_view name) const {
  if (by_name_.empty()) {
    const auto found = std::ranges::find(members_, name, &Member::name);
    return found == members_.end() ? nullptr : &*found;
  }
  const auto found = std::ranges::lower_bound(by_name_, name, {}, &Member::name);
  return found == by_name_.end() || (*found)->name != name ? nullptr : *found;
}

bool Package::has_prefix(std::string_view prefix) const {
  const auto fits = [&](const Member& member) { return member.name.starts_with(prefix); };
  if (by_name_.empty()) return std::ranges::any_of(members_, fits);
  const auto found = std::ranges::lower_bound(by_name_, prefix, {}, &Member::name);
  return found != by_name_.end() && fits(**found);
}

Result<Content> Package::read(std::string_view name, Inspection& in) const {
  const Member* member = find(name);
  if (member == nullptr) return fail(Code::NotFound, "no member named " + std::string(name));
  return read(static_cast<std::size_t>(member - members_.data()), in);
}

}  // namespace bulwark::scan
