#include <cstddef>
#include <cstdint>

#include "scan/formats/python_source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  (void)scan::read_python(text_of(Bytes(data, size)), Limits{});
  return 0;
}
