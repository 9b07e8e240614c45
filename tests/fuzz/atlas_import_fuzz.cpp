// Upstream's YAML, hostile: whatever is imported must be readable as a catalogue.

#include <cstdlib>
#include <string>

#include "atlas/import.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark::atlas;
  const ImportLimits limits;
  const ImportSource source{"input", std::string(data, data + size)};
  (void)pointer_target(source.text);
  (void)kind_of(source, limits);
  (void)version_of(source, limits);
  const auto import = import_catalogue({&source, 1}, limits);
  if (import && !Catalogue::read(import->tables.view())) std::abort();
  return 0;
}
