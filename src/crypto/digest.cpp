#include "crypto/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>
#include <memory>

#include "base/text.h"

namespace bulwark::crypto {

Result<std::string> sha256(const Pieces& read) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  bool works = context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  read([&](Bytes piece) {
    works = works && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  });
  if (!works || EVP_DigestFinal_ex(context.get(), digest.data(), &length) != 1)
    return fail(Code::Unavailable, "SHA-256: the crypto library failed");
  return hex(Bytes(digest).first(length));
}

Result<std::string> sha256(Bytes content) {
  return sha256([&](const std::function<void(Bytes)>& each) { each(content); });
}

Result<std::string> hmac_sha256(Bytes key, Bytes content) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), content.data(), content.size(),
           digest.data(), &length) == nullptr)
    return fail(Code::Unavailable, "HMAC-SHA-256: the crypto library failed");
  return hex(Bytes(digest).first(length));
}

}  // namespace bulwark::crypto
