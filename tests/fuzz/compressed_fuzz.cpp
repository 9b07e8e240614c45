// fuzzes: bzip2 gzip lz4 lzma xz zlib zstd
#include <array>

#include "one_inspector.h"
#include "scan/inspectors/list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace inspectors = bulwark::scan::inspectors;
  constexpr std::array kStreams = {&inspectors::bzip2, &inspectors::gzip, &inspectors::lz4, &inspectors::lzma,
                                   &inspectors::xz,    &inspectors::zlib, &inspectors::zstd};
  for (const auto* stream : kStreams) bulwark::fuzz::inspect_with(*stream, data, size);
  return 0;
}
