#include "scan/formats/gguf.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const Bytes content(data, size);
  (void)scan::read_gguf(content);
  if (scan::old_ggml(content)) (void)scan::walk_old_ggml(content);
  return 0;
}
