#include "scan/inspectors/siblings.h"

#include <algorithm>

namespace bulwark::scan {

std::string_view name_of(const Artifact& artifact) {
  if (artifact.origin.empty() || is_compressed_file(artifact, nullptr)) return artifact.path;
  return artifact.origin.back();
}

Siblings::Siblings(const Inspection& in) : package_(in.package()) {
  if (package_ == nullptr || package_->kind() == "directory") return;
  const std::string_view name = name_of(in.artifact());
  folder_ = name.substr(0, name.rfind('/') + 1);
}

Result<Content> Siblings::read(std::string_view name, Inspection& in) const {
  if (package_ == nullptr) return fail(Code::NotFound, std::string(name) + " does not lie beside");
  return package_->read(folder_ + std::string(name), in);
}

bool Siblings::has_any(std::initializer_list<std::string_view> names) const {
  return std::ranges::any_of(names, [&](std::string_view name) { return has(name); });
}

bool Siblings::has_ending(std::initializer_list<std::string_view> endings) const {
  if (package_ == nullptr) return false;
  return std::ranges::any_of(package_->members(), [&](const Member& member) {
    if (!member.name.starts_with(folder_)) return false;
    const std::string_view rest = std::string_view(member.name).substr(folder_.size());
    return !rest.contains('/') &&
           std::ranges::any_of(endings, [&](std::string_view ending) { return rest.ends_with(ending); });
  });
}

bool is_model_folder(const Siblings& siblings) {
  return siblings.has_any({"MLmodel", "model_index.json", "MAR-INF/MANIFEST.json", "saved_model.pb",
                           "tokenizer_config.json", "generation_config.json", "preprocessor_config.json"}) ||
         siblings.has_ending(
             {".safetensors", ".bin", ".pt", ".pth", ".onnx", ".gguf", ".h5", ".keras", ".pkl", ".joblib"});
}

bool is_compressed_file(const Artifact& artifact, const Package* package) {
  return package == nullptr && artifact.origin.size() == 1 && artifact.origin.front() == "content";
}

}  // namespace bulwark::scan
