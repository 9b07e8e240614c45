// The first line names the file; the inspector judges the rest.

#include <array>

#include "one_inspector.h"
#include "scan/inspectors/list.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = text_of(Bytes(data, size));
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) return 0;
  const fuzz::NoClock clock;
  const std::array inspectors = {&scan::inspectors::dependencies};
  Limits limits;
  limits.document_nodes = 20'000;
  const scan::Engine engine(inspectors, limits, {}, clock);
  (void)engine.scan({.path = std::string(input.substr(0, end)),
                     .origin = {},
                     .bytes = Bytes(data, size).subspan(end + 1),
                     .keeps = nullptr});
  return 0;
}
