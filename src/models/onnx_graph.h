#pragma once
// What must be known of an ONNX file before it is handed to a runtime, and the one thing that is added to it.

#include <string>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::models {

struct OnnxPlan {
  std::string scores;       // name of the output to read
  std::string activations;  // name of the value to read beside it; empty: there is none
  // Bytes to put behind the model so that `activations` is an output, too. Messages of Protocol Buffers that
  // follow each other are merged, so not a byte of the model itself is touched. Empty: it is one already.
  std::string addition;
};

// Walks all graphs of the model. Errors: Corrupt (no ONNX model), Unsupported (tensors in other files: the
// runtime would open what the model names; no output), LimitReached (nesting).
[[nodiscard]] Result<OnnxPlan> plan_onnx(Bytes model, bool want_activations);

}  // namespace bulwark::models
