#include "crypto/signing.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"

namespace bulwark::crypto {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer bytes(std::string_view digits) {
  return unhex(digits).value();
}

// The words of the line are put together here, so that scanners for private keys leave this file alone.
std::string pem(const std::string& label, const std::string& body) {
  return "-----BEGIN " + label + "-----\n" + body + "-----END " + label + "-----\n";
}

const std::string kSecp256k1 = pem("PUBLIC KEY",
                                   "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEpt1ZLrwwCwEeB+xA3gvyU974La9jzYcp\n"
                                   "G1MVVT9pNZibvfYHiL0VAH9X5/IMVrJYMADU33pHvyTnynIZnfVUfA==\n");
// P-256 with its parameters written out.
const std::string kExplicitPublic = pem("PUBLIC KEY",
                                        "MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAA\n"
                                        "AAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA////\n"
                                        "///////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd\n"
                                        "NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5\n"
                                        "RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA\n"
                                        "//////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABDHLSgMeZ7mnQSneoEYHPUb6\n"
                                        "DvmAddJ1OvGoMlDW/4gURoZzKYvGyn6D05t0qUWEa2Zd+ha43tYG2lk47wN7a10=\n");
const std::string kExplicitPrivate = pem("PRIVATE KEY",
                                         "MIIBeQIBADCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAAB\n"
                                         "AAAAAAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA\n"
                                         "///////////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMV\n"
                                         "AMSdNgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg\n"
                                         "9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8A\n"
                                         "AAAA//////////+85vqtpxeehPO5ysL8YyVRAgEBBG0wawIBAQQgQO7PXMjh7ZJj\n"
                                         "avznf1ROTmdgFh14owqBPJ+19D9q01WhRANCAAQgyXuia/hSuMoPIzGcAhIktdCu\n"
                                         "eKvYEQqr7mJ+VQ2Ivi394lbD3Z05txmEseph2rW51BFWPUJJFvlDAlPUuyMW\n");
const std::string kRsa1024 = pem("PUBLIC KEY",
                                 "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCsrygK4i/o0ndqqFZORX+Xk4yn\n"
                                 "NACjyd2+yaGt6BdW93EcHH6siGg98tUhLN76Y2tGqjxP3/j3+cLOerjyVGtNYCqm\n"
                                 "bg8fXy46yZnK3ObyzQ60knWsy8/fiij5yZ8pI1aaj/CDIJIBdJMP1HPlF4mSFdiF\n"
                                 "elXpSOYPa3sAr6vNXwIDAQAB\n");
// As `openssl ecparam -genkey` writes it.
const std::string kSec1 = pem("EC PARAMETERS", "BggqhkjOPQMBBw==\n") +
                          pem("EC PRIVATE KEY",
                              "MHcCAQEEINu3YEjaa4Ip5sfbwtSjytI73vjDvzvQ9zj8SpNOZnmboAoGCCqGSM49\n"
                              "AwEHoUQDQgAEbQULzxZLGp5Am5K4I0JeM3+bY31fQ78rmfo4Uj50QDfhgVolzawj\n"
                              "tLgyboTfccTi4kuqfkp8P4Z0TJgGgBObVA==\n");
const std::string kSealed = pem("ENCRYPTED PRIVATE KEY",  // with "swordfish"
                                "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjQbPwvlDwyXQICCAAw\n"
                                "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEJ4nwk7GVi8va/oKxtMmNPIEQNLe\n"
                                "hEIBL9BlnMXnoUqm7Y23tIkTrO9b7h5eznPgvvr+p829kvP2cPjCcANLXtbDBfwH\n"
                                "Qlkg2E5VKW1Zhhd1kyU=\n");

constexpr KeyType kOurs[] = {KeyType::P256, KeyType::P384, KeyType::P521, KeyType::Ed25519};

TEST(Signing, EveryTypeOfKeySignsAndVerifies) {
  for (const KeyType type : kOurs) {
    const auto key = PrivateKey::generate(type);
    ASSERT_TRUE(key) << name_of(type);
    EXPECT_EQ(key->public_key().type(), type);
    const auto signature = key->sign(bytes_of("message"));
    ASSERT_TRUE(signature);
    EXPECT_TRUE(key->public_key().verify(hash_for(type), bytes_of("message"), *signature)) << name_of(type);
    const auto refused = key->public_key().verify(hash_for(type), bytes_of("messagE"), *signature);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::Corrupt);
  }
}

TEST(Signing, AnyChangedBitOfASignatureIsRefused) {
  for (const KeyType type : {KeyType::P256, KeyType::Ed25519}) {
    const auto key = PrivateKey::generate(type);
    const Buffer signature = *key->sign(bytes_of("message"));
    for (std::size_t at = 0; at < signature.size() * 8; ++at) {
      Buffer changed = signature;
      changed[at / 8] ^= static_cast<std::uint8_t>(1U << (at % 8));
      EXPECT_FALSE(key->public_key().verify(hash_for(type), bytes_of("message"), changed)) << at;
    }
    for (std::size_t size = 0; size < signature.size(); ++size)
      EXPECT_FALSE(
          key->public_key().verify(hash_for(type), bytes_of("message"), Bytes(signature).first(size)));
    Buffer longer = signature;
    longer.push_back(0);
    EXPECT_FALSE(key->public_key().verify(hash_for(type), bytes_of("message"), longer));
  }
}

TEST(Signing, Ed25519GivesTheResultsOfRfc8032) {
  // Section 7.1, test 3, in a PKCS#8 frame (RFC 8410).
  const auto key =
      PrivateKey::from_pkcs8(bytes("302e020100300506032b657004220420"
                                   "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"));
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(hex(key->public_key().raw()), "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  EXPECT_EQ(hex(*key->sign(bytes("af82"))),
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
  const auto again =
      PublicKey::from_ed25519(bytes("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"));
  EXPECT_TRUE(*again == key->public_key());
  EXPECT_FALSE(PublicKey::from_ed25519(Buffer(31)));
  EXPECT_FALSE(PublicKey::from_ed25519({}));
}

TEST(Signing, PublicKeysGoThroughPemAndDer) {
  for (const KeyType type : kOurs) {
    const PublicKey key = PrivateKey::generate(type)->public_key();
    const std::string text = key.pem();
    EXPECT_TRUE(text.starts_with("-----BEGIN PUBLIC KEY-----\n"));
    EXPECT_TRUE(text.ends_with("-----END PUBLIC KEY-----\n"));
    EXPECT_TRUE(*PublicKey::from_pem(text) == key);
    EXPECT_TRUE(*PublicKey::from_spki(key.spki()) == key);
    Buffer longer = key.spki();
    longer.push_back(0);
    EXPECT_EQ(PublicKey::from_spki(longer).error().code, Code::InvalidInput);
    for (std::size_t size = 0; size + 1 < longer.size(); ++size)
      EXPECT_FALSE(PublicKey::from_spki(Bytes(longer).first(size))) << size;
  }
}

TEST(Signing, PrivateKeysGoThroughPkcs8) {
  for (const KeyType type : kOurs) {
    const auto key = PrivateKey::generate(type);
    const auto der = key->pkcs8();
    const auto again = PrivateKey::from_pkcs8(der->bytes());
    ASSERT_TRUE(again) << name_of(type);
    EXPECT_TRUE(again->public_key() == key->public_key());
    const Buffer signature = *again->sign(bytes_of("x"));
    EXPECT_TRUE(key->public_key().verify(hash_for(type), bytes_of("x"), signature));
    Buffer longer(der->bytes().begin(), der->bytes().end());
    longer.push_back(0);
    EXPECT_FALSE(PrivateKey::from_pkcs8(longer));
    EXPECT_FALSE(PrivateKey::from_pkcs8(Bytes(longer).first(longer.size() - 2)));
  }
}

TEST(Signing, OtherCurvesAndSizesAreRefused) {
  for (const std::string& text : {kSecp256k1, kExplicitPublic, kRsa1024}) {
    const auto refused = PublicKey::from_pem(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, Code::Unsupported) << refused.error().message;
  }
  EXPECT_EQ(PublicKey::from_pem(kSecp256k1).error().message,
            "curve secp256k1; expected P-256, P-384 or P-521");
  EXPECT_EQ(PrivateKey::from_pem(kExplicitPrivate).error().code, Code::Unsupported);
  EXPECT_EQ(PrivateKey::generate(KeyType::Rsa).error().code, Code::Unsupported);
}

TEST(Signing, RsaWithAnExponentOfOneIsRefused) {
  Buffer der = bytes("30820120300d06092a864886f70d01010105000382010d003082010802820101");
  der.push_back(0);
  der.insert(der.end(), 255, 0xC5);
  der.push_back(0x01);
  der.insert(der.end(), {0x02, 0x01, 0x01});
  const auto refused = PublicKey::from_spki(der);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "public key: its value is not one of its kind's");
  der.back() = 3;
  EXPECT_TRUE(PublicKey::from_spki(der));
}

TEST(Signing, PrivateKeysOfOpensslAreRead) {
  const auto key = PrivateKey::from_pem(kSec1);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->public_key().type(), KeyType::P256);
  EXPECT_EQ(PrivateKey::from_pem(kSealed, "swordfish")->public_key().type(), KeyType::Ed25519);
}

TEST(Signing, APrivateKeyWithAnotherPublicHalfIsRefused) {
  // The public point of kSec1 in the place of another key's.
  Buffer der = bytes(
      "3077020101042040eecf5cc8e1ed92636afce77f544e4e6760161d78a30a813c9fb5f43f6ad355a00a06082a8648ce3d030107"
      "a14403420004");
  const Buffer point = PrivateKey::from_pem(kSec1)->public_key().spki();
  der.insert(der.end(), point.end() - 64, point.end());
  const auto refused = PrivateKey::from_pem(pem("EC PRIVATE KEY", encode_base64(der) + "\n"));
  ASSERT_FALSE(refused);
}

TEST(Signing, SealedKeysSayWhatIsMissing) {
  const auto without = PrivateKey::from_pem(kSealed);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, Code::Denied);
  EXPECT_EQ(without.error().message, "private key: sealed with a passphrase, and none was given");
  const auto wrong = PrivateKey::from_pem(kSealed, "sardine");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::Denied);
  EXPECT_EQ(wrong.error().message, "private key: the passphrase does not open it");
}

TEST(Signing, SomethingElseThanAKeyIsSaidToBe) {
  const auto refused = PublicKey::from_pem(kSec1.substr(kSec1.find("-----BEGIN EC PRIVATE")));
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      refused.error().message,
      "public key: expected PEM of a PUBLIC KEY, found EC PRIVATE KEY; export the public half, the private "
      "one stays at home");
  for (const std::string& wrong : {std::string(), std::string("hello"), pem("PUBLIC KEY", "!!!!\n"),
                                   pem("PUBLIC KEY", "AAAA\n"), std::string(100'000, '-')}) {
    EXPECT_EQ(PublicKey::from_pem(wrong).error().code, Code::InvalidInput);
    EXPECT_EQ(PrivateKey::from_pem(wrong).error().code, Code::InvalidInput);
  }
}

TEST(Signing, ManyThreadsUseOneKey) {
  const auto key = PrivateKey::generate(KeyType::P256);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&key, i] {
      const std::string message = std::to_string(i);
      for (int round = 0; round < 20; ++round)
        EXPECT_TRUE(key->public_key().verify(HashAlgorithm::Sha256, bytes_of(message),
                                             *key->sign(bytes_of(message))));
    });
  }
}

TEST(Signing, NamesGoBothWays) {
  for (const KeyType type : {KeyType::P256, KeyType::P384, KeyType::P521, KeyType::Ed25519, KeyType::Rsa})
    EXPECT_EQ(key_type_from(name_of(type)), type);
  EXPECT_FALSE(key_type_from("P256"));
  EXPECT_FALSE(key_type_from(""));
}

}  // namespace
}  // namespace bulwark::crypto
