// Measures and decodes whatever it is given; PNG and JPEG run through their libraries, PNM through ours.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tables/image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bulwark::Bytes file(data, size);
  const auto shape = bulwark::tables::measure_image(file, 1U << 16);
  if (!shape) return 0;
  std::vector<std::uint8_t> planes(shape->samples());
  (void)bulwark::tables::decode_image(file, *shape, planes);
  return 0;
}
