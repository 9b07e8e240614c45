// Flax checkpoints (MessagePack): nested maps of arrays; extension 1 is a NumPy array, 2 a complex number, 3
// a scalar.

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "scan/formats/msgpack.h"
#include "scan/formats/number_type.h"
#include "scan/formats/payload.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kObject{
    .id = "BW-FLAX-001",
    .title = "Flax checkpoint holds an array of Python objects",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why =
        "An object array read from raw bytes is a list of memory addresses that the file chooses, or a "
        "pickle in "
        "disguise; no writer of checkpoints produces one.",
    .fix = "Do not load the file.",
};
constexpr Rule kSize{
    .id = "BW-FLAX-002",
    .title = "shape of a Flax array does not fit its bytes",
    .severity = Severity::Medium,
    .atlas = "AML.T0076 AML.T0029",
    .why = "The loader fails or, where it trusts the shape, reads past the buffer.",
    .fix = "Refuse the file; ask for a checkpoint written by Flax.",
};
constexpr Rule kProtocol{
    .id = "BW-FLAX-003",
    .title = "key of Python's object protocol in a Flax checkpoint",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why =
        "Keys such as __reduce__ only mean something to an object hook that rebuilds Python objects: calling "
        "what the file names.",
    .fix = "Do not load the file with an object hook; ask its author for plain arrays.",
};
constexpr Rule kCommand{
    .id = "BW-FLAX-004",
    .title = "text in a Flax checkpoint is a command line or code that starts one",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0050",
    .why = "Metadata of checkpoints is read back by training scripts; a command in it runs there.",
    .fix = "Do not load the file; ask its author what the text is for.",
};
constexpr Rule kExtension{
    .id = "BW-FLAX-005",
    .title = "extension value that Flax does not know",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000",
    .why = "Only a loader with its own hook gives the bytes a meaning.",
    .fix = "Ask the author which program wrote the file.",
};
constexpr Rule kTrailing{
    .id = "BW-FLAX-006",
    .title = "bytes follow a Flax checkpoint",
    .severity = Severity::Medium,
    .atlas = "AML.T0074 AML.T0107",
    .why = "The loader refuses or ignores them; another program may read them as something else.",
    .fix = "Refuse the file unless its producer explains them.",
};
constexpr std::array kRules = {kObject, kSize, kProtocol, kCommand, kExtension, kTrailing};

// flax/serialization.py, _MsgpackExtType.
constexpr std::int8_t kArrayType = 1;
constexpr std::int8_t kScalarType = 3;
constexpr std::int8_t kTimestamp = -1;

Match recognises(Bytes content) {
  if (!begins_with_named_map(content)) return Match::No;
  // Longer first keys ("params", "opt_state", "model") are beyond chance.
  return content[0] <= 0x8F && (content[1] & 0xE0) == 0xA0 && (content[1] & 0x1F) >= 4 ? Match::Strong
                                                                                       : Match::Weak;
}

void judge_array(Inspection& in, const MsgpackItem& item) {
  const auto array = read_flax_array(item.content);
  if (!array) {
    in.report(kSize, item.offset, item.path + ": " + array.error().message);
    return;
  }
  const std::string_view type = array->type;
  if (type == "object" || type == "O" || type.starts_with("|O") || type.starts_with("object")) {
    in.report(kObject, item.offset, item.path + " is an array of Python objects", std::string(type));
    in.child(item.path, array->buffer);
    return;
  }
  const std::uint64_t size = number_size(type);
  std::uint64_t bytes = size;
  bool overflow = false;
  for (const std::uint64_t dimension : array->shape)
    overflow |= __builtin_mul_overflow(bytes, dimension, &bytes);
  if (overflow || (size != 0 && bytes != array->buffer.size())) {
    in.report(kSize, item.offset,
              item.path + ": the shape needs " + (overflow ? "more than 2^64" : std::to_string(bytes)) +
                  " bytes, the buffer has " + std::to_string(array->buffer.size()));
  }
  if (begins_like_payload(array->buffer)) in.child(item.path, array->buffer);
}

void judge(Inspection& in, const MsgpackItem& item) {
  const std::string_view text = text_of(item.content);
  switch (item.kind) {
    case MsgpackItem::Kind::Key: {
      constexpr auto kHooks =
          std::to_array<std::string_view>({"__reduce__", "__reduce_ex__", "__setstate__", "__getstate__",
                                           "__globals__", "__builtins__", "__import__", "__subclasses__"});
      if (std::ranges::find(kHooks, text) != kHooks.end())
        in.report(kProtocol, item.offset,
                  "key " + std::string(text) + " asks a loader to rebuild a Python object",
                  std::string(text));
      return;
    }
    case MsgpackItem::Kind::Text: judge_field(in, kCommand, item.offset, item.path, text); return;
    case MsgpackItem::Kind::Binary:
      judge_field(in, kCommand, item.offset, item.path, text.substr(0, 65'536));
      if (begins_like_payload(item.content) || item.content.size() < 4096) in.child(item.path, item.content);
      return;
    case MsgpackItem::Kind::Extension:
      if (item.type == kArrayType) {
        judge_array(in, item);
      } else if ((item.type < 0 || item.type > kScalarType) && item.type != kTimestamp) {
        in.report(kExtension, item.offset, item.path + ": extension type " + std::to_string(item.type));
        in.child(item.path, item.content);
      }
      return;
  }
}

Result<void> inspect(Inspection& in) {
  const Msgpack file = read_msgpack(in.bytes(), in.budget());
  const bool strong = recognises(in.bytes()) == Match::Strong;
  if (file.stopped && !strong) return fail(Code::Unsupported, "not MessagePack");
  for (const MsgpackItem& item : file.items) judge(in, item);
  in.fact("msgpack values of interest", std::to_string(file.items.size()));
  if (file.stopped) return std::unexpected(*file.stopped);
  if (file.consumed < in.bytes().size()) {
    if (!strong) return fail(Code::Unsupported, "not MessagePack");
    in.report(kTrailing, file.consumed,
              human_size(in.bytes().size() - file.consumed) + " follow the checkpoint");
    in.child("trailing bytes", in.bytes().subspan(file.consumed));
  }
  return {};
}

Result<ModelGraph> graph(Inspection& in) {
  Msgpack file = read_msgpack(in.bytes(), in.budget());
  if (file.stopped) return std::unexpected(*file.stopped);
  ModelGraph model{.format = "flax", .tensors = {}, .nodes = {}};
  for (MsgpackItem& item : file.items) {
    if (item.kind != MsgpackItem::Kind::Extension || item.type != kArrayType) continue;
    const auto array = read_flax_array(item.content);
    if (!array) continue;
    model.tensors.push_back({std::move(item.path), std::string(array->type), array->shape, array->buffer});
  }
  return model;
}

}  // namespace

const Inspector flax{
    .name = "flax",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
    .graph = graph,
};

}  // namespace bulwark::scan::inspectors
