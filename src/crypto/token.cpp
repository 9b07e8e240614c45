#include "crypto/token.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/ecdsa_signature.h"
#include "crypto/hash.h"
#include "crypto/pkcs11.h"

namespace bulwark::crypto {
namespace {

// A curve as a token names it (DER), and what stands before its point in a SubjectPublicKeyInfo.
struct Curve {
  KeyType type;
  std::string_view parameters;
  std::string_view frame;
  std::size_t number_bytes;
};
constexpr std::array<Curve, 3> kCurves = {{
    {KeyType::P256, "06082a8648ce3d030107", "3059301306072a8648ce3d020106082a8648ce3d030107034200", 32},
    {KeyType::P384, "06052b81040022", "3076301006072a8648ce3d020106052b81040022036200", 48},
    {KeyType::P521, "06052b81040023", "30819b301006072a8648ce3d020106052b8104002303818600", 66},
}};
// PrintableString "edwards25519", as PKCS #11 2.40 and SoftHSM write it; and the object identifier of RFC
// 8410.
constexpr std::string_view kEdwardsName = "130c656477617264733235353139";
constexpr std::string_view kEdwardsIdentifier = "06032b6570";
constexpr std::size_t kEdwardsBytes = 32;

const Curve* curve_of(KeyType type) {
  const auto* found = std::ranges::find(kCurves, type, &Curve::type);
  return found == kCurves.end() ? nullptr : found;
}

// The point lies in an OCTET STRING; some tokens leave it out.
Bytes without_octet_string(Bytes point, std::size_t size) {
  if (point.size() == size + 2 && point[0] == 0x04 && point[1] == size) return point.subspan(2);
  if (point.size() == size + 3 && point[0] == 0x04 && point[1] == 0x81 && point[2] == size)
    return point.subspan(3);
  return point;
}

Result<PublicKey> public_key_of(const std::string& parameters, Bytes point) {
  if (parameters == kEdwardsName || parameters == kEdwardsIdentifier)
    return PublicKey::from_ed25519(without_octet_string(point, kEdwardsBytes));
  const auto* curve = std::ranges::find(kCurves, parameters, &Curve::parameters);
  if (curve == kCurves.end())
    return fail(Code::Unsupported,
                "the key on the token is on a curve that we do not use (" + printable(parameters, 80) + ")");
  std::vector<std::uint8_t> spki = unhex(curve->frame).value();
  const Bytes plain = without_octet_string(point, 2 * curve->number_bytes + 1);
  spki.insert(spki.end(), plain.begin(), plain.end());
  return PublicKey::from_spki(spki);
}

std::string key_name(const TokenUri& uri) {
  return uri.object.empty() ? "key with id " + hex(uri.id) : "key '" + printable(uri.object, 80) + "'";
}

Result<void> names_a_key(const TokenUri& uri) {
  if (!uri.object.empty() || !uri.id.empty()) return {};
  return fail(Code::InvalidInput, "pkcs11 URI: which key? Name it with object=…");
}

Result<ObjectHandle> only(const TokenUri& uri, const std::vector<ObjectHandle>& found,
                          std::string_view what) {
  if (found.size() == 1) return found.front();
  if (found.empty())
    return fail(Code::NotFound, key_name(uri) + ": the token has no " + std::string(what) + " of that name");
  return fail(Code::InvalidInput, key_name(uri) + ": the token has several of that name; name one with id=…");
}

Result<PublicKey> read_public_key(TokenSession& session, const TokenUri& uri) {
  const std::vector<ObjectHandle> found = TRY(session.find(TokenObject::PublicKey, uri.object, uri.id));
  const ObjectHandle object = TRY(only(uri, found, "public key"));
  const std::vector<std::uint8_t> parameters = TRY(session.curve_of(object));
  const std::vector<std::uint8_t> point = TRY(session.point_of(object));
  auto key = public_key_of(hex(parameters), point);
  if (!key) return std::unexpected(std::move(key).error().within(key_name(uri)));
  return key;
}

class TokenSigner : public Signer {
 public:
  TokenSigner(std::unique_ptr<TokenSession> session, ObjectHandle key, PublicKey public_key)
      : session_(std::move(session)), key_(key), public_(std::move(public_key)) {}

  const PublicKey& public_key() const override { return public_; }

  Result<std::vector<std::uint8_t>> sign(Bytes message) const override {
    const HashAlgorithm algorithm = hash_for(public_.type());
    std::vector<std::uint8_t> signature;
    if (const Curve* curve = curve_of(public_.type())) {
      const std::vector<std::uint8_t> raw = TRY(session_->sign(key_, false, hash(algorithm, message)));
      signature = TRY(ecdsa_der(raw, curve->number_bytes));
    } else {
      signature = TRY(session_->sign(key_, true, message));
    }
    // Halves of different keys, or a fault: better here than at whoever verifies.
    if (!public_.verify(algorithm, message, signature))
      return fail(Code::Corrupt, "the token's signature does not verify with the token's public key");
    return signature;
  }

 private:
  std::unique_ptr<TokenSession> session_;
  ObjectHandle key_;
  PublicKey public_;
};

std::vector<std::uint8_t> id_of_version(std::uint32_t version) {
  std::vector<std::uint8_t> id;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto byte = static_cast<std::uint8_t>(version >> static_cast<unsigned>(shift));
    if (byte != 0 || !id.empty()) id.push_back(byte);
  }
  return id;
}

using Versions = std::map<std::uint32_t, ObjectHandle>;

Result<Versions> versions_of(TokenSession& session, const TokenUri& uri) {
  Versions versions;
  const std::vector<ObjectHandle> found = TRY(session.find(TokenObject::SecretKey, uri.object, {}));
  for (const ObjectHandle object : found) {
    const std::vector<std::uint8_t> id = TRY(session.id_of(object));
    std::uint32_t version = 0;
    if (id.empty() || id.size() > 4)
      return fail(Code::InvalidInput, key_name(uri) + ": its id is no version: " + hex(id));
    for (const std::uint8_t byte : id) version = version << 8U | byte;
    if (version == 0 || !versions.emplace(version, object).second)
      return fail(Code::InvalidInput, key_name(uri) + ": two keys of version " + std::to_string(version));
  }
  return versions;
}

class TokenKeyEncryption : public KeyEncryption {
 public:
  TokenKeyEncryption(std::unique_ptr<TokenSession> session, Versions versions)
      : session_(std::move(session)), versions_(std::move(versions)) {}

  Result<std::uint32_t> current() const override { return versions_.rbegin()->first; }
  Result<std::vector<std::uint8_t>> wrap(std::uint32_t version, Bytes key) const override {
    // SoftHSM gives the padding of other sizes back as part of the key.
    if (key.empty() || key.size() % 8 != 0)
      return fail(Code::InvalidInput, "a token wraps keys of whole blocks of 8 bytes, not of " +
                                          std::to_string(key.size()) + " bytes");
    const ObjectHandle object = TRY(find(version));
    return session_->wrap(object, key);
  }
  Result<Secret> unwrap(std::uint32_t version, Bytes wrapped) const override {
    const ObjectHandle object = TRY(find(version));
    return session_->unwrap(object, wrapped);
  }

 private:
  [[nodiscard]] Result<ObjectHandle> find(std::uint32_t version) const {
    const auto found = versions_.find(version);
    if (found != versions_.end()) return found->second;
    return fail(Code::NotFound, "the token has no version " + std::to_string(version) + " of the key");
  }

  std::unique_ptr<TokenSession> session_;
  Versions versions_;
};

}  // namespace

Result<std::unique_ptr<Signer>> open_token_signer(const TokenUri& uri, const Pin& pin) {
  TRY(names_a_key(uri));
  auto session = TRY(TokenSession::open(uri, &pin, false));
  const std::vector<ObjectHandle> found = TRY(session->find(TokenObject::PrivateKey, uri.object, uri.id));
  const ObjectHandle key = TRY(only(uri, found, "private key"));
  PublicKey public_key = TRY(read_public_key(*session, uri));
  return std::make_unique<TokenSigner>(std::move(session), key, std::move(public_key));
}

Result<PublicKey> token_public_key(const TokenUri& uri) {
  TRY(names_a_key(uri));
  const auto session = TRY(TokenSession::open(uri, nullptr, false));
  return read_public_key(*session, uri);
}

Result<std::unique_ptr<KeyEncryption>> open_token_key_encryption(const TokenUri& uri, const Pin& pin) {
  TRY(names_a_key(uri));
  auto session = TRY(TokenSession::open(uri, &pin, false));
  Versions versions = TRY(versions_of(*session, uri));
  if (versions.empty())
    return fail(Code::NotFound, key_name(uri) + ": the token has no secret key of that name");
  return std::make_unique<TokenKeyEncryption>(std::move(session), std::move(versions));
}

Result<PublicKey> create_token_key(const TokenUri& uri, const Pin& pin, KeyType type) {
  if (uri.object.empty()) return fail(Code::InvalidInput, "pkcs11 URI: a new key needs a name: object=…");
  const auto session = TRY(TokenSession::open(uri, &pin, true));
  const std::vector<ObjectHandle> before = TRY(session->find(TokenObject::PrivateKey, uri.object, uri.id));
  if (!before.empty()) return fail(Code::InvalidInput, key_name(uri) + ": the token has one of that name");
  const Curve* curve = curve_of(type);
  const std::vector<std::uint8_t> parameters =
      unhex(curve == nullptr ? kEdwardsName : curve->parameters).value();
  const std::vector<std::uint8_t> id = uri.id.empty() ? id_of_version(1) : uri.id;
  TRY(session->generate_pair(uri.object, id, curve == nullptr, parameters));
  return read_public_key(*session, uri);
}

Result<std::uint32_t> create_token_key_encryption(const TokenUri& uri, const Pin& pin) {
  if (uri.object.empty()) return fail(Code::InvalidInput, "pkcs11 URI: a new key needs a name: object=…");
  const auto session = TRY(TokenSession::open(uri, &pin, true));
  const Versions before = TRY(versions_of(*session, uri));
  const std::uint32_t version = before.empty() ? 1 : before.rbegin()->first + 1;
  TRY(session->generate_aes(uri.object, id_of_version(version)));
  return version;
}

}  // namespace bulwark::crypto
