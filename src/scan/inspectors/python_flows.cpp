// What Python code does with text that somebody else wrote: BW-PY-107 … 111, 115.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/formats/python/flows.h"
#include "scan/inspectors/install_line.h"
#include "scan/inspectors/python_code.h"

namespace bulwark::scan::inspectors {
namespace {

using python::Argument;
using python::CallSite;
using python::Syntax;
using python::Taint;

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

std::string_view last_of(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}

// Functions that hand a text to a shell whatever else they are told.
constexpr std::array<std::string_view, 16> kShells = {"os.system",
                                                      "os.popen",
                                                      "commands.getoutput",
                                                      "commands.getstatusoutput",
                                                      "subprocess.getoutput",
                                                      "subprocess.getstatusoutput",
                                                      "asyncio.create_subprocess_shell",
                                                      "popen2.popen2",
                                                      "posix.system",
                                                      "get_ipython().system",
                                                      "get_ipython().getoutput",
                                                      "pty.spawn",
                                                      "pexpect.spawn",
                                                      "pexpect.run",
                                                      "os.popen2",
                                                      "invoke.run"};
constexpr std::array<std::string_view, 8> kProcesses = {"subprocess.run",
                                                        "subprocess.call",
                                                        "subprocess.Popen",
                                                        "subprocess.check_call",
                                                        "subprocess.check_output",
                                                        "asyncio.create_subprocess_exec",
                                                        "os.execvp",
                                                        "os.execv"};
constexpr std::array<std::string_view, 12> kInterpreters = {"sh",         "bash",   "zsh",     "/bin/sh",
                                                            "/bin/bash",  "python", "python3", "cmd",
                                                            "powershell", "pwsh",   "node",    "perl"};
constexpr std::array<std::string_view, 17> kEvaluators = {"eval",
                                                          "exec",
                                                          "compile",
                                                          "execfile",
                                                          "runpy.run_path",
                                                          "code.InteractiveInterpreter().runcode",
                                                          "code.InteractiveInterpreter().runsource",
                                                          "code.InteractiveConsole().push",
                                                          "pandas.eval",
                                                          "numexpr.evaluate",
                                                          "sympy.sympify",
                                                          "sympy.parsing.sympy_parser.parse_expr",
                                                          "flask.render_template_string",
                                                          "jinja2.Template",
                                                          "__import__",
                                                          "importlib.import_module",
                                                          "mako.template.Template"};
constexpr std::array<std::string_view, 6> kEvaluatingEnds = {
    "PythonREPL().run", "PythonAstREPLTool().run", "PythonREPLTool().run",
    "ShellTool().run",  "BashProcess().run",       "Environment().from_string"};

// The argument that becomes the program, its shell text or its code; null if the call is no sink.
const Argument* run_argument(const CallSite& call) {
  const std::string& name = call.name();
  const Argument* first = call.argument("args", 0);
  if (first == nullptr) first = call.argument("", 0);
  if (first == nullptr && !call.arguments.empty() && call.arguments[0].keyword.empty())
    first = call.arguments.data();
  if (first == nullptr) return nullptr;
  if (contains(kShells, name) || contains(kEvaluators, name)) return first;
  for (const std::string_view end : kEvaluatingEnds)
    if (name.ends_with(end)) return first;
  if (call.method == "exec_command" || call.method == "exec_run" || call.method == "run_cell") return first;
  if (!contains(kProcesses, name)) return nullptr;
  if (call.says("shell", "True")) return first;
  const auto& items = first->value.items;
  if (!items) return first;  // a text, or a list that was split from one
  if (items->empty()) return nullptr;
  const python::Value& program = items->front();
  if (program.taint.foreign()) return first;
  const bool interprets = program.text && contains(kInterpreters, *program.text) && items->size() > 1 &&
                          (*items)[1].text &&
                          ((*items)[1].text->starts_with("-c") || (*items)[1].text->starts_with("-lc") ||
                           (*items)[1].text->starts_with("-e") || (*items)[1].text->starts_with("/c"));
  return interprets ? first : nullptr;
}

// The code itself is decoded or downloaded. A command that merely names a port that a socket gave is not.
bool hidden(const Argument& text, const Taint& taint, bool evaluates) {
  if (!taint.decoded && !taint.remote) return false;
  return evaluates || text.value.text || !taint.computed;
}

std::string source_of(const Taint& taint) {
  if (taint.tool) return "an argument that a language model chose";
  if (taint.model) return "the answer of a language model";
  if (taint.input) return "content of a request";
  if (taint.parameter) return "a parameter of the pipeline";
  if (taint.typed) return "typed text";
  if (taint.row) return "what a column of the data holds";
  return "the content of a file";
}

constexpr std::array<std::string_view, 18> kPathUses = {
    "open",       "io.open",       "os.remove",       "os.unlink",       "shutil.rmtree",   "os.rmdir",
    "os.rename",  "shutil.move",   "shutil.copy",     "shutil.copyfile", "shutil.copytree", "os.makedirs",
    "os.listdir", "aiofiles.open", "flask.send_file", "os.removedirs",   "os.replace",      "codecs.open"};
constexpr std::array<std::string_view, 8> kPathMethods = {
    "write_text", "write_bytes", "read_text", "read_bytes", "unlink", "rmdir", "open", "iterdir"};
constexpr std::array<std::string_view, 18> kAddressUses = {"requests.get",
                                                           "requests.post",
                                                           "requests.put",
                                                           "requests.delete",
                                                           "requests.request",
                                                           "requests.head",
                                                           "requests.patch",
                                                           "httpx.get",
                                                           "httpx.post",
                                                           "httpx.request",
                                                           "urllib.request.urlopen",
                                                           "urllib.request.urlretrieve",
                                                           "urllib.request.Request",
                                                           "webbrowser.open",
                                                           "aiohttp.ClientSession().get",
                                                           "httpx.AsyncClient().get",
                                                           "httpx.Client().get",
                                                           "requests.Session().get"};
constexpr std::array<std::string_view, 8> kQueryUses = {"pandas.read_sql",
                                                        "pandas.read_sql_query",
                                                        "sqlalchemy.text",
                                                        "duckdb.sql",
                                                        "duckdb.query",
                                                        "duckdb.execute",
                                                        "sqlite3.connect().execute",
                                                        "sqlite3.connect().cursor().execute"};
constexpr std::array<std::string_view, 8> kMarkupUses = {"markupsafe.Markup",
                                                         "flask.Markup",
                                                         "django.utils.safestring.mark_safe",
                                                         "IPython.display.HTML",
                                                         "IPython.core.display.HTML",
                                                         "streamlit.components.v1.html",
                                                         "IPython.display.Javascript",
                                                         "streamlit.html"};

// A module with a function of its own by the name of a built-in: py_compile.compile.
bool defines(const python::Tree& tree, std::string_view name) {
  for (const python::NodeId statement : tree.children(tree.root))
    if (tree.kind(statement) == Syntax::Function && tree.text(statement) == name) return true;
  return false;
}

}  // namespace

// df["x"].apply(eval), map(eval, lines): the function itself is handed over.
void CodeJudge::applies(const CallSite& call) {
  const bool built_in = call.name() == "map" && call.arguments.size() > 1;
  if (!built_in && !python::applies_to_rows(call.method)) return;
  if (call.arguments.empty() || !call.arguments[0].keyword.empty()) return;
  const std::string& function = call.arguments[0].value.dotted;
  if (function != "eval" && function != "exec") return;
  report(kInputRuns, call,
         function + " runs what " + (built_in ? "a list" : "a column of the data") +
             " holds; write `ast.literal_eval` instead",
         Severity::Medium);
}

void CodeJudge::runs(const CallSite& call) {
  const Argument* text = run_argument(call);
  if (call.name() == "compile" && defines(call.tree, call.name())) return;
  // compile() alone runs nothing; an import by name is judged by who chose the name.
  if (text == nullptr) return;
  Taint taint = text->value.taint;
  if (call.name() == "compile" || call.name() == "__import__" || call.name() == "importlib.import_module")
    taint.decoded = taint.remote = false;
  if (text->value.items && !call.says("shell", "True") && !text->value.items->empty() &&
      !text->value.items->front().taint.foreign()) {
    taint = {};
    for (std::size_t i = 2; i < text->value.items->size(); ++i) taint |= (*text->value.items)[i].taint;
  }
  if (hidden(*text, taint, contains(kEvaluators, call.name())))
    return report(kHiddenCode, call,
                  call.name() + (taint.remote ? " runs content from the network" : " runs decoded content"),
                  Severity::Critical);
  const std::string what = call.name() + " runs " + source_of(taint);
  if (taint.model || taint.tool)
    return report(kModelRuns, call, what + "; choose from fixed functions by name instead", Severity::High);
  if (taint.input) return report(kInputRuns, call, what, Severity::High);
  if (taint.parameter) return report(kInputRuns, call, what, Severity::High);
  if (taint.typed) return report(kInputRuns, call, what, Severity::Medium);
  const bool evaluates = call.name() == "eval" || call.name() == "exec";
  if (taint.row && evaluates)
    return report(kInputRuns, call, what + "; write `ast.literal_eval` instead", Severity::Medium);
  if (taint.file && evaluates) report(kInputRuns, call, what, Severity::Low);
}

void CodeJudge::steers(const CallSite& call) {
  const std::string& name = call.name();
  const Argument* first =
      call.arguments.empty() || !call.arguments[0].keyword.empty() ? nullptr : call.arguments.data();
  const auto told = [](const Argument* argument) {
    return argument != nullptr && (argument->value.taint.model || argument->value.taint.tool);
  };
  std::string_view as;
  if (contains(kPathUses, name) && told(first)) as = "as a path";
  const bool path_object = call.subject.from.starts_with("pathlib.Path()");
  if (path_object && contains(kPathMethods, call.method) &&
      (call.subject.taint.model || call.subject.taint.tool))
    as = "as a path";
  const Argument* url = call.argument("url", 0);
  if (name == "requests.request" || name == "httpx.request") url = call.argument("url", 1);
  if (contains(kAddressUses, name) && told(url)) as = "as an address";
  const bool query =
      contains(kQueryUses, name) ||
      ((call.method == "execute" || call.method == "executescript" || call.method == "executemany") &&
       !name.starts_with("langchain"));
  if (query && told(first)) as = "as a query";
  if (contains(kMarkupUses, name) && told(first)) as = "as markup";
  if (name.starts_with("streamlit.") && call.says("unsafe_allow_html", "True") && told(first))
    as = "as markup";
  if (as.empty()) return;
  report(kModelSteers, call,
         name + " uses what a language model said " + std::string(as) + "; check it first", Severity::Medium);
}

void CodeJudge::tools(const CallSite& call) {
  const std::string& name = call.name();
  constexpr std::array<std::string_view, 9> kTools = {"ShellTool",
                                                      "PythonREPLTool",
                                                      "PythonAstREPLTool",
                                                      "PythonREPL",
                                                      "BashProcess",
                                                      "create_python_agent",
                                                      "LocalCommandLineCodeExecutor",
                                                      "LocalPythonInterpreter",
                                                      "CodeInterpreterTool"};
  std::string why;
  if (call.method.empty() || call.subject.from.empty()) {
    if (contains(kTools, last_of(name)) &&
        (name.starts_with("langchain") || name.starts_with("autogen") || name.starts_with("smolagents") ||
         name.starts_with("llama_index")))
      why = std::string(last_of(name)) + " runs whatever the agent writes";
  }
  for (const std::string_view keyword : {"allow_dangerous_code", "allow_dangerous_requests",
                                         "allow_dangerous_tools", "dangerously_allow_filesystem_operations"})
    if (call.says(keyword, "True")) why = std::string(keyword) + "=True lets the agent run what it writes";
  if (call.says("allow_code_execution", "True") && call.argument("code_execution_mode") != nullptr &&
      call.argument("code_execution_mode")->value.text &&
      *call.argument("code_execution_mode")->value.text == "unsafe")
    why = "the crew runs code outside of a container";
  if (last_of(name) == "load_tools" && !call.arguments.empty() && call.arguments[0].value.items)
    for (const python::Value& tool : *call.arguments[0].value.items)
      if (tool.text && (*tool.text == "terminal" || *tool.text == "python_repl"))
        why = "the tool \"" + *tool.text + "\" runs whatever the agent writes";
  if (const Argument* config = call.argument("code_execution_config");
      config != nullptr && call.tree.kind(config->node) == Syntax::Dict) {
    for (const python::NodeId pair : call.tree.children(config->node)) {
      const python::NodeId key = call.tree.first(pair);
      if (call.tree.kind(key) == Syntax::String &&
          python::literal_of(call.tree.text(key)).text == "use_docker" &&
          call.tree.text(call.tree.next(key)) == "False")
        why = "the agent's code runs on this machine, not in a container";
    }
  }
  if (const Argument* imports = call.argument("additional_authorized_imports");
      imports != nullptr && imports->value.items)
    for (const python::Value& module : *imports->value.items)
      if (module.text && (*module.text == "*" || *module.text == "os" || *module.text == "subprocess"))
        why = "the agent's code may import " + *module.text;
  if (!why.empty()) report(kAnyTool, call, why, Severity::Medium);
}

void CodeJudge::servers(const CallSite& call) {
  const std::string& name = call.name();
  const auto open_host = [&](std::string_view keyword) {
    const Argument* host = call.argument(keyword);
    return host != nullptr && host->value.text &&
           (*host->value.text == "0.0.0.0" || *host->value.text == "::");
  };
  if ((call.method == "run" || call.method == "run_server") && call.says("debug", "True") &&
      !name.starts_with("asyncio.")) {
    const bool open = open_host("host");
    return report(kDebugServer, call,
                  std::string(open ? "the debugger answers everybody on the network; "
                                   : "the debugger runs code for whoever reaches it; ") +
                      corrected_call(call, "debug", "False"),
                  open ? Severity::High : Severity::Low);
  }
  if (call.method == "launch" && call.says("share", "True")) {
    const bool guarded = call.argument("auth") != nullptr;
    return report(kDebugServer, call,
                  "share=True gives the demo a public address; " + corrected_call(call, "share", "False"),
                  guarded ? Severity::Low : Severity::Medium);
  }
  if (name == "debugpy.listen" || name == "ptvsd.enable_attach") {
    const std::string text = written_call(call);
    if (text.find("0.0.0.0") != std::string::npos)
      report(kDebugServer, call, "the debugger answers everybody on the network; write 127.0.0.1",
             Severity::High);
    return;
  }
  if (name == "ray.init" && open_host("dashboard_host"))
    report(kDebugServer, call,
           "Ray's dashboard runs jobs for everybody who reaches it; " +
               corrected_call(call, "dashboard_host", "\"127.0.0.1\""),
           Severity::High);
}

void CodeJudge::installs(const CallSite& call) {
  const std::string& name = call.name();
  const bool shell = contains(kShells, name);
  if (!shell && !contains(kProcesses, name)) return;
  if (call.arguments.empty()) return;
  const python::Value& first = call.arguments[0].value;
  std::string line;
  if (first.text) {
    line = *first.text;
  } else if (first.items) {
    for (const python::Value& item : *first.items) {
      if (!line.empty()) line += ' ';
      line += item.text ? *item.text : item.dotted == "sys.executable" ? "python" : "…";
    }
  }
  if (line.empty()) return;
  if (auto found = judge_install(line)) report(kInstalls, call, std::move(found->message), found->severity);
}

}  // namespace bulwark::scan::inspectors
