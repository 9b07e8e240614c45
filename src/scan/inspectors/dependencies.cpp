// Lock files, manifests and the configuration of installers: which packages does this project ask for, from
// where, and what is known about them?

#include <algorithm>
#include <set>

#include "base/text.h"
#include "scan/inspectors/dependency_checks.h"
#include "scan/inspectors/dependency_rules.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/siblings.h"

namespace bulwark::scan::inspectors {
namespace {

Match recognises_file(std::string_view path, Bytes content) {
  // A NUL makes it no text; the rest is said by the reader.
  constexpr std::size_t kLooked = 4096;
  const std::string_view text = text_of(content.first(std::min(content.size(), kLooked)));
  if (text.find('\0') != std::string_view::npos) return Match::No;
  return dependency_file(path) == nullptr ? Match::No : Match::Weak;
}

bool is_empty(const DependencyList& list) {
  return list.dependencies.empty() && list.indexes.empty() && list.included.empty() && list.scripts.empty();
}

// Lists that this one takes in by a name under which nobody else would look for them.
void read_included(const DependencyContext& at) {
  const Package* package = at.in.package();
  if (package == nullptr) return;
  std::set<std::string> taken;
  for (const IncludedList& included : at.list.included) {
    if (dependency_file(included.path) != nullptr || path_escapes(included.path) ||
        !taken.insert(included.path).second)
      continue;
    auto content = package->read(included.path, at.in);
    if (!content) {
      if (content.error().code != Code::NotFound) at.in.gap(content.error(), included.path);
      continue;
    }
    at.in.child(included.path, std::vector<std::uint8_t>(content->bytes.begin(), content->bytes.end()),
                "dependencies");
  }
}

Result<void> inspect(Inspection& in) {
  const DependencyFile* file = dependency_file(name_of(in.artifact()));
  // Included by another list, under a name of its own.
  if (file == nullptr) file = dependency_file_of_format("requirements.txt");
  const Siblings siblings(in);
  // npm reads npm-shrinkwrap.json instead.
  const bool is_shrinkwrap = name_of(in.artifact()).ends_with("npm-shrinkwrap.json");
  if (file->format == "package-lock.json" && !is_shrinkwrap && siblings.has("npm-shrinkwrap.json")) {
    in.fact("dependencies", "npm reads npm-shrinkwrap.json instead of this file");
    return {};
  }
  const std::string_view text = text_of(in.bytes());
  const auto list = file->read(text, in.limits());
  if (!list) {
    // JSON and YAML that nobody can read are a gap of the configuration inspector already.
    const bool lists = file->role == DependencyFile::Role::Lock || file->format.ends_with(".toml") ||
                       file->format == "Pipfile" || text.contains("dependencies:");
    if (!lists) return fail(Code::Unsupported, "no list of dependencies");
    in.gap(list.error(), file->format);
    return {};
  }
  if (is_empty(*list)) return fail(Code::Unsupported, "names no package");
  in.fact("dependencies", std::to_string(list->dependencies.size()));
  const DependencyContext at{
      .in = in,
      .text = text,
      .file = *file,
      .list = *list,
      .beside_model = is_model_folder(siblings),
      .has_lock = siblings.has_any({"uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock",
                                    "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml",
                                    "conda-lock.yml"}),
      .model_rules = siblings.has_any({"MLmodel", "MAR-INF/MANIFEST.json"})};
  check_pins(at);
  check_indexes(at);
  check_names(at);
  check_advisories(at);
  read_included(at);
  return {};
}

}  // namespace

void report(const DependencyContext& at, const Rule& rule, const Place& place, std::string message,
            std::string_view evidence, std::optional<Severity> severity) {
  at.in.report(rule, {.place = place,
                      .text = at.text,
                      .message = std::move(message),
                      .evidence = std::string(evidence),
                      .subject = std::string(evidence),
                      .severity = severity});
}

std::string shown(const Dependency& dependency) {
  if (!dependency.source.empty() && dependency.version.empty()) return dependency.source;
  const bool npm = dependency.ecosystem == "npm";
  if (!dependency.version.empty()) return dependency.name + (npm ? "@" : "==") + dependency.version;
  return dependency.name + (npm && !dependency.wanted.empty() ? "@" : "") + dependency.wanted;
}

const Inspector dependencies{
    .name = "dependencies",
    .version = "1",
    .rules = kDependencyRules,
    .recognises_file = recognises_file,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
