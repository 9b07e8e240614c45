#pragma once
// A session with a token, as crypto/token.cpp needs it: the library's structures stay in pkcs11.cpp. For this
// module only.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "crypto/secret.h"
#include "crypto/token.h"

namespace bulwark::crypto {

enum class TokenObject : std::uint8_t { PublicKey, PrivateKey, SecretKey };
using ObjectHandle = unsigned long;

// One session; calls are made one at a time. Errors as in crypto/token.h.
class TokenSession {
 public:
  // Without a PIN the session may only look at what is public. `changes`: objects of the token are to be
  // made.
  [[nodiscard]] static Result<std::unique_ptr<TokenSession>> open(const TokenUri& uri, const Pin* pin,
                                                                  bool changes);
  ~TokenSession();
  TokenSession(const TokenSession&) = delete;
  TokenSession& operator=(const TokenSession&) = delete;

  // Objects of that class with the label and id of `uri`.
  [[nodiscard]] Result<std::vector<ObjectHandle>> find(TokenObject kind, const std::string& label, Bytes id);
  [[nodiscard]] Result<std::vector<std::uint8_t>> id_of(ObjectHandle object);
  // Curve and point in DER, as the token keeps them.
  [[nodiscard]] Result<std::vector<std::uint8_t>> curve_of(ObjectHandle public_key);
  [[nodiscard]] Result<std::vector<std::uint8_t>> point_of(ObjectHandle public_key);

  // ECDSA over a digest (r and s, big-endian), or Ed25519 over a message.
  [[nodiscard]] Result<std::vector<std::uint8_t>> sign(ObjectHandle key, bool edwards, Bytes input);
  // RFC 5649.
  [[nodiscard]] Result<std::vector<std::uint8_t>> wrap(ObjectHandle wrapping_key, Bytes key);
  [[nodiscard]] Result<Secret> unwrap(ObjectHandle wrapping_key, Bytes wrapped);

  // `curve`: in DER.
  [[nodiscard]] Result<void> generate_pair(const std::string& label, Bytes id, bool edwards, Bytes curve);
  [[nodiscard]] Result<void> generate_aes(const std::string& label, Bytes id);

 private:
  struct State;
  explicit TokenSession(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  std::mutex mutex_;
};

}  // namespace bulwark::crypto
