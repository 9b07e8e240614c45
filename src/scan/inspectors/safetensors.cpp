// safetensors: no code can be stored in it, so what is left is the loader: lies about sizes, entries that two
// readers understand differently, and bytes that no tensor owns.

#include "scan/formats/safetensors.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "scan/formats/command_text.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/secret_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kHeaderSize{
    .id = "BW-ST-001",
    .title = "safetensors header is larger than allowed or than the file",
    .severity = Severity::High,
    .atlas = "AML.T0029 AML.T0076",
    .why = "A loader that trusts the length allocates or reads what is not there.",
    .fix = "Fetch the file again; if the length stays, refuse it.",
};
constexpr Rule kHeaderText{
    .id = "BW-ST-002",
    .title = "safetensors header is not the JSON object that the format demands",
    .severity = Severity::High,
    .atlas = "AML.T0076 AML.T0107",
    .why = "Readers disagree about a malformed header; what one refuses another loads.",
    .fix = "Refuse the file; write it again with the safetensors library.",
};
constexpr Rule kDuplicate{
    .id = "BW-ST-003",
    .title = "safetensors header names a tensor twice",
    .severity = Severity::High,
    .atlas = "AML.T0074 AML.T0107",
    .why =
        "Which of the two is loaded depends on the reader, so the checked weights need not be the used ones.",
    .fix = "Refuse the file; write it again with the safetensors library.",
};
constexpr Rule kMetadataType{
    .id = "BW-ST-004",
    .title = "safetensors metadata is not a map from text to text",
    .severity = Severity::Medium,
    .atlas = "AML.T0107",
    .why =
        "The format allows texts only; nested values are read by tools that interpret them in their own way.",
    .fix = "Remove the metadata or store it as text.",
};
constexpr Rule kLayout{
    .id = "BW-ST-005",
    .title = "safetensors tensors overlap, leave holes or lie outside of the file",
    .severity = Severity::High,
    .atlas = "AML.T0074 AML.T0029",
    .why =
        "Holes hide content, overlaps and offsets past the end make loaders read memory that is not the "
        "tensor's.",
    .fix = "Refuse the file; write it again with the safetensors library.",
};
constexpr Rule kSpan{
    .id = "BW-ST-006",
    .title = "safetensors shape and type do not match the bytes of the tensor",
    .severity = Severity::High,
    .atlas = "AML.T0029 AML.T0107",
    .why = "A loader that trusts the shape reads or writes past the tensor; an overflowing product hides it.",
    .fix = "Refuse the file; write it again with the safetensors library.",
};
constexpr Rule kTrailing{
    .id = "BW-ST-007",
    .title = "safetensors file has bytes behind its last tensor",
    .severity = Severity::High,
    .atlas = "AML.T0074 AML.T0018.002",
    .why = "The reference reader refuses trailing bytes, others ignore them: the place for a second file.",
    .fix = "Refuse the file; the trailing bytes were inspected as a file of their own.",
};
constexpr Rule kType{
    .id = "BW-ST-009",
    .title = "safetensors tensor has an unknown type",
    .severity = Severity::Medium,
    .atlas = "AML.T0107",
    .why = "The size of such a tensor cannot be checked.",
    .fix = "Check which tool wrote the type and whether your loader knows it.",
};
constexpr Rule kMetadataText{
    .id = "BW-ST-010",
    .title = "safetensors metadata holds code, markup or a command line",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000",
    .why = "No loader runs metadata, but viewers render it and scripts around the model may use it.",
    .fix = "Do not render or execute metadata of a model; ask its author what the text is for.",
};
constexpr std::array kRules = {kHeaderSize, kHeaderText, kDuplicate, kMetadataType, kLayout,
                               kSpan,       kTrailing,   kType,      kMetadataText};

Match recognises(Bytes content) {
  if (looks_like_safetensors(content)) return Match::Strong;
  return claims_absurd_header(content) ? Match::Weak : Match::No;
}

// Markup that a viewer would run.
std::string_view active_markup(std::string_view text) {
  static constexpr std::array<std::string_view, 6> kMarks = {"<script", "<iframe",     "<object",
                                                             "<embed",  "javascript:", "onerror="};
  const std::string small = lower(text.substr(0, 64 * 1024));
  for (const auto mark : kMarks) {
    if (small.find(mark) != std::string::npos) return mark;
  }
  return {};
}

void judge_metadata(const Document& metadata, Inspection& in) {
  const auto place = [](const Document& value) { return kSafetensorsLengthField + value.offset; };
  if (!metadata.is_map()) return in.report(kMetadataType, place(metadata), "metadata is not an object");
  for (const auto& [key, value] : metadata.map) {
    if (!value.is_string()) {
      in.report(kMetadataType, place(value), "metadata " + key + " is not a text");
      continue;
    }
    report_secrets_in_metadata(in, value.string, kNoOffset, key);
    if (const auto mark = active_markup(value.string); !mark.empty()) {
      in.report(kMetadataText, place(value),
                "metadata " + key + " holds active markup (" + std::string(mark) + ")", value.string);
    } else if (const auto command = find_command(value.string)) {
      in.report(kMetadataText, place(value),
                "metadata " + key + " is a text that " + std::string(command->what), value.string);
    }
  }
}

void judge_tensor(const SafetensorsTensor& tensor, std::uint64_t data_size, Inspection& in) {
  if (!tensor.defect.empty())
    return in.report(kHeaderText, tensor.offset, "tensor " + tensor.name + " " + std::string(tensor.defect));
  const std::string span = "[" + std::to_string(tensor.begin) + ", " + std::to_string(tensor.end) + ")";
  if (tensor.end > data_size) {
    in.report(
        kLayout, tensor.offset,
        "tensor " + tensor.name + " spans " + span + " of " + std::to_string(data_size) + " bytes of data");
    in.gap(GapReason::Truncated, "tensor " + tensor.name + " ends behind the file",
           {.offset = tensor.offset});
  }
  if (!safetensors_type_bits(tensor.type))
    return in.report(kType, tensor.offset, "tensor " + tensor.name + " has the type " + tensor.type);
  if (!tensor.size)
    return in.report(kSpan, tensor.offset,
                     "tensor " + tensor.name + ": its shape overflows or fills no whole bytes");
  if (*tensor.size != tensor.end - tensor.begin) {
    in.report(kSpan, tensor.offset,
              "tensor " + tensor.name + " needs " + std::to_string(*tensor.size) +
                  " bytes for its shape and type and has " + std::to_string(tensor.end - tensor.begin));
  }
}

// Tensors must tile the data without holes; returns where the last one ends.
std::uint64_t judge_layout(const std::vector<SafetensorsTensor>& tensors, Inspection& in) {
  std::vector<const SafetensorsTensor*> order;
  for (const auto& tensor : tensors) {
    if (tensor.defect.empty()) order.push_back(&tensor);
  }
  std::ranges::sort(order, [](const auto* a, const auto* b) {
    return a->begin != b->begin ? a->begin < b->begin : a->end < b->end;
  });
  std::uint64_t expected = 0;
  for (const auto* tensor : order) {
    if (tensor->begin != expected) {
      in.report(kLayout, tensor->offset,
                "tensor " + tensor->name + " begins at " + std::to_string(tensor->begin) +
                    (tensor->begin < expected ? " inside of another tensor that ends at "
                                              : " behind a hole that begins at ") +
                    std::to_string(expected));
    }
    expected = std::max(expected, tensor->end);
  }
  return expected;
}

Result<void> inspect(Inspection& in) {
  const Bytes content = in.bytes();
  const auto length = load_little_endian<std::uint64_t>(content.data());
  const std::uint64_t room = content.size() - kSafetensorsLengthField;
  if (length > kSafetensorsMaxHeader || length > room) {
    in.report(kHeaderSize, 0,
              "header claims " + std::to_string(length) + " bytes; " + std::to_string(room) +
                  " are there and " + std::to_string(kSafetensorsMaxHeader) + " are allowed");
    if (length > room) return fail(Code::InvalidInput, "header is longer than the file", 0);
  }
  const char first = static_cast<char>(content[kSafetensorsLengthField]);
  if (first != '{') in.report(kHeaderText, kSafetensorsLengthField, "header does not begin with {");
  auto header = read_safetensors(content, in.limits());
  if (!header) {
    if (header.error().code == Code::InvalidInput)
      in.report(kHeaderText, header.error().offset, header.error().message);
    return std::unexpected(std::move(header).error());
  }
  if (header->json.consumed < length)
    in.report(kHeaderText, kSafetensorsLengthField + header->json.consumed,
              "header goes on behind its JSON object");
  for (const auto& duplicate : header->json.duplicates)
    in.report(kDuplicate, kSafetensorsLengthField + duplicate.offset,
              "key " + duplicate.key + " comes twice");
  for (const auto& [key, value] : header->json.root.map) {
    if (key == "__metadata__") judge_metadata(value, in);
  }
  const Bytes data = content.subspan(kSafetensorsLengthField + length);
  for (const auto& tensor : header->tensors) judge_tensor(tensor, data.size(), in);
  const std::uint64_t end = judge_layout(header->tensors, in);
  if (end < data.size()) {
    const std::uint64_t offset = kSafetensorsLengthField + length + end;
    in.report(kTrailing, offset, std::to_string(data.size() - end) + " bytes follow the last tensor");
    in.child("trailing bytes", data.subspan(end));
  }
  in.fact("tensors", std::to_string(header->tensors.size()));
  return {};
}

std::string common_type(std::string_view type) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kNames = {{
      {"BOOL", "bool"},
      {"U8", "uint8"},
      {"I8", "int8"},
      {"I16", "int16"},
      {"U16", "uint16"},
      {"F16", "float16"},
      {"BF16", "bfloat16"},
      {"I32", "int32"},
      {"U32", "uint32"},
      {"F32", "float32"},
      {"I64", "int64"},
      {"U64", "uint64"},
      {"F64", "float64"},
  }};
  for (const auto& [from, to] : kNames) {
    if (from == type) return std::string(to);
  }
  return lower(type);
}

Result<ModelGraph> graph(Inspection& in) {
  const SafetensorsHeader header = TRY(read_safetensors(in.bytes(), in.limits()));
  const Bytes data = in.bytes().subspan(kSafetensorsLengthField + header.length);
  ModelGraph model{.format = "safetensors", .tensors = {}, .nodes = {}};
  for (const auto& tensor : header.tensors) {
    const bool there = tensor.defect.empty() && tensor.end <= data.size();
    model.tensors.push_back(
        {.name = tensor.name,
         .type = common_type(tensor.type),
         .shape = tensor.shape,
         .content = there ? data.subspan(tensor.begin, tensor.end - tensor.begin) : Bytes{}});
  }
  return model;
}

}  // namespace

const Inspector safetensors{
    .name = "safetensors",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
    .graph = graph,
};

}  // namespace bulwark::scan::inspectors
