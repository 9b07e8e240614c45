#include "one_inspector.h"
#include "scan/inspectors/list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return bulwark::fuzz::inspect_with(bulwark::scan::inspectors::notebook, data, size);
}
