#include "scan/formats/dependencies/list.h"

#include <algorithm>

namespace bulwark::scan {

bool is_commit(std::string_view text) {
  return text.size() == 40 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

std::string commit_in(std::string_view url) {
  for (const std::string_view mark : {"#commit=", "#commit:", "#", "@", "/"}) {
    const std::size_t at = url.rfind(mark);
    if (at == std::string_view::npos) continue;
    std::string_view tail = url.substr(at + mark.size());
    tail = tail.substr(0, tail.find_first_of("&?#"));
    if (is_commit(tail)) return std::string(tail);
  }
  return {};
}

void UniqueDependencies::add(Dependency dependency) {
  const std::string key = dependency.name + '\n' + dependency.version + '\n' + dependency.commit;
  const auto [at, fresh] = seen_.emplace(key, list_.dependencies.size());
  if (fresh) {
    list_.dependencies.push_back(std::move(dependency));
    return;
  }
  Dependency& known = list_.dependencies[at->second];
  if (dependency.groups.empty()) known.groups.clear();
  known.install_script = known.install_script || dependency.install_script;
}

}  // namespace bulwark::scan
