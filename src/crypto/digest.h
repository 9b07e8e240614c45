#pragma once
// SHA-256 over OpenSSL.

#include <string>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::crypto {

// Lower-case hex, 64 characters. Unavailable if the library refuses to work.
[[nodiscard]] Result<std::string> sha256(Bytes content);

}  // namespace bulwark::crypto
