#include "scan/inspectors/requirements.h"

#include <algorithm>

#include "base/text.h"
#include "scan/inspectors/shared_rules.h"

namespace bulwark::scan {
namespace {

// Official wheels of PyTorch and JAX live beside the package index. The slash belongs to the host: without it
// a look-alike ("download.pytorch.org.evil.example") would pass.
bool is_well_known(std::string_view url) {
  constexpr std::string_view kHosts[] = {"https://download.pytorch.org/",
                                         "https://storage.googleapis.com/jax-releases/"};
  return std::ranges::any_of(kHosts, [&](std::string_view host) { return url.starts_with(host); });
}

std::string_view reason(std::string_view line) {
  constexpr std::string_view kOptions[] = {"--index-url", "--extra-index-url", "-i ", "--find-links",
                                           "-f ",         "--trusted-host"};
  for (const std::string_view option : kOptions) {
    if (!line.starts_with(option)) continue;
    std::string_view value = trim(line.substr(option.size()));
    if (value.starts_with('=')) value = trim(value.substr(1));
    return is_well_known(value) ? std::string_view() : "names another package index";
  }
  if (line.starts_with("git+") || line.find("@ git+") != std::string_view::npos)
    return "installs from a repository";
  if (line.starts_with("-e") || line.starts_with("./") || line.starts_with("../") || line.starts_with("/") ||
      line.starts_with("file:"))
    return "installs from a local path";
  const std::size_t url = line.find("http");
  const bool is_url = url != std::string_view::npos && line.substr(url).find("://") < 6;
  if (is_url && !is_well_known(line.substr(url)) && (url == 0 || line.find('@') < url))
    return "installs from a URL";
  return {};
}

}  // namespace

void judge_requirement(Inspection& in, std::string_view line, std::string_view where, Place place) {
  line = trim(line.substr(0, line.find(" #")));
  if (line.empty() || line.starts_with('#')) return;
  const std::string_view why = reason(line);
  if (why.empty()) return;
  in.report(inspectors::kRequirement, {.place = place,
                                       .message = std::string(where) + " " + std::string(why),
                                       .evidence = std::string(line),
                                       .subject = {},
                                       .severity = {}});
}

void judge_requirements(Inspection& in, std::string_view text, std::string_view where) {
  for (const std::string_view line : split(text, '\n')) judge_requirement(in, line, where, {});
}

}  // namespace bulwark::scan
