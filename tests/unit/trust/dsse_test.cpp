#include "trust/dsse.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "trust/fields.h"

namespace bulwark::trust {
namespace {

crypto::PrivateKey key_of(crypto::KeyType type) {
  auto key = crypto::PrivateKey::generate(type);
  EXPECT_TRUE(key);
  return *key;
}

TEST(Dsse, EncodingIsThatOfTheProtocol) {
  EXPECT_EQ(pre_authentication_encoding("http://example.com/HelloWorld", bytes_of("hello world")),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  EXPECT_EQ(pre_authentication_encoding("", {}), "DSSEv1 0  0 ");
}

// The test vector of the protocol: P-256, the signature as two numbers of 32 bytes, here turned into DER.
TEST(Dsse, VectorOfTheProtocolVerifies) {
  const auto key = crypto::PublicKey::from_pem(
      "-----BEGIN PUBLIC KEY-----\n"
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMr\n"
      "CrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==\n"
      "-----END PUBLIC KEY-----\n");
  ASSERT_TRUE(key) << key.error().message;
  const auto signature = strict_base64(
      "MEQCIANyarEBrVbCdjtsaqyOSHJ14qeRk6CdxfhZ2fjvPEo7AiBR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==");
  ASSERT_TRUE(signature);
  const auto payload = bytes_of("hello world");
  const Envelope envelope{.payload_type = "http://example.com/HelloWorld",
                          .payload = Blob(payload.begin(), payload.end()),
                          .signatures = {{*signature, ""}}};
  EXPECT_TRUE(verify_envelope(envelope, *key));
}

TEST(Dsse, EveryKeySignsAndVerifiesOnlyWhatItSigned) {
  for (const auto type :
       {crypto::KeyType::P256, crypto::KeyType::P384, crypto::KeyType::P521, crypto::KeyType::Ed25519}) {
    const auto key = key_of(type);
    const auto envelope = sign_envelope(key, "text/plain", bytes_of("payload"));
    ASSERT_TRUE(envelope);
    EXPECT_TRUE(verify_envelope(*envelope, key.public_key()));
    Envelope changed = *envelope;
    changed.payload[0] ^= 1;
    EXPECT_FALSE(verify_envelope(changed, key.public_key()));
    changed = *envelope;
    changed.payload_type = "text/html";
    EXPECT_FALSE(verify_envelope(changed, key.public_key()));
    EXPECT_FALSE(verify_envelope(*envelope, key_of(type).public_key()));
  }
}

TEST(Dsse, MoreThanOneSignatureIsRefused) {
  const auto key = key_of(crypto::KeyType::P256);
  auto envelope = sign_envelope(key, "t", bytes_of("p"));
  ASSERT_TRUE(envelope);
  envelope->signatures.push_back(envelope->signatures.front());
  const auto verified = verify_envelope(*envelope, key.public_key());
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, Code::InvalidInput);
}

TEST(Dsse, LegacyEncodingIsALiteralOfPython) {
  EXPECT_EQ(legacy_encoding("t", bytes_of("a\n\"\\\x01")), "DSSEV1 1 t 5 b'a\\n\"\\\\\\x01'");
  EXPECT_EQ(legacy_encoding("t", bytes_of("it's")), "DSSEV1 1 t 4 b\"it's\"");
  EXPECT_EQ(legacy_encoding("t", bytes_of("'\"")), "DSSEV1 1 t 2 b'\\'\"'");
}

}  // namespace
}  // namespace bulwark::trust
