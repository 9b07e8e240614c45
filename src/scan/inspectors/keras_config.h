#pragma once
// Judges the configuration of a Keras model, wherever it was found: config.json of a .keras file, the
// attribute model_config of an HDF5 file, or a JSON file of its own.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/document.h"
#include "scan/inspector.h"
#include "scan/model_graph.h"

namespace bulwark::scan {

struct KerasContext {
  std::uint64_t offset = 0;        // of the JSON text in the artifact
  std::string keras_version = {};  // as the file says; empty if it does not
  bool legacy_h5 = false;          // loaded by a path that ignores safe_mode
};

// True if the JSON is a serialised Keras object: class_name and config.
[[nodiscard]] bool is_keras_config(const Document& root);

void judge_keras_config(const Document& root, const KerasContext& context, Inspection& in);

// The layers, outermost first, as nodes.
[[nodiscard]] ModelGraph keras_graph(const Document& root);

}  // namespace bulwark::scan
