// TensorFlow Lite models (tensorflow/lite/schema/schema.fbs): operators that need other code, and sizes that
// lie.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "scan/formats/flatbuffer.h"
#include "scan/formats/payload.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kRules[] = {
    {
        .id = "BW-TFL-001",
        .title = "TensorFlow Lite model needs a custom operator",
        .severity = Severity::Medium,
        .atlas = "AML.T0011.000",
        .why = "Its implementation is native code that the app registers under that name; nobody has vouched "
               "for it.",
        .fix = "Ask where the operator comes from, review it, then allow it by name.",
    },
    {
        .id = "BW-TFL-002",
        .title = "TensorFlow Lite model runs TensorFlow operators through Flex",
        .severity = Severity::Low,
        .atlas = "AML.T0011.000 AML.T0018.002",
        .why = "The Flex delegate brings all of TensorFlow's operators, those that touch files or call "
               "Python included.",
        .fix = "Convert the model without Flex; refuse it if the operator reads, writes or calls Python.",
    },
    {
        .id = "BW-TFL-003",
        .title = "offset or index leaves the TensorFlow Lite model",
        .severity = Severity::High,
        .atlas = "AML.T0011.000",
        .why = "Interpreters that load without the verifier follow it and read or write memory that is not "
               "the model's.",
        .fix = "Refuse the file; convert the model again.",
    },
    {
        .id = "BW-TFL-004",
        .title = "TensorFlow Lite tensor is larger than its buffer",
        .severity = Severity::High,
        .atlas = "AML.T0011.000",
        .why = "A kernel that trusts the shape reads past the buffer.",
        .fix = "Refuse the file; convert the model again.",
    },
    {
        .id = "BW-TFL-005",
        .title = "TensorFlow Lite buffer holds a program or archive",
        .severity = Severity::High,
        .atlas = "AML.T0018.002 AML.T0074",
        .why = "Bytes that start like an executable, a script, an archive or a pickle are no weights.",
        .fix = "Extract and judge the embedded file; refuse the model if nobody can explain it.",
    },
    kMetadataCommand,
};
constexpr const Rule& kCustom = kRules[0];
constexpr const Rule& kFlex = kRules[1];
constexpr const Rule& kOffset = kRules[2];
constexpr const Rule& kSize = kRules[3];
constexpr const Rule& kPayload = kRules[4];

constexpr std::int32_t kCustomCode = 32;  // BuiltinOperator.CUSTOM
// Custom operators that TensorFlow Lite, MediaPipe and the Edge TPU ship themselves.
constexpr std::string_view kKnownCustom[] = {"TFLite_Detection_PostProcess",
                                             "Mfcc",
                                             "AudioSpectrogram",
                                             "NumericVerify",
                                             "edgetpu-custom-op",
                                             "MaxPoolingWithArgmax2D",
                                             "MaxUnpooling2D",
                                             "Convolution2DTransposeBias",
                                             "TransformTensorBilinear",
                                             "TransformLandmarks",
                                             "Landmarks2TransformMatrix",
                                             "Landmarks2TransformMatrixV2",
                                             "TFSentencepieceTokenizeOp",
                                             "RaggedTensorToTensor",
                                             "TFSentencepieceDetokenizeOp",
                                             "WhitespaceTokenizeWithOffsets",
                                             "AvgPool3D",
                                             "MaxPool3D",
                                             "IRFFT2D",
                                             "Rfft2d",
                                             "Atan2",
                                             "Sign",
                                             "Multinomial",
                                             "RandomUniform",
                                             "RandomStandardNormal",
                                             "Table",
                                             "HashtableV2",
                                             "ResizeNearest",
                                             "odml.rms_norm",
                                             "odml.group_norm",
                                             "KmeansEmbeddingLookup",
                                             "FusedMaxPool",
                                             "ReadVariable",
                                             "Roll",
                                             "Ftl",
                                             "CombinerOp"};
// TensorFlow operators whose effect is known to be dangerous, see the rules of TensorFlow graphs.
constexpr std::string_view kDangerousFlex[] = {
    "FlexPyFunc",        "FlexPyFuncStateless", "FlexEagerPyFunc",    "FlexReadFile",    "FlexWriteFile",
    "FlexMatchingFiles", "FlexSaveV2",          "FlexImmutableConst", "FlexLoadLibrary", "FlexDebugIdentity"};

struct Type {
  std::string_view name;
  std::uint32_t bytes;
};
constexpr Type kTypes[] = {{"float32", 4},   {"float16", 2},  {"int32", 4},   {"uint8", 1},
                           {"int64", 8},     {"string", 0},   {"bool", 1},    {"int16", 2},
                           {"complex64", 8}, {"int8", 1},     {"float64", 8}, {"complex128", 16},
                           {"uint64", 8},    {"resource", 0}, {"variant", 0}, {"uint32", 4},
                           {"uint16", 2},    {"int4", 0},     {"bfloat16", 2}};

Match recognises(Bytes content) {
  return has_magic(content, "TFL3", 4) ? Match::Strong : Match::No;
}

std::int32_t code_of(const FlatTable& operator_code) {
  // Codes above 127 are in the newer field; both are written where the old one can hold it.
  return std::max<std::int32_t>(operator_code.uint8(0), operator_code.int32(3));
}

class Model {
 public:
  explicit Model(Inspection& in) : in_(in), flat_(in.bytes()) {}

  Result<void> run() {
    const auto model = flat_.root();
    if (model) {
      in_.fact("version", std::to_string(model->uint32(0)));
      judge_metadata_text(in_, model->text(3), kNoOffset, "description");
      read_operator_codes(*model);
      read_buffers(*model);
      TRY(read_subgraphs(*model));
      read_metadata(*model);
    }
    if (!flat_.defect()) return {};
    in_.report(kOffset, flat_.defect()->offset, flat_.defect()->message);
    in_.gap(*flat_.defect());
    return {};
  }

 private:
  void read_operator_codes(const FlatTable& model) {
    const FlatVector codes = model.vector(1, 4);
    codes_ = codes.size();
    for (std::uint32_t i = 0; i < codes.size(); ++i) {
      const auto code = codes.table(i);
      if (!code) return;
      if (code_of(*code) == kCustomCode) judge_custom(*code);
    }
  }

  void judge_custom(const FlatTable& code) {
    const std::string name(code.text(1));
    const std::uint64_t offset = code.vector(1, 1).offset();
    if (name.starts_with("Flex")) {
      const bool dangerous = std::ranges::find(kDangerousFlex, name) != std::end(kDangerousFlex);
      in_.report(kFlex, {.place = {.offset = offset},
                         .message = "model runs the TensorFlow operator " + printable(name.substr(4), 80),
                         .evidence = name,
                         .subject = name,
                         .severity = dangerous ? Severity::High : Severity::Low});
    } else if (std::ranges::find(kKnownCustom, name) == std::end(kKnownCustom)) {
      in_.report(kCustom, {.place = {.offset = offset},
                           .message = "model needs the custom operator " + printable(name, 80),
                           .evidence = name,
                           .subject = name});
    }
  }

  void read_buffers(const FlatTable& model) {
    const FlatVector buffers = model.vector(4, 4);
    for (std::uint32_t i = 0; i < buffers.size(); ++i) {
      const auto buffer = buffers.table(i);
      if (!buffer) return;
      const FlatVector content = buffer->vector(0, 1);
      Bytes bytes = content.raw();
      std::uint64_t offset = content.offset();
      // Models above 2 GiB keep buffers behind the flatbuffer; offsets 0 and 1 mean that there is none.
      const std::uint64_t outer = buffer->uint64(1);
      const std::uint64_t size = buffer->uint64(2);
      if (outer > 1) {
        if (outer > in_.bytes().size() || size > in_.bytes().size() - outer) {
          in_.report(kOffset, buffer->offset(), "buffer " + std::to_string(i) + " lies outside of the file");
        } else {
          bytes = in_.bytes().subspan(outer, size);
          offset = outer;
        }
      }
      judge_payload(in_, kPayload, bytes, offset, "buffer " + std::to_string(i));
      buffers_.push_back(bytes.size());
    }
  }

  Result<void> read_subgraphs(const FlatTable& model) {
    const FlatVector subgraphs = model.vector(2, 4);
    for (std::uint32_t i = 0; i < subgraphs.size(); ++i) {
      TRY(in_.budget().check_time("tflite subgraphs"));
      const auto subgraph = subgraphs.table(i);
      if (!subgraph) return {};
      const FlatVector tensors = subgraph->vector(0, 4);
      for (std::uint32_t t = 0; t < tensors.size(); ++t) {
        const auto tensor = tensors.table(t);
        if (!tensor) return {};
        judge_tensor(*tensor, t);
      }
      judge_indices(subgraph->vector(1, 4), tensors.size(), "input", subgraph->offset());
      judge_indices(subgraph->vector(2, 4), tensors.size(), "output", subgraph->offset());
      const FlatVector operators = subgraph->vector(3, 4);
      for (std::uint32_t o = 0; o < operators.size(); ++o) {
        const auto op = operators.table(o);
        if (!op) return {};
        judge_operator(*op, o, tensors.size());
      }
    }
    return {};
  }

  void judge_operator(const FlatTable& op, std::uint32_t index, std::uint32_t tensors) {
    if (op.uint32(0) >= codes_)
      in_.report(kOffset, op.offset(),
                 "operator " + std::to_string(index) + " has the code " + std::to_string(op.uint32(0)) +
                     " of " + std::to_string(codes_));
    judge_indices(op.vector(1, 4), tensors, "input", op.offset());
    judge_indices(op.vector(2, 4), tensors, "output", op.offset());
    const FlatVector options = op.vector(5, 1);
    if (!is_payload(options.raw())) return;
    in_.report(kPayload, options.offset(), "options of a custom operator hold an embedded file",
               hex(options.raw().first(8)));
    in_.child("operator " + std::to_string(index), options.raw());
  }

  // Tensor indices; -1 stands for an optional one.
  void judge_indices(const FlatVector& indices, std::uint32_t tensors, std::string_view what,
                     std::uint64_t place) {
    for (std::uint32_t i = 0; i < indices.size(); ++i) {
      const std::int32_t index = indices.int32(i);
      if (index >= -1 && index < static_cast<std::int64_t>(tensors)) continue;
      in_.report(
          kOffset, place,
          std::string(what) + " is tensor " + std::to_string(index) + " of " + std::to_string(tensors));
      return;
    }
  }

  void judge_tensor(const FlatTable& tensor, std::uint32_t index) {
    const std::uint32_t buffer = tensor.uint32(2);
    if (buffer >= buffers_.size() && !(buffer == 0 && buffers_.empty())) {
      in_.report(kOffset, tensor.offset(),
                 "tensor " + std::to_string(index) + " is in buffer " + std::to_string(buffer) + " of " +
                     std::to_string(buffers_.size()));
      return;
    }
    const std::uint8_t type = tensor.uint8(1);
    const bool sparse = tensor.has(6);
    if (buffers_.empty() || buffers_[buffer] == 0 || type >= std::size(kTypes) || kTypes[type].bytes == 0 ||
        sparse)
      return;
    std::uint64_t needed = kTypes[type].bytes;
    bool overflows = false;
    const FlatVector shape = tensor.vector(0, 4);
    for (std::uint32_t i = 0; i < shape.size(); ++i) {
      const std::int32_t dim = shape.int32(i);
      overflows =
          overflows || dim < 0 || __builtin_mul_overflow(needed, static_cast<std::uint64_t>(dim), &needed);
    }
    if (!overflows && needed <= buffers_[buffer]) return;
    in_.report(kSize, tensor.offset(),
               "tensor " + std::to_string(index) + " needs " +
                   (overflows ? std::string("an impossible number of") : std::to_string(needed)) +
                   " bytes, its buffer has " + std::to_string(buffers_[buffer]));
  }

  void read_metadata(const FlatTable& model) {
    const FlatVector entries = model.vector(6, 4);
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
      const auto entry = entries.table(i);
      if (!entry) return;
      if (entry->uint32(1) >= std::max<std::size_t>(buffers_.size(), 1))
        in_.report(kOffset, entry->offset(),
                   "metadata is in buffer " + std::to_string(entry->uint32(1)) + " of " +
                       std::to_string(buffers_.size()));
    }
  }

  Inspection& in_;
  FlatBuffer flat_;
  std::uint32_t codes_ = 0;
  std::vector<std::uint64_t> buffers_;  // sizes
};

Result<void> inspect(Inspection& in) {
  Model model(in);
  return model.run();
}

std::vector<std::string> names_of(const FlatVector& indices, const std::vector<std::string>& tensors) {
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < indices.size(); ++i) {
    const auto index = static_cast<std::size_t>(indices.int32(i));
    if (index < tensors.size()) names.push_back(tensors[index]);
  }
  return names;
}

std::vector<std::string> operators_of(const FlatTable& model) {
  std::vector<std::string> names;
  const FlatVector codes = model.vector(1, 4);
  for (std::uint32_t i = 0; i < codes.size(); ++i) {
    const auto code = codes.table(i);
    if (!code) break;
    const bool custom = code_of(*code) == kCustomCode;
    names.push_back(custom ? std::string(code->text(1)) : "builtin_" + std::to_string(code_of(*code)));
  }
  return names;
}

void add_subgraph(const FlatTable& subgraph, const FlatVector& buffers,
                  const std::vector<std::string>& operators, ModelGraph& graph) {
  std::vector<std::string> names;
  const FlatVector tensors = subgraph.vector(0, 4);
  for (std::uint32_t i = 0; i < tensors.size(); ++i) {
    const auto tensor = tensors.table(i);
    if (!tensor) return;
    names.emplace_back(tensor->text(3));
    const auto buffer = buffers.table(tensor->uint32(2));
    const std::uint8_t type = tensor->uint8(1);
    Tensor out{.name = names.back(),
               .type = std::string(type < std::size(kTypes) ? kTypes[type].name : "unknown"),
               .shape = {},
               .content = {}};
    const FlatVector shape = tensor->vector(0, 4);
    for (std::uint32_t d = 0; d < shape.size(); ++d)
      out.shape.push_back(static_cast<std::uint64_t>(shape.int32(d)));
    if (buffer) out.content = buffer->vector(0, 1).raw();
    // Tensors without content are what flows between operators.
    if (!out.content.empty()) graph.tensors.push_back(std::move(out));
  }
  const FlatVector nodes = subgraph.vector(3, 4);
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    const auto node = nodes.table(i);
    if (!node) return;
    const std::uint32_t code = node->uint32(0);
    graph.nodes.push_back({.name = std::to_string(i),
                           .op = code < operators.size() ? operators[code] : "unknown",
                           .inputs = names_of(node->vector(1, 4), names),
                           .outputs = names_of(node->vector(2, 4), names)});
  }
}

Result<ModelGraph> graph(Inspection& in) {
  FlatBuffer flat(in.bytes());
  const auto model = flat.root();
  ModelGraph graph{.format = "tflite", .tensors = {}, .nodes = {}};
  if (model) {
    const std::vector<std::string> operators = operators_of(*model);
    const FlatVector buffers = model->vector(4, 4);
    const FlatVector subgraphs = model->vector(2, 4);
    for (std::uint32_t i = 0; i < subgraphs.size(); ++i) {
      const auto subgraph = subgraphs.table(i);
      if (!subgraph) break;
      add_subgraph(*subgraph, buffers, operators, graph);
    }
  }
  if (flat.defect()) return std::unexpected(*flat.defect());
  return graph;
}

}  // namespace

const Inspector tflite{
    .name = "tflite",
    .version = "1",
    .rules = kRules,
    // Files that belong to a model (labels, vocabularies) are packed as a zip behind it, by design.
    .family = "zip",
    .recognises = recognises,
    .inspect = inspect,
    .graph = graph,
};

}  // namespace bulwark::scan::inspectors
