#include "scan/formats/safetensors.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const Bytes content(data, size);
  if (scan::looks_like_safetensors(content)) (void)scan::read_safetensors(content, Limits{});
  return 0;
}
