// Compiled Python that travels with a model: .pyc files, Keras Lambda layers, pickled functions.

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "scan/formats/marshal/bytecode.h"
#include "scan/inspectors/compiled_copy.h"
#include "scan/inspectors/list.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kDangerous{
    .id = "BW-CODE-001",
    .title = "compiled Python code reaches something dangerous",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0018.002 AML.T0050",
    .why =
        "Byte code inside a model runs with the rights of whoever loads or calls the model; this code starts "
        "processes, evaluates text, loads libraries, opens connections or changes files.",
    .fix = "Do not load the file. Ask for the model as weights in a format without code.",
};
constexpr Rule kPresent{
    .id = "BW-CODE-002",
    .title = "compiled Python code is part of the model",
    .severity = Severity::Medium,
    .atlas = "AML.T0011.000 AML.T0018.002",
    .why =
        "Nobody can review byte code by eye, and it works only with the interpreter version that wrote it; "
        "it "
        "runs when the model is loaded or called.",
    .fix =
        "Ask for the source, or for the layer as a registered class; accept the code only from a producer "
        "you know.",
};
constexpr Rule kGadget{
    .id = "BW-CODE-003",
    .title = "compiled Python code walks interpreter internals",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0107",
    .why =
        "Attributes such as __globals__ or __subclasses__ lead from any object to every module, which is how "
        "code reaches os.system without naming it.",
    .fix = "Do not load the file; no layer or model needs these attributes.",
};
constexpr Rule kDiffers{
    .id = "BW-CODE-004",
    .title = "compiled copy says what its source does not",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0018.002 AML.T0107",
    .why =
        "The interpreter runs the compiled copy in __pycache__ as long as its header fits the source, while "
        "people and reviews read the source: a changed copy is code that nobody sees.",
    .fix = "Delete the __pycache__ folders and compile again from the source; find out who wrote the copy.",
};
constexpr std::array kRules = {kDangerous, kPresent, kGadget, kDiffers};

// Characters of disassembly kept for --trace, and shown with a finding.
constexpr std::size_t kTrace = 1'000'000;
constexpr std::size_t kListing = 400;

constexpr std::array<std::string_view, 14> kGadgets = {
    "__globals__",   "__builtins__", "__subclasses__",   "__bases__", "__mro__",
    "__code__",      "__closure__",  "__loader__",       "__spec__",  "__import__",
    "__reduce_ex__", "__reduce__",   "__getattribute__", "__base__",
};

Match recognises(Bytes content) {
  if (!marshal::version_of_pyc(content).empty()) return Match::Strong;
  // A marshalled code object: type byte, then counts of arguments that no function exceeds.
  if (content.size() < 40 || (content[0] & 0x7FU) != 'c') return Match::No;
  for (std::size_t field = 0; field < 4; ++field)
    if (load_little_endian<std::uint32_t>(content.data() + 1 + field * 4) > 0xFFFF) return Match::No;
  return Match::Weak;
}

std::optional<Severity> severity_of(const marshal::Use& use) {
  switch (use.known.effect) {
    case Effect::Execute:
    case Effect::Evaluate:
    case Effect::NativeLoad:
    case Effect::Network:
      return use.imported ? std::optional(Severity::High) : std::optional(Severity::Critical);
    case Effect::Unpickle:
    case Effect::FileWrite:
    case Effect::Import:
    case Effect::Tamper:
    case Effect::Environment:
    case Effect::Attribute: return Severity::High;
    case Effect::Deferred:
    case Effect::FileRead: return Severity::Medium;
    default: return std::nullopt;
  }
}

std::string call_text(const marshal::Use& use) {
  return use.called ? use.dotted + "(" + use.arguments + ")" : use.dotted;
}

void judge(Inspection& in, const marshal::Program& program, const marshal::Reach& reach,
           std::string_view listing) {
  std::string reached;
  for (const marshal::Use& use : reach.uses) {
    if (reached.size() < 160 && !use.imported) reached += (reached.empty() ? "" : ", ") + call_text(use);
    const auto severity = severity_of(use);
    if (!severity) continue;
    in.report(kDangerous, {.place = {.offset = use.offset},
                           .message = std::string(use.called     ? "calls "
                                                  : use.imported ? "imports "
                                                                 : "loads ") +
                                      use.dotted + " (" + std::string(name_of(use.known.effect)) + ")",
                           .evidence = call_text(use),
                           .subject = use.dotted,
                           .severity = severity});
  }
  for (const std::string& name : reach.dunders) {
    if (std::ranges::find(kGadgets, name) == kGadgets.end()) continue;
    in.report(kGadget, {.place = {.offset = program.codes.front().offset},
                        .message = "reads the attribute " + name,
                        .evidence = name});
  }
  const marshal::Code& outer = program.codes.front();
  in.report(kPresent, {.place = {.offset = outer.offset},
                       .message = "code object '" + printable(program.text(outer.name), 60) + "' with " +
                                  std::to_string(program.codes.size()) + " function(s)" +
                                  (reached.empty() ? ", which only computes" : ", which uses " + reached),
                       .evidence = std::string(listing.substr(0, kListing)),
                       // Arithmetic on its arguments is a Lambda layer as people write them.
                       .severity = reach.pure ? Severity::Info : Severity::Medium});
}

// Whether the artifact is a copy that its source, an artifact of its own, is judged for.
bool report_copy(Inspection& in, const CompiledCopy& copy, const marshal::Code& outer) {
  if (copy.state == CopyState::NoSource) return false;
  const std::string source = printable(copy.source, 100);
  if (copy.state == CopyState::Differs) {
    std::string names;
    for (const std::string& name : copy.unsaid) names += (names.empty() ? "" : ", ") + name;
    in.report(kDiffers, {.place = {.offset = outer.offset},
                         .message = source + " does not say: " + names,
                         .evidence = names});
    return false;
  }
  in.report(kPresent, {.place = {.offset = outer.offset},
                       .message = copy.state == CopyState::Stale
                                      ? "outdated copy of " + source + ", which the interpreter does not run"
                                      : "compiled copy of " + source + ", which is judged instead",
                       .severity = Severity::Info});
  return true;
}

Result<void> inspect(Inspection& in) {
  auto program = marshal::read(in.bytes(), in.limits());
  if (!program) {
    // Raw data that only looked like a code object is not ours; a .pyc that cannot be read is a gap.
    if (marshal::version_of_pyc(in.bytes()).empty() && !in.bytes().empty() &&
        recognises(in.bytes()) == Match::Weak && program.error().code == Code::InvalidInput &&
        program.error().offset < 64)
      return fail(Code::Unsupported, "not a code object");
    return std::unexpected(std::move(program).error());
  }
  if (program->codes.empty()) return {};  // plain data
  const std::string_view version = marshal::version_of(*program);
  const std::string listing = marshal::disassemble(*program, version, in.options().trace ? kTrace : kListing);
  in.fact("python", version);
  in.trace(listing);
  const marshal::Reach reach = marshal::reach_of(*program, version);
  if (!report_copy(in, compare_with_source(in, *program, reach), program->codes.front()))
    judge(in, *program, reach, listing);
  if (program->end < in.bytes().size())
    in.gap(GapReason::Malformed, "bytes follow the code object", {.offset = program->end});
  return {};
}

}  // namespace

const Inspector marshal{
    .name = "marshal",
    .version = "2",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
