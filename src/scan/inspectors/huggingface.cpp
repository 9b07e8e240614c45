// Hugging Face configurations, alone or in their directory: whose code the loader will fetch and run, and
// where the weights are said to be.

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <vector>

#include "base/find.h"
#include "base/text.h"
#include "scan/formats/config.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/shared_rules.h"
#include "scan/knowledge/dotted_name.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kRemoteCode{
    .id = "BW-HF-001",
    .title = "configuration asks the loader to run code",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0010.001",
    .why =
        "auto_map and its relatives name Python modules that from_pretrained imports with "
        "trust_remote_code=True; "
        "code of another repository can change after you looked at it.",
    .fix = "Read the named modules, pin their revision, and load without trust_remote_code otherwise.",
};
constexpr Rule kTrustFlag{
    .id = "BW-HF-002",
    .title = "configuration switches trust_remote_code on",
    .severity = Severity::Medium,
    .atlas = "AML.T0011.000",
    .why = "Whether code of a repository runs is for the user to decide, not for the downloaded file.",
    .fix = "Remove the key and decide at the call.",
};
constexpr Rule kAdapter{
    .id = "BW-HF-003",
    .title = "adapter takes its base model or classes from an unexpected place",
    .severity = Severity::Medium,
    .atlas = "AML.T0074",
    .why =
        "Loading the adapter fetches the base model it names; a different base model is a different model, "
        "and "
        "its files are not those that were looked at.",
    .fix = "Check the base model and give its verified copy explicitly.",
};
constexpr Rule kUrl{
    .id = "BW-HF-004",
    .title = "model name is a URL",
    .severity = Severity::Medium,
    .atlas = "AML.T0058",
    .why = "Loaders follow the name to fetch what is missing; a URL leads to a server nobody vouched for.",
    .fix = "Replace it by a repository name with a pinned revision.",
};
constexpr Rule kUnpinned{
    .id = "BW-HF-005",
    .title = "code of another repository without a pinned revision",
    .severity = Severity::Info,
    .atlas = "AML.T0058",
    .why = "Without code_revision the newest code of the other repository is fetched at every load.",
    .fix = "Set code_revision to a commit.",
};
constexpr Rule kModuleByName{
    .id = "BW-HF-006",
    .title = "module list names a class outside of its framework",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000",
    .why =
        "sentence-transformers and diffusers import the module that the file names and call what it holds.",
    .fix = "Check that the module belongs to the framework or read its source.",
};
constexpr Rule kMissingShard{
    .id = "BW-HF-007",
    .title = "index names a file that is not there",
    .severity = Severity::Info,
    .atlas = "AML.T0058",
    .why = "The loader fetches missing shards from the hub, where nobody looked at them.",
    .fix = "Complete the directory before you judge or load it.",
};
constexpr std::array kRules = {kRemoteCode, kTrustFlag,    kAdapter,      kUrl,
                               kUnpinned,   kModuleByName, kMissingShard, kShardOutside};

// Any of these at the root makes a JSON object a configuration of transformers, diffusers, PEFT or
// sentence-transformers.
constexpr std::string_view kRootKeys[] = {"auto_map",
                                          "architectures",
                                          "model_type",
                                          "custom_pipelines",
                                          "chat_template",
                                          "_name_or_path",
                                          "weight_map",
                                          "base_model_name_or_path",
                                          "trust_remote_code",
                                          "tokenizer_class",
                                          "transformers_version",
                                          "_class_name",
                                          "_diffusers_version",
                                          "peft_type",
                                          "processor_class",
                                          "image_processor_type",
                                          "feature_extractor_type",
                                          "auto_mapping"};

bool is_configuration(const Document& root) {
  if (root.is_list()) {  // modules.json of sentence-transformers
    return !root.list.empty() && root.list[0].find("type") != nullptr &&
           root.list[0].find("path") != nullptr && root.list[0].find("idx") != nullptr;
  }
  return std::ranges::any_of(kRootKeys, [&](std::string_view key) { return root.find(key) != nullptr; });
}

bool is_url(std::string_view text) {
  const std::string start = lower(text.substr(0, 12));
  for (const std::string_view scheme :
       {"http://", "https://", "ftp://", "file://", "s3://", "gs://", "smb://"})
    if (start.starts_with(scheme)) return true;
  return start.starts_with("\\\\");
}

class ConfigJudge {
 public:
  // `package`: the directory or archive around the file, or null.
  ConfigJudge(Inspection& in, std::string_view text, const Package* package, std::string_view folder)
      : in_(in), text_(text), package_(package), folder_(folder) {}

  void judge(const Document& root) {
    root_ = &root;
    for_each_value(root, [&](const ConfigValue& at) { judge_value(at); });
    if (root.is_list()) judge_modules(root);
    if (root.find("_class_name") != nullptr && root.find("_diffusers_version") != nullptr)
      judge_pipeline(root);
  }

 private:
  void report(const Rule& rule, const Document& value, std::string message, std::string_view evidence,
              std::optional<Severity> severity = {}) {
    // The file itself is judged where it stands; its package only adds what one file cannot know.
    if (package_ != nullptr && &rule != &kMissingShard) return;
    in_.report(rule, {.place = place_of(value),
                      .text = text_,
                      .message = std::move(message),
                      .evidence = std::string(evidence),
                      .subject = std::string(evidence),
                      .severity = severity});
  }

  void judge_value(const ConfigValue& at) {
    const Document& value = *at.value;
    if (at.key == "auto_map" && value.is_map()) {
      for_each_value(value, [&](const ConfigValue& entry) {
        if (entry.value->is_string()) judge_code_reference(*entry.value, entry.value->string);
      });
    } else if (at.key == "custom_pipelines" && value.is_map()) {
      for (const auto& [name, pipeline] : value.map) {
        if (const Document* impl = pipeline.find("impl"); impl != nullptr)
          judge_code_reference(*impl, impl->string);
      }
    } else if (at.key == "trust_remote_code" && value.kind == Document::Kind::Boolean && value.boolean) {
      report(kTrustFlag, value, std::string(at.path) + " is true", "trust_remote_code");
    } else if (at.key == "weight_map" && value.is_map()) {
      judge_shards(value);
    } else if (at.key == "auto_mapping" && value.is_map()) {
      judge_adapter_classes(value);
    } else if (at.key == "base_model_name_or_path" && value.is_string()) {
      if (is_url(value.string)) report(kAdapter, value, "base model is a URL", value.string, Severity::High);
    } else if ((at.key == "_name_or_path" || at.key == "name_or_path" ||
                at.key == "pretrained_model_name_or_path") &&
               value.is_string() && is_url(value.string)) {
      report(kUrl, value, std::string(at.path) + " is a URL", value.string);
    }
  }

  // "module.Class" beside the configuration, or "owner/repo--module.Class" elsewhere.
  void judge_code_reference(const Document& value, std::string_view reference) {
    if (reference.empty()) return;
    const std::size_t dashes = reference.find("--");
    if (dashes != std::string_view::npos) {
      report(kRemoteCode, value,
             "code is taken from another repository: " + std::string(reference.substr(0, dashes)), reference);
      if (root_->find("code_revision") == nullptr)
        report(kUnpinned, value, "no code_revision pins " + std::string(reference.substr(0, dashes)),
               reference);
      return;
    }
    const std::string module(reference.substr(0, reference.rfind('.')));
    std::string_view why;
    if (path_escapes(module, &why) || is_url(module)) {
      report(kRemoteCode, value,
             "code outside of the model: the module " + (why.empty() ? "is a URL" : std::string(why)),
             reference);
      return;
    }
    const bool local = read_module(module);
    report(kRemoteCode, value,
           local ? "code of this package runs with trust_remote_code=True"
                 : "code beside the configuration runs with trust_remote_code=True",
           reference, Severity::Low);
  }

  // Hands the source of a module of this package over. False if it is not here.
  bool read_module(std::string module) {
    if (package_ == nullptr) return false;
    std::ranges::replace(module, '.', '/');
    const std::string name = std::string(folder_) + module + ".py";
    if (read_.contains(name)) return true;
    if (package_->find(name) == nullptr) return false;
    read_.insert(name);
    const auto content = package_->read(name, in_);
    if (!content) {
      in_.gap(content.error(), name);
      return true;
    }
    in_.child(name, std::vector<std::uint8_t>(content->bytes.begin(), content->bytes.end()), "python");
    return true;
  }

  void judge_shards(const Document& map) {
    std::set<std::string_view> seen;
    for (const auto& [tensor, shard] : map.map) {
      if (!shard.is_string() || !seen.insert(shard.string).second) continue;
      std::string_view why;
      if (is_url(shard.string) || path_escapes(shard.string, &why)) {
        report(kShardOutside, shard,
               "shard of " + printable(tensor, 60) + " " + (why.empty() ? "is a URL" : std::string(why)),
               shard.string);
      } else if (package_ != nullptr && package_->find(std::string(folder_) + shard.string) == nullptr) {
        report(kMissingShard, shard, "shard is not in the directory", shard.string);
      }
    }
  }

  // PEFT imports parent_library and takes base_model_class from it.
  void judge_adapter_classes(const Document& mapping) {
    const Document* library = mapping.find("parent_library");
    if (library == nullptr || !library->is_string()) return;
    const std::string full = library->string + "." + std::string(mapping.text("base_model_class"));
    if (is_standard_library(library->string) || look_up_dotted(full).trust == Trust::Dangerous)
      report(kAdapter, *library, "adapter makes the loader import " + library->string, full, Severity::High);
  }

  void judge_modules(const Document& modules) {
    for (const Document& module : modules.list) {
      if (const Document* type = module.find("type"); type != nullptr && type->is_string())
        judge_class(*type, type->string, "sentence_transformers.");
      if (const Document* path = module.find("path"); path != nullptr && path_escapes(path->string))
        report(kShardOutside, *path, "module path leaves the model", path->string);
    }
  }

  // model_index.json of diffusers: {"unet": ["diffusers", "UNet2DConditionModel"], …}.
  void judge_pipeline(const Document& pipeline) {
    for (const auto& [name, component] : pipeline.map) {
      if (!component.is_list() || component.list.size() != 2 || !component.list[0].is_string()) continue;
      const std::string& library = component.list[0].string;
      constexpr std::string_view kKnown[] = {"diffusers",   "transformers", "stable_diffusion",
                                             "onnxruntime", "flax",         "k_diffusion"};
      if (std::ranges::find(kKnown, library) != std::end(kKnown)) continue;
      // A name without a dot may be a pipeline module inside diffusers or a file in the component's folder.
      judge_class(component.list[0], library + "." + component.list[1].string, "diffusers.");
      if (package_ != nullptr) read_module(name + "/" + library);
    }
  }

  void judge_class(const Document& value, const std::string& name, std::string_view framework) {
    if (name.starts_with(framework)) return;
    const bool dangerous = look_up_dotted(name).trust == Trust::Dangerous ||
                           is_standard_library(name.substr(0, name.rfind('.')));
    report(kModuleByName, value, "the loader imports " + name, name,
           dangerous ? Severity::High : Severity::Low);
  }

  Inspection& in_;
  std::string_view text_;
  const Package* package_;
  std::string_view folder_;  // of the configuration in the package, with its slash
  const Document* root_ = nullptr;
  std::set<std::string, std::less<>> read_;
};

// Configurations are small; tokenizer.json and the like are not looked at here.
constexpr std::size_t kLargestConfiguration = 4U << 20;

Match recognises(Bytes content) {
  if (!looks_like_json(content)) return Match::No;
  // An index of many shards is larger than any configuration, but says so at once.
  return Match::Weak;
}

bool may_be_configuration(std::string_view text) {
  const std::string_view searched = text.size() > kLargestConfiguration ? text.substr(0, 4096) : text;
  if (holds_text(searched, "\"weight_map\"") || holds_text(searched, "\"type\"")) return true;
  // A key may be written with escapes: then only the parser knows.
  if (text.size() <= kLargestConfiguration && holds_text(searched, "\\u00")) return true;
  return std::ranges::any_of(kRootKeys, [&](std::string_view key) { return holds_text(searched, key); });
}

Result<void> inspect(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  if (!may_be_configuration(text)) return fail(Code::Unsupported, "no Hugging Face configuration");
  const auto parsed = parse_json_config(text, in.limits());
  // The config inspector says what is wrong with the JSON.
  if (!parsed) return fail(Code::Unsupported, parsed.error().message);
  const Document& root = parsed->documents.front();
  if (!is_configuration(root)) return fail(Code::Unsupported, "no Hugging Face configuration");
  if (!root.text("model_type").empty()) in.fact("model_type", root.text("model_type"));
  // Inside an archive or directory the package walk below knows the folder.
  ConfigJudge(in, text, nullptr, {}).judge(root);
  return {};
}

// --- The directory
// ---------------------------------------------------------------------------------------------------

bool is_configuration_name(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "config.json",      "tokenizer_config.json",    "adapter_config.json",
      "model_index.json", "preprocessor_config.json", "processor_config.json",
      "modules.json"};
  const std::string_view base =
      name.substr(name.rfind('/') == std::string_view::npos ? 0 : name.rfind('/') + 1);
  return std::ranges::find(kNames, base) != std::end(kNames) || base.ends_with(".index.json");
}

bool recognises_package(const Package& package) {
  return std::ranges::any_of(package.members(),
                             [](const Member& m) { return is_configuration_name(m.name); });
}

// Only what the single file cannot show: the source that a configuration names, and shards that are missing.
Result<void> inspect_package(const Package& package, Inspection& in) {
  for (const Member& member : package.members()) {
    if (member.kind != MemberKind::File || !is_configuration_name(member.name)) continue;
    // A folder below is a directory of its own.
    if (package.kind() == "directory" && member.name.find('/') != std::string::npos) continue;
    const auto content = package.read(static_cast<std::size_t>(&member - package.members().data()), in);
    if (!content || !looks_like_json(content->bytes))
      continue;  // a member that cannot be read is a gap of its own
    const std::string_view text = text_of(content->bytes);
    if (!may_be_configuration(text)) continue;
    const auto parsed = parse_json_config(text, in.limits());
    if (!parsed || !is_configuration(parsed->documents.front())) continue;
    const std::size_t slash = member.name.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : member.name.substr(0, slash + 1);
    ConfigJudge(in, text, &package, folder).judge(parsed->documents.front());
  }
  return {};
}

}  // namespace

const Inspector huggingface{
    .name = "huggingface",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
    .recognises_package = recognises_package,
    .inspect_package = inspect_package,
};

}  // namespace bulwark::scan::inspectors
