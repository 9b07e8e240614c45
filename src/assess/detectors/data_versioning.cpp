// Tools that keep versions of data beside those of code.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Path, "*.dvc", "DVC"},
    {In::Path, "dvc.yaml", "DVC"},
    {In::Path, "dvc.lock", "DVC"},
    {In::Path, ".dvc/config", "DVC"},
    {In::Import, "dvc", "DVC"},
    {In::Import, "lakefs", "lakeFS"},
    {In::Import, "lakefs_client", "lakeFS"},
    {In::Path, ".lakefs*", "lakeFS"},
    {In::Import, "delta", "Delta Lake"},
    {In::Import, "deltalake", "Delta Lake"},
    {In::Import, "pyiceberg", "Apache Iceberg"},
    {In::Import, "pachyderm_sdk", "Pachyderm"},
    {In::Import, "python_pachyderm", "Pachyderm"},
    {In::Config, "filter=lfs", "Git LFS"},
    {In::Package, "dvc", "DVC"},
};

}  // namespace

const Detector data_versioning{.kind = Kind::DataVersioning, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
