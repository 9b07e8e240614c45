// First byte: the kind of file that all detectors read the rest as; 0: an inventory, which must read back as
// written.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "assess/detector.h"
#include "assess/inventory.h"
#include "base/byte_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  using namespace bulwark::assess;
  constexpr std::array<const char*, 8> kNames = {
      "inventory.yaml", "a.py", "a.ipynb", "a.yaml", "mcp.json", "requirements.txt", "Dockerfile", "x.tf"};
  if (size == 0) return 0;
  const std::size_t which = data[0] % kNames.size();
  const std::string_view text = text_of(Bytes(data + 1, size - 1));
  if (which == 0) {
    const auto inventory = read_inventory(text);
    if (!inventory) return 0;
    const std::string written = write_inventory(*inventory);
    const auto again = read_inventory(written);
    if (!again || write_inventory(*again) != written) std::abort();
    return 0;
  }
  const File file = read_file(kNames[which], text, {});
  Findings findings;
  for (const Detector* detector : builtin_detectors()) {
    match_markers(*detector, file, findings);
    if (detector->look != nullptr) detector->look(file, findings);
  }
  const std::vector<Component> components = findings.take();
  for (const Component& component : components)
    if (component.seen.size() > kSightings) std::abort();
  return 0;
}
