#pragma once
// Files that say what a model is, and how each is read into ModelFacts. `file` names the file in the facts;
// what cannot be read adds nothing (the scanner has said so already).

#include <string_view>

#include "base/byte_reader.h"
#include "base/document.h"
#include "scan/model_graph.h"
#include "trust/bom_facts.h"

namespace bulwark::trust {

// README.md of Hugging Face: front matter, then sections by their headings ("Limitations", "Intended use").
void read_model_card(std::string_view text, std::string_view file, ModelFacts& facts);
// Whether a text has front matter that describes a model.
[[nodiscard]] bool is_model_card(std::string_view text);

// config.json, adapter_config.json, model_index.json, generation_config.json, tokenizer_config.json,
// quantize_config.json …: by their keys.
void read_configuration(const Document& root, std::string_view file, ModelFacts& facts);
void read_mlmodel(const Document& root, std::string_view file, ModelFacts& facts);
// A licence text: the SPDX id of the licence it is. Nothing if it is none of the common ones.
void read_license_text(std::string_view text, std::string_view file, ModelFacts& facts);

// What the header of a weights file tells about the model.
void read_gguf_metadata(Bytes content, std::string_view file, ModelFacts& facts);
void read_safetensors_metadata(Bytes content, std::string_view file, ModelFacts& facts);
void read_onnx_metadata(Bytes content, std::string_view file, ModelFacts& facts);
[[nodiscard]] Inventory inventory_of(const scan::ModelGraph& graph);

// A signature or attestation that lies beside the model; `json` is its text.
void read_signature(std::string_view json, std::string_view file, std::string_view sha256, ModelFacts& facts);

// The configuration of the git repository that a model's folder is, and its commit (empty: not known): where
// the model was fetched from.
void read_repository(std::string_view config, std::string_view commit, ModelFacts& facts);

// What only people know, in YAML (docs/bom.md). The one reader that refuses what it does not understand.
// Errors: InvalidInput with the line.
[[nodiscard]] Result<void> read_declared(std::string_view yaml, std::string_view file, ModelFacts& facts);

// The licence as SPDX writes it ("apache-2.0" -> "Apache-2.0"); empty if SPDX has none of that name.
[[nodiscard]] std::string spdx_id(std::string_view name);

}  // namespace bulwark::trust
