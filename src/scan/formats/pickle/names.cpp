#include "scan/formats/pickle/names.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace bulwark::pickle {
namespace {

struct Renamed {
  std::string_view from;
  std::string_view to;
};
struct RenamedName {
  std::string_view module;
  std::string_view name;
  std::string_view to_module;
  std::string_view to_name;
};

// Sorted, as Lib/_compat_pickle.py of CPython 3.11 lists them.
constexpr Renamed kModules[] = {
    {"BaseHTTPServer", "http.server"},
    {"CGIHTTPServer", "http.server"},
    {"ConfigParser", "configparser"},
    {"Cookie", "http.cookies"},
    {"Dialog", "tkinter.dialog"},
    {"DocXMLRPCServer", "xmlrpc.server"},
    {"FileDialog", "tkinter.filedialog"},
    {"HTMLParser", "html.parser"},
    {"Queue", "queue"},
    {"ScrolledText", "tkinter.scrolledtext"},
    {"SimpleDialog", "tkinter.simpledialog"},
    {"SimpleHTTPServer", "http.server"},
    {"SimpleXMLRPCServer", "xmlrpc.server"},
    {"SocketServer", "socketserver"},
    {"StringIO", "io"},
    {"Tix", "tkinter.tix"},
    {"Tkconstants", "tkinter.constants"},
    {"Tkdnd", "tkinter.dnd"},
    {"Tkinter", "tkinter"},
    {"UserDict", "collections"},
    {"UserList", "collections"},
    {"UserString", "collections"},
    {"__builtin__", "builtins"},
    {"_abcoll", "collections.abc"},
    {"_elementtree", "xml.etree.ElementTree"},
    {"_winreg", "winreg"},
    {"anydbm", "dbm"},
    {"cPickle", "pickle"},
    {"cStringIO", "io"},
    {"commands", "subprocess"},
    {"cookielib", "http.cookiejar"},
    {"copy_reg", "copyreg"},
    {"dbhash", "dbm.bsd"},
    {"dbm", "dbm.ndbm"},
    {"dumbdbm", "dbm.dumb"},
    {"dummy_thread", "_dummy_thread"},
    {"gdbm", "dbm.gnu"},
    {"htmlentitydefs", "html.entities"},
    {"httplib", "http.client"},
    {"markupbase", "_markupbase"},
    {"repr", "reprlib"},
    {"robotparser", "urllib.robotparser"},
    {"test.test_support", "test.support"},
    {"thread", "_thread"},
    {"tkColorChooser", "tkinter.colorchooser"},
    {"tkCommonDialog", "tkinter.commondialog"},
    {"tkFileDialog", "tkinter.filedialog"},
    {"tkFont", "tkinter.font"},
    {"tkMessageBox", "tkinter.messagebox"},
    {"tkSimpleDialog", "tkinter.simpledialog"},
    {"ttk", "tkinter.ttk"},
    {"urllib2", "urllib.request"},
    {"urlparse", "urllib.parse"},
    {"whichdb", "dbm"},
    {"xmlrpclib", "xmlrpc.client"},
};

constexpr RenamedName kNames[] = {
    {"UserDict", "IterableUserDict", "collections", "UserDict"},
    {"UserDict", "UserDict", "collections", "UserDict"},
    {"UserList", "UserList", "collections", "UserList"},
    {"UserString", "UserString", "collections", "UserString"},
    {"__builtin__", "basestring", "builtins", "str"},
    {"__builtin__", "intern", "sys", "intern"},
    {"__builtin__", "long", "builtins", "int"},
    {"__builtin__", "reduce", "functools", "reduce"},
    {"__builtin__", "unichr", "builtins", "chr"},
    {"__builtin__", "unicode", "builtins", "str"},
    {"__builtin__", "xrange", "builtins", "range"},
    {"_multiprocessing", "Connection", "multiprocessing.connection", "Connection"},
    {"_socket", "fromfd", "socket", "fromfd"},
    {"exceptions", "ArithmeticError", "builtins", "ArithmeticError"},
    {"exceptions", "AssertionError", "builtins", "AssertionError"},
    {"exceptions", "AttributeError", "builtins", "AttributeError"},
    {"exceptions", "BaseException", "builtins", "BaseException"},
    {"exceptions", "BufferError", "builtins", "BufferError"},
    {"exceptions", "BytesWarning", "builtins", "BytesWarning"},
    {"exceptions", "DeprecationWarning", "builtins", "DeprecationWarning"},
    {"exceptions", "EOFError", "builtins", "EOFError"},
    {"exceptions", "EnvironmentError", "builtins", "EnvironmentError"},
    {"exceptions", "Exception", "builtins", "Exception"},
    {"exceptions", "FloatingPointError", "builtins", "FloatingPointError"},
    {"exceptions", "FutureWarning", "builtins", "FutureWarning"},
    {"exceptions", "GeneratorExit", "builtins", "GeneratorExit"},
    {"exceptions", "IOError", "builtins", "IOError"},
    {"exceptions", "ImportError", "builtins", "ImportError"},
    {"exceptions", "ImportWarning", "builtins", "ImportWarning"},
    {"exceptions", "IndentationError", "builtins", "IndentationError"},
    {"exceptions", "IndexError", "builtins", "IndexError"},
    {"exceptions", "KeyError", "builtins", "KeyError"},
    {"exceptions", "KeyboardInterrupt", "builtins", "KeyboardInterrupt"},
    {"exceptions", "LookupError", "builtins", "LookupError"},
    {"exceptions", "MemoryError", "builtins", "MemoryError"},
    {"exceptions", "NameError", "builtins", "NameError"},
    {"exceptions", "NotImplementedError", "builtins", "NotImplementedError"},
    {"exceptions", "OSError", "builtins", "OSError"},
    {"exceptions", "OverflowError", "builtins", "OverflowError"},
    {"exceptions", "PendingDeprecationWarning", "builtins", "PendingDeprecationWarning"},
    {"exceptions", "ReferenceError", "builtins", "ReferenceError"},
    {"exceptions", "RuntimeError", "builtins", "RuntimeError"},
    {"exceptions", "RuntimeWarning", "builtins", "RuntimeWarning"},
    {"exceptions", "StandardError", "builtins", "Exception"},
    {"exceptions", "StopIteration", "builtins", "StopIteration"},
    {"exceptions", "SyntaxError", "builtins", "SyntaxError"},
    {"exceptions", "SyntaxWarning", "builtins", "SyntaxWarning"},
    {"exceptions", "SystemError", "builtins", "SystemError"},
    {"exceptions", "SystemExit", "builtins", "SystemExit"},
    {"exceptions", "TabError", "builtins", "TabError"},
    {"exceptions", "TypeError", "builtins", "TypeError"},
    {"exceptions", "UnboundLocalError", "builtins", "UnboundLocalError"},
    {"exceptions", "UnicodeDecodeError", "builtins", "UnicodeDecodeError"},
    {"exceptions", "UnicodeEncodeError", "builtins", "UnicodeEncodeError"},
    {"exceptions", "UnicodeError", "builtins", "UnicodeError"},
    {"exceptions", "UnicodeTranslateError", "builtins", "UnicodeTranslateError"},
    {"exceptions", "UnicodeWarning", "builtins", "UnicodeWarning"},
    {"exceptions", "UserWarning", "builtins", "UserWarning"},
    {"exceptions", "ValueError", "builtins", "ValueError"},
    {"exceptions", "Warning", "builtins", "Warning"},
    {"exceptions", "ZeroDivisionError", "builtins", "ZeroDivisionError"},
    {"itertools", "ifilter", "builtins", "filter"},
    {"itertools", "ifilterfalse", "itertools", "filterfalse"},
    {"itertools", "imap", "builtins", "map"},
    {"itertools", "izip", "builtins", "zip"},
    {"itertools", "izip_longest", "itertools", "zip_longest"},
    {"multiprocessing", "AuthenticationError", "multiprocessing.context", "AuthenticationError"},
    {"multiprocessing", "BufferTooShort", "multiprocessing.context", "BufferTooShort"},
    {"multiprocessing", "ProcessError", "multiprocessing.context", "ProcessError"},
    {"multiprocessing", "TimeoutError", "multiprocessing.context", "TimeoutError"},
    {"multiprocessing.forking", "Popen", "multiprocessing.popen_fork", "Popen"},
    {"multiprocessing.process", "Process", "multiprocessing.context", "Process"},
    {"socket", "_socketobject", "socket", "SocketType"},
    {"urllib", "ContentTooShortError", "urllib.error", "ContentTooShortError"},
    {"urllib", "getproxies", "urllib.request", "getproxies"},
    {"urllib", "pathname2url", "urllib.request", "pathname2url"},
    {"urllib", "quote", "urllib.parse", "quote"},
    {"urllib", "quote_plus", "urllib.parse", "quote_plus"},
    {"urllib", "unquote", "urllib.parse", "unquote"},
    {"urllib", "unquote_plus", "urllib.parse", "unquote_plus"},
    {"urllib", "url2pathname", "urllib.request", "url2pathname"},
    {"urllib", "urlcleanup", "urllib.request", "urlcleanup"},
    {"urllib", "urlencode", "urllib.parse", "urlencode"},
    {"urllib", "urlopen", "urllib.request", "urlopen"},
    {"urllib", "urlretrieve", "urllib.request", "urlretrieve"},
    {"urllib2", "HTTPError", "urllib.error", "HTTPError"},
    {"urllib2", "URLError", "urllib.error", "URLError"},
    {"whichdb", "whichdb", "dbm", "whichdb"},
};

// Modules whose mere reach gives code, files or the network. `import x` at the top of any library makes
// `lib.x` one more name for them, so a component of that name is judged as the module itself.
constexpr std::string_view kPowerful[] = {
    "asyncio",   "bdb",        "builtins",  "cProfile",  "code",
    "codeop",    "concurrent", "ctypes",    "distutils", "ftplib",
    "functools", "gc",         "http",      "imp",       "importlib",
    "inspect",   "io",         "itertools", "marshal",   "multiprocessing",
    "nt",        "nturl2path", "operator",  "os",        "pathlib",
    "pdb",       "pickle",     "pkgutil",   "platform",  "posix",
    "posixpath", "profile",    "pty",       "pydoc",     "runpy",
    "shutil",    "signal",     "site",      "smtplib",   "socket",
    "ssl",       "subprocess", "sys",       "tempfile",  "threading",
    "timeit",    "trace",      "types",     "urllib",    "webbrowser",
    "zipimport",
};

bool is_powerful(std::string_view word) {
  return std::ranges::binary_search(kPowerful, word);
}

std::string_view without_underscore(std::string_view word) {
  return word.starts_with('_') && !word.starts_with("__") ? word.substr(1) : word;
}

std::string_view last_component(std::string_view module) {
  const auto dot = module.rfind('.');
  return dot == std::string_view::npos ? module : module.substr(dot + 1);
}

std::string joined(const std::vector<std::string_view>& parts, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < parts.size(); ++i) {
    if (!text.empty()) text += '.';
    text += parts[i];
  }
  return text;
}

bool is_listed(const scan::Callable& known) {
  return known.trust == scan::Trust::Safe ||
         (known.trust == scan::Trust::Dangerous && known.effect != scan::Effect::Unlisted);
}

// Walks the components of a dotted name as getattr() would.
class Walk {
 public:
  Walk(std::string_view module, const std::vector<std::string_view>& parts) : parts_(parts) {
    out_.module = module;
  }

  Reached run() && {
    for (at_ = 0; at_ < parts_.size(); ++at_) step(parts_[at_]);
    for (const std::string_view part : path_) {
      if (!out_.name.empty()) out_.name += '.';
      out_.name += part;
    }
    if (in_dictionary_) out_.name.insert(0, out_.name.empty() ? "__dict__" : "__dict__.");
    return std::move(out_);
  }

 private:
  void step(std::string_view part) {
    const bool last = at_ + 1 == parts_.size();
    if (part == "__builtins__") return enter_dictionary("builtins");
    if (part == "__globals__" || (part == "__dict__" && path_.empty())) return enter_dictionary(out_.module);
    if (is_dunder(part)) out_.dunder = true;
    if (path_.empty() && !in_dictionary_ && enters_module(part, last)) return;
    path_.push_back(part);
  }

  void enter_dictionary(std::string module) {
    out_.module = std::move(module);
    path_.clear();
    in_dictionary_ = true;
    out_.dunder = true;
  }

  bool enters_module(std::string_view part, bool last) {
    // datetime.datetime, glob.glob: the class or function that gave its module the name.
    if (part == last_component(out_.module) && !is_powerful(without_underscore(part))) return false;
    if (!last) {
      const std::string submodule = out_.module + "." + std::string(part);
      if (is_listed(scan::look_up(submodule, joined(parts_, at_ + 1)))) {
        out_.module = submodule;
        return true;
      }
    }
    const std::string_view plain = without_underscore(part);
    const bool module_like = is_powerful(plain) ||
                             (!last && (scan::is_standard_library(plain) || scan::is_standard_library(part)));
    if (!module_like || is_dunder(part)) return false;
    out_.module = std::string(is_powerful(plain) || scan::is_standard_library(plain) ? plain : part);
    out_.reexported = true;
    return true;
  }

  const std::vector<std::string_view>& parts_;
  Reached out_;
  std::vector<std::string_view> path_;
  std::size_t at_ = 0;
  bool in_dictionary_ = false;
};

}  // namespace

ModuleAndName map_python2(std::string_view module, std::string_view name) {
  const auto name_row =
      std::ranges::lower_bound(kNames, std::pair(module, name), {},
                               [](const RenamedName& row) { return std::pair(row.module, row.name); });
  if (name_row != std::end(kNames) && name_row->module == module && name_row->name == name)
    return {name_row->to_module, name_row->to_name};
  const auto row = std::ranges::lower_bound(kModules, module, {}, &Renamed::from);
  if (row != std::end(kModules) && row->from == module) return {row->to, name};
  return {module, name};
}

bool is_dunder(std::string_view name) {
  return name.size() > 4 && name.starts_with("__") && name.ends_with("__");
}

bool is_plain_attribute(std::string_view name) {
  if (name.empty()) return false;
  return std::ranges::none_of(split(name, '.'), [](std::string_view part) {
    return is_dunder(part) || is_powerful(without_underscore(part));
  });
}

bool is_class_name(std::string_view name) {
  const std::string_view last = last_component(name);
  const auto first = last.find_first_not_of('_');
  return first != std::string_view::npos && last[first] >= 'A' && last[first] <= 'Z';
}

bool is_hook(std::string_view key) {
  constexpr std::string_view kHooks[] = {
      "__call__",         "__class__",    "__del__",      "__delattr__", "__getattr__",
      "__getattribute__", "__getstate__", "__init__",     "__new__",     "__reduce__",
      "__reduce_ex__",    "__setattr__",  "__setstate__",
  };
  return std::ranges::binary_search(kHooks, key);
}

Reached reach(std::string_view module, std::string_view name) {
  const scan::Callable known = scan::look_up(module, name);
  if (is_listed(known) && name.find('.') == std::string_view::npos)
    return {.module = std::string(module), .name = std::string(name), .known = known};
  const std::vector<std::string_view> parts = split(name, '.');
  Reached reached = Walk(module, parts).run();
  reached.dotted = parts.size() > 1;
  reached.known = scan::look_up(reached.module, reached.name);
  if (is_listed(known)) {
    // The table knows the dotted name itself: a nested class or a method that somebody vouched for.
    reached = {.module = std::string(module), .name = std::string(name), .known = known, .dotted = true};
    return reached;
  }
  // Dunder walks hand out functions, globals and classes whatever the table says about the rest.
  if (reached.dunder && !is_listed(reached.known))
    reached.known = {.trust = scan::Trust::Dangerous, .effect = scan::Effect::Attribute};
  if (reached.reexported && reached.known.trust == scan::Trust::Unknown)
    reached.known = {.trust = scan::Trust::Dangerous, .effect = scan::Effect::Unlisted};
  return reached;
}

}  // namespace bulwark::pickle
