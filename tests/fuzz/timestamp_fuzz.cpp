// RFC 3161 responses. The certificates that come in one are tried as its authority.

#include "crypto/timestamp.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto timestamp = crypto::Timestamp::from_response(Bytes(data, size));
  if (!timestamp) return 0;
  (void)instant_text(timestamp->time());
  (void)timestamp->verify({}, {});
  return 0;
}
