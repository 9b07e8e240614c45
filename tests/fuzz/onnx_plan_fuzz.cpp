// What the child reads of a model before the runtime does, and what the parent reads of the child's answers.

#include <cstddef>
#include <cstdint>

#include "models/messages.h"
#include "models/onnx_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const Bytes bytes(data, size);
  for (const bool activations : {false, true}) (void)models::plan_onnx(bytes, activations);
  ByteReader answer(bytes);
  if (models::read_outcome(answer) && models::read_signature(answer))
    (void)models::read_floats(answer, size / 4);
  ByteReader question(bytes);
  if (models::read_question(question)) (void)models::read_load(question);
  return 0;
}
