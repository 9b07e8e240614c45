#include "scan/formats/dependencies/kinds.h"

#include <algorithm>

#include "base/glob.h"
#include "base/text.h"
#include "scan/formats/dependencies/conda.h"
#include "scan/formats/dependencies/javascript_locks.h"
#include "scan/formats/dependencies/manifests.h"
#include "scan/formats/dependencies/python_locks.h"
#include "scan/formats/dependencies/requirements.h"

namespace bulwark::scan {
namespace {

using Role = DependencyFile::Role;

// Readers that cannot fail or need no limits, in the shape of the table.
template <DependencyList (*read)(std::string_view)>
Result<DependencyList> always(std::string_view text, const Limits&) {
  return read(text);
}

constexpr DependencyFile kFiles[] = {
    {"requirements.txt", Role::Requirements, always<read_requirements>},
    {"requirements.in", Role::Manifest, always<read_requirements>},
    {"Pipfile.lock", Role::Lock, read_pipfile_lock},
    {"poetry.lock", Role::Lock, read_poetry_lock},
    {"pdm.lock", Role::Lock, read_pdm_lock},
    {"pylock.toml", Role::Lock, read_pylock},
    {"uv.lock", Role::Lock, read_uv_lock},
    {"package-lock.json", Role::Lock, read_package_lock},
    {"yarn.lock", Role::Lock, always<read_yarn_lock>},
    {"pnpm-lock.yaml", Role::Lock, read_pnpm_lock},
    {"conda environment.yml", Role::Requirements, read_conda_environment},
    {"conda-meta", Role::Lock, read_conda_meta},
    {"pyproject.toml", Role::Manifest, read_pyproject},
    {"uv.toml", Role::Installer, read_uv_configuration},
    {"Pipfile", Role::Manifest, read_pipfile},
    {"setup.cfg", Role::Manifest, always<read_setup_cfg>},
    {"setup.py", Role::Manifest, always<read_setup_py>},
    {"package.json", Role::Manifest, read_package_json},
    {"pip.conf", Role::Installer, always<read_pip_conf>},
    {".npmrc", Role::Installer, always<read_npmrc>},
};

// Globs on the whole path with a '/' in front; the first that fits wins.
struct Name {
  std::string_view glob, format;
};
constexpr Name kNames[] = {
    {"**/npm-shrinkwrap.json", "package-lock.json"},
    {"**/pip.ini", "pip.conf"},
    {"**/.pip/pip.conf", "pip.conf"},
    {"**/pylock.*.toml", "pylock.toml"},
    {"**/conda-meta/*.json", "conda-meta"},
    {"**/environment*.yml", "conda environment.yml"},
    {"**/environment*.yaml", "conda environment.yml"},
    {"**/conda.yml", "conda environment.yml"},
    {"**/conda.yaml", "conda environment.yml"},
    {"**/conda_env.yml", "conda environment.yml"},
    {"**/conda_env.yaml", "conda environment.yml"},
    {"**/python_env.yaml", "conda environment.yml"},
    {"**/*requirements*.in", "requirements.in"},
    {"**/*constraints*.txt", "requirements.in"},
    {"**/*requirements*.txt", "requirements.txt"},
    {"**/requirements/*.txt", "requirements.txt"},
};

}  // namespace

const DependencyFile* dependency_file_of_format(std::string_view format) {
  const auto* found = std::ranges::find(kFiles, format, &DependencyFile::format);
  return found == std::end(kFiles) ? nullptr : found;
}

const DependencyFile* dependency_file(std::string_view path) {
  const std::string_view last = path.substr(path.rfind('/') + 1);
  if (const DependencyFile* exact = dependency_file_of_format(last)) return exact;
  // Matching globs is slow; these are few endings.
  constexpr std::string_view kEndings[] = {".txt", ".in", ".yml", ".yaml", ".toml", ".json", ".ini"};
  if (std::ranges::none_of(kEndings, [&](std::string_view ending) { return last.ends_with(ending); }))
    return nullptr;
  const std::string rooted = "/" + lower(path);
  for (const Name& name : kNames)
    if (matches_glob(name.glob, rooted)) return dependency_file_of_format(name.format);
  return nullptr;
}

}  // namespace bulwark::scan
