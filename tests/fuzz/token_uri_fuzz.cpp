// The name of a key on a token, as a configuration may hold it.

#include "crypto/token_uri.h"

#include "base/byte_reader.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)crypto::read_token_uri("pkcs11:" + std::string(text_of(Bytes(data, size))));
  return 0;
}
