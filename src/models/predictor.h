#pragma once
// A model that can be asked. What assay and trials know of models.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace bulwark::models {

struct Signature {
  std::string input_name;
  std::vector<std::int64_t> input;  // shape; the first is the batch, -1 if free
  std::string scores_name;
  std::size_t classes = 0;
  std::size_t width = 0;  // of the activations; 0: they cannot be read
};

struct Answers {
  std::vector<float> scores;       // rows × classes, as the model gives them (often logits)
  std::vector<float> activations;  // rows × width, or empty: input of the last Gemm or MatMul
};

class Predictor {
 public:
  virtual ~Predictor() = default;
  [[nodiscard]] virtual const Signature& signature() const = 0;
  // `values`: rows × the product of the input's other dimensions, row-major. Any number of rows; batches are
  // made inside. Threads: one caller at a time. Errors: InvalidInput (shape), LimitReached (time, memory),
  // Unavailable (the child that runs the model ended), Corrupt (not finite).
  [[nodiscard]] virtual Result<Answers> ask(std::span<const float> values, std::size_t rows) = 0;
};

}  // namespace bulwark::models
