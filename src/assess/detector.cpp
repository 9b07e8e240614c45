#include "assess/detector.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <tuple>

#include "assess/detectors/list.h"
#include "base/glob.h"
#include "base/text.h"

namespace bulwark::assess {
namespace {

constexpr std::array kDetectors = {
#define BULWARK_LIST_DETECTOR(enumerator, file, id, title, looks_for) &detectors::file,
    BULWARK_COMPONENT_KINDS(BULWARK_LIST_DETECTOR)
#undef BULWARK_LIST_DETECTOR
};

// Names of components are shown and compared; longer ones are no names.
constexpr std::size_t kName = 120;
// Components of one kind: a tree that makes more of them is generated, and the kind is what counts.
constexpr std::size_t kPerKind = 200;

// Kinds that others connect to. Code that uses one of them says nothing about where it listens.
bool listens(Kind kind, const File& file) {
  switch (kind) {
    case Kind::Serving:
    case Kind::Compute: return true;
    case Kind::Notebook:
    case Kind::Orchestrator:
    case Kind::Tracking:
    case Kind::Registry:
    case Kind::VectorStore:
    case Kind::Container:
    case Kind::Kubernetes:
    case Kind::Infrastructure: return !file.is(FileType::Python);
    default: return false;
  }
}

bool is_word(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

bool is_whole_word(std::string_view text, std::size_t at, std::string_view word) {
  const std::size_t end = at + word.size();
  return (at == 0 || !is_word(text[at - 1]) || !is_word(word.front())) &&
         (end == text.size() || !is_word(text[end]) || !is_word(word.back()));
}

void match_path(const Detector& detector, const Marker& marker, const File& file, const std::string& path,
                const std::string& name, Findings& findings) {
  const bool whole = marker.pattern.find('/') != std::string_view::npos;
  if (!matches_glob(marker.pattern, whole ? path : name) &&
      !(whole && matches_glob("**/" + std::string(marker.pattern), path)))
    return;
  findings.add(detector.kind,
               std::string(marker.component.empty() ? std::string_view(file.path) : marker.component),
               Confidence::Likely, file, 0, {}, "is named " + std::string(marker.pattern));
}

void match_python(const Detector& detector, const Marker& marker, const File& file, Findings& findings) {
  for (const PythonName& name : file.python.names) {
    const bool call = marker.in == In::Call;
    if (call ? !name.called : !name.imported) continue;
    if (call ? !(name.dotted == marker.pattern ||
                 (marker.pattern.starts_with('.') && name.dotted.ends_with(marker.pattern)))
             : !names(name.dotted, marker.pattern))
      continue;
    findings.add(detector.kind, std::string(marker.component), call ? Confidence::Sure : Confidence::Likely,
                 file, name.line, name.dotted, (call ? "calls " : "imports ") + name.dotted);
    return;  // once a file
  }
}

void match_objects(const Detector& detector, const Marker& marker, const File& file, Findings& findings) {
  const std::size_t slash = marker.pattern.find('/');
  const std::string_view group = marker.pattern.substr(0, slash);
  const std::string_view kind = marker.pattern.substr(slash + 1);
  for (const Manifest& manifest : file.manifests) {
    const std::size_t version = manifest.api.find('/');
    const std::string_view own =
        version == std::string::npos ? std::string_view() : std::string_view(manifest.api).substr(0, version);
    if (own != group || (kind != "*" && kind != manifest.kind)) continue;
    findings.add(detector.kind, std::string(marker.component), Confidence::Sure, file, manifest.line,
                 manifest.kind + " " + manifest.name, "declares a " + manifest.kind);
  }
}

// The first line that says the words.
void match_config(const Detector& detector, const Marker& marker, const File& file, Findings& findings) {
  const std::string_view text = file.folded;
  for (std::size_t at = text.find(marker.pattern); at != std::string_view::npos;
       at = text.find(marker.pattern, at + 1)) {
    if (!is_whole_word(text, at, marker.pattern)) continue;
    const auto line = static_cast<std::size_t>(std::ranges::count(text.substr(0, at), '\n'));
    findings.add(detector.kind, std::string(marker.component), Confidence::Likely, file,
                 static_cast<std::uint32_t>(line + 1), file.lines[line],
                 "names " + std::string(marker.pattern));
    return;
  }
}

// The name that a requirement or lock line begins with: `"mlflow>=2"`, `- xgboost=2.0`, `mlflow = "^2"`.
std::string package_of(std::string_view line) {
  line = trim(line);
  while (!line.empty() && std::string_view("\"'-[ ").find(line.front()) != std::string_view::npos)
    line.remove_prefix(1);
  std::size_t end = 0;
  while (end < line.size() && (is_word(line[end]) || line[end] == '-' || line[end] == '.')) ++end;
  if (end < line.size() && std::string_view("\"'=<>~!;[ ,@#").find(line[end]) == std::string_view::npos)
    return {};
  std::string name = lower(line.substr(0, end));
  std::ranges::replace(name, '_', '-');
  return name;
}

void match_packages(const Detector& detector, const Marker& marker, const File& file, Findings& findings) {
  if (file.folded.find(marker.pattern.substr(0, marker.pattern.find('-'))) == std::string::npos) return;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    if (package_of(file.lines[i]) != marker.pattern) continue;
    findings.add(detector.kind, std::string(marker.component), Confidence::Possible, file,
                 static_cast<std::uint32_t>(i + 1), file.lines[i],
                 "depends on " + std::string(marker.pattern));
    return;
  }
}

bool lists_packages(std::string_view name) {
  return (name.starts_with("requirements") && (name.ends_with(".txt") || name.ends_with(".in"))) ||
         name == "pyproject.toml" || name == "pipfile" || name.starts_with("environment.y") ||
         name == "conda.yaml" || name == "setup.cfg";
}

}  // namespace

void Findings::add(Kind kind, std::string name, Confidence confidence, const File& file, std::uint32_t line,
                   std::string_view evidence, std::string why) {
  name = printable(name, kName);
  const auto key = std::pair(kind, name);
  auto found = found_.find(key);
  if (found == found_.end()) {
    const auto first = found_.lower_bound({kind, {}});
    std::size_t others = 0;
    for (auto other = first; other != found_.end() && other->first.first == kind; ++other) ++others;
    if (others >= kPerKind) return;
    found = found_.emplace(key, Component{.kind = kind, .name = name, .discovered = true}).first;
  }
  Component& component = found->second;
  component.confidence = std::max(component.confidence, confidence);
  if (listens(kind, file)) component.exposure = std::max(component.exposure, file.exposure);
  ++component.times;
  if (component.seen.size() >= kSightings) return;
  component.seen.push_back({.confidence = confidence,
                            .path = printable(file.path, 400),
                            .line = line,
                            .text = evidence_of(evidence),
                            .why = printable(why, kName)});
}

std::vector<Component> Findings::take() {
  std::vector<Component> components;
  for (auto& [key, component] : found_) {
    // Files that start with a dot say least to a reader.
    std::ranges::sort(component.seen, {}, [](const Sighting& at) {
      return std::tuple(-static_cast<int>(at.confidence), at.path.starts_with('.'), at.path, at.line, at.why);
    });
    components.push_back(std::move(component));
  }
  found_.clear();
  return components;
}

std::span<const Detector* const> builtin_detectors() {
  return kDetectors;
}

bool names(std::string_view dotted, std::string_view pattern) {
  if (pattern.starts_with('.')) return dotted.ends_with(pattern);
  return dotted.starts_with(pattern) && (dotted.size() == pattern.size() || dotted[pattern.size()] == '.');
}

void match_markers(const Detector& detector, const File& file, Findings& findings) {
  const std::string path = lower(file.path);
  const std::string name = lower(file.name());
  const bool packages = lists_packages(name);
  for (const Marker& marker : detector.markers) {
    switch (marker.in) {
      case In::Path: match_path(detector, marker, file, path, name, findings); break;
      case In::Import:
      case In::Call: match_python(detector, marker, file, findings); break;
      case In::Object: match_objects(detector, marker, file, findings); break;
      case In::Config:
        if (!packages) match_config(detector, marker, file, findings);
        break;
      case In::Package:
        if (packages) match_packages(detector, marker, file, findings);
        break;
    }
  }
}

}  // namespace bulwark::assess
