// Where code is built, tested and deployed by machine.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Path, ".github/workflows/*.y*ml", "GitHub Actions"},
    {In::Path, ".github/actions/**/action.y*ml", "GitHub Actions"},
    {In::Path, ".gitlab-ci.yml", "GitLab CI"},
    {In::Path, "jenkinsfile", "Jenkins"},
    {In::Path, "*.jenkinsfile", "Jenkins"},
    {In::Path, "azure-pipelines*.y*ml", "Azure Pipelines"},
    {In::Path, ".circleci/config.yml", "CircleCI"},
    {In::Path, "bitbucket-pipelines.yml", "Bitbucket Pipelines"},
    {In::Path, ".buildkite/*.y*ml", "Buildkite"},
    {In::Path, ".drone.yml", "Drone"},
    {In::Path, "cloudbuild.y*ml", "Cloud Build"},
    {In::Path, ".travis.yml", "Travis CI"},
    {In::Path, ".woodpecker/*.y*ml", "Woodpecker"},
    {In::Object, "tekton.dev/*", "Tekton"},
    {In::Object, "argoproj.io/Application", "Argo CD"},
    {In::Object, "argoproj.io/ApplicationSet", "Argo CD"},
};

}  // namespace

const Detector ci{.kind = Kind::Ci, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
