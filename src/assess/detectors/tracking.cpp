// Where runs and their artifacts are kept.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Import, "mlflow", "MLflow tracking"},
    {In::Config, "mlflow server", "MLflow tracking"},
    {In::Config, "mlflow ui", "MLflow tracking"},
    {In::Config, "mlflow/mlflow", "MLflow tracking"},
    {In::Config, "mlflow_tracking_uri", "MLflow tracking"},
    {In::Config, "burakince/mlflow", "MLflow tracking"},
    {In::Path, "basic_auth.ini", "MLflow tracking"},
    {In::Package, "mlflow", "MLflow tracking"},
    {In::Package, "mlflow-skinny", "MLflow tracking"},
    {In::Import, "wandb", "Weights & Biases"},
    {In::Config, "wandb_api_key", "Weights & Biases"},
    {In::Package, "wandb", "Weights & Biases"},
    {In::Import, "comet_ml", "Comet"},
    {In::Import, "neptune", "Neptune"},
    {In::Import, "clearml", "ClearML"},
    {In::Import, "aim", "Aim"},
    {In::Import, "torch.utils.tensorboard", "TensorBoard"},
    {In::Import, "tensorboard", "TensorBoard"},
    {In::Import, "tensorboardX", "TensorBoard"},
    {In::Config, "tensorboard --logdir", "TensorBoard"},
};

}  // namespace

const Detector tracking{.kind = Kind::Tracking, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
