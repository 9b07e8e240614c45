#include "scan/formats/command_text.h"

#include "base/byte_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)bulwark::scan::find_command(bulwark::text_of({data, size}));
  return 0;
}
