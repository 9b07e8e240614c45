// Code that fits a model: a framework is imported and something is trained in the same file.

#include <algorithm>
#include <array>
#include <utility>

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Import, "flwr", "Flower (federated)"},
    {In::Call, "transformers.Trainer", "Transformers"},
    {In::Call, "transformers.Seq2SeqTrainer", "Transformers"},
    {In::Call, "trl.SFTTrainer", "Transformers"},
    {In::Call, "trl.DPOTrainer", "Transformers"},
    {In::Call, "xgboost.train", "XGBoost"},
    {In::Call, "xgboost.cv", "XGBoost"},
    {In::Call, "lightgbm.train", "LightGBM"},
    {In::Call, "lightgbm.cv", "LightGBM"},
    {In::Call, "peft.get_peft_model", "PEFT"},
    {In::Call, "lightning.Trainer", "Lightning"},
    {In::Call, "pytorch_lightning.Trainer", "Lightning"},
    {In::Call, "lightning.pytorch.Trainer", "Lightning"},
    {In::Call, ".learn_one", "River (online)"},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kFrameworks = {{
    {"sklearn", "scikit-learn"},
    {"xgboost", "XGBoost"},
    {"lightgbm", "LightGBM"},
    {"catboost", "CatBoost"},
    {"torch", "PyTorch"},
    {"tensorflow", "TensorFlow"},
    {"keras", "Keras"},
    {"jax", "JAX"},
    {"flax", "Flax"},
    {"paddle", "Paddle"},
    {"mxnet", "MXNet"},
    {"fastai", "fastai"},
    {"statsmodels", "statsmodels"},
    {"river", "River (online)"},
    {"deepspeed", "DeepSpeed"},
    {"accelerate", "Accelerate"},
}};
constexpr std::array<std::string_view, 7> kFits = {
    ".fit", ".partial_fit", ".fit_generator", ".backward", ".train_on_batch", ".minimize", ".fit_one_cycle"};

void look(const File& file, Findings& findings) {
  const PythonName* fit = nullptr;
  for (const PythonName& name : file.python.names)
    if (name.called &&
        std::ranges::any_of(kFits, [&](std::string_view end) { return name.dotted.ends_with(end); })) {
      fit = &name;
      break;
    }
  if (fit == nullptr) return;
  for (const auto& [module, framework] : kFrameworks)
    if (std::ranges::any_of(file.python.names, [&](const PythonName& name) {
          return name.imported && names(name.dotted, module);
        }))
      findings.add(Kind::Training, std::string(framework), Confidence::Sure, file, fit->line, fit->dotted,
                   "imports " + std::string(module) + " and calls " + fit->dotted);
}

}  // namespace

const Detector training{.kind = Kind::Training, .markers = kMarkers, .look = look};

}  // namespace bulwark::assess::detectors
