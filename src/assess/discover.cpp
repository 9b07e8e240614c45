#include "assess/discover.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "scan/engine.h"

namespace bulwark::assess {
namespace {

// Readings of the scan engine. One that only may fit is believed once the engine has read the whole file so.
std::vector<std::string> formats_of(const std::string& path, Bytes content, const scan::Engine& engine) {
  std::vector<std::string> formats;
  bool weak = false;
  for (const scan::Inspector* inspector : scan::builtin_inspectors()) {
    if (inspector->recognises == nullptr || !is_model_format(inspector->name)) continue;
    const scan::Match match = inspector->recognises(content);
    if (match == scan::Match::Strong) formats.emplace_back(inspector->name);
    weak = weak || match == scan::Match::Weak;
  }
  if (!formats.empty() || !weak) return formats;
  const Report report = engine.scan({.path = path, .bytes = content});
  for (const Inspected& about : report.inspected)
    if (about.origin.empty())
      std::ranges::copy_if(about.formats, std::back_inserter(formats), is_model_format);
  return formats;
}

std::string folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(path.substr(0, slash == std::string_view::npos ? 0 : slash));
}

}  // namespace

void Discoverer::look(const std::string& path, Bytes content) {
  std::optional<std::string_view> text;
  if (content.size() <= kTextBytes) text = text_of(content);
  const File file = read_file(path, text, formats_of(path, content, engine_));
  if (!file.text.empty()) ++read_;
  look_at(file);
}

void Discoverer::look_at_name(const std::string& path) {
  look_at(read_file(path, std::nullopt, {}));
}

void Discoverer::look_at(const File& file) {
  ++files_;
  if (file.exposure == Exposure::Public && !file.manifests.empty())
    public_folders_.insert(folder_of(file.path));
  for (const Detector* detector : builtin_detectors()) {
    match_markers(*detector, file, findings_);
    if (detector->look != nullptr) detector->look(file, findings_);
  }
}

std::vector<Component> Discoverer::take() {
  std::vector<Component> components = findings_.take();
  // A Service or Ingress stands in a file of its own, beside the workload that it opens.
  for (Component& component : components)
    if ((component.kind == Kind::Serving || component.kind == Kind::Tracking) &&
        std::ranges::any_of(component.seen,
                            [&](const Sighting& at) { return public_folders_.contains(folder_of(at.path)); }))
      component.exposure = Exposure::Public;
  return components;
}

std::span<const BlindSpot> blind_spots() {
  static constexpr std::array<BlindSpot, 6> kSpots = {{
      {"what really runs, and in which version",
       "declare it in an inventory; ask the cluster and the cloud account"},
      {"networks, firewalls and who can reach what", "say `exposure` in an inventory; scan from outside"},
      {"accounts, roles and who holds which key",
       "export them from the identity provider and the cloud account"},
      {"data outside of the repository, their owners and their licences",
       "declare every data source in an inventory"},
      {"hosted services: models behind an API, managed notebooks, software as a service",
       "declare them in an inventory"},
      {"hardware, people and places", "talk to those who run them"},
  }};
  return kSpots;
}

}  // namespace bulwark::assess
