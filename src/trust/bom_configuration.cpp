// Configurations of transformers, diffusers, PEFT and sentence-transformers, MLmodel files and licence texts.

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "trust/bom_readers.h"
#include "trust/bom_write.h"

namespace bulwark::trust {
namespace {

struct TaskOfClass {
  std::string_view ending, task;
};
// What the classes of transformers do, as the hub's pipeline tags word it.
constexpr std::array kTasks = {
    TaskOfClass{"ForCausalLM", "text-generation"},
    TaskOfClass{"LMHeadModel", "text-generation"},
    TaskOfClass{"ForMaskedLM", "fill-mask"},
    TaskOfClass{"ForSequenceClassification", "text-classification"},
    TaskOfClass{"ForTokenClassification", "token-classification"},
    TaskOfClass{"ForQuestionAnswering", "question-answering"},
    TaskOfClass{"ForImageClassification", "image-classification"},
    TaskOfClass{"ForObjectDetection", "object-detection"},
    TaskOfClass{"ForSemanticSegmentation", "image-segmentation"},
    TaskOfClass{"ForSpeechSeq2Seq", "automatic-speech-recognition"},
    TaskOfClass{"ForCTC", "automatic-speech-recognition"},
    TaskOfClass{"ForAudioClassification", "audio-classification"},
    TaskOfClass{"ForVision2Seq", "image-to-text"},
};

// Numbers and words of a configuration that say how large a model is and how it was made smaller.
constexpr std::array<std::string_view, 19> kKept = {"vocab_size",
                                                    "hidden_size",
                                                    "num_hidden_layers",
                                                    "num_attention_heads",
                                                    "num_key_value_heads",
                                                    "intermediate_size",
                                                    "max_position_embeddings",
                                                    "sliding_window",
                                                    "rope_theta",
                                                    "torch_dtype",
                                                    "dtype",
                                                    "transformers_version",
                                                    "_diffusers_version",
                                                    "peft_type",
                                                    "lora_alpha",
                                                    "r",
                                                    "model_max_length",
                                                    "tokenizer_class",
                                                    "image_size"};

std::string scalar(const Document& value) {
  switch (value.kind) {
    case Document::Kind::String: return value.string;
    case Document::Kind::Integer: return std::to_string(value.integer);
    case Document::Kind::Number: {
      std::array<char, 32> digits{};
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value.number).ptr;
      return {digits.data(), end};
    }
    case Document::Kind::Boolean: return value.boolean ? "true" : "false";
    default: return {};
  }
}

std::string key_of(std::string_view file, std::string_view key) {
  return std::string(file) + ", '" + std::string(key) + "'";
}

void read_quantization(const Document& config, std::string_view file, ModelFacts& facts) {
  for (const std::string_view key :
       {"quant_method", "bits", "w_bit", "group_size", "load_in_4bit", "load_in_8bit", "bnb_4bit_quant_type",
        "fmt", "modules_to_not_convert"}) {
    const Document* value = config.find(key);
    if (value == nullptr || value->kind == Document::Kind::Null) continue;
    facts.property("quantization:" + std::string(key), scalar(*value), key_of(file, "quantization_config"));
  }
}

void read_schema(std::string_view json, std::string_view from, std::vector<Told>& list) {
  const auto parsed = parse_json(json, Limits{});
  if (!parsed) return;
  for (const Document& column : parsed->root.list) {
    std::string text(column.text("type"));
    if (const Document* tensor = column.find("tensor-spec")) {
      text = "tensor " + std::string(tensor->text("dtype"));
      if (const Document* shape = tensor->find("shape")) {
        text += " [";
        for (const Document& size : shape->list)
          text += (text.ends_with('[') ? "" : ", ") + std::to_string(size.integer);
        text += "]";
      }
    }
    const std::string name(column.text("name"));
    if (!name.empty()) text = name + ": " + text;
    if (list.size() < BomLimits{}.entries) list.push_back({printable(text, 200), std::string(from)});
  }
}

struct LicenceMark {
  std::string_view id;
  std::string_view first, second;  // both stand in its text; in lower case, blanks folded
};
constexpr std::array kLicenceMarks = {
    LicenceMark{"Apache-2.0", "apache license", "version 2.0, january 2004"},
    LicenceMark{"AGPL-3.0-only", "gnu affero general public license", "version 3, 19 november 2007"},
    LicenceMark{"LGPL-3.0-only", "gnu lesser general public license", "version 3, 29 june 2007"},
    LicenceMark{"GPL-3.0-only", "gnu general public license", "version 3, 29 june 2007"},
    LicenceMark{"GPL-2.0-only", "gnu general public license", "version 2, june 1991"},
    LicenceMark{"MPL-2.0", "mozilla public license version 2.0", ""},
    LicenceMark{"BSD-3-Clause", "redistribution and use in source and binary forms", "neither the name of"},
    LicenceMark{"BSD-2-Clause", "redistribution and use in source and binary forms", ""},
    LicenceMark{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy",
                "the software is provided \"as is\""},
    LicenceMark{"ISC", "permission to use, copy, modify, and/or distribute this software", ""},
    LicenceMark{"CC-BY-NC-SA-4.0", "attribution-noncommercial-sharealike 4.0", ""},
    LicenceMark{"CC-BY-NC-4.0", "attribution-noncommercial 4.0", ""},
    LicenceMark{"CC-BY-SA-4.0", "attribution-sharealike 4.0", ""},
    LicenceMark{"CC-BY-4.0", "attribution 4.0 international", ""},
    LicenceMark{"CC0-1.0", "cc0 1.0 universal", ""},
};

}  // namespace

void read_configuration(const Document& root, std::string_view file, ModelFacts& facts) {
  if (!root.is_map()) return;
  tell(facts.family, root.text("model_type"), key_of(file, "model_type"));
  if (const Document* classes = root.find("architectures"); classes != nullptr && !classes->list.empty()) {
    const std::string& name = classes->list.front().string;
    tell(facts.architecture, name, key_of(file, "architectures"));
    for (const TaskOfClass& each : kTasks)
      if (name.ends_with(each.ending))
        tell(facts.task, each.task, key_of(file, "architectures") + " (" + printable(name, 60) + ")");
  }
  tell(facts.architecture, root.text("_class_name"), key_of(file, "_class_name"));
  if (!root.text("_diffusers_version").empty())
    tell(facts.library, "diffusers", key_of(file, "_diffusers_version"));
  if (!root.text("transformers_version").empty())
    tell(facts.library, "transformers", key_of(file, "transformers_version"));
  if (!root.text("peft_type").empty()) {
    tell(facts.library, "peft", key_of(file, "peft_type"));
    tell(facts.family, root.text("peft_type"), key_of(file, "peft_type"));
  }
  if (!root.text("base_model_name_or_path").empty() && facts.ancestors.empty())
    facts.ancestors.push_back({printable(root.text("base_model_name_or_path"), 200), "adapter",
                               key_of(file, "base_model_name_or_path")});
  for (const std::string_view key : kKept) {
    const Document* value = root.find(key);
    if (value != nullptr && !scalar(*value).empty())
      facts.property("configuration:" + std::string(key), scalar(*value), key_of(file, key));
  }
  if (const Document* quantization = root.find("quantization_config"))
    read_quantization(*quantization, file, facts);
  if (const Document* labels = root.find("id2label"); labels != nullptr && labels->is_map())
    facts.property("labels", std::to_string(labels->map.size()), key_of(file, "id2label"));
}

void read_mlmodel(const Document& root, std::string_view file, ModelFacts& facts) {
  if (!root.is_map()) return;
  const Document* flavors = root.find("flavors");
  if (flavors != nullptr) {
    for (const auto& [name, flavor] : flavors->map) {
      facts.property("mlflow:flavor", name, key_of(file, "flavors"));
      if (name == "python_function") continue;
      tell(facts.library, name, key_of(file, "flavors"));
      tell(facts.task, scalar_text(flavor, "task"), key_of(file, "flavors." + name + ".task"));
      tell(facts.architecture, scalar_text(flavor, "instance_type"),
           key_of(file, "flavors." + name + ".instance_type"));
      tell(facts.architecture, scalar_text(flavor, "model_class"),
           key_of(file, "flavors." + name + ".model_class"));
      for (const auto& [key, value] : flavor.map)
        if (key.ends_with("_version") && !value.string.empty())
          facts.property("mlflow:" + key, value.string, key_of(file, "flavors." + name + "." + key));
    }
  }
  for (const std::string_view key :
       {"mlflow_version", "model_uuid", "run_id", "utc_time_created", "model_id"})
    facts.property("mlflow:" + std::string(key), scalar_text(root, key), key_of(file, key));
  tell(facts.name, scalar_text(root, "name"), key_of(file, "name"));
  const Document* signature = root.find("signature");
  if (signature == nullptr) return;
  read_schema(scalar_text(*signature, "inputs"), key_of(file, "signature.inputs"), facts.inputs);
  read_schema(scalar_text(*signature, "outputs"), key_of(file, "signature.outputs"), facts.outputs);
}

void read_repository(std::string_view config, std::string_view commit, ModelFacts& facts) {
  bool origin = false;
  for (const std::string_view raw : split(config, '\n')) {
    const std::string_view line = trim(raw);
    if (line.starts_with('[')) origin = line == "[remote \"origin\"]";
    if (!origin || !line.starts_with("url")) continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    std::string url(trim(line.substr(equals + 1)));
    // Tokens stand before the '@'.
    if (const std::size_t at = url.find('@'), scheme = url.find("://");
        at != std::string::npos && scheme != std::string::npos && at < url.find('/', scheme + 3))
      url.erase(scheme + 3, at - scheme - 2);
    const std::string from = ".git/config, remote 'origin'";
    facts.references.push_back({"vcs", printable(url, 500), {}, {}, from});
    if (scan::is_commit(commit)) tell(facts.version, commit, ".git, the commit that is checked out");
    constexpr std::string_view kHub = "https://huggingface.co/";
    if (!url.starts_with(kHub)) return;
    std::string name = url.substr(kHub.size());
    if (name.ends_with(".git")) name.resize(name.size() - 4);
    while (name.ends_with('/')) name.pop_back();
    if (name.starts_with("datasets/") || std::ranges::count(name, '/') > 1) return;
    std::string purl = "pkg:huggingface";
    for (const std::string_view part : split(name, '/')) purl += "/" + purl_encoded(part);
    if (scan::is_commit(commit)) purl += "@" + lower(commit);
    tell(facts.purl, purl, from);
    return;
  }
}

void read_license_text(std::string_view text, std::string_view file, ModelFacts& facts) {
  const std::string body = lower(folded(text.substr(0, 100'000)));
  for (const LicenceMark& mark : kLicenceMarks) {
    if (!body.contains(mark.first) || !body.contains(mark.second)) continue;
    facts.licenses.push_back(
        {std::string(mark.id), {}, std::string(file), std::string(file) + ", text of the licence"});
    return;
  }
}

}  // namespace bulwark::trust
