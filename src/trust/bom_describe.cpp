#include "trust/bom_describe.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "base/encoding.h"
#include "base/text.h"
#include "scan/formats/dependencies/kinds.h"
#include "trust/bom_readers.h"
#include "trust/model_manifest.h"

namespace bulwark::trust {
namespace {

constexpr std::array<std::string_view, 26> kWeightFormats = {
    "safetensors", "gguf",       "onnx",   "torch",    "pickle",   "joblib",   "keras",
    "hdf5",        "tensorflow", "tflite", "coreml",   "openvino", "paddle",   "mxnet",
    "executorch",  "flax",       "orbax",  "xgboost",  "lightgbm", "catboost", "pmml",
    "skops",       "nemo",       "rknn",   "tensorrt", "torch7"};
constexpr std::array<std::string_view, 10> kTokenizerFiles = {"tokenizer.json",
                                                              "tokenizer.model",
                                                              "tokenizer_config.json",
                                                              "vocab.txt",
                                                              "vocab.json",
                                                              "merges.txt",
                                                              "special_tokens_map.json",
                                                              "added_tokens.json",
                                                              "spiece.model",
                                                              "sentencepiece.bpe.model"};
// Files that make their folder a model, if the scanner reads them as what their name says.
struct Marker {
  std::string_view name, format;
};
constexpr std::array kMarkers = {
    Marker{"config.json", "huggingface"},
    Marker{"model_index.json", "huggingface"},
    Marker{"adapter_config.json", "huggingface"},
    Marker{"modules.json", "huggingface"},
    Marker{"MLmodel", "mlflow"},
    Marker{"saved_model.pb", "tensorflow"},
};

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}
// With its '/' at the end; empty at the top.
std::string_view folder_of(std::string_view path) {
  return path.substr(0, path.rfind('/') + 1);
}
bool has_format(const BomFile& file, std::string_view format) {
  return std::ranges::find(file.formats, format) != file.formats.end();
}
bool ends_in(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings, [&](std::string_view ending) { return name.ends_with(ending); });
}

// What signs a folder is no part of it; an attestation that lies in it when it is signed is.
bool is_signature_file(std::string_view path) {
  return ends_in(lower(path), {".sig", ".sigstore", ".sigstore.json"});
}

// "model" of "model-00001-of-00003.safetensors": shards are one model.
std::string without_shard(std::string_view name) {
  const std::size_t of = name.find("-of-");
  if (of == std::string_view::npos) return std::string(name);
  const std::size_t dash = name.rfind('-', of - 1);
  const std::size_t end = name.find_first_not_of("0123456789", of + 4);
  const std::string_view number =
      dash == std::string_view::npos ? std::string_view() : name.substr(dash + 1, of - dash - 1);
  if (number.empty() || number.find_first_not_of("0123456789") != std::string_view::npos || end == of + 4)
    return std::string(name);
  return std::string(name.substr(0, dash)) +
         std::string(end == std::string_view::npos ? std::string_view() : name.substr(end));
}

// What the paths of all shards begin with.
std::string before_shard(const std::string& path) {
  const std::string whole = without_shard(path);
  const auto [a, b] = std::ranges::mismatch(path, whole);
  return path.substr(0, static_cast<std::size_t>(a - path.begin()));
}

// "float32 12, int64 1": scan::counted(), read back.
std::map<std::string, std::uint64_t> counts_in(std::string_view text) {
  std::map<std::string, std::uint64_t> counts;
  for (const std::string_view raw : split(text, ',')) {
    const std::string_view part = trim(raw);
    const std::size_t blank = part.rfind(' ');
    std::uint64_t count = 0;
    if (blank == std::string_view::npos) continue;
    const auto [end, error] = std::from_chars(part.data() + blank + 1, part.data() + part.size(), count);
    if (error == std::errc{} && end == part.data() + part.size())
      counts[std::string(part.substr(0, blank))] += count;
  }
  return counts;
}
std::uint64_t sum_of(std::string_view text) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : counts_in(text)) sum += count;
  return sum;
}

// What follows the member in "member: value", the fact of something inside of a file.
std::string value_of(const std::string& fact) {
  const std::size_t colon = fact.rfind(": ");
  return colon == std::string::npos ? fact : fact.substr(colon + 2);
}

class Layout {
 public:
  Layout(const BomSubject& subject, const FileAccess& access) : subject_(subject), access_(access) {}

  std::vector<ModelFacts> run() {
    find_folders();
    std::vector<ModelFacts> models;
    for (const std::string& folder : folders_) {
      ModelFacts model;
      model.path = folder;
      model.folder = true;
      models.push_back(std::move(model));
    }
    std::set<std::string> groups;
    for (const BomFile& file : subject_.files) {
      if (role_of(file) != FileRole::Weights || inside_folder(file.path)) continue;
      const std::string group = without_shard(file.path);
      if (!groups.insert(group).second) continue;
      ModelFacts model;
      model.path = file.path;
      models.push_back(std::move(model));
    }
    // One model without a folder of its own: all that lies around it belongs to it.
    if (subject_.folder && folders_.empty() && models.size() == 1) {
      models.front().path.clear();
      models.front().folder = true;
    }
    return models;
  }

 private:
  void find_folders() {
    if (!subject_.folder) return;
    std::set<std::string> found;
    for (const BomFile& file : subject_.files) {
      const std::string_view name = base_name(file.path);
      const bool marked = std::ranges::any_of(kMarkers, [&](const Marker& marker) {
        return marker.name == name && has_format(file, marker.format);
      });
      if (marked || (name == "README.md" && is_card(file.path)))
        found.insert(std::string(folder_of(file.path)));
    }
    // Parts of a model are no models: the outermost folder is it. Sorted, it comes before them.
    for (const std::string& folder : found)
      if (!inside_folder(folder)) folders_.insert(folder);
  }
  [[nodiscard]] bool is_card(const std::string& path) const {
    bool card = false;
    access_.read(path, [&](Bytes content) {
      card = content.size() <= BomLimits{}.text_bytes && is_model_card(text_of(content));
    });
    return card;
  }
  [[nodiscard]] bool inside_folder(std::string_view path) const {
    if (folders_.contains(std::string_view())) return true;
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
         slash = path.find('/', slash + 1))
      if (folders_.contains(path.substr(0, slash + 1))) return true;
    return false;
  }

  const BomSubject& subject_;
  const FileAccess& access_;
  std::set<std::string, std::less<>> folders_;  // each ends in '/' or is empty
};

// Runs the readers over the files of one model, the ones that people write first.
class Description {
 public:
  Description(const BomSubject& subject, const FileAccess& access, ModelFacts& facts)
      : subject_(subject), access_(access), facts_(facts) {
    // Files are sorted, and those of one model share the beginning of their paths.
    const std::string start = facts.folder ? facts.path : before_shard(facts.path);
    auto file = std::ranges::lower_bound(subject.files, start, {}, &BomFile::path);
    for (; file != subject.files.end() && file->path.starts_with(start); ++file)
      if (belongs(*file)) files_.push_back(&*file);
  }

  void run() {
    for_named("README.md", [&](const BomFile& file, Bytes content) {
      read_model_card(text_of(content), file.path, facts_);
      facts_.references.push_back({"model-card", file.path, {}, file.sha256, file.path});
    });
    for_named("MLmodel", [&](const BomFile& file, Bytes content) {
      const auto documents = parse_yaml(text_of(content), Limits{});
      if (documents && !documents->empty()) read_mlmodel(documents->front(), file.path, facts_);
    });
    for (const std::string_view name :
         {"config.json", "model_index.json", "adapter_config.json", "tokenizer_config.json"}) {
      for_named(name, [&](const BomFile& file, Bytes content) {
        if (const auto parsed = parse_json(text_of(content), Limits{}))
          read_configuration(parsed->root, file.path, facts_);
      });
    }
    for (const BomFile* file : files_) {
      facts_.files.push_back(file->path);
      read_file(*file);
    }
    name_it();
  }

 private:
  [[nodiscard]] bool belongs(const BomFile& file) const {
    if (facts_.folder) return file.path.starts_with(facts_.path);
    if (!subject_.folder) return true;
    return without_shard(file.path) == without_shard(facts_.path) || file.path.starts_with(facts_.path + ".");
  }
  // Files of that name at the top of the model.
  template <class Use>
  void for_named(std::string_view name, Use use) {
    for (const BomFile* file : files_) {
      if (file->path != facts_.path + std::string(name) && !(facts_.path.empty() && file->path == name))
        continue;
      if (file->size > BomLimits{}.text_bytes) continue;
      access_.read(file->path, [&](Bytes content) { use(*file, content); });
    }
  }
  void read_file(const BomFile& file) {
    const FileRole role = role_of(file);
    const std::string& path = file.path;
    if (role == FileRole::Weights) {
      access_.read(path, [&](Bytes content) {
        read_gguf_metadata(content, path, facts_);
        read_safetensors_metadata(content, path, facts_);
        read_onnx_metadata(content, path, facts_);
        if (const auto graph = access_.graph(path, content)) {
          facts_.inventory.add(inventory_of(*graph));
        } else {
          learn_inventory(file);
        }
      });
      learn_from_facts(file);
    }
    if (file.size > BomLimits{}.text_bytes) return;
    if (role == FileRole::License)
      access_.read(path, [&](Bytes content) { read_license_text(text_of(content), path, facts_); });
    if (role == FileRole::Signature) {
      access_.read(path, [&](Bytes content) { read_signature(text_of(content), path, file.sha256, facts_); });
    }
    if (role == FileRole::Dataset && facts_.folder) add_dataset(file);
  }
  // What the scanner has read of formats that have no reader of their own here.
  void learn_from_facts(const BomFile& file) {
    constexpr std::pair<std::string_view, std::string_view> kTrees[] = {
        {"xgboost", "gradient boosted trees"},
        {"lightgbm", "gradient boosted trees"},
        {"catboost", "gradient boosted trees"}};
    for (const auto& [format, family] : kTrees) {
      if (!has_format(file, format)) continue;
      tell(facts_.family, family, file.path + ", format " + std::string(format));
      tell(facts_.approach, "supervised", file.path + ", format " + std::string(format));
      tell(facts_.library, format, file.path + ", format " + std::string(format));
    }
    for (const auto& [key, told] : file.facts)
      if (key == "model class") tell(facts_.architecture, value_of(told), file.path + ", " + key);
    constexpr std::pair<std::string_view, std::string_view> kLibraries[] = {
        {"torch", "pytorch"},         {"keras", "keras"}, {"tflite", "tensorflow-lite"},
        {"tensorflow", "tensorflow"}, {"onnx", "onnx"},   {"flax", "flax"},
        {"skops", "scikit-learn"},    {"gguf", "ggml"},   {"coreml", "coreml"},
        {"paddle", "paddlepaddle"}};
    for (const auto& [format, library] : kLibraries)
      if (has_format(file, format))
        tell(facts_.library, library, file.path + ", format " + std::string(format));
  }
  // Whether a signature is one of these files: that it is genuine only `bulwark verify` says.
  void compare_signatures() {
    for (BomReference& reference : facts_.references) {
      if (reference.subject.empty() || facts_.root_digest.empty()) continue;
      reference.comment += reference.subject == facts_.root_digest ? "; its subject is this content"
                                                                   : "; its subject is OTHER content";
    }
  }
  void learn_inventory(const BomFile& file) {
    for (const auto& [key, told] : file.facts) {
      const std::string value = value_of(told);
      Inventory found;
      if (key == "elements") found.parameters = sum_of("elements " + value);
      // A list that was cut stays text: its sum would look whole.
      const bool whole = !value.ends_with(" more") && !value.ends_with("…");
      if (key == "storages" && whole) {
        found.types = counts_in(value);
        found.tensors = sum_of(value);
      }
      if (key == "layers" && whole) found.operators = counts_in(value);
      if (key == "layers" && !whole) facts_.property("operators", value, file.path);
      facts_.inventory.add(found);
    }
  }
  void add_dataset(const BomFile& file) {
    if (facts_.datasets.size() >= BomLimits{}.entries) return;
    for (const DatasetFacts& known : facts_.datasets)
      if (known.path == file.path) return;
    DatasetFacts found;
    found.name = file.path;
    found.path = file.path;
    found.from = file.path + ", by its name";
    facts_.datasets.push_back(std::move(found));
  }
  void name_it() {
    const std::string path =
        facts_.path.ends_with('/') ? facts_.path.substr(0, facts_.path.size() - 1) : facts_.path;
    const std::string from = facts_.folder ? "name of the folder" : "name of the file";
    tell(facts_.name, path.empty() ? std::string_view(subject_.name) : base_name(path), from);
    if (facts_.folder) {
      facts_.root_digest = root_digest(subject_.files, facts_.path);
    } else if (files_.size() == 1) {
      facts_.root_digest = files_.front()->sha256;
    }
    compare_signatures();
    for (DatasetFacts& dataset : facts_.datasets) {
      if (dataset.path.empty()) continue;
      const auto file = std::ranges::find(subject_.files, dataset.path, &BomFile::path);
      if (file != subject_.files.end()) {
        dataset.sha256 = file->sha256;
        dataset.bytes = file->size;
      } else {
        dataset.sha256 = root_digest(subject_.files, dataset.path + (dataset.path.ends_with('/') ? "" : "/"));
      }
    }
  }

  const BomSubject& subject_;
  const FileAccess& access_;
  ModelFacts& facts_;
  std::vector<const BomFile*> files_;
};

// Lock files decide; where one lies beside it, a manifest only repeats it with less.
void find_libraries(BomSubject& subject, const FileAccess& access) {
  using Role = scan::DependencyFile::Role;
  std::set<std::string_view> locked;
  for (const BomFile& file : subject.files) {
    const scan::DependencyFile* kind = scan::dependency_file(file.path);
    if (kind != nullptr && kind->role == Role::Lock) locked.insert(folder_of(file.path));
  }
  std::set<std::string> seen;
  for (const BomFile& file : subject.files) {
    const scan::DependencyFile* kind = scan::dependency_file(file.path);
    if (kind == nullptr || kind->role == Role::Installer || file.size > BomLimits{}.text_bytes) continue;
    if (kind->role != Role::Lock && locked.contains(folder_of(file.path))) continue;
    access.read(file.path, [&](Bytes content) {
      auto list = kind->read(text_of(content), Limits{});
      if (!list) return;
      for (scan::Dependency& package : list->dependencies) {
        if (package.name.empty()) continue;
        const std::string key = std::string(package.ecosystem) + '\n' + lower(package.name) + '\n' +
                                package.version + '\n' + package.commit;
        if (!seen.insert(key).second) continue;
        subject.libraries.push_back({std::move(package), file.path, kind->role == Role::Lock});
      }
    });
  }
}

}  // namespace

std::string_view name_of(FileRole role) {
  constexpr std::array<std::string_view, 10> kNames = {
      "weights",       "tokenizer", "configuration", "dependencies", "code",
      "documentation", "license",   "signature",     "dataset",      "other"};
  return kNames[static_cast<std::size_t>(role)];
}

FileRole role_of(const BomFile& file) {
  const std::string name = lower(base_name(file.path));
  if (is_signature_file(name) || ends_in(name, {".intoto.jsonl", ".att", ".intoto.json"}))
    return FileRole::Signature;
  if (std::ranges::find(kTokenizerFiles, name) != kTokenizerFiles.end()) return FileRole::Tokenizer;
  if (std::ranges::any_of(kWeightFormats, [&](std::string_view format) { return has_format(file, format); }))
    return FileRole::Weights;
  if (name.starts_with("license") || name.starts_with("licence") || name.starts_with("copying"))
    return FileRole::License;
  if (scan::dependency_file(file.path) != nullptr) return FileRole::Dependencies;
  if (ends_in(name, {".csv", ".parquet", ".jsonl", ".arrow", ".tfrecord", ".tsv", ".feather"}))
    return FileRole::Dataset;
  if (ends_in(name, {".py", ".ipynb", ".sh", ".js", ".ts", ".cpp", ".cu", ".c", ".h", ".java", ".r", ".lua"}))
    return FileRole::Code;
  if (ends_in(name, {".md", ".rst", ".txt", ".pdf", ".html"})) return FileRole::Documentation;
  if (name == "mlmodel" ||
      ends_in(name, {".json", ".yaml", ".yml", ".toml", ".cfg", ".ini", ".pbtxt", ".xml"}))
    return FileRole::Configuration;
  return FileRole::Other;
}

std::string root_digest(const std::vector<BomFile>& files, std::string_view folder) {
  ModelManifest manifest;
  for (const BomFile& file : files) {
    if (!file.path.starts_with(folder) || is_signature_file(file.path)) continue;
    const std::string_view below = std::string_view(file.path).substr(folder.size());
    if (ignored_by_default(below)) continue;
    auto digest = unhex(file.sha256);
    if (!digest || digest->size() != crypto::size_of(crypto::HashAlgorithm::Sha256)) return {};
    manifest.resources.push_back({.path = std::string(below), .digest = std::move(*digest)});
  }
  if (manifest.resources.empty()) return {};
  sort_resources(manifest);
  return hex(root_digest(manifest.resources));
}

void describe(BomSubject& subject, const ModelFacts& declared, const FileAccess& access) {
  subject.models = Layout(subject, access).run();
  if (subject.models.size() == 1) {
    ModelFacts model = declared;
    model.path = subject.models.front().path;
    model.folder = subject.models.front().folder;
    subject.models.front() = std::move(model);
  }
  for (ModelFacts& model : subject.models) Description(subject, access, model).run();
  find_libraries(subject, access);
}

}  // namespace bulwark::trust
