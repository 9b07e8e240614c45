// Container images that carry models: the JSON of an OCI image (index, manifest) and of `docker save`, and
// the layers.
//
// Layers are archives and are inspected as such. Here the description is compared with what lies beside it: a
// layer that is fetched from elsewhere was not seen, and a title or path that leaves the folder overwrites
// files when an image is pulled (ORAS writes a layer to the file that org.opencontainers.image.title names).
// Digests are not computed.

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "base/text.h"
#include "scan/formats/config.h"
#include "scan/inspectors/list.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kModel{
    .id = "BW-OCI-001",
    .title = "layer of a container image holds model files",
    .severity = Severity::Info,
    .atlas = "AML.T0010.004",
    .why = "A model that travels in an image passes by the registry of models and its checks.",
    .fix = "Scan the image as you scan models, and pin it by digest.",
};
constexpr Rule kMismatch{
    .id = "BW-OCI-002",
    .title = "image manifest does not match its layers",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.004 AML.T0074",
    .why = "A layer of another size than the manifest says is not the one that its author described.",
    .fix = "Fetch the image again by its digest; refuse it if the sizes still differ.",
};
constexpr Rule kForeign{
    .id = "BW-OCI-003",
    .title = "layer of a container image is fetched from elsewhere",
    .severity = Severity::Medium,
    .atlas = "AML.T0010.004",
    .why =
        "The client downloads the layer from the address in the manifest, so it was not part of what was "
        "inspected.",
    .fix = "Use an image whose layers all come from its registry.",
};
constexpr Rule kEscapes{
    .id = "BW-OCI-004",
    .title = "name in an image manifest leaves its folder",
    .severity = Severity::High,
    .atlas = "AML.T0010.004 AML.T0011.000",
    .why = "A client that stores the layer under this name writes or reads a file that the manifest chooses.",
    .fix = "Refuse the image: no tool writes such a name.",
};
constexpr std::array kRules = {kModel, kMismatch, kForeign, kEscapes};

// What recognition looks at.
constexpr std::size_t kFirstLook = 4096;
constexpr std::string_view kTitle = "org.opencontainers.image.title";

Match recognises(Bytes content) {
  if (!looks_like_json(content)) return Match::No;
  const std::string_view head = text_of(content.first(std::min(content.size(), kFirstLook)));
  const auto has = [&](std::string_view word) { return head.find(word) != std::string_view::npos; };
  const bool image = has("\"schemaVersion\"") && (has("\"layers\"") || has("\"manifests\""));
  return image || (has("\"Config\"") && has("\"Layers\"")) ? Match::Weak : Match::No;
}

class ImageJudge {
 public:
  ImageJudge(Inspection& in, std::string_view text) : in_(in), text_(text) {
    if (in.package() == nullptr) return;
    for (const Member& member : in.package()->members()) {
      const std::string_view name = member.name;
      if (member.kind == MemberKind::File) sizes_.emplace(name.substr(name.rfind('/') + 1), member.size);
      whole_ = whole_ || name == "oci-layout" || name == "./oci-layout";
    }
  }

  // {"mediaType": …, "digest": "sha256:…", "size": N, "urls": […], "annotations": {…}}
  void descriptor(const Document& one) {
    if (!one.is_map()) return;
    if (const Document* annotations = one.find("annotations"); annotations != nullptr)
      if (const Document* title = annotations->find(kTitle); title != nullptr) path(*title, "title");
    const Document* digest = one.find("digest");
    if (digest == nullptr || !digest->is_string()) return;
    const std::size_t colon = digest->string.find(':');
    path(*digest, "digest", colon == std::string::npos ? 0 : colon + 1);
    const Document* urls = one.find("urls");
    const bool foreign = urls != nullptr && urls->is_list() && !urls->list.empty();
    if (foreign) report(kForeign, *urls, "layer is fetched from " + urls->list.front().string);
    const auto found = sizes_.find(std::string_view(digest->string).substr(colon + 1));
    if (found == sizes_.end()) {
      if (whole_ && !foreign) in_.gap(GapReason::Unreadable, "not in the image: " + digest->string);
      return;
    }
    const Document* size = one.find("size");
    if (size == nullptr || size->kind != Document::Kind::Integer || size->integer < 0 ||
        static_cast<std::uint64_t>(size->integer) != found->second)
      report(
          kMismatch, size == nullptr ? one : *size,
          digest->string + " has " + std::to_string(found->second) + " bytes, the manifest says otherwise");
  }

  void path(const Document& value, std::string_view what, std::size_t from = 0) {
    std::string_view why;
    if (path_escapes(std::string_view(value.string).substr(from), &why))
      report(kEscapes, value, std::string(what) + " of a layer " + std::string(why));
  }

 private:
  void report(const Rule& rule, const Document& value, std::string message) {
    in_.report(
        rule,
        {.place = place_of(value), .text = text_, .message = std::move(message), .evidence = value.string});
  }

  Inspection& in_;
  std::string_view text_;
  std::map<std::string_view, std::uint64_t> sizes_;  // by file name, which is the digest
  bool whole_ = false;                               // the artifact lies beside "oci-layout"
};

// `docker save`: [{"Config": "…json", "Layers": ["…/layer.tar"]}].
bool judge_saved(ImageJudge& judge, const Document& root) {
  bool found = false;
  for (const Document& image : root.list) {
    const Document* layers = image.find("Layers");
    const Document* config = image.find("Config");
    if (layers == nullptr || !layers->is_list() || config == nullptr) continue;
    found = true;
    judge.path(*config, "configuration");
    for (const Document& layer : layers->list) judge.path(layer, "file");
  }
  return found;
}

Result<void> inspect(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  const auto config = parse_json_config(text, in.limits());
  if (!config) return fail(Code::Unsupported, "no image manifest");
  const Document& root = config->documents.front();
  ImageJudge judge(in, text);
  if (judge_saved(judge, root)) return {};
  const Document* layers = root.find("layers");
  const Document* manifests = root.find("manifests");
  if (root.find("schemaVersion") == nullptr || (layers == nullptr && manifests == nullptr))
    return fail(Code::Unsupported, "no image manifest");
  for (const Document* list : {layers, manifests}) {
    if (list == nullptr) continue;
    for (const Document& one : list->list) judge.descriptor(one);
  }
  if (const Document* configuration = root.find("config"); configuration != nullptr)
    judge.descriptor(*configuration);
  return {};
}

bool is_root_filesystem(const Package& package) {
  if (package.kind() != "tar") return false;
  constexpr std::string_view kFolders[] = {"etc/", "usr/", "var/", "lib/", "bin/"};
  return std::ranges::count_if(kFolders, [&](std::string_view folder) {
           return std::ranges::any_of(package.members(), [&](const Member& member) {
             const std::string_view name = member.name;
             return name.substr(name.starts_with("./") ? 2 : 0).starts_with(folder);
           });
         }) >= 3;
}

// Names are enough for a note; the files themselves are recognised by content.
Result<void> inspect_layer(const Package& package, Inspection& in) {
  constexpr std::string_view kEndings[] = {".safetensors", ".gguf",   ".onnx", ".pt",     ".pth",
                                           ".pkl",         ".joblib", ".h5",   ".tflite", ".keras"};
  std::string first;
  std::uint64_t count = 0;
  for (const Member& member : package.members()) {
    const bool is_model = std::ranges::any_of(
        kEndings, [&](std::string_view ending) { return lower(member.name).ends_with(ending); });
    if (!is_model || member.kind != MemberKind::File) continue;
    if (++count == 1) first = member.name;
  }
  if (count > 0) in.report(kModel, 0, std::to_string(count) + " model files in the layer", first);
  return {};
}

}  // namespace

const Inspector oci{
    .name = "oci",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
    .recognises_package = is_root_filesystem,
    .inspect_package = inspect_layer,
};

}  // namespace bulwark::scan::inspectors
