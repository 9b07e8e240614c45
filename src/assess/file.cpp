#include "assess/file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace bulwark::assess {
namespace {

constexpr std::size_t kEvidence = 140;
constexpr std::size_t kLines = 20'000;

// A manifest is small; what is larger is data.
Limits document_limits() {
  Limits limits;
  limits.document_bytes = kTextBytes;
  limits.document_nodes = 60'000;
  limits.document_depth = 64;
  return limits;
}

template <class List>
bool ends_with_any(std::string_view text, const List& ends) {
  return std::ranges::any_of(ends, [&](std::string_view end) { return text.ends_with(end); });
}

std::string_view trim_end(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

bool is_container_file(std::string_view name) {
  return name.starts_with("dockerfile") || name.ends_with(".dockerfile") || name.starts_with("containerfile");
}

FileType type_of(std::string_view name) {
  constexpr std::array<std::string_view, 5> kPython = {".py", ".pyi", ".ipynb", ".pyw", ".ray"};
  constexpr std::array<std::string_view, 26> kConfig = {
      ".yaml", ".yml", ".json", ".jsonc", ".toml",        ".ini",    ".cfg",     ".conf", ".properties",
      ".sh",   ".tf",  ".hcl",  ".env",   ".bicep",       ".tfvars", ".service", ".xml",  ".gradle",
      ".txt",  ".in",  ".mod",  ".pbtxt", ".jenkinsfile", ".tpl",    ".bash",    ".js"};
  constexpr std::array<std::string_view, 4> kProse = {".md", ".rst", ".adoc", ".mdc"};
  constexpr std::array<std::string_view, 6> kNames = {"jenkinsfile", "makefile",       "procfile",
                                                      "mlproject",   ".gitattributes", ".netrc"};
  if (ends_with_any(name, kPython)) return FileType::Python;
  if (ends_with_any(name, kProse)) return FileType::Prose;
  if (ends_with_any(name, kConfig) || is_container_file(name) || name.starts_with(".env") ||
      name == "config" || std::ranges::find(kNames, name) != kNames.end())
    return FileType::Config;
  return FileType::Other;
}

// Lock files name thousands of packages that nobody chose.
bool is_lock(std::string_view name) {
  constexpr std::array<std::string_view, 9> kLocks = {"package-lock.json", "poetry.lock",    "uv.lock",
                                                      "pipfile.lock",      "yarn.lock",      "conda-lock.yml",
                                                      "cargo.lock",        "pnpm-lock.yaml", "go.sum"};
  return std::ranges::find(kLocks, name) != kLocks.end();
}

// Lines in which something is said: comments become empty, so that numbers stay.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines = split(text, '\n');
  if (lines.size() > kLines) lines.resize(kLines);
  for (std::string_view& line : lines) {
    const std::string_view said = trim(line);
    if (said.starts_with('#') || said.starts_with("//") || said.starts_with(';')) line = {};
  }
  return lines;
}

// The source of code cells, every row on the line where it stands in the file.
std::string code_cells(const Document& notebook, std::string_view text) {
  const Document* cells = notebook.find("cells");
  if (cells == nullptr) return {};
  std::string code;
  std::size_t written = 0;  // line feeds in `code`
  std::size_t line = 0;     // line feeds of `text` before `at`
  std::size_t at = 0;
  const auto append = [&](const Document& row) {
    for (; at < row.offset && at < text.size(); ++at) line += text[at] == '\n' ? 1U : 0U;
    if (written < line) {
      code.append(line - written, '\n');
      written = line;
    } else {
      code += '\n';
      ++written;
    }
    if (row.string.starts_with('!') || row.string.starts_with('%')) return;
    code += trim_end(row.string);
    written += static_cast<std::size_t>(std::ranges::count(trim_end(row.string), '\n'));
  };
  for (const Document& cell : cells->list) {
    if (cell.text("cell_type") != "code") continue;
    const Document* source = cell.find("source");
    if (source == nullptr) continue;
    if (source->is_string()) append(*source);
    for (const Document& row : source->list)
      if (row.is_string()) append(row);
  }
  return code;
}

void read_documents(File& file, std::string_view lower_name) {
  const Limits limits = document_limits();
  if (lower_name.ends_with(".json") || lower_name.ends_with(".ipynb")) {
    auto parsed = parse_json(file.text, limits);
    if (parsed) file.documents.push_back(std::move(parsed->root));
  } else if (lower_name.ends_with(".yaml") || lower_name.ends_with(".yml")) {
    auto parsed = parse_yaml(file.text, limits);
    if (parsed) file.documents = std::move(*parsed);
  }
}

void collect_manifests(const Document& document, std::vector<Manifest>& manifests, int depth = 0) {
  if (!document.is_map()) return;
  const std::string_view api = document.text("apiVersion");
  const std::string_view kind = document.text("kind");
  const Document* items = document.find("items");
  if (kind == "List" && items != nullptr && depth < 2) {
    for (const Document& item : items->list) collect_manifests(item, manifests, depth + 1);
    return;
  }
  if (api.empty() || kind.empty()) return;
  const Document* metadata = document.find("metadata");
  manifests.push_back({.api = std::string(api),
                       .kind = std::string(kind),
                       .name = metadata == nullptr ? std::string() : std::string(metadata->text("name")),
                       .line = std::max<std::uint32_t>(1, document.line),
                       .document = &document});
}

// "5000:5000" or "0.0.0.0:…" in a list of a compose file; an address of this machine keeps it to itself.
bool publishes(const Document& document) {
  const Document* services = document.find("services");
  if (services == nullptr || !services->is_map()) return false;
  for (const auto& [name, service] : services->map) {
    const Document* ports = service.find("ports");
    if (ports == nullptr) continue;
    for (const Document& port : ports->list) {
      const std::string_view text = port.string;
      if (text.find(':') != std::string_view::npos && !text.starts_with("127.") && !text.starts_with("[::1]"))
        return true;
    }
  }
  return false;
}

Exposure exposure_of(const File& file) {
  Exposure widest = Exposure::Unknown;
  const auto widen = [&](Exposure to) { widest = std::max(widest, to); };
  for (const Manifest& manifest : file.manifests) {
    if (manifest.kind == "Ingress" || manifest.kind == "HTTPRoute" || manifest.kind == "Gateway")
      widen(Exposure::Public);
    const Document* spec = manifest.document->find("spec");
    if (spec == nullptr) continue;
    const std::string_view type = spec->text("type");
    if (manifest.kind == "Service" && (type == "LoadBalancer" || type == "NodePort")) widen(Exposure::Public);
    const Document* head = spec->find("headGroupSpec");
    if (head != nullptr && head->text("serviceType") == "LoadBalancer") widen(Exposure::Public);
  }
  for (const Document& document : file.documents)
    if (publishes(document)) widen(Exposure::Network);
  for (const std::string_view line : file.lines) {
    if (line.find("0.0.0.0/0") != std::string_view::npos) {
      if (file.path.ends_with(".tf")) widen(Exposure::Public);
    } else if (line.find("0.0.0.0") != std::string_view::npos) {
      widen(Exposure::Network);
    }
  }
  for (const PythonText& text : file.python.texts)
    if (text.text == "0.0.0.0") widen(Exposure::Network);
  return widest;
}

}  // namespace

std::string_view File::name() const {
  return std::string_view(path).substr(path.rfind('/') + 1);  // npos + 1 is 0
}

File read_file(std::string path, std::optional<std::string_view> text, std::vector<std::string> formats) {
  File file;
  file.path = std::move(path);
  file.formats = std::move(formats);
  const std::string name = lower(file.name());
  if (!text || text->size() > kTextBytes || !is_utf8(*text)) return file;
  file.type = type_of(name);
  if (file.type == FileType::Other) return file;
  file.text = *text;
  if (is_lock(name)) return file;
  read_documents(file, name);
  for (const Document& document : file.documents) collect_manifests(document, file.manifests);
  if (file.type == FileType::Config) file.lines = lines_of(file.text);
  for (const std::string_view line : file.lines) (file.folded += lower(line)) += '\n';
  if (name.ends_with(".ipynb")) {
    file.notebook = !file.documents.empty() && file.documents.front().find("cells") != nullptr;
    if (file.notebook) file.python = python_facts(code_cells(file.documents.front(), file.text));
  } else if (file.type == FileType::Python) {
    file.python = python_facts(file.text);
  }
  file.exposure = exposure_of(file);
  return file;
}

bool is_model_format(std::string_view inspector) {
  static constexpr std::array<std::string_view, 28> kModelFormats = {
      "catboost", "cntk",     "coreml",        "executorch", "flax",  "gguf",   "joblib",
      "keras",    "lightgbm", "mar",           "mxnet",      "nemo",  "onnx",   "openvino",
      "orbax",    "paddle",   "pickle",        "pmml",       "r",     "rknn",   "safetensors",
      "skops",    "tensorrt", "tf_checkpoint", "tflite",     "torch", "torch7", "xgboost",
  };
  return std::ranges::find(kModelFormats, inspector) != kModelFormats.end();
}

std::string evidence_of(std::string_view line) {
  std::string text(trim(line));
  const std::string small = lower(text);
  constexpr std::array<std::string_view, 8> kSecret = {"password", "passwd", "secret",     "token",
                                                       "api_key",  "apikey", "access_key", "credential"};
  if (std::ranges::any_of(kSecret,
                          [&](std::string_view word) { return small.find(word) != std::string::npos; })) {
    const std::size_t sign = text.find_first_of("=:");
    if (sign != std::string::npos && text.find_first_not_of(" \t", sign + 1) != std::string::npos)
      text = text.substr(0, sign + 1) + " …";
  }
  for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
    const std::size_t start = at + 3;
    const std::size_t end = std::min(text.find_first_of("/ \t\"'", start), text.size());
    const std::size_t user = text.rfind('@', end);
    if (user == std::string::npos || user < start) continue;
    text.replace(start, user - start, "…");
  }
  return printable(text, kEvidence);
}

}  // namespace bulwark::assess
