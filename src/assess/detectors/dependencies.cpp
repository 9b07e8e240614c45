// Requirement and lock files.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Path, "requirements*.txt", ""}, {In::Path, "requirements*.in", ""},
    {In::Path, "pyproject.toml", ""},    {In::Path, "poetry.lock", ""},
    {In::Path, "uv.lock", ""},           {In::Path, "pipfile", ""},
    {In::Path, "pipfile.lock", ""},      {In::Path, "environment.yml", ""},
    {In::Path, "environment.yaml", ""},  {In::Path, "conda.yaml", ""},
    {In::Path, "conda-lock.yml", ""},    {In::Path, "setup.py", ""},
    {In::Path, "setup.cfg", ""},         {In::Path, "package.json", ""},
    {In::Path, "package-lock.json", ""}, {In::Path, "yarn.lock", ""},
    {In::Path, "pnpm-lock.yaml", ""},    {In::Path, "go.mod", ""},
    {In::Path, "cargo.toml", ""},        {In::Path, "cargo.lock", ""},
    {In::Path, "renv.lock", ""},         {In::Path, "gemfile", ""},
    {In::Path, "pom.xml", ""},           {In::Path, "build.gradle", ""},
};

}  // namespace

const Detector dependencies{.kind = Kind::Dependencies, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
