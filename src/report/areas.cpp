#include "report/areas.h"

#include <algorithm>
#include <iterator>

namespace bulwark::report {
namespace {

struct Area {
  std::string_view name;
  std::string_view meaning;
};

constexpr Area kAreas[] = {
    {"7Z", "7-Zip archives"},
    {"AF", "Apache Airflow: configuration, environment, pipelines"},
    {"AGT", "agents, their tools and the texts that they obey"},
    {"CBM", "CatBoost models"},
    {"CML", "Core ML models"},
    {"CNTK", "CNTK models"},
    {"CODE", "compiled Python code, inside a model or beside it"},
    {"DC", "Docker Compose files"},
    {"DF", "Dockerfiles"},
    {"DIFF", "what differs from an approved model (`--against`)"},
    {"DP", "packages that a project depends on: lock files, manifests, indexes"},
    {"DRIFT", "what changed between two data sets (`bulwark assay --against`)"},
    {"DVC", "DVC's configuration: where data and models are fetched from"},
    {"EXE", "programs and scripts where data belongs"},
    {"FLAX", "Flax checkpoints (MessagePack)"},
    {"GGUF", "GGUF models and their GGML forerunners"},
    {"GH", "GitHub Actions: workflows and composite actions"},
    {"GL", "GitLab CI pipelines"},
    {"GZ", "compressed streams: gzip, zlib, bzip2, xz, lzma, zstd, lz4"},
    {"HF", "configurations of Hugging Face models"},
    {"JINJA", "chat templates"},
    {"JOB", "joblib files"},
    {"JSON", "JSON configurations"},
    {"JU", "Jupyter servers"},
    {"K8", "Kubernetes manifests"},
    {"KERAS", "Keras models: .keras, HDF5, and their configurations"},
    {"KF", "Kubeflow and Argo: pipelines, notebooks, dashboard"},
    {"KS", "KServe model servers"},
    {"LABEL", "labels, duplicates and outliers of training data (`bulwark assay`)"},
    {"LEAK", "what training data know of the test or of the answer (`bulwark assay`)"},
    {"LGB", "LightGBM models"},
    {"LOG", "ledgers that are not what they were (`bulwark ledger verify`)"},
    {"LS", "servers of language models: vLLM, Text Generation Inference, SGLang, LMDeploy"},
    {"MAR", "TorchServe archives"},
    {"META", "free text in the metadata of graph formats"},
    {"ML", "MLflow servers and their clients"},
    {"MLF", "MLflow models"},
    {"MX", "MXNet models"},
    {"NB", "Jupyter notebooks: shell escapes, outputs, hidden cells"},
    {"NEMO", "NeMo archives and Hydra configurations"},
    {"NPY", "NumPy arrays"},
    {"OCI", "container images and their manifests"},
    {"ONNX", "ONNX models"},
    {"ORBAX", "Orbax checkpoints of JAX"},
    {"OV", "OpenVINO models"},
    {"PADDLE", "PaddlePaddle models"},
    {"PII", "personal and regulated data in data sets"},
    {"PKL", "pickles, alone or inside other formats"},
    {"PMML", "PMML models"},
    {"POI", "poisoned rows and backdoors in training data, and feedback batches (`bulwark assay`)"},
    {"POLY", "files that are several formats at once"},
    {"PROF", "what the columns of a data set hold, and whether they keep their contract"},
    {"PT", "PyTorch archives: checkpoints, TorchScript, torch.package, exported programs"},
    {"PTE", "ExecuTorch programs"},
    {"PY", "Python source: what travels with a model (001–011), and the code of a repository (101 …)"},
    {"R", "serialised R objects and workspaces"},
    {"RAW", "bytes without a format"},
    {"REQ", "packages that a model asks to install"},
    {"RKNN", "RKNN models"},
    {"RY", "Ray clusters"},
    {"SEC", "secrets: keys, tokens and passwords where others can read them"},
    {"SIG", "signatures, signed manifests and attestations (`bulwark verify`)"},
    {"SKO", "skops files"},
    {"ST", "safetensors files and their indexes"},
    {"SUP", "notes in a text that ignore findings"},
    {"T7", "Torch7 files (Lua)"},
    {"TAR", "tar archives"},
    {"TEXT", "documents for models: orders, hidden text, forged marks, bait (`bulwark assay`)"},
    {"TF", "TensorFlow graphs and SavedModels"},
    {"TFL", "TensorFlow Lite models"},
    {"TR", "Triton Inference Server"},
    {"TRN", "code that trains and measures models: leaks between training and test data"},
    {"TRT", "TensorRT engines"},
    {"TS", "TorchServe"},
    {"WGT", "what is hidden in the weights themselves"},
    {"XGB", "XGBoost models"},
    {"XML", "XML documents: PMML, OpenVINO"},
    {"YAML", "YAML configurations"},
    {"ZIP", "zip archives"},
};

}  // namespace

std::string_view area_of(std::string_view rule_id) {
  const std::size_t first = rule_id.find('-');
  const std::size_t last = rule_id.rfind('-');
  return first == last ? rule_id : rule_id.substr(first + 1, last - first - 1);
}

std::string_view area_meaning(std::string_view area) {
  const auto* found = std::ranges::find(kAreas, area, &Area::name);
  return found == std::end(kAreas) ? std::string_view() : found->meaning;
}

}  // namespace bulwark::report
