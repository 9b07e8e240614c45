#include "crypto/timestamp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/certificates.h"

namespace bulwark::crypto {
namespace {

using test::Issued;
using test::Wish;
using testing::HasSubstr;
using namespace std::chrono_literals;

const Instant kTime = *instant_from("2026-06-01T10:20:30Z");
const Bytes kMessage = bytes_of("a signature");

Wish stamper_wish() {
  Wish wish;
  wish.common_name = "stamper";
  wish.key_usage = "critical,digitalSignature";
  wish.extended_key_usage = "critical,timeStamping";
  return wish;
}

struct Authority {
  Issued root = test::issue(test::authority_wish("root"), nullptr);
  Issued signer = test::issue(stamper_wish(), &root);
  std::vector<Certificate> chain{signer.certificate, root.certificate};
};

Result<VerifiedTimestamp> verified(Bytes response, std::span<const Certificate> authority,
                                   Bytes message = kMessage) {
  const Timestamp timestamp = TRY(Timestamp::from_response(response));
  return timestamp.verify(message, authority);
}

std::string why(const Result<VerifiedTimestamp>& result) {
  return result ? "accepted" : result.error().message;
}

TEST(Timestamp, OfAKnownAuthorityOverTheRightBytes) {
  const Authority authority;
  for (const HashAlgorithm algorithm :
       {HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512}) {
    const auto response = test::stamp(authority.signer, kMessage, {.time = kTime, .algorithm = algorithm});
    const auto read = Timestamp::from_response(response);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->time(), kTime);
    EXPECT_EQ(read->serial(), "2a");
    EXPECT_EQ(why(verified(response, authority.chain)), "accepted");
    EXPECT_THAT(why(verified(response, authority.chain, bytes_of("another one"))),
                HasSubstr("over other bytes"));
  }
}

TEST(Timestamp, SignerMustBeTheOneThatIsKnown) {
  const Authority authority;
  const auto response = test::stamp(authority.signer, kMessage, {.time = kTime});
  const Authority stranger;
  EXPECT_FALSE(verified(response, stranger.chain));
  // Of the same root, but not the signer that the trusted root names.
  const Issued other = test::issue(stamper_wish(), &authority.root);
  EXPECT_FALSE(verified(test::stamp(other, kMessage, {.time = kTime}), authority.chain));
  // Where no signer is named, the one in the token counts if its chain does.
  const std::vector<Certificate> root{authority.root.certificate};
  EXPECT_EQ(why(verified(response, root)), "accepted");
}

TEST(Timestamp, SignerIsValidAtItsTimeAndOnlyForTimestamps) {
  const Authority authority;
  const auto at = [&](const Issued& signer, Instant time) {
    const std::vector<Certificate> chain{signer.certificate, authority.root.certificate};
    return why(verified(test::stamp(signer, kMessage, {.time = time}), chain));
  };
  EXPECT_EQ(at(authority.signer, authority.signer.certificate.not_after()), "accepted");
  EXPECT_THAT(at(authority.signer, authority.signer.certificate.not_after() + 1s),
              HasSubstr("not at 2027-01-01"));
  EXPECT_THAT(at(authority.signer, authority.signer.certificate.not_before() - 1s), HasSubstr("not at 2025"));
}

TEST(Timestamp, IntermediateMayComeWithTheTokenAndTheRootMayNot) {
  const Authority authority;
  const Issued middle = test::issue(test::authority_wish("middle"), &authority.root);
  const Issued signer = test::issue(stamper_wish(), &middle);
  const std::vector<Certificate> known{signer.certificate, authority.root.certificate};
  EXPECT_EQ(
      why(verified(test::stamp(signer, kMessage, {.time = kTime, .embedded = {middle.certificate}}), known)),
      "accepted");
  EXPECT_FALSE(verified(test::stamp(signer, kMessage, {.time = kTime}), known));
  const Authority stranger;
  EXPECT_FALSE(verified(
      test::stamp(stranger.signer, kMessage, {.time = kTime, .embedded = {stranger.root.certificate}}),
      known));
}

TEST(Timestamp, CutContinuedOrChangedIsNeverAccepted) {
  const Authority authority;
  const std::vector<std::uint8_t> good = test::stamp(authority.signer, kMessage, {.time = kTime});
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(Timestamp::from_response(Bytes(good).first(size))) << size;
  std::vector<std::uint8_t> longer = good;
  longer.push_back(0);
  EXPECT_FALSE(Timestamp::from_response(longer));
  EXPECT_EQ(Timestamp::from_response(std::vector<std::uint8_t>(kTimestampBytes + 1)).error().code,
            Code::LimitReached);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::vector<std::uint8_t> changed = good;
    changed[i] ^= 0x01;
    const auto result = verified(changed, authority.chain);
    // What is outside of the signature may change, the time and what it is over may not.
    if (result) {
      EXPECT_EQ(result->time, kTime) << "byte " << i;
    }
  }
}

}  // namespace
}  // namespace bulwark::crypto
