#include "crypto/certificate_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/certificates.h"

namespace bulwark::crypto {
namespace {

using test::Issued;
using testing::HasSubstr;
using Octets = std::vector<std::uint8_t>;

void put(Octets& out, std::uint64_t value, unsigned bytes) {
  while (bytes-- > 0) out.push_back(static_cast<std::uint8_t>(value >> (8 * bytes) & 0xff));
}

void put_sized(Octets& out, Bytes content) {
  put(out, content.size(), 2);
  out.insert(out.end(), content.begin(), content.end());
}

struct LogWish {
  Octets extensions = {};
  std::uint64_t milliseconds = 1'780'000'000'123;
  std::uint8_t version = 0;
  std::uint8_t hash = 4;
  std::uint8_t signature_algorithm = 3;
};

// The extension with one timestamp of `log` in it, as a log makes it from the precertificate.
Octets timestamps(const test::MadeKey& log, const Certificate& issuer, Bytes signed_part,
                  const LogWish& wish) {
  Octets message;
  put(message, 0, 2);
  put(message, wish.milliseconds, 8);
  put(message, 1, 2);
  const Hash256 issuer_key = issuer.key_hash();
  message.insert(message.end(), issuer_key.begin(), issuer_key.end());
  put(message, signed_part.size(), 3);
  message.insert(message.end(), signed_part.begin(), signed_part.end());
  put_sized(message, wish.extensions);
  Octets one;
  put(one, wish.version, 1);
  const Hash256 id = sha256_bytes(log.spki());
  one.insert(one.end(), id.begin(), id.end());
  put(one, wish.milliseconds, 8);
  put_sized(one, wish.extensions);
  put(one, wish.hash, 1);
  put(one, wish.signature_algorithm, 1);
  put_sized(one, log.sign(message, HashAlgorithm::Sha256));
  Octets list;
  put_sized(list, one);
  Octets all;
  put_sized(all, list);
  return test::der(0x04, all);
}

struct Logged {
  test::MadeKey log;
  Issued root = test::issue(test::authority_wish("root"), nullptr);
  Issued leaf;

  explicit Logged(const LogWish& wish = {}, KeyType type = KeyType::P256)
      : log(type), leaf(test::issue({}, &root, KeyType::P256, [&](Bytes part) {
          return timestamps(log, root.certificate, part, wish);
        })) {}
};

TEST(CertificateLog, TimestampOverThePrecertificateVerifies) {
  for (const LogWish& wish : {LogWish{}, LogWish{.extensions = {0, 0, 5, 0, 0, 0, 0, 9}}}) {
    const Logged logged(wish);
    const auto found = embedded_timestamps(logged.leaf.certificate);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ(found->front().log_id, sha256_bytes(logged.log.spki()));
    EXPECT_EQ(found->front().time, Instant(std::chrono::milliseconds(1'780'000'000'123)));
    EXPECT_TRUE(
        verify(found->front(), logged.leaf.certificate, logged.root.certificate, logged.log.public_key()));
  }
  const Logged rsa({.signature_algorithm = 1}, KeyType::Rsa);
  EXPECT_TRUE(verify(embedded_timestamps(rsa.leaf.certificate)->front(), rsa.leaf.certificate,
                     rsa.root.certificate, rsa.log.public_key()));
}

TEST(CertificateLog, AnotherLogIssuerCertificateTimeOrExtensionDoesNotVerify) {
  const Logged logged;
  const Logged other;
  const CertificateTimestamp good = embedded_timestamps(logged.leaf.certificate)->front();
  const auto verified = [&](const CertificateTimestamp& one) {
    return verify(one, logged.leaf.certificate, logged.root.certificate, logged.log.public_key()).has_value();
  };
  EXPECT_TRUE(verified(good));
  EXPECT_FALSE(verify(good, logged.leaf.certificate, logged.root.certificate, other.log.public_key()));
  EXPECT_FALSE(verify(good, logged.leaf.certificate, other.root.certificate, logged.log.public_key()));
  EXPECT_FALSE(verify(good, other.leaf.certificate, logged.root.certificate, logged.log.public_key()));
  CertificateTimestamp changed = good;
  changed.time += std::chrono::milliseconds(1);
  EXPECT_FALSE(verified(changed));
  changed = good;
  changed.extensions = {1};
  EXPECT_FALSE(verified(changed));
  changed = good;
  changed.signature_algorithm = 1;
  EXPECT_FALSE(verified(changed));
}

TEST(CertificateLog, BrokenListsAreRefused) {
  EXPECT_TRUE(embedded_timestamps(test::issue({}, nullptr).certificate)->empty());
  EXPECT_THAT(embedded_timestamps(Logged({.version = 1}).leaf.certificate).error().message,
              HasSubstr("version 1"));
  EXPECT_EQ(embedded_timestamps(Logged({.hash = 2}).leaf.certificate).error().code, Code::Unsupported);
  const Logged logged;
  const Octets good = logged.leaf.certificate.extension("1.3.6.1.4.1.11129.2.4.2").value()->value;
  const auto with = [&](Octets value) {
    test::Wish wish;
    wish.extensions = {{"1.3.6.1.4.1.11129.2.4.2", std::move(value)}};
    return embedded_timestamps(test::issue(wish, nullptr).certificate);
  };
  EXPECT_TRUE(with(good));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(with({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)})) << size;
  EXPECT_FALSE(with({0x04, 0x02, 0x00, 0x00}));
  Octets twice = good;
  twice.push_back(0);
  EXPECT_FALSE(with(twice));
}

TEST(PublicKey, DigestIsEnoughForEcdsaAndRsaAndNotForEd25519) {
  const Bytes message = bytes_of("message");
  for (const KeyType type : {KeyType::P256, KeyType::P384, KeyType::P521, KeyType::Rsa}) {
    const test::MadeKey key(type);
    const Padding padding = type == KeyType::Rsa ? Padding::RsaPkcs1 : Padding::None;
    for (const HashAlgorithm algorithm : {hash_for(type), HashAlgorithm::Sha256}) {
      const Octets signature = key.sign(message, algorithm);
      const PublicKey known = key.public_key();
      EXPECT_TRUE(known.verify_digest(algorithm, hash(algorithm, message), signature, padding));
      EXPECT_EQ(
          known.verify_digest(algorithm, hash(algorithm, bytes_of("other")), signature, padding).error().code,
          Code::Corrupt);
      EXPECT_EQ(known.verify_digest(algorithm, message, signature, padding).error().code, Code::InvalidInput);
    }
  }
  const test::MadeKey key(KeyType::Ed25519);
  EXPECT_EQ(key.public_key()
                .verify_digest(HashAlgorithm::Sha512, hash(HashAlgorithm::Sha512, message), key.sign(message))
                .error()
                .code,
            Code::Unsupported);
}

}  // namespace
}  // namespace bulwark::crypto
