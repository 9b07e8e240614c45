#include "scan/formats/dependencies/list.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace bulwark::scan {

void add_digest(Dependency& found, std::string_view text, std::string_view file) {
  constexpr std::size_t kDigests = 1'000;  // of one package: PyPI's largest has some 300 files
  constexpr std::size_t kLongest = 128;    // SHA-512 in hex
  const std::size_t mark = text.find_first_of(":=-");
  if (mark == std::string_view::npos || found.digests.size() >= kDigests) return;
  std::string digits = lower(text.substr(mark + 1));
  if (text[mark] == '-') {
    const auto bytes = decode_base64(text.substr(mark + 1), Base64::Standard);
    if (!bytes) return;
    digits = hex(bytes_of(*bytes));
  }
  const bool known = text.starts_with("sha") || text.starts_with("md5") || text.starts_with("blake2");
  const bool good = known && !digits.empty() && digits.size() <= kLongest &&
                    digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (good) found.digests.push_back({lower(text.substr(0, mark)), std::move(digits), std::string(file)});
}

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
