#include <cstddef>
#include <cstdint>

#include "scan/formats/hdf5/file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)bulwark::scan::hdf5::read(bulwark::Bytes(data, size), bulwark::Limits{});
  return 0;
}
