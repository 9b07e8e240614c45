// Model files by their content, and code that loads some.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Call, "pickle.load", "loaded with pickle"},
    {In::Call, "pickle.loads", "loaded with pickle"},
    {In::Call, "cloudpickle.load", "loaded with pickle"},
    {In::Call, "dill.load", "loaded with pickle"},
    {In::Call, "joblib.load", "loaded with joblib"},
    {In::Call, "torch.load", "loaded with torch"},
    {In::Call, "torch.jit.load", "loaded with torch"},
    {In::Call, "safetensors.torch.load_file", "loaded with safetensors"},
    {In::Call, "safetensors.safe_open", "loaded with safetensors"},
    {In::Call, "keras.models.load_model", "loaded with Keras"},
    {In::Call, "tensorflow.keras.models.load_model", "loaded with Keras"},
    {In::Call, "keras.saving.load_model", "loaded with Keras"},
    {In::Call, "onnxruntime.InferenceSession", "loaded with ONNX Runtime"},
    {In::Call, "onnx.load", "loaded with ONNX Runtime"},
    {In::Call, "xgboost.Booster", "loaded with XGBoost"},
    {In::Call, "mlflow.pyfunc.load_model", "loaded with MLflow"},
    {In::Call, "mlflow.sklearn.load_model", "loaded with MLflow"},
    {In::Call, "mlflow.pytorch.load_model", "loaded with MLflow"},
    {In::Call, "llama_cpp.Llama", "loaded with llama.cpp"},
    {In::Call, "tensorflow.saved_model.load", "loaded with TensorFlow"},
};

void look(const File& file, Findings& findings) {
  if (!file.formats.empty())
    findings.add(Kind::ModelFile, file.path, Confidence::Sure, file, 0, {},
                 "reads as " + file.formats.front());
}

}  // namespace

const Detector model_file{.kind = Kind::ModelFile, .markers = kMarkers, .look = look};

}  // namespace bulwark::assess::detectors
