// Feature stores.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Path, "feature_store.yaml", "Feast"},
    {In::Import, "feast", "Feast"},
    {In::Import, "tecton", "Tecton"},
    {In::Import, "hopsworks", "Hopsworks"},
    {In::Import, "hsfs", "Hopsworks"},
    {In::Import, "sagemaker.feature_store", "SageMaker Feature Store"},
    {In::Import, "featureform", "Featureform"},
    {In::Package, "feast", "Feast"},
};

}  // namespace

const Detector feature_store{.kind = Kind::FeatureStore, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
