#include "scan/inspectors/keras_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "scan/inspectors/keras_rules.h"
#include "scan/knowledge/callables.h"

namespace bulwark::scan {
namespace {

// Packages whose classes are Keras itself.
constexpr std::array<std::string_view, 12> kKerasRoots = {
    "keras",    "tf_keras", "tensorflow",  "keras_core",        "keras_hub",     "keras_nlp",
    "keras_cv", "keras_rs", "keras_tuner", "tensorflow_addons", "keras_contrib", "tfmot"};
// Parts of Keras whose functions act on files, the network or the loader itself.
constexpr std::array<std::string_view, 6> kActingParts = {"utils",  "config", "saving",
                                                          "models", "export", "preprocessing"};
// TensorFlow symbols that do more than compute.
constexpr std::array<std::string_view, 13> kActingOps = {"io.",
                                                         "py_function",
                                                         "numpy_function",
                                                         "py_func",
                                                         "raw_ops.ReadFile",
                                                         "raw_ops.WriteFile",
                                                         "load_library",
                                                         "load_op_library",
                                                         "saved_model.",
                                                         "raw_ops.PyFunc",
                                                         "raw_ops.EagerPyFunc",
                                                         "keras.utils.",
                                                         "raw_ops.MatchingFiles"};
constexpr std::array<std::string_view, 4> kFunctionKeys = {"fn", "function", "fn_name", "func"};
constexpr std::array<std::string_view, 3> kFunctionModuleKeys = {"fn_module", "function_module",
                                                                 "func_module"};
constexpr std::array<std::string_view, 4> kLookupLayers = {"StringLookup", "IntegerLookup",
                                                           "TextVectorization", "IndexLookup"};
// First Keras whose TorchModuleWrapper loads with weights_only.
constexpr std::array<unsigned, 3> kTorchFixed = {3, 11, 3};
constexpr std::size_t kMaxLayers = 100'000;

template <std::size_t N>
bool any_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string_view root_of(std::string_view module) {
  return module.substr(0, module.find('.'));
}

bool is_url(std::string_view text) {
  const std::string small = lower(text.substr(0, 16));
  for (const std::string_view scheme :
       {"http://", "https://", "ftp://", "file://", "s3://", "gs://", "data:"}) {
    if (small.starts_with(scheme)) return true;
  }
  return false;
}

std::vector<std::uint8_t> owned(std::string_view bytes) {
  return {bytes.begin(), bytes.end()};
}

// Code objects are marshalled with type 'c', with or without the reference flag.
bool is_marshalled_code(std::string_view bytes) {
  return bytes.size() > 16 && (bytes[0] == '\xE3' || bytes[0] == '\x63');
}

// Whether `version` ("3.11.2") is older than `fixed`; an unreadable one is.
bool older(std::string_view version, const std::array<unsigned, 3>& fixed) {
  std::array<unsigned, 3> parts{};
  std::size_t i = 0;
  for (const std::string_view part : split(version, '.')) {
    if (i == parts.size()) break;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), parts[i]);
    if (error != std::errc{}) return true;
    ++i;
  }
  return parts < fixed;
}

// Whether any text below is `wanted`, or a url if `wanted` is empty.
bool holds_text(const Document& value, std::string_view wanted) {
  if (value.is_string()) return wanted.empty() ? is_url(value.string) : value.string == wanted;
  for (const Document& item : value.list) {
    if (holds_text(item, wanted)) return true;
  }
  for (const auto& [key, item] : value.map) {
    if (holds_text(item, wanted)) return true;
  }
  return false;
}

class Judge {
 public:
  Judge(const KerasContext& context, Inspection& in) : context_(context), in_(in) {}

  void walk(const Document& value) {
    if (value.is_map()) object(value);
    for (const Document& item : value.list) walk(item);
    for (const auto& [key, item] : value.map) walk(item);
  }

 private:
  void report(const Rule& rule, const Document& at, Severity severity, std::string message,
              std::string evidence = {}, std::string subject = {}) {
    in_.report(rule,
               {.place = {.offset = context_.offset == kNoOffset ? kNoOffset : context_.offset + at.offset},
                .message = std::move(message),
                .evidence = std::move(evidence),
                .subject = std::move(subject),
                .severity = severity});
  }

  void object(const Document& value) {
    const std::string_view name = value.text("class_name");
    const Document* config = value.find("config");
    if (name == "Lambda" || name == "__lambda__")
      lambda(value, config);
    else if (name == "TFOpLambda" || name == "SlicingOpLambda" || name == "ClassMethod")
      operation(value, name, config);
    else if (name == "TorchModuleWrapper")
      torch(value, config);
    if (any_of(kLookupLayers, name) && config != nullptr) vocabulary(value, name, *config);
    module_of(value, name, config);
    functions_of(value);
    unsafe_mode(value);
  }

  // ---- Lambda
  void lambda(const Document& value, const Document* config) {
    const Document* code = nullptr;
    if (config != nullptr) {
      code = config->find("function");
      if (code == nullptr) code = config->find("value");
      if (config->is_string()) code = config;
    }
    std::string_view text;
    if (code != nullptr && code->is_string()) text = code->string;
    if (code != nullptr && code->is_list() && !code->list.empty()) text = code->list.front().string;
    if (code != nullptr && code->is_map()) {
      // {"class_name": "__lambda__", "config": {"value": …}} is an object of its own and comes later in the
      // walk.
      const std::string_view inner = code->text("class_name");
      if (inner == "__lambda__") return;
      if (inner == "function") return named_lambda(value, *code);
    }
    // function_type "function": a function by name, not by code.
    if (config != nullptr && config->text("function_type") == "function" && code != nullptr &&
        code->is_string()) {
      return named(value, config->text("module"), code->string, "Lambda");
    }
    std::string message = "Lambda layer carries Python code";
    const auto decoded = decode_base64(text, Base64::Standard);
    const bool bytecode = decoded && is_marshalled_code(*decoded);
    if (bytecode) message += " (" + std::to_string(decoded->size()) + " bytes of bytecode)";
    std::string shown(text);
    if (decoded && !bytecode && !decoded->empty() && is_utf8(*decoded)) shown = *decoded;
    report(kKerasLambda, value, Severity::Critical, message, shown);
    if (context_.legacy_h5)
      report(kKerasLegacy, value, Severity::Critical,
             "Lambda layer in an HDF5 model runs even with safe_mode", shown);
    if (bytecode) in_.child("lambda code", owned(*decoded), "marshal");
  }
  void named_lambda(const Document& value, const Document& function) {
    named(value, function.text("module"), function.text("config"), "Lambda");
  }
  // A Lambda around a function that the loader looks up by name.
  void named(const Document& value, std::string_view module, std::string_view name, std::string_view what) {
    if (judge_callable(value, module, name, true)) return;
    report(kKerasLambda, value, Severity::Medium,
           std::string(what) + " calls the function " + std::string(name) + " of the module " +
               std::string(module),
           std::string(module) + "." + std::string(name));
  }

  // ---- TensorFlow functions by name
  void operation(const Document& value, std::string_view name, const Document* config) {
    operation_config_ = config;  // its "function" is a TensorFlow symbol
    const std::string function(config == nullptr ? std::string_view{} : config->text("function"));
    const std::string_view plain =
        std::string_view(function).substr(function.starts_with("tf.")           ? 3
                                          : function.starts_with("tensorflow.") ? 11
                                                                                : 0);
    const bool acts = std::ranges::any_of(kActingOps, [&](std::string_view op) {
      return op.ends_with('.') ? plain.starts_with(op) : plain == op;
    });
    report(kKerasTensorflowOp, value, acts ? Severity::High : Severity::Info,
           std::string(name) + " calls tensorflow." + std::string(plain), function);
  }

  // ---- TorchModuleWrapper
  void torch(const Document& value, const Document* config) {
    const bool fixed = !context_.keras_version.empty() && !older(context_.keras_version, kTorchFixed);
    report(kKerasTorch, value, fixed ? Severity::Medium : Severity::High,
           "TorchModuleWrapper unpickles a PyTorch module" +
               (context_.keras_version.empty() ? std::string()
                                               : "; file written by Keras " + context_.keras_version));
    const Document* module = config == nullptr ? nullptr : config->find("module");
    const std::string_view text = module == nullptr ? std::string_view{}
                                  : module->is_map() && module->find("config") != nullptr
                                      ? module->find("config")->text("value")
                                      : std::string_view(module->string);
    if (const auto decoded = decode_base64(text, Base64::Standard); decoded && decoded->size() > 16)
      in_.child("torch module", owned(*decoded));
  }

  // ---- files
  void vocabulary(const Document& value, std::string_view name, const Document& config) {
    const Document* path = config.find("vocabulary");
    if (path == nullptr || !path->is_string() || path->string.empty()) return;
    std::string_view why;
    const bool leaves = is_url(path->string) || path_escapes(path->string, &why);
    report(kKerasVocabulary, value, leaves ? Severity::High : Severity::Medium,
           std::string(name) + " reads its vocabulary from " + path->string, path->string);
  }

  // ---- modules and functions
  // Reports a callable that must not be reachable from a model file; false if it is none.
  bool judge_callable(const Document& value, std::string_view module, std::string_view name, bool function) {
    const std::string full = std::string(module) + "." + std::string(name);
    if (name == "get_file" && any_of(kKerasRoots, root_of(module))) {
      report(kKerasGetFile, value, Severity::High, "configuration calls " + full, full, full);
      return true;
    }
    if (name == "enable_unsafe_deserialization") {
      report(kKerasUnsafe, value, Severity::Critical, "configuration calls " + full, full, full);
      return true;
    }
    if (any_of(kKerasRoots, root_of(module))) {
      if (!function || !acts(module)) return false;
      report(kKerasModule, value, Severity::High,
             "configuration calls " + full + ", which is no layer, loss or metric", full, full);
      return true;
    }
    const Callable known = look_up(module, name);
    if (known.trust == Trust::Safe) return false;
    if (known.trust != Trust::Dangerous && !is_standard_library(module)) return false;
    const bool unlisted = known.trust != Trust::Dangerous || known.effect == Effect::Unlisted;
    report(kKerasModule, value, Severity::Critical,
           "configuration makes the loader import " + std::string(module) + " and call " + std::string(name) +
               (unlisted ? std::string() : " (" + std::string(name_of(known.effect)) + ")"),
           full, full);
    return true;
  }
  [[nodiscard]] static bool acts(std::string_view module) {
    for (const std::string_view part : split(module, '.')) {
      if (any_of(kActingParts, part)) return true;
    }
    return false;
  }

  void module_of(const Document& value, std::string_view name, const Document* config) {
    const std::string_view module = value.text("module");
    if (name.empty()) return;
    const bool function = name == "function";
    if (module.empty()) {
      // class_name itself may be a path: "os.system".
      const std::size_t dot = name.rfind('.');
      if (dot != std::string_view::npos)
        judge_callable(value, name.substr(0, dot), name.substr(dot + 1), false);
      return;
    }
    const std::string_view called =
        function && config != nullptr && config->is_string() ? config->string : name;
    // Functions of "builtins" are looked up in Keras and in custom_objects, never in Python's builtins; the
    // serialised literals of Keras ("__tensor__", "__numpy__" …) name no module's class either.
    if (root_of(module) == "builtins" && (function || name.starts_with("__"))) {
      const Callable builtin = look_up("builtins", called);
      if (builtin.trust != Trust::Dangerous || builtin.effect == Effect::Unlisted) return;
    }
    if (judge_callable(value, module, called, function)) return;
    if (any_of(kKerasRoots, root_of(module))) return;
    if (look_up(module, called).trust == Trust::Safe) return;
    const std::string full = std::string(module) + "." + std::string(called);
    if (function) {
      report(kKerasModule, value, Severity::Medium, "configuration calls the function " + full, full, full);
    } else {
      report(kKerasModule, value, Severity::Low,
             "configuration uses the class " + full + ", which is not part of Keras", full, full);
    }
  }

  // References such as {"fn": …, "fn_module": …, "url": …}.
  void functions_of(const Document& value) {
    if (&value == operation_config_) return;
    std::string_view name;
    for (const std::string_view key : kFunctionKeys) {
      if (name.empty()) name = value.text(key);
    }
    bool judged = false;
    for (const std::string_view key : kFunctionModuleKeys) {
      const std::string_view module = value.text(key);
      if (module.empty()) continue;
      judged = judge_callable(value, module, name.empty() ? "*" : name, true);
      if (!judged && !any_of(kKerasRoots, root_of(module)) && module != "__main__") {
        report(kKerasModule, value, Severity::Medium,
               "configuration calls a function of the module " + std::string(module), std::string(module));
      }
    }
    const bool fetches =
        name == "get_file" || name.ends_with(".get_file") || value.text("class_name") == "get_file";
    if (!judged && fetches && holds_text(value, {}))
      report(kKerasGetFile, value, Severity::High, "configuration calls get_file with a url");
    // A dotted function name carries its module with it.
    const std::size_t dot = name.rfind('.');
    if (!judged && dot != std::string_view::npos && value.text("class_name").empty() &&
        name.find_first_of(" (:") == std::string_view::npos &&
        look_up(name.substr(0, dot), name.substr(dot + 1)).trust == Trust::Dangerous) {
      judge_callable(value, name.substr(0, dot), name.substr(dot + 1), true);
    }
  }

  // keras.config with the name of the switch anywhere in the object's own configuration.
  void unsafe_mode(const Document& value) {
    const std::string_view module = value.text("module");
    const Document* config = value.find("config");
    if (!any_of(kKerasRoots, root_of(module)) || config == nullptr || config->is_string()) return;
    const bool configures = std::ranges::count(split(module, '.'), "config") > 0;
    if (configures && holds_text(*config, "enable_unsafe_deserialization"))
      report(kKerasUnsafe, value, Severity::Critical,
             "configuration calls keras.config.enable_unsafe_deserialization");
  }

  const KerasContext& context_;
  Inspection& in_;
  const Document* operation_config_ = nullptr;
};

void collect_layers(const Document& value, ModelGraph& graph) {
  if (graph.nodes.size() >= kMaxLayers) return;
  if (value.is_map() && value.find("config") != nullptr && !value.text("class_name").empty()) {
    const Document* config = value.find("config");
    std::string name(config->text("name"));
    if (name.empty()) name = value.text("name");
    if (!name.empty())
      graph.nodes.push_back({.name = std::move(name),
                             .op = std::string(value.text("class_name")),
                             .inputs = {},
                             .outputs = {}});
  }
  for (const Document& item : value.list) collect_layers(item, graph);
  for (const auto& [key, item] : value.map) collect_layers(item, graph);
}

}  // namespace

bool is_keras_config(const Document& root) {
  const Document* config = root.find("config");
  return root.is_map() && !root.text("class_name").empty() && config != nullptr &&
         (config->is_map() || config->is_list());
}

void judge_keras_config(const Document& root, const KerasContext& context, Inspection& in) {
  Judge(context, in).walk(root);
}

ModelGraph keras_graph(const Document& root) {
  ModelGraph graph{.format = "keras", .tensors = {}, .nodes = {}};
  collect_layers(root, graph);
  return graph;
}

}  // namespace bulwark::scan
