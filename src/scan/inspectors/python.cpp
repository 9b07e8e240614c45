// Python source that a model package carries and its loader imports: handlers, custom modules, model code.
//
// Not recognised by content: source is only dangerous where a loader runs it, so package inspectors hand it
// over.

#include <array>

#include "base/text.h"
#include "scan/formats/python_source.h"
#include "scan/inspectors/list.h"

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

// What ordinary code has no reason to call without being looked at. The knowledge base of callables is of no
// use here: it denies by default what pickles may name, and source names everything.
struct Call {
  std::string_view name;  // ending in '.': all of that module
  const Rule* rule;
};
constexpr Call kCalls[] = {
    {"os.system", &kProcess},
    {"os.popen", &kProcess},
    {"os.exec", &kProcess},
    {"os.spawn", &kProcess},
    {"os.posix_spawn", &kProcess},
    {"os.startfile", &kProcess},
    {"posix.system", &kProcess},
    {"nt.system", &kProcess},
    {"subprocess.", &kProcess},
    {"_posixsubprocess.", &kProcess},
    {"commands.", &kProcess},
    {"popen2.", &kProcess},
    {"pty.spawn", &kProcess},
    {"asyncio.create_subprocess", &kProcess},
    {"distutils.spawn.spawn", &kProcess},
    {"pexpect.", &kProcess},
    {"plumbum.", &kProcess},
    {"fabric.", &kProcess},
    {"invoke.run", &kProcess},
    {"pip.main", &kProcess},
    {"pip._internal.", &kProcess},
    {"platform.popen", &kProcess},
    {"builtins.eval", &kEvaluate},
    {"builtins.exec", &kEvaluate},
    {"builtins.execfile", &kEvaluate},
    {"runpy.", &kEvaluate},
    {"marshal.loads", &kEvaluate},
    {"marshal.load", &kEvaluate},
    {"types.FunctionType", &kEvaluate},
    {"types.CodeType", &kEvaluate},
    {"code.InteractiveInterpreter", &kEvaluate},
    {"code.InteractiveConsole", &kEvaluate},
    {"code.interact", &kEvaluate},
    {"imp.load_", &kEvaluate},
    {"timeit.timeit", &kEvaluate},
    {"ctypes.CDLL", &kNative},
    {"ctypes.PyDLL", &kNative},
    {"ctypes.WinDLL", &kNative},
    {"ctypes.OleDLL", &kNative},
    {"ctypes.cdll.", &kNative},
    {"ctypes.windll.", &kNative},
    {"torch.ops.load_library", &kNative},
    {"torch.classes.load_library", &kNative},
    {"torch.utils.cpp_extension.load", &kNative},
    {"tensorflow.load_op_library", &kNative},
    {"numpy.ctypeslib.load_library", &kNative},
    {"socket.", &kNetwork},
    {"urllib.request.", &kNetwork},
    {"urllib2.", &kNetwork},
    {"requests.", &kNetwork},
    {"http.client.", &kNetwork},
    {"httpx.", &kNetwork},
    {"aiohttp.", &kNetwork},
    {"ftplib.", &kNetwork},
    {"smtplib.", &kNetwork},
    {"telnetlib.", &kNetwork},
    {"paramiko.", &kNetwork},
    {"websocket.", &kNetwork},
    {"sys.settrace", &kTamper},
    {"sys.setprofile", &kTamper},
    {"sys.addaudithook", &kTamper},
    {"atexit.register", &kTamper},
    {"sys.meta_path.", &kTamper},
    {"sys.modules.", &kTamper},
    {"threading.Thread", &kTamper},
    {"builtins.breakpoint", &kTamper},
};

// Parts of those modules that do nothing of the kind.
constexpr std::string_view kHarmless[] = {"subprocess.list2cmdline",
                                          "socket.gethostname",
                                          "socket.getfqdn",
                                          "requests.Session",
                                          "requests.exceptions.",
                                          "subprocess.CalledProcessError",
                                          "socket.inet_aton",
                                          "socket.htons",
                                          "socket.ntohs",
                                          "urllib.request.Request",
                                          "urllib.request.pathname2url"};

bool names(std::string_view pattern, std::string_view callee) {
  if (!callee.starts_with(pattern)) return false;
  const std::string_view rest = callee.substr(pattern.size());
  // os.exec and os.spawn stand for families: execv, execve, spawnl …
  return rest.empty() || pattern.back() == '.' || rest.find('.') == std::string_view::npos;
}

// pickle.loads(base64.b64decode("…")): code in disguise, wherever it stands.
bool unpickles_decoded(const PythonCall& call) {
  const bool loads = call.callee == "pickle.loads" || call.callee == "dill.loads" ||
                     call.callee == "cloudpickle.loads" || call.callee == "marshal.loads" ||
                     call.callee == "_pickle.loads";
  return loads && call.computed_argument &&
         (call.argument.find("decode") != std::string::npos ||
          call.argument.find("decompress") != std::string::npos ||
          call.argument.find("fromhex") != std::string::npos);
}

const Rule* rule_for(const PythonCall& call) {
  if (unpickles_decoded(call)) return &kEvaluate;
  for (const std::string_view harmless : kHarmless)
    if (names(harmless, call.callee)) return nullptr;
  for (const Call& known : kCalls) {
    if (!names(known.name, call.callee)) continue;
    const bool only_at_import = known.rule == &kNetwork || known.rule == &kTamper;
    return only_at_import && !call.at_import ? nullptr : known.rule;
  }
  return nullptr;
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
