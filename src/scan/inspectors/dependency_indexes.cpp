// From which index may a package come? The public index needs no name here: whatever is asked *besides*
// another one is the finding.

#include <algorithm>
#include <set>

#include "base/text.h"
#include "scan/inspectors/dependency_checks.h"
#include "scan/inspectors/dependency_rules.h"

namespace bulwark::scan::inspectors {
namespace {

using Kind = PackageIndex::Kind;

// "host:port" of an address; credentials are left out.
std::string_view host_of(std::string_view url) {
  const std::size_t slashes = url.find("//");
  if (slashes == std::string_view::npos) return {};
  url.remove_prefix(slashes + 2);
  url = url.substr(0, url.find_first_of("/?#"));
  return url.substr(url.rfind('@') + 1);
}

// Addresses may carry a password: never shown.
std::string without_credentials(std::string_view url) {
  const std::size_t slashes = url.find("//");
  if (slashes == std::string_view::npos) return std::string(url);
  const std::size_t end = std::min(url.find_first_of("/?#", slashes + 2), url.size());
  const std::size_t mark = url.substr(0, end).rfind('@');
  if (mark == std::string_view::npos || mark < slashes) return std::string(url);
  return std::string(url.substr(0, slashes + 2)) + "…@" + std::string(url.substr(mark + 1));
}

// A mirror on this machine is nobody else's; the wheels of PyTorch and JAX are what their manuals name.
std::optional<Severity> milder(std::string_view url) {
  return is_local(url) || is_well_known_host(url) ? std::optional(Severity::Low) : std::nullopt;
}

void check_extra(const DependencyContext& at, const PackageIndex& index) {
  if (index.explicit_only) return;
  const std::string url = without_credentials(index.url);
  std::string message =
      "`" + url +
      "` is asked beside another index: a name that only one of them has can be published on the other";
  message += at.file.format == "pyproject.toml" || at.file.format == "uv.toml"
                 ? "; mark the index as explicit and name it for each of its packages"
                 : "; write `--index-url` with one index that serves both instead";
  report(at, kConfusion, index.place, std::move(message), url, milder(index.url));
}

void check_several_main(const DependencyContext& at) {
  const PackageIndex* first = nullptr;
  for (const PackageIndex& index : at.list.indexes) {
    if (index.kind != Kind::Main) continue;
    if (first == nullptr) {
      first = &index;
    } else if (index.url != first->url) {
      const std::string url = without_credentials(index.url);
      report(at, kConfusion, index.place,
             "`" + url + "` is a second index beside `" + without_credentials(first->url) + "`", url,
             milder(index.url));
    }
  }
}

void check_transport(const DependencyContext& at, const PackageIndex& index) {
  if (index.kind == Kind::TrustedHost) {
    if (at.file.format != ".npmrc" && !is_local("http://" + index.url))
      report(at, kNoTransportSecurity, index.place, "certificates of `" + index.url + "` are not checked",
             index.url);
    return;
  }
  if (!index.url.starts_with("http://") || is_local(index.url)) return;
  const std::string url = without_credentials(index.url);
  report(at, kNoTransportSecurity, index.place,
         "`" + url + "` is asked over plain http; write `https://" + url.substr(7) + "`", url);
}

// A server for which there are credentials is a private one: without a scope its packages are asked from the
// default.
void check_npm_scopes(const DependencyContext& at) {
  if (at.file.format != ".npmrc") return;
  std::set<std::string_view> bound;
  for (const PackageIndex& index : at.list.indexes)
    if (index.kind == Kind::Main || !index.scope.empty()) bound.insert(host_of(index.url));
  for (const PackageIndex& index : at.list.indexes) {
    if (index.kind != Kind::TrustedHost || bound.contains(host_of(index.url))) continue;
    report(at, kConfusion, index.place,
           "there are credentials for `" + index.url +
               "`, but no scope is bound to it: write `@scope:registry=https:" + index.url + "`",
           index.url, is_local(index.url) ? std::optional(Severity::Low) : std::nullopt);
  }
}

}  // namespace

bool is_local(std::string_view url) {
  if (url.starts_with("file:") || url.starts_with("link:") || url.starts_with("workspace:") ||
      url.starts_with("portal:"))
    return true;
  if (!url.contains("//"))
    return !url.contains(':') &&
           (url.starts_with('.') || url.starts_with('/') || url.starts_with('~') || !url.contains('.'));
  std::string_view host = host_of(url);
  if (host.starts_with('[')) return host.starts_with("[::1]");
  host = host.substr(0, host.find(':'));
  return host == "localhost" || host.starts_with("127.") || host.ends_with(".localhost");
}

bool is_well_known_host(std::string_view url) {
  // The slash belongs to the host: without it a look-alike ("download.pytorch.org.evil.example") would pass.
  constexpr std::string_view kHosts[] = {"https://download.pytorch.org/",
                                         "https://storage.googleapis.com/jax-releases/"};
  return std::ranges::any_of(kHosts, [&](std::string_view host) { return url.starts_with(host); });
}

void check_indexes(const DependencyContext& at) {
  if (at.model_rules) return;
  for (const PackageIndex& index : at.list.indexes) {
    if (index.kind == Kind::Extra) check_extra(at, index);
    if (index.kind == Kind::FindLinks && !is_local(index.url)) {
      const std::string url = without_credentials(index.url);
      report(at, kConfusion, index.place, "`" + url + "` is a list of files that is asked beside the index",
             url, is_well_known_host(index.url) ? Severity::Low : Severity::Medium);
    }
    check_transport(at, index);
  }
  check_several_main(at);
  check_npm_scopes(at);
}

}  // namespace bulwark::scan::inspectors
