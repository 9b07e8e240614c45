#include "crypto/hash.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/text.h"
#include "crypto/digest.h"

namespace bulwark::crypto {
namespace {

TEST(Hash, GivesTheResultsOfItsSpecifications) {
  // FIPS 180-4 and RFC 7693, appendix A, of "abc".
  const Bytes abc = bytes_of("abc");
  EXPECT_EQ(hex(hash(HashAlgorithm::Sha256, abc)),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(hash(HashAlgorithm::Sha384, abc)),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            "8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(hex(hash(HashAlgorithm::Sha512, abc)),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  EXPECT_EQ(hex(hash(HashAlgorithm::Blake2b512, abc)),
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
  EXPECT_EQ(hex(sha256_bytes({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Hash, PiecesAreHashedAsOne) {
  const Hash256 whole = sha256_bytes(bytes_of("abc"));
  EXPECT_EQ(sha256_bytes(bytes_of("a"), bytes_of("bc")), whole);
  EXPECT_EQ(sha256_bytes(bytes_of("a"), bytes_of("b"), bytes_of("c")), whole);
  EXPECT_EQ(sha256_bytes({}, bytes_of("abc"), {}), whole);
  EXPECT_EQ(*sha256([](const auto& each) {
    each(bytes_of("ab"));
    each({});
    each(bytes_of("c"));
  }),
            hex(whole));
}

TEST(Hash, HasherStartsAnewAfterItsResult) {
  Hasher hasher(HashAlgorithm::Sha256);
  hasher.update(bytes_of("something else"));
  static_cast<void>(hasher.finish256());
  hasher.update(bytes_of("a"));
  Hasher moved = std::move(hasher);
  moved.update(bytes_of("bc"));
  EXPECT_EQ(moved.finish256(), sha256_bytes(bytes_of("abc")));
  EXPECT_EQ(hex(moved.finish()), hex(sha256_bytes({})));
}

TEST(Hash, ManyThreadsDoNotMeet) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      const std::string text(static_cast<std::size_t>(i) * 100, 'x');
      const auto expected = hash(HashAlgorithm::Sha256, bytes_of(text));
      for (int round = 0; round < 200; ++round)
        EXPECT_EQ(
            hex(sha256_bytes(bytes_of(text).first(text.size() / 2), bytes_of(text).subspan(text.size() / 2))),
            hex(expected));
    });
  }
}

TEST(Hash, NamesGoBothWays) {
  for (const auto algorithm :
       {HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512, HashAlgorithm::Blake2b512}) {
    EXPECT_EQ(hash_algorithm_from(name_of(algorithm)), algorithm);
    EXPECT_EQ(hash(algorithm, {}).size(), size_of(algorithm));
  }
  for (const std::string_view wrong : {"", "SHA256", "sha1", "md5", "sha256 "})
    EXPECT_FALSE(hash_algorithm_from(wrong)) << wrong;
}

TEST(Hmac, GivesTheResultsOfRfc4231) {
  const std::string_view what = "what do ya want for nothing?";
  EXPECT_EQ(hex(hmac(HashAlgorithm::Sha256, bytes_of("Jefe"), bytes_of(what))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      hex(hmac(HashAlgorithm::Sha384, bytes_of("Jefe"), bytes_of(what))),
      "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649");
  EXPECT_EQ(hex(hmac(HashAlgorithm::Sha512, bytes_of("Jefe"), bytes_of(what))),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
  EXPECT_EQ(*hmac_sha256(bytes_of("Jefe"), bytes_of(what)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hmac, EmptyKeyIsAKeyAndNotTheOneBefore) {
  static_cast<void>(hmac(HashAlgorithm::Sha256, bytes_of("another"), bytes_of("x")));
  EXPECT_EQ(hex(hmac(HashAlgorithm::Sha256, {}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hmac, PiecesAreTakenAsOne) {
  Hmac256 first(bytes_of("key"));
  first.update(bytes_of("The quick brown fox "));
  Hmac256 moved = std::move(first);
  moved.update(bytes_of("jumps over the lazy dog"));
  EXPECT_EQ(hex(moved.finish()), "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
}

TEST(ConstantTime, ComparesSizesAndContents) {
  EXPECT_TRUE(equal_in_constant_time({}, {}));
  EXPECT_TRUE(equal_in_constant_time(bytes_of("tag"), bytes_of("tag")));
  EXPECT_FALSE(equal_in_constant_time(bytes_of("tag"), bytes_of("tab")));
  EXPECT_FALSE(equal_in_constant_time(bytes_of("tag"), bytes_of("ta")));
}

}  // namespace
}  // namespace bulwark::crypto
