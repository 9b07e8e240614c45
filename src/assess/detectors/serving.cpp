// What answers with a model.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Object, "serving.kserve.io/*", "KServe"},
    {In::Object, "serving.kubeflow.org/*", "KServe"},
    {In::Object, "machinelearning.seldon.io/*", "Seldon Core"},
    {In::Object, "mlops.seldon.io/*", "Seldon Core"},
    {In::Import, "kserve", "KServe"},
    {In::Path, "config.pbtxt", "Triton"},
    {In::Config, "tritonserver", "Triton"},
    {In::Config, "nvidia/tritonserver", "Triton"},
    {In::Import, "triton_python_backend_utils", "Triton"},
    {In::Import, "tritonclient", "Triton"},
    {In::Config, "torchserve", "TorchServe"},
    {In::Config, "pytorch/torchserve", "TorchServe"},
    {In::Config, "pytorch/torchserve-kfs", "TorchServe"},
    {In::Config, "inference_address", "TorchServe"},
    {In::Import, "ts.torch_handler", "TorchServe"},
    {In::Import, "ray.serve", "Ray Serve"},
    {In::Object, "ray.io/RayService", "Ray Serve"},
    {In::Import, "vllm", "vLLM"},
    {In::Config, "vllm/vllm-openai", "vLLM"},
    {In::Config, "vllm.entrypoints", "vLLM"},
    {In::Config, "vllm serve", "vLLM"},
    {In::Config, "text-generation-inference", "Text Generation Inference"},
    {In::Config, "text-generation-launcher", "Text Generation Inference"},
    {In::Config, "sglang.launch_server", "SGLang"},
    {In::Config, "lmsysorg/sglang", "SGLang"},
    {In::Config, "ollama/ollama", "Ollama"},
    {In::Config, "ollama serve", "Ollama"},
    {In::Config, "llama-server", "llama.cpp"},
    {In::Import, "bentoml", "BentoML"},
    {In::Path, "bentofile.yaml", "BentoML"},
    {In::Config, "tensorflow/serving", "TensorFlow Serving"},
    {In::Config, "tensorflow_model_server", "TensorFlow Serving"},
    {In::Import, "mlserver", "MLServer"},
    {In::Config, "seldonio/mlserver", "MLServer"},
    {In::Config, "mlflow models serve", "MLflow models"},
    {In::Import, "litserve", "LitServe"},
    {In::Path, "cog.yaml", "Cog"},
    {In::Import, "fastapi", "FastAPI"},
    {In::Import, "flask", "Flask"},
    {In::Import, "starlette", "Starlette"},
    {In::Import, "aiohttp.web", "aiohttp"},
    {In::Import, "sanic", "Sanic"},
    {In::Import, "litestar", "Litestar"},
    {In::Import, "gradio", "Gradio"},
    {In::Import, "streamlit", "Streamlit"},
    {In::Import, "chainlit", "Chainlit"},
    {In::Import, "langserve", "LangServe"},
    {In::Call, ".deploy", "SageMaker endpoint"},
    {In::Config, "aws_sagemaker_endpoint", "SageMaker endpoint"},
    {In::Config, "google_vertex_ai_endpoint", "Vertex AI endpoint"},
};

}  // namespace

const Detector serving{.kind = Kind::Serving, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
