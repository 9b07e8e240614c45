// What runs the steps of a pipeline.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Import, "airflow", "Airflow"},
    {In::Path, "airflow.cfg", "Airflow"},
    {In::Config, "apache/airflow", "Airflow"},
    {In::Config, "airflow__core__executor", "Airflow"},
    {In::Package, "apache-airflow", "Airflow"},
    {In::Import, "kfp", "Kubeflow Pipelines"},
    {In::Object, "pipelines.kubeflow.org/*", "Kubeflow Pipelines"},
    {In::Package, "kfp", "Kubeflow Pipelines"},
    {In::Object, "argoproj.io/Workflow", "Argo Workflows"},
    {In::Object, "argoproj.io/CronWorkflow", "Argo Workflows"},
    {In::Object, "argoproj.io/WorkflowTemplate", "Argo Workflows"},
    {In::Object, "argoproj.io/ClusterWorkflowTemplate", "Argo Workflows"},
    {In::Import, "hera", "Argo Workflows"},
    {In::Import, "prefect", "Prefect"},
    {In::Path, "prefect.yaml", "Prefect"},
    {In::Config, "prefecthq/prefect", "Prefect"},
    {In::Package, "prefect", "Prefect"},
    {In::Import, "dagster", "Dagster"},
    {In::Path, "dagster.yaml", "Dagster"},
    {In::Package, "dagster", "Dagster"},
    {In::Import, "metaflow", "Metaflow"},
    {In::Import, "zenml", "ZenML"},
    {In::Import, "flytekit", "Flyte"},
    {In::Import, "luigi", "Luigi"},
    {In::Import, "kedro", "Kedro"},
    {In::Path, "mlproject", "MLflow Projects"},
    {In::Import, "sagemaker.workflow", "SageMaker Pipelines"},
    {In::Import, "google.cloud.aiplatform.pipeline_jobs", "Vertex AI Pipelines"},
};

}  // namespace

const Detector orchestrator{.kind = Kind::Orchestrator, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
