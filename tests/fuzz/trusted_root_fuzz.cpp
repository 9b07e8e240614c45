// trusted_root.json of Sigstore.

#include "trust/trusted_root.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto root = trust::read_trusted_root(text_of(Bytes(data, size)));
  if (!root) return 0;
  for (const trust::LogKey& log : root->logs) {
    (void)log.valid_for.text();
    (void)log.verify({}, {});
  }
  return 0;
}
