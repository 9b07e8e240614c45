// What the headers of weights tell: GGUF keys, safetensors metadata, the ends of an ONNX model, and the
// tensors and operators of every format that the scanner knows as a graph.

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"
#include "scan/formats/gguf.h"
#include "scan/formats/onnx.h"
#include "scan/formats/safetensors.h"
#include "trust/bom_readers.h"

namespace bulwark::trust {
namespace {

std::string header(std::string_view file, std::string_view key) {
  return std::string(file) + ", header '" + printable(key, 80) + "'";
}

// Keys of GGUF that say how the model is built; "<architecture>.context_length" and its like.
bool describes_size(std::string_view key) {
  for (const std::string_view ending :
       {".context_length", ".block_count", ".embedding_length", ".feed_forward_length", ".vocab_size",
        ".attention.head_count", ".attention.head_count_kv", ".expert_count", ".expert_used_count"})
    if (key.ends_with(ending)) return true;
  return false;
}

// The names that llama.cpp gives to general.file_type (llama.h, enum llama_ftype).
std::string_view file_type(std::uint64_t type) {
  constexpr std::array<std::string_view, 39> kNames = {
      "F32",    "F16",    "Q4_0",   "Q4_1",    "",       "",       "",       "Q8_0",   "Q5_0",     "Q5_1",
      "Q2_K",   "Q3_K_S", "Q3_K_M", "Q3_K_L",  "Q4_K_S", "Q4_K_M", "Q5_K_S", "Q5_K_M", "Q6_K",     "IQ2_XXS",
      "IQ2_XS", "Q2_K_S", "IQ3_XS", "IQ3_XXS", "IQ1_S",  "IQ4_NL", "IQ3_S",  "IQ3_M",  "IQ2_S",    "IQ2_M",
      "IQ4_XS", "IQ1_M",  "BF16",   "",        "",       "",       "TQ1_0",  "TQ2_0",  "MXFP4_MOE"};
  return type < kNames.size() ? kNames[type] : std::string_view();
}

struct Key {
  std::string_view key;
  Told ModelFacts::* field;
};

}  // namespace

void read_gguf_metadata(Bytes content, std::string_view file, ModelFacts& facts) {
  if (!has_magic(content, "GGUF")) return;
  const scan::GgufFile gguf = scan::read_gguf(content);
  constexpr Key kKeys[] = {
      {"general.name", &ModelFacts::name},
      {"general.architecture", &ModelFacts::family},
      {"general.version", &ModelFacts::version},
      {"general.description", &ModelFacts::description},
      {"general.organization", &ModelFacts::supplier},
      {"general.basename", &ModelFacts::architecture},
  };
  for (const scan::GgufString& each : gguf.strings) {
    for (const Key& known : kKeys)
      if (each.key == known.key) tell(facts.*known.field, each.value, header(file, each.key));
    if (each.key == "general.author" && !each.value.empty())
      facts.authors.push_back({printable(each.value, 200), header(file, each.key)});
    if (each.key == "general.license" && !each.value.empty())
      facts.licenses.push_back({printable(each.value, 200), "weights", {}, header(file, each.key)});
    if (each.key == "general.url" || each.key == "general.repo_url")
      facts.references.push_back({"website", printable(each.value, 500), {}, {}, header(file, each.key)});
    if (each.key.starts_with("general.base_model.") && each.key.ends_with(".name"))
      facts.ancestors.push_back({printable(each.value, 200), {}, header(file, each.key)});
    if (each.key == "tokenizer.ggml.model") facts.property("tokenizer", each.value, header(file, each.key));
  }
  for (const scan::GgufNumber& each : gguf.numbers) {
    if (each.key == "general.file_type")
      facts.property("quantization", file_type(each.value), header(file, each.key));
    if (describes_size(each.key))
      facts.property("gguf:" + std::string(each.key), std::to_string(each.value), header(file, each.key));
    if (each.key == "tokenizer.ggml.tokens")
      facts.property("vocabulary", std::to_string(each.value), header(file, each.key));
  }
}

void read_safetensors_metadata(Bytes content, std::string_view file, ModelFacts& facts) {
  if (!scan::looks_like_safetensors(content)) return;
  const auto read = scan::read_safetensors(content, Limits{});
  if (!read) return;
  const Document* metadata = read->json.root.find("__metadata__");
  if (metadata == nullptr) return;
  // The keys of Stability's model metadata standard, which image models carry.
  constexpr Key kKeys[] = {
      {"modelspec.title", &ModelFacts::name},
      {"modelspec.architecture", &ModelFacts::architecture},
      {"modelspec.description", &ModelFacts::description},
      {"modelspec.implementation", &ModelFacts::library},
  };
  for (const auto& [key, value] : metadata->map) {
    for (const Key& known : kKeys)
      if (key == known.key) tell(facts.*known.field, value.string, header(file, key));
    if (key == "modelspec.author" && !value.string.empty())
      facts.authors.push_back({printable(value.string, 200), header(file, key)});
    if (key == "modelspec.license" && !value.string.empty())
      facts.licenses.push_back({printable(value.string, 200), "weights", {}, header(file, key)});
    if (key == "format") facts.property("written-by", value.string, header(file, "__metadata__.format"));
  }
}

void read_onnx_metadata(Bytes content, std::string_view file, ModelFacts& facts) {
  if (!scan::is_onnx_model(content)) return;
  scan::ProtoReader reader(content);
  scan::ProtoField field;
  std::string producer;
  std::string producer_version;
  while (reader.next(field)) {  // onnx.proto, ModelProto
    if (field.is_bytes(2)) producer = field.text();
    if (field.is_bytes(3)) producer_version = field.text();
    if (field.is_bytes(6)) tell(facts.description, field.text(), header(file, "doc_string"));
    if (field.is_bytes(8)) {  // OperatorSetIdProto
      scan::ProtoReader inner(field);
      scan::ProtoField part;
      std::string domain = "ai.onnx";
      std::uint64_t version = 0;
      while (inner.next(part)) {
        if (part.is_bytes(1) && !part.text().empty()) domain = part.text();
        if (part.is_varint(2)) version = part.value;
      }
      facts.property("opset:" + printable(domain, 60), std::to_string(version), header(file, "opset_import"));
    }
    if (field.is_bytes(14)) {  // StringStringEntryProto
      scan::ProtoReader inner(field);
      scan::ProtoField part;
      std::string_view key;
      while (inner.next(part)) {
        if (part.is_bytes(1)) key = part.text();
        if (part.is_bytes(2) && !key.empty())
          facts.property("onnx:" + printable(key, 60), part.text(), header(file, "metadata_props"));
      }
    }
  }
  if (!producer.empty())
    facts.property("producer", producer + (producer_version.empty() ? "" : " " + producer_version),
                   header(file, "producer_name"));
}

Inventory inventory_of(const scan::ModelGraph& graph) {
  Inventory inventory;
  inventory.tensors = graph.tensors.size();
  for (const scan::Tensor& tensor : graph.tensors) {
    std::uint64_t elements = 1;
    bool fits = true;
    for (const std::uint64_t size : tensor.shape)
      fits = fits && !__builtin_mul_overflow(elements, size, &elements);
    // A shape that nothing could hold is a finding, not a number of parameters.
    if (!fits || __builtin_add_overflow(inventory.parameters, elements, &inventory.parameters)) continue;
    ++inventory.types[printable(tensor.type, 40)];
  }
  for (const scan::Node& node : graph.nodes) ++inventory.operators[printable(node.op, 100)];
  return inventory;
}

void read_signature(std::string_view json, std::string_view file, std::string_view sha256,
                    ModelFacts& facts) {
  Limits limits;
  limits.document_nodes = 200'000;
  const auto parsed = parse_json(json, limits);
  if (!parsed || !parsed->root.is_map()) return;
  const Document& root = parsed->root;
  const bool bundle = root.text("mediaType").starts_with("application/vnd.dev.sigstore.bundle");
  const Document* envelope = bundle ? root.find("dsseEnvelope") : &root;
  if (!bundle && (root.find("payloadType") == nullptr || root.find("signatures") == nullptr)) return;
  const std::string_view payload = envelope == nullptr ? std::string_view() : envelope->text("payload");
  const std::string from = std::string(file) + ", by its content; not verified here";
  BomReference found{"digital-signature", std::string(file), "signature; verify it before you trust it",
                     std::string(sha256), from};
  const auto statement = decode_base64(payload, Base64::UrlSafeToo);
  if (const auto inner = statement ? parse_json(*statement, limits) : parse_json("", limits);
      inner && inner->root.is_map()) {
    const std::string_view predicate = inner->root.text("predicateType");
    const bool model = predicate.starts_with("https://model_signing/");
    if (!model) found.type = "attestation";
    const Document* subjects = inner->root.find("subject");
    if (model && subjects != nullptr && subjects->list.size() == 1)
      if (const Document* digest = subjects->list.front().find("digest"))
        found.subject = digest->text("sha256");
    if (!predicate.empty())
      found.comment = (model ? "OpenSSF model signature, " : "attestation, ") + printable(predicate, 200);
  }
  facts.references.push_back(std::move(found));
}

}  // namespace bulwark::trust
