#include "scan/formats/github_expression.h"

#include <cstddef>
#include <cstdint>

#include "base/byte_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)bulwark::scan::interpolations_of(bulwark::text_of(bulwark::Bytes(data, size)));
  return 0;
}
