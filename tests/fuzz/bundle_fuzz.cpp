// Reads a Sigstore bundle and a bare envelope; what is accepted must survive being written and read again.

#include <cstdint>
#include <cstdlib>

#include "trust/bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const std::string_view text = text_of({data, size});
  if (const auto bundle = trust::read_bundle(text)) {
    const auto again = trust::read_bundle(trust::write_bundle(*bundle));
    if (!again || trust::write_bundle(*again) != trust::write_bundle(*bundle)) std::abort();
  }
  if (const auto envelope = trust::read_envelope(text)) {
    const auto again = trust::read_envelope(trust::write_envelope(*envelope));
    if (!again || again->payload != envelope->payload) std::abort();
  }
  return 0;
}
