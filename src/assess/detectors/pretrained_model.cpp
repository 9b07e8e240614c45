// Models that are taken from a hub or an address.

#include <algorithm>
#include <array>

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Config, "huggingface-cli download", "Hugging Face Hub"},
    {In::Config, "hf download", "Hugging Face Hub"},
    {In::Config, "hf://", "Hugging Face Hub"},
    {In::Config, "ollama pull", "Ollama library"},
    {In::Config, "ollama run", "Ollama library"},
    {In::Config, "ngc registry model", "NVIDIA NGC"},
    {In::Call, "tensorflow_hub.load", "TensorFlow Hub"},
    {In::Call, "tensorflow_hub.KerasLayer", "TensorFlow Hub"},
    {In::Call, "timm.create_model", "timm"},
    {In::Call, "spacy.load", "spaCy"},
};

// Calls whose first text names the model.
constexpr std::array<std::string_view, 10> kDownloads = {
    ".from_pretrained",
    "huggingface_hub.hf_hub_download",
    "huggingface_hub.snapshot_download",
    "torch.hub.load",
    "sentence_transformers.SentenceTransformer",
    "torch.hub.load_state_dict_from_url",
    "transformers.pipeline",
    "sentence_transformers.CrossEncoder",
    "kagglehub.model_download",
    "diffusers.DiffusionPipeline.from_pretrained",
};
constexpr std::array<std::string_view, 9> kModelEnds = {".pt",  ".pth",  ".bin",   ".safetensors", ".gguf",
                                                        ".pkl", ".onnx", ".keras", ".h5"};

void look_at_addresses(const File& file, Findings& findings) {
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const std::size_t at = file.lines[i].find("http");
    if (at == std::string_view::npos) continue;
    const std::string_view rest = file.lines[i].substr(at);
    const std::string_view address = rest.substr(0, rest.find_first_of(" \t\"'"));
    if (std::ranges::none_of(kModelEnds, [&](std::string_view end) { return address.ends_with(end); }))
      continue;
    findings.add(Kind::PretrainedModel, std::string(address), Confidence::Likely, file,
                 static_cast<std::uint32_t>(i + 1), file.lines[i], "downloads a model file");
  }
}

void look(const File& file, Findings& findings) {
  for (const PythonText& text : file.python.texts) {
    if (!text.first || std::ranges::none_of(kDownloads, [&](std::string_view call) {
          return call.starts_with('.') ? text.callee.ends_with(call) : text.callee == call;
        }))
      continue;
    const bool local = text.text.starts_with('.') || text.text.starts_with('/') || text.text == "out";
    findings.add(local ? Kind::ModelFile : Kind::PretrainedModel, text.text, Confidence::Sure, file,
                 text.line, text.callee + "(" + text.text + ")", "calls " + text.callee);
  }
  look_at_addresses(file, findings);
}

}  // namespace

const Detector pretrained_model{.kind = Kind::PretrainedModel, .markers = kMarkers, .look = look};

}  // namespace bulwark::assess::detectors
