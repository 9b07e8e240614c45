#include "scan/inspectors/requirements.h"

#include "scan/formats/dependencies/requirements.h"
#include "scan/inspectors/dependency_checks.h"
#include "scan/inspectors/shared_rules.h"

namespace bulwark::scan {
namespace {

// Why an address is not the package index; empty: it is one that is well known.
std::string_view reason_of_source(std::string_view source) {
  if (inspectors::is_local(source)) return "installs from a local path";
  if (inspectors::is_well_known_host(source)) return {};
  const bool repository = source.starts_with("git") || source.starts_with("hg+") ||
                          source.starts_with("svn+") || source.starts_with("bzr+") ||
                          source.starts_with("ssh:");
  return repository ? "installs from a repository" : "installs from a URL";
}

void report(Inspection& in, std::string_view where, std::string_view why, std::string_view what,
            Place place) {
  in.report(inspectors::kRequirement, {.place = place,
                                       .message = std::string(where) + " " + std::string(why),
                                       .evidence = std::string(what),
                                       .subject = {},
                                       .severity = {}});
}

void judge_list(Inspection& in, const DependencyList& list, std::string_view where, Place place) {
  for (const Dependency& each : list.dependencies) {
    if (each.source.empty()) continue;
    const std::string_view why = reason_of_source(each.source);
    if (!why.empty()) report(in, where, why, each.source, place);
  }
  for (const PackageIndex& index : list.indexes)
    if (!inspectors::is_well_known_host(index.url))
      report(in, where, "names another package index", index.url, place);
}

}  // namespace

void judge_requirement(Inspection& in, std::string_view line, std::string_view where, Place place) {
  judge_list(in, read_requirements(line), where, place);
}

void judge_requirements(Inspection& in, std::string_view text, std::string_view where) {
  judge_list(in, read_requirements(text), where, {});
}

}  // namespace bulwark::scan
