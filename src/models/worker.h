#pragma once
// The child's side of models/onnx.h: a process that runs one model and can do nothing else.

#include <string_view>

namespace bulwark::models {

// First argument of the program that asks for this instead of a verb.
inline constexpr std::string_view kWorkerArgument = "--answer-for-a-model";

// Answers questions on standard input until it ends. Returns the exit code.
[[nodiscard]] int answer_for_a_model();

}  // namespace bulwark::models
