// R serialisations: promises that run on first touch (CVE-2024-27322), hooks that R runs by itself, dangerous
// calls.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/formats/r_serial.h"
#include "scan/inspectors/list.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kPromiseRule{
    .id = "BW-R-001",
    .title = "promise runs code when the object is touched",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0018.002",
    .why =
        "Before R 4.4.0 a serialised promise was evaluated on first use of the loaded object "
        "(CVE-2024-27322): "
        "readRDS or load of this file runs its expression.",
    .fix = "Do not load the file with R before 4.4.0; ask for the data as CSV, Parquet or a plain vector.",
};
constexpr Rule kCallRule{
    .id = "BW-R-002",
    .title = "function in the data calls the system",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0050",
    .why =
        "A closure in the file runs commands, loads native code or fetches from the network as soon as it is "
        "called; print and predict methods are called without being asked for.",
    .fix = "Read the call; load only the plain data that you need.",
};
constexpr Rule kHookRule{
    .id = "BW-R-003",
    .title = "workspace binds a function that R runs by itself",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why =
        "R calls .First, .Last and the .on… hooks without being asked; a saved workspace should hold data.",
    .fix = "Load the file into a new environment and remove the binding, or refuse it.",
};
constexpr Rule kPointerRule{
    .id = "BW-R-004",
    .title = "external pointers in the data",
    .severity = Severity::Info,
    .atlas = "AML.T0011.000",
    .why = "Pointers into native memory do not survive saving; packages rebuild what they stand for.",
    .fix = "Check which package rebuilds the objects.",
};
constexpr Rule kScriptRule{
    .id = "BW-R-005",
    .title = "file marked as R data holds commands as text",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0074",
    .why =
        "The first line says serialised data, the rest is R source that starts commands: made for a reader "
        "that "
        "falls back to source(), or to slip past checks by name.",
    .fix = "Refuse the file: R never writes it.",
};
constexpr std::array kRules = {kPromiseRule, kCallRule, kHookRule, kPointerRule, kScriptRule};

struct RFunction {
  std::string_view name;
  bool always;  // dangerous in any function body, not only in a promise or hook
};

// From base, utils, tools, parallel and rJava's entry points. eval and parse are in every modelling function
// and only count where code runs without being asked for.
constexpr RFunction kDangerous[] = {
    {"system", true},
    {"system2", true},
    {"shell", true},
    {"shell.exec", true},
    {"pipe", true},
    {"fifo", false},
    {"dyn.load", true},
    {"library.dynam", false},
    {"socketConnection", true},
    {"serverSocket", true},
    {"download.file", true},
    {"url", false},
    {"curl_download", true},
    {"source", false},
    {"sys.source", false},
    {"eval", false},
    {"evalq", false},
    {"parse", false},
    {"do.call", false},
    {"file.remove", false},
    {"unlink", false},
    {"file.copy", false},
    {"writeLines", false},
    {"cat", false},
    {"file", false},
    {"readRDS", false},
    {"load", false},
    {"unserialize", false},
    {"install.packages", true},
    {"Sys.setenv", false},
    {"Sys.getenv", false},
    {"reg.finalizer", false},
    {"attach", false},
    {"assign", false},
    {"assignInNamespace", true},
    {"makeActiveBinding", false},
    {"mcparallel", true},
    {"processx::run", true},
    {"callr::r", true},
    {"reticulate::py_run_string", true},
    {".Internal", false},
    {".Primitive", false},
    {".C", false},
    {".Call", false},
    {".External", false},
};

const RFunction* dangerous(std::string_view function) {
  const auto named = [&](std::string_view name) {
    return std::ranges::find(kDangerous, name, &RFunction::name);
  };
  auto found = named(function);
  const std::size_t colon = function.rfind("::");
  if (found == std::end(kDangerous) && colon != std::string_view::npos)
    found = named(function.substr(colon + 2));
  return found == std::end(kDangerous) ? nullptr : &*found;
}

// do.call("system", …), match.fun("system"), get("system"): the name is the first argument.
const RFunction* meant(const RCall& call) {
  const bool by_name = call.function == "do.call" || call.function == "match.fun" || call.function == "get" ||
                       call.function == "getExportedValue" || call.function == "getFromNamespace";
  if (by_name)
    if (const RFunction* named = dangerous(call.argument); named != nullptr) return named;
  return dangerous(call.function);
}

Match recognises(Bytes content) {
  if (is_r_serial(content)) return Match::Strong;
  const bool marked = has_magic(content, "RDX2\nX\n") || has_magic(content, "RDX3\nX\n") ||
                      has_magic(content, "RDA2\nA\n") || has_magic(content, "RDA3\nA\n");
  return marked ? Match::Weak : Match::No;
}

// A mark that says R data, and then lines of text: R commands stand at the start of a line.
Result<void> inspect_text(Inspection& in) {
  constexpr std::uint64_t kMark = 7;
  const std::string_view text = text_of(in.bytes()).substr(kMark);
  if (!is_utf8(text.substr(0, 4096)) || text.find('\0') != std::string_view::npos)
    return fail(Code::Unsupported, "R mark before something else");
  bool found = false;
  std::uint64_t offset = kMark;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t bracket = line.find('(');
    const std::string_view function = trim(line.substr(0, bracket == std::string_view::npos ? 0 : bracket));
    const RFunction* known = function.empty() ? nullptr : dangerous(function);
    if (known != nullptr && known->always) {
      in.report(kScriptRule, offset, "line calls " + std::string(function), std::string(line));
      found = true;
    }
    offset += line.size() + 1;
  }
  if (!found) return fail(Code::Unsupported, "R mark before text without commands");
  return {};
}

void report_call(Inspection& in, const RCall& call) {
  const RFunction* known = meant(call);
  if (known == nullptr) return;
  const std::string text =
      call.function + "(" + (call.argument.empty() ? "" : "\"" + call.argument + "\"") + ")";
  const FindingDetails details{.place = {.offset = call.offset},
                               .message = {},
                               .evidence = text,
                               .subject = call.function,
                               .severity = {}};
  const auto with = [&](std::string message) {
    FindingDetails one = details;
    one.message = std::move(message);
    return one;
  };
  switch (call.context) {
    case RContext::Promise: in.report(kPromiseRule, with("promise calls " + call.function)); break;
    case RContext::Hook:
      in.report(kHookRule, with("a function that R runs by itself calls " + call.function));
      break;
    case RContext::Function:
      if (known->always) in.report(kCallRule, with("a function calls " + call.function));
      break;
    case RContext::Value: break;  // quoted calls are data
  }
}

void report_promise(Inspection& in, const RPromise& promise) {
  if (promise.evaluated || !promise.expression) return;
  // A captured frame may hold arguments that nobody forced; the value handed out by readRDS may not.
  const Severity severity = promise.at_top_level ? Severity::High : Severity::Low;
  in.report(kPromiseRule, {.place = {.offset = promise.offset},
                           .message = promise.at_top_level ? "the object itself is a promise with code to run"
                                                           : "promise that has not run yet",
                           .evidence = promise.binding,
                           .subject = {},
                           .severity = severity});
}

Result<void> inspect(Inspection& in) {
  if (!is_r_serial(in.bytes())) return inspect_text(in);
  const RSerial serial = TRY(read_r_serial(in.bytes(), in.limits()));
  in.fact("r", "version " + std::to_string(serial.version) + ", " + serial.layout + ", written by R " +
                   serial.writer);
  for (const RCall& call : serial.calls) report_call(in, call);
  for (const RPromise& promise : serial.promises) report_promise(in, promise);
  for (const RBinding& binding : serial.bindings) {
    const bool hook = binding.name.starts_with(".First") || binding.name.starts_with(".Last") ||
                      binding.name.starts_with(".on");
    if (binding.is_function && hook)
      in.report(kHookRule, binding.offset, "workspace binds " + binding.name + " to a function",
                binding.name);
  }
  if (serial.external_pointers > 0)
    in.report(kPointerRule, 0, std::to_string(serial.external_pointers) + " external pointers");
  if (!serial.stopped.empty()) {
    const GapReason reason = serial.truncated ? GapReason::Truncated : gap_reason_from(serial.stop_code);
    in.gap(reason, serial.stopped, {.offset = serial.end});
    return {};
  }
  if (serial.end < in.bytes().size() && !trim(text_of(in.bytes().subspan(serial.end))).empty())
    in.child("bytes after the R data", in.bytes().subspan(serial.end));
  return {};
}

}  // namespace

const Inspector r{
    .name = "r",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
