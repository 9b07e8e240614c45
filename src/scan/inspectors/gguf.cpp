// GGUF and the GGML formats before it. The readers are C++ without bounds in many places: sizes that lie
// attack the loader. The chat templates inside are executed for every prompt and are inspected as Jinja.

#include "scan/formats/gguf.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/secret_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::string_view kWhyMemory =
    "Readers in C and C++ take sizes and offsets as they are; a wrong one makes them read or write outside "
    "of memory.";
constexpr std::string_view kFixMemory = "Refuse the file; convert the original checkpoint again.";

constexpr Rule kVersion{.id = "BW-GGUF-001",
                        .title = "GGUF version does not exist",
                        .severity = Severity::Medium,
                        .atlas = "AML.T0107",
                        .why = "What a reader makes of an unknown version cannot be told.",
                        .fix = "Check which tool wrote the file; convert the original checkpoint again."};
constexpr Rule kCount{.id = "BW-GGUF-002",
                      .title = "GGUF header claims more entries than the file can hold",
                      .severity = Severity::High,
                      .atlas = "AML.T0029 AML.T0011.000",
                      .why = kWhyMemory,
                      .fix = kFixMemory};
constexpr Rule kLength{.id = "BW-GGUF-003",
                       .title = "GGUF string or array is longer than allowed or than the file",
                       .severity = Severity::High,
                       .atlas = "AML.T0029 AML.T0011.000",
                       .why = kWhyMemory,
                       .fix = kFixMemory};
constexpr Rule kDimensions{.id = "BW-GGUF-004",
                           .title = "GGUF tensor has dimensions that no reader allows",
                           .severity = Severity::High,
                           .atlas = "AML.T0029 AML.T0011.000",
                           .why = kWhyMemory,
                           .fix = kFixMemory};
constexpr Rule kAlignment{.id = "BW-GGUF-005",
                          .title = "GGUF alignment is wrong",
                          .severity = Severity::High,
                          .atlas = "AML.T0029 AML.T0011.000",
                          .why = kWhyMemory,
                          .fix = kFixMemory};
constexpr Rule kDuplicate{
    .id = "BW-GGUF-006",
    .title = "GGUF key or tensor comes twice",
    .severity = Severity::High,
    .atlas = "AML.T0074 AML.T0107",
    .why =
        "Which of the two is used depends on the reader, so the checked value need not be the "
        "used one.",
    .fix = kFixMemory};
constexpr Rule kOverflow{.id = "BW-GGUF-007",
                         .title = "GGUF tensor size or offset overflows, overlaps or leaves the file",
                         .severity = Severity::High,
                         .atlas = "AML.T0029 AML.T0011.000",
                         .why = kWhyMemory,
                         .fix = kFixMemory};
constexpr Rule kType{.id = "BW-GGUF-008",
                     .title = "GGUF type does not exist",
                     .severity = Severity::High,
                     .atlas = "AML.T0029 AML.T0107",
                     .why = "Readers index tables with the type; an unknown one reads outside of them.",
                     .fix = kFixMemory};
constexpr Rule kHidden{.id = "BW-GGUF-009",
                       .title = "GGUF file has bytes that no tensor covers",
                       .severity = Severity::High,
                       .atlas = "AML.T0074 AML.T0018.002",
                       .why = "Readers skip them: the place for a second file or a payload.",
                       .fix = "Refuse the file; the bytes were inspected as a file of their own."};
constexpr Rule kOld{
    .id = "BW-GGUF-010",
    .title = "model in a GGML format from before GGUF",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000",
    .why =
        "These formats have no lengths to check against; only the header was read, and no maintained "
        "reader loads them any more.",
    .fix = "Convert the model to GGUF or safetensors from a source that you trust."};
constexpr std::array kRules = {kVersion,   kCount,    kLength, kDimensions, kAlignment,
                               kDuplicate, kOverflow, kType,   kHidden,     kOld};

constexpr std::string_view kTemplateKey = "tokenizer.chat_template";

const Rule& rule_of(GgufDefect defect) {
  switch (defect) {
    case GgufDefect::Version: return kVersion;
    case GgufDefect::Count: return kCount;
    case GgufDefect::Length: return kLength;
    case GgufDefect::Dimensions: return kDimensions;
    case GgufDefect::Alignment: return kAlignment;
    case GgufDefect::Duplicate: return kDuplicate;
    case GgufDefect::Overflow: return kOverflow;
    case GgufDefect::Type:
    case GgufDefect::TensorType: return kType;
    case GgufDefect::Hole: return kHidden;
  }
  return kType;
}

Match recognises(Bytes content) {
  if (has_magic(content, "GGUF") && content.size() >= 8) {
    const auto version = load_little_endian<std::uint32_t>(content.data() + 4);
    // Text that begins with the word is no model.
    const bool text =
        std::ranges::all_of(content.subspan(4, 4), [](std::uint8_t c) { return c >= 0x20 && c < 0x7F; });
    return version <= 0xFFFF || (version & 0xFFFFU) == 0 || !text ? Match::Strong : Match::No;
  }
  return old_ggml(content) ? Match::Strong : Match::No;
}

// Zeros behind the last tensor are padding.
void judge_tail(const GgufFile& file, Inspection& in) {
  const Bytes tail = in.bytes().subspan(file.end);
  if (tail.empty()) return;
  const Bytes start = tail.first(std::min<std::size_t>(tail.size(), 4096));
  const Bytes last = tail.last(std::min<std::size_t>(tail.size(), 4096));
  const auto zero = [](std::uint8_t byte) { return byte == 0; };
  if (std::ranges::all_of(start, zero) && std::ranges::all_of(last, zero)) return;
  in.report(kHidden, file.end, std::to_string(tail.size()) + " bytes follow the last tensor");
  in.child("trailing bytes", tail);
}

Result<void> inspect_old(std::string_view name, Inspection& in) {
  in.report(kOld, 0, "model in the format " + std::string(name) + "; only its header was read");
  in.fact("format", name);
  const bool llama = (name == "ggmf" || name == "ggjt") && has_magic(in.bytes(), "gg", 2);
  if (!llama) return {};
  const auto walked = walk_old_ggml(in.bytes());
  if (walked) return {};
  in.report(kLength, walked.error().offset, walked.error().message);
  return std::unexpected(walked.error());
}

Result<void> inspect(Inspection& in) {
  if (const auto old = old_ggml(in.bytes())) return inspect_old(*old, in);
  const GgufFile file = read_gguf(in.bytes());
  bool whole = file.stopped.empty();
  for (const GgufProblem& problem : file.problems) {
    FindingDetails details{.place = {.offset = problem.offset}, .message = problem.message};
    if (problem.defect == GgufDefect::TensorType) details.severity = Severity::Medium;
    in.report(rule_of(problem.defect), std::move(details));
    if (problem.defect == GgufDefect::TensorType) whole = false;
    if (problem.defect == GgufDefect::TensorType)
      in.gap(GapReason::Unsupported, problem.message, {.offset = problem.offset});
  }
  for (const GgufString& text : file.strings) {
    const bool is_template =
        text.key == kTemplateKey || text.key.starts_with(std::string(kTemplateKey) + ".");
    if (is_template) in.child(std::string(text.key), bytes_of(text.value), "jinja");
    if (text.key == "general.architecture" || text.key == "general.name")
      in.fact(std::string(text.key), text.value);
    if (!is_template) report_secrets_in_metadata(in, text.value, text.offset, text.key);
  }
  if (whole) judge_tail(file, in);
  if (!file.stopped.empty()) return std::unexpected(file.stopped.front());
  in.fact("version", std::to_string(file.version) + (file.big_endian ? " (big endian)" : ""));
  in.fact("tensors", std::to_string(file.tensors.size()));
  return {};
}

Result<ModelGraph> graph(Inspection& in) {
  if (old_ggml(in.bytes())) return fail(Code::Unsupported, "GGML formats before GGUF are not read");
  const GgufFile file = read_gguf(in.bytes());
  if (!file.stopped.empty()) return std::unexpected(file.stopped.front());
  ModelGraph model{.format = "gguf", .tensors = {}, .nodes = {}};
  const Bytes data = in.bytes().subspan(file.data);
  for (const GgufTensor& tensor : file.tensors) {
    const bool there = !file.big_endian && tensor.size && tensor.begin <= data.size() &&
                       *tensor.size <= data.size() - tensor.begin;
    model.tensors.push_back({.name = std::string(tensor.name),
                             .type = std::string(gguf_type_name(tensor.type)),
                             .shape = {tensor.shape.rbegin(), tensor.shape.rend()},
                             .content = there ? data.subspan(tensor.begin, *tensor.size) : Bytes{}});
  }
  return model;
}

}  // namespace

const Inspector gguf{
    .name = "gguf",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
    .graph = graph,
};

}  // namespace bulwark::scan::inspectors
