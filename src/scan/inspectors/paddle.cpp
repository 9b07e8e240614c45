// PaddlePaddle: programs (.pdmodel, framework.proto ProgramDesc) and combined parameters (.pdiparams).

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "scan/formats/protobuf.h"
#include "scan/formats/reference.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kRules[] = {
    {
        .id = "BW-PADDLE-001",
        .title = "Paddle operator runs Python code",
        .severity = Severity::Critical,
        .atlas = "AML.T0011.000 AML.T0018.002",
        .why = "py_func calls a Python function of the serving process while the program runs.",
        .fix = "Refuse the model; export it with graph operators only.",
    },
    {
        .id = "BW-PADDLE-002",
        .title = "Paddle operator reads or writes files outside the model",
        .severity = Severity::High,
        .atlas = "AML.T0011.000 AML.T0037",
        .why = "save and load operators act on the path in their attribute while the program runs.",
        .fix = "Refuse the model; export it without save and load operators.",
    },
    {
        .id = "BW-PADDLE-003",
        .title = "Paddle operator talks to the network",
        .severity = Severity::High,
        .atlas = "AML.T0011.000 AML.T0025",
        .why = "Operators of distributed training connect to the endpoints in the file and exchange tensors "
               "with them.",
        .fix = "Refuse the model; export the inference program only.",
    },
    {
        .id = "BW-PADDLE-004",
        .title = "Paddle parameters claim more than the file holds",
        .severity = Severity::High,
        .atlas = "AML.T0029",
        .why = "A loader that trusts the claimed shape allocates or reads beyond the data.",
        .fix = "Refuse the file; export it again.",
    },
    {
        .id = "BW-PADDLE-005",
        .title = "Paddle program holds an embedded file",
        .severity = Severity::High,
        .atlas = "AML.T0018.002 AML.T0074",
        .why = "Bytes that start like an executable, a script, an archive or a pickle are no attribute.",
        .fix = "Extract and judge the embedded file; refuse the model if nobody can explain it.",
    },
    kMetadataCommand,
};
constexpr const Rule& kPython = kRules[0];
constexpr const Rule& kFiles = kRules[1];
constexpr const Rule& kNetwork = kRules[2];
constexpr const Rule& kSize = kRules[3];
constexpr const Rule& kPayload = kRules[4];

constexpr FieldShape kBlock[] = {{1, WireType::Varint},
                                 {2, WireType::Varint},
                                 {3, WireType::Bytes},
                                 {4, WireType::Bytes},
                                 {5, WireType::Varint}};
constexpr FieldShape kOp[] = {{1, WireType::Bytes},
                              {2, WireType::Bytes},
                              {3, WireType::Bytes},
                              {4, WireType::Bytes},
                              {5, WireType::Varint}};

constexpr std::string_view kFileOps[] = {"save",         "save_combine",       "load",
                                         "load_combine", "sparse_tensor_load", "save_selected_rows"};
constexpr std::string_view kNetworkOps[] = {
    "send",          "recv",         "listen_and_serv",       "send_and_recv",
    "fetch_barrier", "send_barrier", "heter_listen_and_serv", "checkpoint_notify",
    "prefetch",      "gen_nccl_id",  "c_gen_nccl_id"};

// Bytes per element of VarType.Type; 0: none.
std::uint64_t bytes_of(std::uint64_t type) {
  switch (type) {
    case 0:
    case 20:
    case 21: return 1;  // bool, uint8, int8
    case 1:
    case 4:
    case 22: return 2;  // int16, float16, bfloat16
    case 2:
    case 5: return 4;  // int32, float32
    case 3:
    case 6:
    case 19:
    case 23: return 8;   // int64, float64, size_t, complex64
    case 24: return 16;  // complex128
    default: return 0;
  }
}

// Header of one tensor in a parameters file: version 0, level count, levels, version 0, size of TensorDesc,
// TensorDesc.
struct ParameterHeader {
  std::uint64_t content = 0;  // offset of the values
  std::uint64_t bytes = 0;    // as its shape claims
  bool overflows = false;
};

Result<ParameterHeader> read_parameter(ByteReader& in) {
  constexpr std::uint64_t kMostLevels = 16;
  constexpr std::uint32_t kLongestDescription = 4096;
  const auto version = TRY(in.little_endian<std::uint32_t>("tensor version"));
  if (version != 0)
    return fail(Code::Unsupported, "tensor version " + std::to_string(version), in.offset() - 4);
  const auto levels = TRY(in.little_endian<std::uint64_t>("level count"));
  if (levels > kMostLevels)
    return fail(Code::Unsupported, "level count " + std::to_string(levels), in.offset() - 8);
  for (std::uint64_t i = 0; i < levels; ++i) {
    const auto size = TRY(in.little_endian<std::uint64_t>("level size"));
    TRY(in.skip(size, "level"));
  }
  const auto inner = TRY(in.little_endian<std::uint32_t>("inner version"));
  const auto length = TRY(in.little_endian<std::uint32_t>("description size"));
  if (inner != 0 || length < 2 || length > kLongestDescription)
    return fail(Code::Unsupported, "no tensor description", in.offset() - 8);
  const auto description = TRY(in.take(length, "tensor description"));
  ProtoReader reader(description, in.offset() - length);
  ProtoField field;
  std::uint64_t type = ~std::uint64_t{0};
  std::vector<std::uint64_t> dims;
  while (reader.next(field)) {
    if (field.is_varint(1)) type = field.value;
    if (field.number == 2) append_varints(field, dims, 64);
  }
  if (reader.stop() != ProtoReader::Stop::None || bytes_of(type) == 0)
    return fail(Code::Unsupported, "no tensor description", in.offset() - length);
  ParameterHeader header{.content = in.offset(), .bytes = bytes_of(type)};
  for (const std::uint64_t dim : dims)
    header.overflows = header.overflows || static_cast<std::int64_t>(dim) < 0 ||
                       __builtin_mul_overflow(header.bytes, dim, &header.bytes);
  return header;
}

bool looks_like_parameters(Bytes content) {
  ByteReader in(content);
  return read_parameter(in).has_value();
}

bool looks_like_block(Bytes block) {
  const ShapeMatch match = match_shape(block, kBlock, 32);
  if (match.contradicts || match.known < 3) return false;
  ProtoReader reader(block);
  ProtoField field;
  bool idx = false;
  while (reader.next(field)) {
    if (field.is_varint(1)) idx = true;
    if (!field.is_bytes(4)) continue;
    const ShapeMatch op = match_shape(field.bytes, kOp, 64);
    return idx && !op.contradicts && op.known > 0;
  }
  return idx && reader.cut();
}

bool looks_like_program(Bytes content) {
  ProtoReader reader(content);
  ProtoField field;
  // Unknown fields in front are no disguise.
  while (reader.next(field))
    if (field.number == 1) return field.is_bytes() && looks_like_block(field.bytes);
  return reader.cut() && reader.cut()->is_bytes(1) && looks_like_block(reader.cut()->bytes);
}

Match recognises(Bytes content) {
  return looks_like_program(content) || looks_like_parameters(content) ? Match::Weak : Match::No;
}

class Program {
 public:
  explicit Program(Inspection& in) : in_(in) {}

  Result<void> run() {
    ProtoReader blocks(in_.bytes());
    ProtoField block;
    while (blocks.next(block))
      if (block.is_bytes(1)) TRY(read_block(block));
    if (blocks.cut() && blocks.cut()->is_bytes(1)) TRY(read_block(*blocks.cut()));
    keep(blocks, "program");
    return {};
  }

 private:
  void keep(const ProtoReader& reader, std::string_view what) {
    if (reader.stop() == ProtoReader::Stop::None || std::exchange(defect_, true)) return;
    const bool cut = reader.stop() == ProtoReader::Stop::Truncated;
    in_.gap(cut ? GapReason::Truncated : GapReason::Malformed,
            std::string(what) + (cut ? " ends inside a field" : " is malformed"),
            {.offset = reader.offset()});
  }

  Result<void> read_block(const ProtoField& block) {
    ProtoReader reader(block);
    ProtoField field;
    while (reader.next(field)) {
      if ((++steps_ & 0xFFF) == 0) TRY(in_.budget().check_time("paddle program"));
      if (field.is_bytes(4)) read_op(field);
    }
    keep(reader, "block");
    return {};
  }

  struct Text {
    std::string name;
    ProtoField value;
  };

  void read_op(const ProtoField& message) {
    ProtoReader reader(message);
    ProtoField field;
    std::string type;
    std::uint64_t offset = message.offset;
    std::vector<Text> texts;
    while (reader.next(field)) {
      if (field.is_bytes(3)) {
        type = std::string(field.text());
        offset = field.offset;
      }
      if (field.is_bytes(4)) read_attribute(field, texts);
    }
    keep(reader, "operator");
    judge_op(type, offset, texts);
  }

  static void read_attribute(const ProtoField& message, std::vector<Text>& texts) {
    ProtoReader reader(message);
    ProtoField field;
    std::string name;
    std::vector<ProtoField> values;
    while (reader.next(field)) {
      if (field.is_bytes(1)) name = std::string(field.text());
      if (field.is_bytes(5) || field.is_bytes(8)) values.push_back(field);
    }
    // Call stacks of the exporting script are in every program: source lines, not instructions.
    if (name == "op_callstack") return;
    for (const ProtoField& value : values) texts.push_back({name, value});
  }

  void judge_op(const std::string& type, std::uint64_t offset, const std::vector<Text>& texts) {
    if (type == "py_func" || type == "py_layer")
      in_.report(kPython, {.place = {.offset = offset},
                           .message = "operator " + type + " calls Python",
                           .evidence = type,
                           .subject = type});
    if (std::ranges::find(kNetworkOps, type) != std::end(kNetworkOps))
      in_.report(kNetwork, {.place = {.offset = offset},
                            .message = "operator " + type + " talks to the network",
                            .evidence = type,
                            .subject = type});
    const bool files = std::ranges::find(kFileOps, type) != std::end(kFileOps);
    for (const Text& text : texts) {
      const std::string where = "attribute " + text.name;
      if (!judge_payload(in_, kPayload, text.value.bytes, text.value.offset, where))
        judge_metadata_text(in_, text.value.text(), text.value.offset, where);
      if (!files || (text.name != "file_path" && text.name != "model_path")) continue;
      const Reference reference = judge_reference(text.value.text());
      if (reference.reach == Reach::Inside) continue;
      in_.report(kFiles, {.place = {.offset = text.value.offset},
                          .message = "path of the operator " + type + " " + std::string(reference.why),
                          .evidence = std::string(text.value.text()),
                          .subject = type,
                          .severity = reference.reach == Reach::Detour ? Severity::Low : Severity::High});
    }
  }

  Inspection& in_;
  std::uint64_t steps_ = 0;
  bool defect_ = false;
};

Result<void> inspect_parameters(Inspection& in) {
  ByteReader reader(in.bytes());
  std::uint64_t count = 0;
  while (!reader.at_end()) {
    if ((++count & 0xFFF) == 0) TRY(in.budget().check_time("paddle parameters"));
    const std::uint64_t start = reader.offset();
    const auto header = read_parameter(reader);
    if (!header && count == 1) return fail(Code::Unsupported, "no Paddle parameters");
    if (!header) {
      in.gap(GapReason::Malformed, "tensor " + std::to_string(count) + ": " + header.error().message,
             {.offset = start});
      return {};
    }
    if (header->overflows || header->bytes > reader.remaining()) {
      in.report(
          kSize, start,
          "tensor " + std::to_string(count) + " claims " +
              (header->overflows ? "a shape that overflows" : std::to_string(header->bytes) + " bytes") +
              ", " + std::to_string(reader.remaining()) + " remain");
      in.gap(GapReason::Truncated, "parameters end inside tensor " + std::to_string(count),
             {.offset = header->content});
      return {};
    }
    TRY(reader.skip(header->bytes, "values"));
  }
  in.fact("tensors", std::to_string(count));
  return {};
}

Result<void> inspect(Inspection& in) {
  if (!looks_like_program(in.bytes())) return inspect_parameters(in);
  Program program(in);
  return program.run();
}

}  // namespace

const Inspector paddle{
    .name = "paddle",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
