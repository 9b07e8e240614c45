// Where versions of models are kept and promoted.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Call, "mlflow.register_model", "MLflow registry"},
    {In::Call, ".transition_model_version_stage", "MLflow registry"},
    {In::Call, ".set_registered_model_alias", "MLflow registry"},
    {In::Call, ".create_registered_model", "MLflow registry"},
    {In::Call, ".create_model_version", "MLflow registry"},
    {In::Call, ".get_latest_versions", "MLflow registry"},
    {In::Call, ".push_to_hub", "Hugging Face Hub"},
    {In::Call, "huggingface_hub.upload_file", "Hugging Face Hub"},
    {In::Call, "huggingface_hub.upload_folder", "Hugging Face Hub"},
    {In::Call, "wandb.log_artifact", "Weights & Biases registry"},
    {In::Call, "wandb.log_model", "Weights & Biases registry"},
    {In::Call, ".link_artifact", "Weights & Biases registry"},
    {In::Call, "google.cloud.aiplatform.Model.upload", "Vertex AI model registry"},
    {In::Import, "sagemaker.model_package", "SageMaker model registry"},
    {In::Import, "sagemaker.workflow.model_step", "SageMaker model registry"},
    {In::Object, "modelregistry.kubeflow.org/*", "Kubeflow model registry"},
    {In::Config, "oci://", "OCI registry of models"},
};

void look(const File& file, Findings& findings) {
  for (const PythonText& text : file.python.texts) {
    if (text.text.starts_with("models:/"))
      findings.add(Kind::Registry, "MLflow registry", Confidence::Sure, file, text.line, text.text,
                   "loads a registered model");
    if (text.keyword == "registered_model_name")
      findings.add(Kind::Registry, "MLflow registry", Confidence::Sure, file, text.line, text.text,
                   "registers a model");
  }
}

}  // namespace

const Detector registry{.kind = Kind::Registry, .markers = kMarkers, .look = look};

}  // namespace bulwark::assess::detectors
