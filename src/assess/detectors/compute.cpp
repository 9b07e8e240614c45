// Clusters and cloud jobs on which training runs.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Object, "ray.io/*", "Ray"},
    {In::Config, "rayproject/ray", "Ray"},
    {In::Config, "ray start", "Ray"},
    {In::Call, "ray.init", "Ray"},
    {In::Import, "ray.train", "Ray"},
    {In::Import, "ray.tune", "Ray"},
    {In::Import, "ray.data", "Ray"},
    {In::Import, "pyspark", "Spark"},
    {In::Object, "sparkoperator.k8s.io/*", "Spark"},
    {In::Config, "bitnami/spark", "Spark"},
    {In::Config, "apache/spark", "Spark"},
    {In::Import, "dask.distributed", "Dask"},
    {In::Import, "distributed", "Dask"},
    {In::Object, "kubeflow.org/PyTorchJob", "training operator"},
    {In::Object, "kubeflow.org/TFJob", "training operator"},
    {In::Object, "kubeflow.org/MPIJob", "training operator"},
    {In::Object, "kubeflow.org/XGBoostJob", "training operator"},
    {In::Object, "trainer.kubeflow.org/TrainJob", "training operator"},
    {In::Import, "sagemaker", "SageMaker"},
    {In::Import, "google.cloud.aiplatform", "Vertex AI"},
    {In::Import, "azure.ai.ml", "Azure Machine Learning"},
    {In::Import, "azureml", "Azure Machine Learning"},
    {In::Import, "databricks", "Databricks"},
    {In::Path, "databricks.yml", "Databricks"},
    {In::Config, "sbatch", "Slurm"},
};

}  // namespace

const Detector compute{.kind = Kind::Compute, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
