// MLflow model directories: the MLmodel file says which module loads the model and which code comes with it.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/formats/config.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/requirements.h"
#include "scan/inspectors/shared_rules.h"
#include "scan/knowledge/dotted_name.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kLoader{
    .id = "BW-MLF-001",
    .title = "MLflow model names a loader outside of MLflow",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why =
        "mlflow.pyfunc.load_model imports loader_module and calls its _load_pyfunc with a path from the "
        "file.",
    .fix = "Refuse loaders that are no part of MLflow unless you have read their code.",
};
constexpr Rule kPath{
    .id = "BW-MLF-002",
    .title = "MLflow model refers to a place outside of its directory",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0037",
    .why =
        "Code, data and artifact paths are joined to the model directory; one that leaves it loads or "
        "publishes "
        "other files of the machine.",
    .fix = "Refuse the model: mlflow.*.save_model writes relative paths only.",
};
constexpr Rule kCode{
    .id = "BW-MLF-003",
    .title = "MLflow model brings code of its own",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000",
    .why =
        "The code directory is put on the import path before the model is loaded: any module in it can "
        "replace one "
        "that is installed.",
    .fix = "Read the code; it is judged here, too.",
};
constexpr Rule kPickled{
    .id = "BW-MLF-004",
    .title = "MLflow flavour is a pickle",
    .severity = Severity::Info,
    .atlas = "AML.T0011.000",
    .why = "This flavour unpickles the model; the pickle is judged by its own rules.",
    .fix = "Prefer a flavour with a data-only format such as ONNX, XGBoost JSON or skops.",
};
constexpr std::array kRules = {kLoader, kPath, kCode, kPickled, kRequirement};

Match recognises(Bytes content) {
  if (!looks_like_yaml(content)) return Match::No;
  const std::string_view text = text_of(content.first(std::min<std::size_t>(content.size(), 65536)));
  return text.starts_with("flavors:") || text.find("\nflavors:") != std::string_view::npos ? Match::Weak
                                                                                           : Match::No;
}

class ModelJudge {
 public:
  ModelJudge(Inspection& in, std::string_view text) : in_(in), text_(text) {}

  void judge(const Document& root) {
    in_.fact("mlflow", root.text("mlflow_version"));
    const Document* flavors = root.find("flavors");
    for (const auto& [name, flavor] : flavors->map) {
      if (!flavor.is_map()) continue;
      in_.fact("flavor", name);
      judge_loader(flavor);
      judge_code(flavor);
      judge_pickle(name, flavor);
      judge_paths(name, flavor);
    }
  }

 private:
  void report(const Rule& rule, const Document& value, std::string message, std::string_view evidence,
              std::optional<Severity> severity = {}) {
    in_.report(rule, {.place = place_of(value),
                      .text = text_,
                      .message = std::move(message),
                      .evidence = std::string(evidence),
                      .subject = std::string(evidence),
                      .severity = severity});
  }

  void judge_loader(const Document& flavor) {
    const Document* loader = flavor.find("loader_module");
    if (loader == nullptr || loader->string.empty()) return;
    const std::string& module = loader->string;
    if (module == "mlflow" || module.starts_with("mlflow.")) {
      // Inside MLflow only the flavours have a loader; the rest of its modules runs projects and commands.
      const bool flavour_module = std::ranges::count(module, '.') <= 2;
      if (!flavour_module)
        report(kLoader, *loader, "loader is no MLflow flavour: " + module, module, Severity::Medium);
      return;
    }
    const bool known_bad =
        is_standard_library(module) || look_up_dotted(module + "._load_pyfunc").trust == Trust::Dangerous;
    // A module of the model's own code directory is what custom flavours use; its source is read with the
    // package.
    report(kLoader, *loader, "loads through " + module, module,
           known_bad ? Severity::High : Severity::Medium);
  }

  void judge_code(const Document& flavor) {
    for (const std::string_view key : {"code", "model_code_path"}) {
      const Document* code = flavor.find(key);
      if (code == nullptr || code->string.empty() || code->kind == Document::Kind::Null) continue;
      report(kCode, *code, "code of the model: " + code->string, code->string);
    }
  }

  void judge_pickle(const std::string& name, const Document& flavor) {
    for (const std::string_view key :
         {"pickled_model", "python_model", "serialization_format", "cloudpickle_version"}) {
      const Document* value = flavor.find(key);
      if (value == nullptr || value->string.empty()) continue;
      report(kPickled, *value, "flavour " + name + " is a pickle", value->string);
      return;
    }
  }

  void judge_paths(const std::string& name, const Document& flavor) {
    for_each_value(flavor, [&](const ConfigValue& at) {
      if (!at.value->is_string()) return;
      constexpr std::string_view kPathKeys[] = {"code",          "data",
                                                "path",          "model_path",
                                                "pickled_model", "python_model",
                                                "model_data",    "model_code_path",
                                                "env",           "conda",
                                                "virtualenv",    "saved_model_dir",
                                                "artifact_path", "saved_input_example_info"};
      if (std::ranges::find(kPathKeys, at.key) == std::end(kPathKeys)) return;
      std::string_view why;
      if (path_escapes(at.value->string, &why))
        report(kPath, *at.value, name + "." + std::string(at.path) + " " + std::string(why),
               at.value->string);
    });
  }

  Inspection& in_;
  std::string_view text_;
};

const Document* flavors_of(const Config& config) {
  const Document& root = config.documents.front();
  const Document* flavors = root.is_map() ? root.find("flavors") : nullptr;
  return flavors != nullptr && flavors->is_map() ? flavors : nullptr;
}

Result<void> inspect(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  const auto config = parse_yaml_config(text, in.limits());
  if (!config && !is_mostly_yaml(text)) return fail(Code::Unsupported, "no MLmodel");
  if (!config) {
    in.gap(config.error(), "MLmodel");
    return {};
  }
  if (flavors_of(*config) == nullptr) return fail(Code::Unsupported, "no MLmodel");
  ModelJudge(in, text).judge(config->documents.front());
  return {};
}

// --- The directory
// ---------------------------------------------------------------------------------------------------

const Member* ml_model(const Package& package) {
  const auto found = std::ranges::find_if(package.members(), [&](const Member& m) {
    // A folder below a directory is a directory of its own.
    return m.kind == MemberKind::File &&
           (m.name == "MLmodel" || (package.kind() != "directory" && m.name.ends_with("/MLmodel")));
  });
  return found == package.members().end() ? nullptr : &*found;
}

bool recognises_package(const Package& package) {
  return ml_model(package) != nullptr;
}

void judge_conda(Inspection& in, std::string_view text, std::string_view name) {
  const auto config = parse_yaml_config(text, in.limits());
  if (!config) return;  // as YAML it is a gap of its own
  for_each_value(config->documents.front(), [&](const ConfigValue& at) {
    if (at.value->is_string() && (at.key == "pip" || at.key == "dependencies"))
      judge_requirement(in, at.value->string, name, place_of(*at.value));
  });
}

// Source below the model directory is on the import path while the model loads.
Result<void> inspect_package(const Package& package, Inspection& in) {
  const std::string& model = ml_model(package)->name;
  const std::string folder = model.substr(0, model.size() - std::string_view("MLmodel").size());
  for (std::size_t i = 0; i < package.members().size(); ++i) {
    const Member& member = package.members()[i];
    if (member.kind != MemberKind::File || !member.name.starts_with(folder)) continue;
    const std::string_view name = std::string_view(member.name).substr(folder.size());
    const bool source = name.ends_with(".py");
    const bool requirements = name == "requirements.txt";
    const bool conda = name == "conda.yaml" || name == "python_env.yaml";
    if (!source && !requirements && !conda) continue;
    const auto content = package.read(i, in);
    if (!content) continue;  // reported where the member itself is visited
    if (source)
      in.child(member.name, std::vector<std::uint8_t>(content->bytes.begin(), content->bytes.end()),
               "python");
    if (requirements) judge_requirements(in, text_of(content->bytes), member.name);
    if (conda) judge_conda(in, text_of(content->bytes), member.name);
  }
  return {};
}

}  // namespace

const Inspector mlflow{
    .name = "mlflow",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
    .recognises_package = recognises_package,
    .inspect_package = inspect_package,
};

}  // namespace bulwark::scan::inspectors
