#pragma once
// SHA-256 and HMAC-SHA-256 over OpenSSL.

#include <functional>
#include <string>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::crypto {

// Lower-case hex, 64 characters. Unavailable if the library refuses to work.
[[nodiscard]] Result<std::string> sha256(Bytes content);

// The same over content that comes in pieces: `read` hands every piece in order to the function it is given.
using Pieces = std::function<void(const std::function<void(Bytes)>& each)>;
[[nodiscard]] Result<std::string> sha256(const Pieces& read);

// HMAC-SHA-256 (RFC 2104), in lower-case hex. `key`: not empty.
[[nodiscard]] Result<std::string> hmac_sha256(Bytes key, Bytes content);

}  // namespace bulwark::crypto
