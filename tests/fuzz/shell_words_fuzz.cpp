#include "scan/formats/shell_words.h"

#include "base/byte_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view script = bulwark::text_of({data, size});
  for (const auto& command : bulwark::scan::parse_shell(script).commands)
    for (const auto& word : command.words)
      if (word.offset + word.length > size) __builtin_trap();
  return 0;
}
