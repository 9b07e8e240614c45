// Python source that a model package carries and its loader imports: handlers, custom modules, model code.
//
// Not recognised by content: source is only dangerous where a loader runs it, so package inspectors hand it
// over.

#include <array>

#include "base/text.h"
#include "scan/formats/python_source.h"
#include "scan/inspectors/list.h"
#include "scan/knowledge/callables.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kProcess{
    .id = "BW-PY-001",
    .title = "package code starts a process",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0050",
    .why =
        "Loading or serving the model imports this source; it runs commands with the rights of the loader.",
    .fix = "Read the call and the code around it; do not load the package until its author explains it.",
};
constexpr Rule kEvaluate{
    .id = "BW-PY-002",
    .title = "package code evaluates text as code",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0050",
    .why =
        "eval and exec run what the source does not show; decoded or downloaded text is the usual hiding "
        "place.",
    .fix = "Read what is evaluated; do not load the package until its author explains it.",
};
constexpr Rule kNative{
    .id = "BW-PY-003",
    .title = "package code loads native code",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why = "A native library runs outside of everything that Python can restrict.",
    .fix = "Check where the library comes from and what it does.",
};
constexpr Rule kNetwork{
    .id = "BW-PY-004",
    .title = "package code opens a network connection while it is imported",
    .severity = Severity::Medium,
    .atlas = "AML.T0011.000 AML.T0025",
    .why =
        "Code that talks to the network at import time can fetch a payload or send data away before anything "
        "is "
        "asked of the model.",
    .fix = "Check the address and why importing the model needs it.",
};
constexpr Rule kTamper{
    .id = "BW-PY-005",
    .title = "package code changes the interpreter or runs later on its own",
    .severity = Severity::Medium,
    .atlas = "AML.T0011.000 AML.T0107",
    .why = "Hooks and replaced modules outlive the load and can hide what comes next.",
    .fix = "Read the call; model code needs no interpreter hooks.",
};
constexpr std::array kRules = {kProcess, kEvaluate, kNative, kNetwork, kTamper};

// The longest module prefix that the knowledge base knows decides: "urllib.request.urlopen".
Callable knowledge_of(std::string_view callee) {
  for (std::size_t dot = callee.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = callee.rfind('.', dot - 1)) {
    const Callable known = look_up(callee.substr(0, dot), callee.substr(dot + 1));
    if (known.trust != Trust::Unknown && known.effect != Effect::Unlisted) return known;
    if (dot == 0) break;
  }
  return {};
}

const Rule* rule_for(const PythonCall& call) {
  if (call.callee == "builtins.compile" || call.callee.starts_with("?.")) return nullptr;
  const Callable known = knowledge_of(call.callee);
  if (known.trust != Trust::Dangerous) return nullptr;
  switch (known.effect) {
    case Effect::Execute: return &kProcess;
    case Effect::Evaluate: return &kEvaluate;
    case Effect::NativeLoad: return &kNative;
    case Effect::Network: return call.at_import ? &kNetwork : nullptr;
    case Effect::Tamper: return call.at_import ? &kTamper : nullptr;
    default: return nullptr;  // files, imports and attributes are what ordinary code does
  }
}

Result<void> inspect(Inspection& in) {
  const PythonSource source = TRY(read_python(text_of(in.bytes()), in.limits()));
  for (const PythonCall& call : source.calls) {
    const Rule* rule = rule_for(call);
    if (rule == nullptr) continue;
    const std::string text =
        call.callee + "(" + printable(call.argument, 120) + (call.computed_argument ? "(…)" : "") + ")";
    in.report(*rule, {.place = {.offset = call.offset, .line = call.line, .column = call.column},
                      .message = "calls " + call.callee +
                                 (call.at_import ? " when it is imported" : " in a function"),
                      .evidence = text,
                      .subject = call.callee,
                      .severity = {}});
  }
  if (!source.complete)
    in.gap(GapReason::Malformed, "Python source with a string or bracket that does not end");
  return {};
}

}  // namespace

const Inspector python{
    .name = "python",
    .version = "1",
    .rules = kRules,
    .recognises = nullptr,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
