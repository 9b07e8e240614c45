#include "crypto/digest.h"

#include "base/text.h"
#include "crypto/hash.h"

namespace bulwark::crypto {

Result<std::string> sha256(const Pieces& read) {
  Hasher hasher(HashAlgorithm::Sha256);
  read([&](Bytes piece) { hasher.update(piece); });
  return hex(hasher.finish256());
}

Result<std::string> sha256(Bytes content) {
  return hex(sha256_bytes(content));
}

Result<std::string> hmac_sha256(Bytes key, Bytes content) {
  return hex(hmac(HashAlgorithm::Sha256, key, content));
}

}  // namespace bulwark::crypto
