#pragma once
// What this program and the child that runs a model say to each other (os/worker_process.h). Numbers are
// little-endian. Neither side believes the other's counts.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "models/predictor.h"

namespace bulwark::models {

enum class Question : std::uint8_t { Load = 1, Ask = 2 };

struct Load {
  bool activations = false;             // are wanted
  std::vector<std::int64_t> row_shape;  // for dimensions that the model leaves free
  Bytes model;                          // a view
};
// Without the model, which follows it.
[[nodiscard]] std::vector<std::uint8_t> write_load(const Load& load);
// What Question::Ask starts with; the values follow.
[[nodiscard]] std::vector<std::uint8_t> write_ask(std::uint64_t rows);

struct Ask {
  std::uint64_t rows = 0;
  Bytes values;  // a view of float32
};
// Errors: Corrupt.
[[nodiscard]] Result<Question> read_question(ByteReader& in);
[[nodiscard]] Result<Load> read_load(ByteReader& in);
[[nodiscard]] Result<Ask> read_ask(ByteReader& in);

// Answers: an error, or what belongs to the question.
[[nodiscard]] std::vector<std::uint8_t> write_error(const Error& error);
[[nodiscard]] std::vector<std::uint8_t> write_signature(const Signature& signature);
[[nodiscard]] std::vector<std::uint8_t> write_answers();  // scores and then activations follow

// The error that was answered, Corrupt if the answer makes no sense.
[[nodiscard]] Result<void> read_outcome(ByteReader& in);
[[nodiscard]] Result<Signature> read_signature(ByteReader& in);
// Exactly `count` numbers.
[[nodiscard]] Result<std::vector<float>> read_floats(ByteReader& in, std::uint64_t count);

[[nodiscard]] Bytes bytes_of(std::span<const float> values);

// Of an input or output. Exporters make them of module paths, some hundred bytes long.
inline constexpr std::uint32_t kLongestName = 4096;
// Bytes of an answer that carries no numbers, at most.
inline constexpr std::uint64_t kLongestWords = 1 << 16;

}  // namespace bulwark::models
