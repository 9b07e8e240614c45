// Keras models: .keras packages (config.json, metadata.json, weights), configurations in JSON files, and
// keras_metadata.pb, from which Keras 2 revives the layers of a SavedModel: a Lambda in it is code as
// anywhere else.

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "base/document.h"
#include "base/text.h"
#include "scan/counted.h"
#include "scan/formats/protobuf.h"
#include "scan/inspectors/keras_config.h"
#include "scan/inspectors/keras_rules.h"
#include "scan/inspectors/list.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kNpzWeights{
    .id = "BW-KERAS-007",
    .title = "Keras weights are an npz archive that is loaded with pickle allowed",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000",
    .why = "Keras reads model.weights.npz with allow_pickle, so an object array in it runs code.",
    .fix = "Ask for weights in HDF5 or safetensors; see the findings in the archive itself.",
};

constexpr std::string_view kConfig = "config.json";
constexpr std::string_view kMetadata = "metadata.json";
constexpr std::string_view kNpz = "model.weights.npz";

// The version that metadata.json of the same package names, or empty.
std::string version_of(const Package& package, Inspection& in) {
  auto content = package.read(kMetadata, in);
  if (!content) return {};
  const auto parsed = parse_json(text_of(content->bytes), in.limits());
  return parsed ? std::string(parsed->root.text("keras_version")) : std::string();
}

// SavedMetadata of keras/protobuf: nodes whose identifier is "_tf_keras_layer", "_tf_keras_network" …
bool is_saved_metadata(Bytes content) {
  const std::string_view head = text_of(content.first(std::min<std::size_t>(content.size(), 16'384)));
  return head.starts_with('\x0A') && head.find("_tf_keras_") != std::string_view::npos;
}

Result<void> inspect_saved_metadata(Inspection& in) {
  constexpr std::uint32_t kNodes = 1;
  constexpr std::uint32_t kIdentifier = 4;
  constexpr std::uint32_t kNodeMetadata = 5;
  bool found = false;
  ProtoReader reader(in.bytes());
  for (ProtoField node; reader.next(node);) {
    if (!node.is_bytes(kNodes)) continue;
    ProtoReader parts(node);
    for (ProtoField part; parts.next(part);) {
      found = found || (part.is_bytes(kIdentifier) && part.text().starts_with("_tf_keras_"));
      if (!part.is_bytes(kNodeMetadata)) continue;
      const auto parsed = parse_json(part.text(), in.limits());
      if (!parsed) in.gap(parsed.error(), "metadata of a layer");
      if (parsed && is_keras_config(parsed->root))
        judge_keras_config(parsed->root, {.offset = part.offset}, in);
    }
  }
  if (!found) return fail(Code::Unsupported, "no Keras metadata");
  in.fact("keras", "metadata of a SavedModel");
  if (auto error = reader.error("Keras metadata")) return std::unexpected(std::move(*error));
  return {};
}

// A JSON object that has both keys of a serialised Keras object near its start.
Match recognises(Bytes content) {
  const std::string_view head = text_of(content.first(std::min<std::size_t>(content.size(), 16'384)));
  if (is_saved_metadata(content)) return Match::Weak;
  const std::size_t start = head.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || head[start] != '{') return Match::No;
  const bool both = head.find("\"class_name\"") != std::string_view::npos &&
                    head.find("\"config\"") != std::string_view::npos;
  return both ? Match::Weak : Match::No;
}

// A fact has room for some 200 characters.
constexpr std::size_t kShownLayers = 10;

Result<void> inspect(Inspection& in) {
  if (is_saved_metadata(in.bytes())) return inspect_saved_metadata(in);
  const ParsedDocument parsed = TRY(parse_json(text_of(in.bytes()), in.limits()));
  if (!is_keras_config(parsed.root)) return fail(Code::Unsupported, "no Keras configuration");
  KerasContext context;
  if (in.package() != nullptr && in.package()->find(kMetadata) != nullptr)
    context.keras_version = version_of(*in.package(), in);
  if (!context.keras_version.empty()) in.fact("keras_version", context.keras_version);
  in.fact("model class", parsed.root.text("class_name"));
  std::map<std::string, std::uint64_t> layers;
  for (const Node& node : keras_graph(parsed.root).nodes) ++layers[printable(node.op, 60)];
  if (!layers.empty()) in.fact("layers", counted(layers, kShownLayers));
  judge_keras_config(parsed.root, context, in);
  return {};
}

bool recognises_package(const Package& package) {
  if (package.find(kConfig) == nullptr) return false;
  return package.find(kMetadata) != nullptr || package.find("model.weights.h5") != nullptr ||
         package.find(kNpz) != nullptr;
}

Result<void> inspect_package(const Package& package, Inspection& in) {
  if (package.find(kNpz) != nullptr)
    in.report(kNpzWeights, {.place = {.offset = package.find(kNpz)->offset}, .evidence = std::string(kNpz)});
  return {};
}

Result<ModelGraph> graph(Inspection& in) {
  const ParsedDocument parsed = TRY(parse_json(text_of(in.bytes()), in.limits()));
  if (!is_keras_config(parsed.root)) return fail(Code::Unsupported, "no Keras configuration");
  return keras_graph(parsed.root);
}

constexpr std::array kRules = {kKerasLambda, kKerasTensorflowOp, kKerasModule, kKerasGetFile,   kKerasUnsafe,
                               kKerasTorch,  kNpzWeights,        kKerasLegacy, kKerasVocabulary};

}  // namespace

const Inspector keras{
    .name = "keras",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
    .recognises_package = recognises_package,
    .inspect_package = inspect_package,
    .graph = graph,
};

}  // namespace bulwark::scan::inspectors
