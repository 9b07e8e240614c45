// Python source. What travels with a model (TorchServe handlers, TorchScript and torch.package code,
// remote-code modules of the Hugging Face hub, MLflow code paths) runs when the model is loaded and is judged
// by every effect it has: BW-PY-001 … 011. The code of a repository starts processes and opens connections
// all day; there what it loads, fetches and runs is judged: python_code.h.

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "scan/formats/python/program.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/python_code.h"
#include "scan/inspectors/shared_rules.h"
#include "scan/inspectors/siblings.h"
#include "scan/inspectors/training.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kProcess{
    .id = "BW-PY-001",
    .title = "code inside the model starts a process",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0018.002 AML.T0050",
    .why =
        "Whoever serves or loads the model runs this command with their rights; a model has no reason to "
        "start programs.",
    .fix =
        "Read the command in the evidence. Refuse the model unless its producer explains why it is needed.",
};
constexpr Rule kEvaluate{
    .id = "BW-PY-002",
    .title = "code inside the model runs text or bytes as code",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0018.002 AML.T0050",
    .why =
        "eval, exec and compile turn data into code: what runs is decided at run time and cannot be "
        "reviewed.",
    .fix = "Ask for code that does without; refuse the model if the text comes from outside the file.",
};
constexpr Rule kHidden{
    .id = "BW-PY-011",
    .title = "code inside the model decodes or downloads what it then runs",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0018.002 AML.T0050 AML.T0107",
    .why = "Encoding a payload and running it has one purpose: that nobody sees it before it runs.",
    .fix = "Do not load the model. Keep the file for the incident team.",
};
constexpr Rule kNative{
    .id = "BW-PY-003",
    .title = "code inside the model loads native code",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0018.002",
    .why =
        "A shared library runs its constructor when it is loaded and is outside of every check on Python "
        "code.",
    .fix = "Find out which library it is and where it comes from; load the model in a sandbox without it.",
};
constexpr Rule kNetwork{
    .id = "BW-PY-004",
    .title = "code inside the model opens a network connection",
    .severity = Severity::Medium,
    .atlas = "AML.T0011.000 AML.T0025 AML.T0072",
    .why =
        "A connection from inside a model can fetch a second stage or carry inputs and secrets out; a socket "
        "opened "
        "by hand is how reverse shells begin.",
    .fix = "Check the address in the evidence; run the model without network access.",
};
constexpr Rule kExfiltrate{
    .id = "BW-PY-006",
    .title = "code inside the model sends the environment over the network",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0025 AML.T0055",
    .why = "Environment variables hold the credentials of the machine that serves the model.",
    .fix = "Do not load the model. Where it has run, rotate every credential of that environment.",
};
constexpr Rule kUnpickle{
    .id = "BW-PY-007",
    .title = "code inside the model unpickles data",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000",
    .why = "Loading its own weights is what a handler does; the file that it loads can run code of its own.",
    .fix = "Scan the file that is loaded as well, and load it with weights_only=True.",
};
constexpr Rule kFiles{
    .id = "BW-PY-008",
    .title = "code inside the model deletes or changes files",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000",
    .why =
        "Cleaning up temporary files is common; deleting a tree or changing modes while being imported is "
        "not.",
    .fix = "Check which paths are touched; run the model with a read-only file system.",
};
constexpr Rule kGadget{
    .id = "BW-PY-009",
    .title = "code inside the model walks interpreter internals",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0107",
    .why =
        "__globals__, __subclasses__ and getattr with an assembled name reach any function without naming "
        "it, which "
        "is done to get past a review.",
    .fix = "Ask for code that names what it calls; refuse the model otherwise.",
};
constexpr Rule kImport{
    .id = "BW-PY-010",
    .title = "code inside the model imports a module chosen at run time",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000",
    .why =
        "What is imported cannot be told from the source; plug-in systems do this, and so do loaders of "
        "second stages.",
    .fix = "Find out which modules can be named.",
};
constexpr Rule kDeferred{
    .id = "BW-PY-005",
    .title = "code inside the model changes the interpreter or runs later on its own",
    .severity = Severity::Medium,
    .atlas = "AML.T0011.000",
    .why = "A hook, a thread or a replaced module outlives the load and can hide what comes next.",
    .fix = "Read what the thread or the hook does before loading the model.",
};
constexpr std::array kRules = {
    kProcess,         kEvaluate,    kHidden,          kNative,           kNetwork,
    kExfiltrate,      kUnpickle,    kFiles,           kGadget,           kImport,
    kDeferred,        kUnsafeLoad,  kTrustRemoteCode, kUnpinnedDownload, kNoTls,
    kExtracts,        kDataByHttp,  kModelRuns,       kInputRuns,        kModelSteers,
    kAnyTool,         kDebugServer, kCredentialPath,  kTorchHub,         kStepImage,
    kOperatorLibrary, kInstalls,    kHiddenCode,      kSendsEnvironment};

struct Judgement {
  const Rule* rule;
  Severity severity;
};

bool hidden(const python::Call& call) {
  return call.taint.decoded || call.taint.remote;
}

std::optional<Judgement> judge(const python::Call& call) {
  const bool at_import = call.import_time;
  switch (call.known.effect) {
    case Effect::Execute:
      // Reading the output of a fixed program is odd in a model, running a downloaded one hostile.
      if (call.taint.remote || call.taint.decoded) return Judgement{&kHidden, Severity::Critical};
      return Judgement{&kProcess, at_import ? Severity::Critical : Severity::High};
    case Effect::Evaluate:
      if (hidden(call)) return Judgement{&kHidden, Severity::Critical};
      if (call.dotted == "types.CodeType" || call.dotted == "types.FunctionType")
        return Judgement{&kEvaluate, call.has_arguments ? Severity::High : Severity::Low};
      // A constant is judged by what it says; so is compile(), which runs nothing.
      if (call.constant || call.dotted == "compile") return Judgement{&kEvaluate, Severity::Low};
      return Judgement{&kEvaluate, at_import ? Severity::Critical : Severity::High};
    case Effect::NativeLoad: return Judgement{&kNative, at_import ? Severity::Critical : Severity::High};
    case Effect::Network:
      if (call.taint.secret) return Judgement{&kExfiltrate, Severity::Critical};
      if (call.dotted.starts_with("socket.") || at_import) return Judgement{&kNetwork, Severity::High};
      return Judgement{&kNetwork, Severity::Medium};
    case Effect::Unpickle:
      if (hidden(call)) return Judgement{&kHidden, Severity::Critical};
      return Judgement{&kUnpickle, Severity::Low};
    case Effect::FileWrite: return Judgement{&kFiles, at_import ? Severity::Medium : Severity::Low};
    case Effect::Import:
      if (call.dotted == "torch.hub.load") return Judgement{&kImport, Severity::High};
      return Judgement{&kImport, hidden(call) ? Severity::High : Severity::Low};
    case Effect::Tamper: return Judgement{&kDeferred, Severity::Medium};
    case Effect::Attribute: return Judgement{&kGadget, Severity::Medium};
    case Effect::Deferred:
      return at_import ? std::optional(Judgement{&kDeferred, Severity::Medium}) : std::nullopt;
    default: return std::nullopt;
  }
}

std::string evidence(const python::Call& call) {
  return call.dotted + "(" + call.arguments + ")";
}

Match recognises(Bytes content) {
  return python::looks_like_python(text_of(content)) ? Match::Weak : Match::No;
}

// Whose code it is.
enum class Setting : std::uint8_t {
  Model,       // a member of a package, or bytes without a name
  Repository,  // a file among others
  Either,      // beside a model, or of the shape that serving tools load
};

// Files that stand beside each other where a model is loaded from a folder. The code of such a folder may be
// imported by the loader.
bool is_model_folder(const Package& folder) {
  const auto any = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::any_of(names, [&](std::string_view name) { return folder.find(name) != nullptr; });
  };
  if (any({"MLmodel", "model_index.json"})) return true;
  return any({"config.json", "adapter_config.json"}) &&
         any({"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
              "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack",
              "adapter_model.safetensors", "adapter_model.bin"});
}

// Classes and functions that serving tools look for in a file.
bool is_served(const python::Tree& tree) {
  constexpr std::array<std::string_view, 13> kNames = {
      "TritonPythonModel",   "EndpointHandler", "BaseHandler",    "PreTrainedModel", "PretrainedConfig",
      "PythonModel",         "model_fn",        "input_fn",       "predict_fn",      "output_fn",
      "PreTrainedTokenizer", "nn.Module",       "torch.nn.Module"};
  for (python::NodeId id = 1; id < tree.nodes.size(); ++id) {
    const python::Node& node = tree.at(id);
    if (node.kind != python::Syntax::Class && node.kind != python::Syntax::Function) continue;
    if (std::ranges::find(kNames, tree.text(id)) != kNames.end()) return true;
    if (node.kind != python::Syntax::Class) continue;
    for (const python::NodeId base : tree.children(id))
      if (std::ranges::find(kNames, tree.written(base)) != kNames.end()) return true;
  }
  return false;
}

Setting setting_of(const Inspection& in, const python::Tree& tree) {
  if (is_compressed_file(in.artifact(), in.package()) && in.artifact().path.contains(".py."))
    return Setting::Repository;
  if (!in.artifact().origin.empty()) return Setting::Model;
  if (in.package() != nullptr) return is_model_folder(*in.package()) ? Setting::Either : Setting::Repository;
  if (!in.artifact().path.ends_with(".py")) return Setting::Model;
  return is_served(tree) ? Setting::Either : Setting::Repository;
}

void judge_model_code(Inspection& in, const python::Program& program, Setting setting) {
  for (const python::Call& call : program.calls) {
    const auto judgement = judge(call);
    // Of repositories BW-PY-101 says it, with the arguments in mind.
    if (!judgement || (judgement->rule == &kUnpickle && setting == Setting::Either)) continue;
    in.report(*judgement->rule, {.place = {.offset = call.offset, .line = call.line, .column = call.column},
                                 .message = "calls " + call.dotted +
                                            (call.import_time ? " when imported" : " when a function runs") +
                                            (call.taint.decoded ? ", on decoded content" : "") +
                                            (call.taint.remote ? ", on content from the network" : ""),
                                 .evidence = evidence(call),
                                 .subject = call.dotted,
                                 .severity = judgement->severity});
  }
  for (const python::Gadget& gadget : program.gadgets)
    in.report(kGadget, {.place = {.offset = gadget.offset, .line = gadget.line, .column = gadget.column},
                        .message = "reaches through " + gadget.name,
                        .evidence = gadget.name,
                        // __builtins__ alone is looked at by compatibility code.
                        .severity = gadget.name == "__builtins__" || gadget.name == "__mro__" ||
                                            gadget.name == "__bases__" || gadget.name == "__code__" ||
                                            gadget.name == "__closure__"
                                        ? Severity::Low
                                        : Severity::High});
}

struct Raised {
  const Rule* rule;
  python::Token at;
  FindingDetails details;
};

void report_code(Inspection& in, std::vector<Raised>&& raised, bool test) {
  for (Raised& each : raised) {
    FindingDetails details = std::move(each.details);
    details.place = {.offset = each.at.offset, .line = each.at.line, .column = each.at.column};
    const Severity severity = details.severity.value_or(each.rule->severity);
    const bool flows = each.rule == &kModelRuns || each.rule == &kInputRuns || each.rule == &kHiddenCode ||
                       each.rule == &kSendsEnvironment;
    details.severity = test && !flows ? std::min(severity, Severity::Low) : severity;
    in.report(*each.rule, std::move(details));
  }
}

Result<void> inspect(Inspection& in) {
  const python::Tree tree = python::parse_tree(text_of(in.bytes()));
  const Setting setting = setting_of(in, tree);
  std::vector<Raised> raised;
  CodeJudge code([&](const Rule& rule, const python::Token& at, FindingDetails details) {
    // BW-RY-001 says it of sources.
    if (rule.id == kDebugServer.id && details.subject == "ray.init") return;
    // Of model code BW-PY-011 says it.
    if (setting == Setting::Repository || &rule != &kHiddenCode)
      raised.push_back({&rule, at, std::move(details)});
  });
  const python::Program program =
      python::evaluate(tree, {.observer = setting == Setting::Model ? nullptr : &code});
  const bool dangerous =
      std::ranges::any_of(program.calls, [](const python::Call& call) { return judge(call).has_value(); });
  // More than a fifth unreadable: another language that begins alike.
  if (!dangerous && program.unreadable * 5 > program.statements)
    return fail(Code::Unsupported, "not Python source");
  if (setting != Setting::Repository) judge_model_code(in, program, setting);
  if (setting != Setting::Model) {
    code.finish(program, setting == Setting::Repository);
    judge_training(tree, program, [&](const Rule& rule, const python::Token& at, FindingDetails details) {
      raised.push_back({&rule, at, std::move(details)});
    });
    report_code(in, std::move(raised), is_test_code(tree, program));
  }
  if (program.unclosed)
    in.gap(GapReason::Malformed, "Python source with a string or bracket that does not end");
  if (!program.complete) in.gap(GapReason::Limit, "Python source was followed up to its limits only");
  return {};
}

}  // namespace

const Inspector python{
    .name = "python",
    .version = "2",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
