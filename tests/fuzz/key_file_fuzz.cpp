// The file of a key, as somebody with write access to a keyring may leave it. What is read is written and
// read again: both must mean the same.

#include <cstdlib>

#include "crypto/key_file.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto key = crypto::read_key_file(text_of(Bytes(data, size)));
  if (!key) return 0;
  const auto again = crypto::read_key_file(crypto::write_key_file(*key));
  if (!again) std::abort();
  const auto first = crypto::authenticated_text(*key);
  const auto second = crypto::authenticated_text(*again);
  if (first.has_value() != second.has_value()) std::abort();
  if (first && *first != *second) std::abort();
  return 0;
}
