// Whatever is in the list of inspectors: the first byte picks one, the rest is its input. A new inspector is
// fuzzed from its first day; readers with a file of their own in src/scan/formats/ bring a target of their
// own, too.

#include "one_inspector.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto inspectors = bulwark::scan::builtin_inspectors();
  return bulwark::fuzz::inspect_with(*inspectors[data[0] % inspectors.size()], data + 1, size - 1);
}
