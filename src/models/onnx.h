#pragma once
// ONNX models, run by ONNX Runtime in a child that has given up every right but to compute.
//
// A model is a program of a stranger's, and the runtime that executes it is two million lines of parsing and
// arithmetic. So nothing of a model is read in this process: the program starts itself again, that child
// loads the pinned library, confines itself, tries the library on a model of ours, and only then is sent the
// model.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "models/predictor.h"

namespace bulwark::models {

// Each ceiling ends the question with LimitReached, or the child with Unavailable.
struct OnnxLimits {
  std::uint64_t model_bytes = std::uint64_t{2} << 30;  // a Protocol Buffers message cannot be larger
  std::uint64_t memory = std::uint64_t{6} << 30;       // address space of the child
  std::chrono::milliseconds load{60'000};
  std::chrono::milliseconds batch{60'000};
  std::uint64_t batch_bytes = std::uint64_t{64} << 20;  // of input values sent at once
};

struct OnnxOptions {
  OnnxLimits limits;
  std::size_t batch = 256;   // rows asked at once, if the model leaves that free
  bool activations = false;  // also read the input of the last Gemm or MatMul
  // Of one row, without the batch: {1, 28, 28}. Only for models that leave these dimensions free.
  std::vector<std::int64_t> row_shape = {};
  std::string program = {};  // that answers to models/worker.h; empty: this one
};

// Opens the model and asks it once about zeros. One input and one output of floating-point numbers, rows
// first; of several outputs the first with rows × classes. Models that keep tensors in other files are not
// loaded. The child dies with the thread that calls this. Errors: NotFound, Denied (the file), NotFound (the
// library, and how to get it), Unsupported, Corrupt (no ONNX model, or the runtime refuses it), LimitReached,
// Unavailable (the child ended).
[[nodiscard]] Result<std::unique_ptr<Predictor>> open_onnx(const std::string& path,
                                                           const OnnxOptions& options = {});
// The same for bytes in memory; `name` is for messages.
[[nodiscard]] Result<std::unique_ptr<Predictor>> open_onnx(const std::string& name, Bytes model,
                                                           const OnnxOptions& options);

}  // namespace bulwark::models
