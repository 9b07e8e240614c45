// The architecture that `--against` reads from whatever model file comes.

#include "one_inspector.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bulwark::fuzz::NoClock clock;
  const bulwark::Limits limits;
  const bulwark::scan::Engine engine(bulwark::scan::builtin_inspectors(), limits, {}, clock);
  (void)engine.graph({.path = {}, .origin = {}, .bytes = bulwark::Bytes(data, size), .keeps = nullptr});
  return 0;
}
