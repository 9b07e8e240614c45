// JSON and YAML of any model package: templates, YAML tags and keys that make a loader call what the text
// names.
//
// Everything that depends on the content alone and not on which framework wrote it; the frameworks' own keys
// are judged by huggingface.cpp and mlflow.cpp.

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/find.h"
#include "base/text.h"
#include "scan/formats/config.h"
#include "scan/formats/python/program.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"
#include "scan/knowledge/dotted_name.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kYamlObject{
    .id = "BW-YAML-001",
    .title = "YAML tag builds a Python object or calls a function",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0050",
    .why = "yaml.load with a full loader imports what the tag names and calls it with the values below it.",
    .fix = "Refuse the file; load YAML with safe_load only.",
};
constexpr Rule kForeignTag{
    .id = "BW-YAML-002",
    .title = "YAML tag asks for an object of another language",
    .severity = Severity::High,
    .atlas = "AML.T0011.000",
    .why = "Tags of Ruby, Java and JavaScript loaders build arbitrary objects, a well-known way to run code.",
    .fix = "Refuse the file: model configurations need no such tag.",
};
constexpr Rule kTarget{
    .id = "BW-NEMO-001",
    .title = "configuration makes the loader call a dangerous function",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0050",
    .why =
        "Hydra's instantiate, and NeMo, Lightning and torchtune through it, import and call what _target_ "
        "names with "
        "arguments from the file (CVE-2025-23304).",
    .fix = "Refuse the file; restore models with an allow-list of targets.",
};
constexpr Rule kUnknownTarget{
    .id = "BW-NEMO-002",
    .title = "configuration names a callable nobody has vouched for",
    .severity = Severity::Low,
    .atlas = "AML.T0011.000",
    .why = "The loader imports and calls this name; what it does depends on what is installed.",
    .fix = "Check that the name belongs to the framework that you load the model with.",
};
constexpr Rule kJsonPickle{
    .id = "BW-JSON-001",
    .title = "JSON encodes Python objects for jsonpickle",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0050",
    .why =
        "jsonpickle.decode imports and calls what py/reduce, py/object and py/function name, as a pickle "
        "does.",
    .fix = "Refuse the file; read it as plain JSON only.",
};
constexpr Rule kDuplicateKey{
    .id = "BW-JSON-002",
    .title = "key comes twice in one object",
    .severity = Severity::Low,
    .atlas = "AML.T0107",
    .why = "Parsers disagree on which one wins, so a check and a loader may read different configurations.",
    .fix = "Keep one of the two.",
};
constexpr std::array kRules = {kYamlObject, kForeignTag,   kTarget,         kUnknownTarget,
                               kJsonPickle, kDuplicateKey, kMetadataCommand};

// Above this size a document is only parsed if it holds one of the words that matter.
constexpr std::size_t kAlwaysParsed = 256U << 10;

constexpr std::string_view kWords[] = {"{{",        "{%",           "\\u007b",    "\\u007B",     "!!",
                                       "!python",   "tag:yaml.org", "_target_",   "_component_", "class_path",
                                       "py/object", "py/reduce",    "py/function"};

bool holds_words(std::string_view text) {
  return std::ranges::any_of(kWords, [&](std::string_view word) { return holds_text(text, word); });
}

Match recognises(Bytes content) {
  return looks_like_json(content) || looks_like_yaml(content) ? Match::Weak : Match::No;
}

// Answers of Document::find, kept: a hostile map may lead to the same question once for each of its million
// entries.
class Lookups {
 public:
  const Document* find(const Document& map, std::string_view key) {
    const auto [known, asked_first] = known_.try_emplace({&map, key}, nullptr);
    if (asked_first) known->second = map.find(key);
    return known->second;
  }

 private:
  std::map<std::pair<const Document*, std::string_view>, const Document*> known_;
};

struct Judged {
  Inspection& in;
  std::string_view text;
  const Document& root;  // of the document that is walked
  Lookups& lookups;
};

// --- Templates
// -------------------------------------------------------------------------------------------------

bool holds_jinja(std::string_view value) {
  return value.find("{{") != std::string_view::npos || value.find("{%") != std::string_view::npos;
}

// Under such a key the value is a template by contract.
bool is_template_key(std::string_view key) {
  const std::string name = lower(key);
  return name.find("template") != std::string::npos || name.find("prompt") != std::string::npos ||
         name.find("jinja") != std::string::npos || name == "chat" || name == "content" || name == "format";
}

// Elsewhere braces may belong to Helm, GitHub or LaTeX. Only what reaches beyond plain variables is worth a
// reading as Jinja; the Jinja inspector decides.
bool reaches_out(std::string_view value) {
  constexpr std::string_view kReach[] = {"__", "\\x", "attr(", "open(", "import", "system", "eval(", "exec("};
  return std::ranges::any_of(
      kReach, [&](std::string_view word) { return value.find(word) != std::string_view::npos; });
}

void judge_template(const Judged& judged, const ConfigValue& at) {
  const std::string& value = at.value->string;
  if (!holds_jinja(value)) return;
  if (!is_template_key(at.key) && !reaches_out(value)) return;
  judged.in.child(std::string(at.path), std::vector<std::uint8_t>(value.begin(), value.end()), "jinja");
}

// --- Callables by name
// -------------------------------------------------------------------------------------------

// Whether a name under this key is imported and called by the framework that knows the key.
bool is_target_key(const Judged& judged, const ConfigValue& at) {
  if (at.key == "_target_" || at.key == "_component_") return true;
  if (at.key == "class_path")
    return at.parent->map.size() == 1 || judged.lookups.find(*at.parent, "init_args") != nullptr;
  // instantiate_from_config of latent diffusion: {"target": …, "params": …}.
  return at.key == "target" && judged.lookups.find(*at.parent, "params") != nullptr;
}

void judge_target(const Judged& judged, const ConfigValue& at) {
  const std::string name = interpolated(at.value->string, judged.root, at.parent);
  if (name.find('.') == std::string::npos) return;
  const Callable known = look_up_dotted(name);
  FindingDetails details{.place = place_of(*at.value),
                         .text = judged.text,
                         .message = std::string(at.path) + " calls " + name,
                         .evidence = name,
                         .subject = name,
                         .severity = {}};
  if (!name.starts_with("hydra.") && known.trust == Trust::Dangerous) {
    details.severity = severity_of_calling(name);
    judged.in.report(kTarget, details);
    return;
  }
  // hydra.utils.get_method and its kind resolve a second name.
  if (name.starts_with("hydra.utils.") && at.parent != nullptr) {
    const Document* second = judged.lookups.find(*at.parent, "path");
    const std::string_view path = second != nullptr ? second->string : std::string_view();
    if (look_up_dotted(path).trust == Trust::Dangerous) {
      FindingDetails indirect = details;
      indirect.message = std::string(at.path) + " resolves " + std::string(path);
      indirect.evidence = path;
      judged.in.report(kTarget, indirect);
      return;
    }
  }
  if (known.trust == Trust::Unknown && at.key != "target") judged.in.report(kUnknownTarget, details);
}

// --- YAML tags
// -----------------------------------------------------------------------------------------------------

// What follows "python/" in a tag, or empty.
std::string_view python_tag(std::string_view tag) {
  for (const std::string_view prefix : {"tag:yaml.org,2002:python/", "!!python/", "!python/"})
    if (tag.starts_with(prefix)) return tag.substr(prefix.size());
  return {};
}

void judge_tag(const Judged& judged, const Document& value) {
  if (value.tag.empty()) return;
  const FindingDetails details{.place = place_of(value),
                               .text = judged.text,
                               .message = "YAML tag " + value.tag,
                               .evidence = value.tag,
                               .subject = {},
                               .severity = {}};
  const std::string_view python = python_tag(value.tag);
  if (python.starts_with("object") || python.starts_with("name:") || python.starts_with("module:")) {
    FindingDetails named = details;
    const std::size_t colon = python.find(':');
    named.subject = colon == std::string_view::npos ? "" : std::string(python.substr(colon + 1));
    const Callable known = look_up_dotted(named.subject);
    if (known.trust == Trust::Safe && !python.starts_with("module:")) named.severity = Severity::Low;
    judged.in.report(kYamlObject, named);
    return;
  }
  constexpr std::string_view kForeign[] = {
      "!ruby/", "tag:ruby.yaml.org",        "tag:yaml.org,2002:ruby/", "tag:yaml.org,2002:js/",
      "!!js/",  "tag:yaml.org,2002:javax.", "tag:yaml.org,2002:java.", "!!javax.",
      "!!java."};
  if (std::ranges::any_of(kForeign, [&](std::string_view prefix) { return value.tag.starts_with(prefix); }))
    judged.in.report(kForeignTag, details);
}

// The parser gave up: tags before the defect have been acted on by a streaming loader, so say what they were.
void judge_tags_as_text(const Judged& judged) {
  constexpr std::string_view kTag = "!!python/";
  for (std::size_t at = judged.text.find(kTag); at != std::string_view::npos;
       at = judged.text.find(kTag, at + 1)) {
    const char before = at == 0 ? '\n' : judged.text[at - 1];
    if (before != ' ' && before != '\n' && before != '\t') continue;
    Document value;
    const std::string_view tag = judged.text.substr(at, judged.text.substr(at).find_first_of(" \n\r\t,]}"));
    value.tag = tag;
    value.offset = at;
    judge_tag(judged, value);
  }
}

// --- jsonpickle
// ----------------------------------------------------------------------------------------------------

void judge_jsonpickle(const Judged& judged, const ConfigValue& at) {
  const bool names =
      at.key == "py/object" || at.key == "py/function" || at.key == "py/type" || at.key == "py/class";
  if (at.key == "py/repr") {
    judged.in.report(kJsonPickle, {.place = place_of(*at.value),
                                   .text = judged.text,
                                   .message = "py/repr evaluates text",
                                   .evidence = at.value->string,
                                   .subject = {},
                                   .severity = {}});
  }
  if (!names || !at.value->is_string()) return;
  const std::string& name = at.value->string;
  const Callable known = look_up_dotted(name);
  if (known.trust == Trust::Safe) return;
  judged.in.report(kJsonPickle,
                   {.place = place_of(*at.value),
                    .text = judged.text,
                    .message = std::string(at.key) + " names " + name,
                    .evidence = name,
                    .subject = name,
                    .severity = known.trust == Trust::Dangerous ? Severity::Critical : Severity::Medium});
}

// --- Values that are commands
// ----------------------------------------------------------------------------------------

// Paragraphs with examples in them, as the documentation of an API is handed to a page: nothing runs them.
bool is_documentation(std::string_view text) {
  constexpr std::size_t kLong = 200;
  return text.size() > kLong && text.contains("<p>") && text.contains("</p>") && text.contains("<code");
}

// Notebooks, package manifests and build files hold commands by design and are no model configuration.
bool holds_commands_by_design(const Document& root) {
  constexpr std::string_view kKeys[] = {
      "cells",  "scripts", "jobs",         "services",        "steps",        "nodes", "on",   "tasks",
      "stages", "learner", "graph_module", "oblivious_trees", "dependencies", "runs",  "repos"};
  // Reports of scanners quote what they found.
  const Document* tool = root.find("tool");
  const Document* name = tool == nullptr ? nullptr : tool->find("name");
  if (name != nullptr && name->string == "bulwark" && root.find("findings") != nullptr) return true;
  return std::ranges::any_of(kKeys, [&](std::string_view key) { return root.find(key) != nullptr; });
}

bool judge_value(const Judged& judged, const ConfigValue& at, bool commands) {
  const Document& value = *at.value;
  judge_tag(judged, value);
  if (!value.is_string() || value.string.empty()) return false;
  judge_template(judged, at);
  if (at.parent != nullptr && at.parent->is_map()) {
    if (is_target_key(judged, at)) judge_target(judged, at);
    if (at.key.starts_with("py/")) judge_jsonpickle(judged, at);
  } else if (at.key == "py/reduce" || at.key == "py/tuple") {
    judge_jsonpickle(judged, at);
  }
  if (is_documentation(value.string)) return false;
  return commands && !holds_jinja(value.string) && value.string.size() >= 6 && value.string.size() <= 65536 &&
         judge_metadata_text(judged.in, value.string, value.offset + 1, at.path);
}

Result<void> withdraw() {
  return fail(Code::Unsupported, "text without anything that a loader acts on");
}

Result<void> inspect(Inspection& in) {
  const std::string_view text = text_of(in.bytes());
  const bool json = looks_like_json(in.bytes());
  if (text.size() > kAlwaysParsed && !holds_words(text)) return withdraw();
  if (!json && !holds_words(text)) return withdraw();
  Lookups lookups;
  const auto config = parse_config(in.bytes(), in.limits());
  if (!config) {
    if (!json) {
      judge_tags_as_text({in, text, Document{}, lookups});
      if (!is_mostly_yaml(text) || python::looks_like_python(text)) return withdraw();
    }
    in.gap(config.error(), json ? "JSON" : "YAML");
    return {};
  }
  for (const Document& root : config->documents) {
    // Scalars at the root are prose.
    if (!root.is_map() && !root.is_list() && root.tag.empty()) continue;
    const bool commands = json && text.size() <= kAlwaysParsed && !holds_commands_by_design(root);
    const Judged judged{in, text, root, lookups};
    for_each_value(root, [&](const ConfigValue& at) { judge_value(judged, at, commands); });
  }
  for (const DuplicateKey& twice : config->duplicates)
    in.report(kDuplicateKey, twice.offset, "key " + printable(twice.key, 60) + " comes twice", twice.key);
  return {};
}

}  // namespace

const Inspector config{
    .name = "config",
    .version = "1",
    .rules = kRules,
    .general = true,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
