#include "store/sigv4.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "crypto/hash.h"

namespace bulwark::store {
namespace {

const std::string kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

crypto::Secret secret(std::string_view text) {
  return crypto::Secret(bytes_of(text));
}

std::string signature_in(const std::string& authorization) {
  return authorization.substr(authorization.rfind('=') + 1);
}

// AWS's signing test suite: one service, one date, one key.
struct SuiteCase {
  const char* name;
  std::string method;
  std::string path;
  NameValues query;
  NameValues headers;  // beside host and x-amz-date
  std::string body;
  const char* signature;
};

const std::vector<SuiteCase>& suite() {
  static const std::vector<SuiteCase> kSuite = {
      {"get-vanilla",
       "GET",
       "/",
       {},
       {},
       "",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"post-vanilla",
       "POST",
       "/",
       {},
       {},
       "",
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"get-vanilla-query-order-key-case",
       "GET",
       "/",
       {{"Param2", "value2"}, {"Param1", "value1"}},
       {},
       "",
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"get-vanilla-empty-query-key",
       "GET",
       "/",
       {{"Param1", "value1"}},
       {},
       "",
       "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
      {"get-vanilla-utf8-query",
       "GET",
       "/",
       {{"\xe1\x88\xb4", "bar"}},
       {},
       "",
       "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
      {"get-header-key-duplicate",
       "GET",
       "/",
       {},
       {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
       "",
       "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
      {"get-header-value-trim",
       "GET",
       "/",
       {},
       {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
       "",
       "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
      {"get-unreserved",
       "GET",
       "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
       {},
       {},
       "",
       "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
      {"get-space",
       "GET",
       "/example space/",
       {},
       {},
       "",
       "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
      {"get-utf8",
       "GET",
       "/\xe1\x88\xb4",
       {},
       {},
       "",
       "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
      {"post-x-www-form-urlencoded",
       "POST",
       "/",
       {},
       {{"Content-Type", "application/x-www-form-urlencoded"}},
       "Param1=value1",
       "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
  };
  return kSuite;
}

TEST(SignatureV4, AgreesWithTheSigningTestSuite) {
  const SigningScope scope{.time = std::chrono::sys_days{std::chrono::year{2015} / 8 / 30} +
                                   std::chrono::hours(12) + std::chrono::minutes(36),
                           .region = "us-east-1",
                           .service = "service"};
  const S3Credentials credentials{.key_id = "AKIDEXAMPLE",
                                  .secret = secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")};
  for (const SuiteCase& sample : suite()) {
    SignedParts parts{.method = sample.method,
                      .path = percent_encoded(sample.path, Slashes::Keep),
                      .query = sample.query,
                      .headers = sample.headers,
                      .payload = hex(crypto::sha256_bytes(bytes_of(sample.body)))};
    parts.headers.emplace_back("Host", "example.amazonaws.com");
    parts.headers.emplace_back("X-Amz-Date", "20150830T123600Z");
    EXPECT_EQ(signature_in(authorization(parts, scope, credentials)), sample.signature) << sample.name;
  }
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
struct S3Case {
  const char* name;
  SignedParts parts;
  const char* signed_headers;
  const char* signature;
};

TEST(SignatureV4, AgreesWithTheExamplesOfS3) {
  const SigningScope scope{.time = std::chrono::sys_days{std::chrono::year{2013} / 5 / 24},
                           .region = "us-east-1",
                           .service = "s3"};
  const S3Credentials credentials{.key_id = "AKIAIOSFODNN7EXAMPLE",
                                  .secret = secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")};
  const std::string welcome = hex(crypto::sha256_bytes(bytes_of("Welcome to Amazon S3.")));
  const S3Case cases[] = {
      {"GET object",
       {.method = "GET",
        .path = "/test.txt",
        .query = {},
        .headers = {{"Range", "bytes=0-9"}},
        .payload = kEmpty},
       "host;range;x-amz-content-sha256;x-amz-date",
       "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
      {"PUT object",
       {.method = "PUT",
        .path = percent_encoded("/test$file.text", Slashes::Keep),
        .query = {},
        .headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
        .payload = welcome},
       "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
       "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
      {"GET bucket lifecycle",
       {.method = "GET", .path = "/", .query = {{"lifecycle", ""}}, .headers = {}, .payload = kEmpty},
       "host;x-amz-content-sha256;x-amz-date",
       "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
      {"list objects",
       {.method = "GET",
        .path = "/",
        .query = {{"prefix", "J"}, {"max-keys", "2"}},
        .headers = {},
        .payload = kEmpty},
       "host;x-amz-content-sha256;x-amz-date",
       "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
  };
  for (const S3Case& sample : cases) {
    SignedParts parts = sample.parts;
    parts.headers.emplace_back("host", "examplebucket.s3.amazonaws.com");
    parts.headers.emplace_back("x-amz-content-sha256", parts.payload);
    parts.headers.emplace_back("x-amz-date", amz_date(scope.time));
    EXPECT_EQ(
        authorization(parts, scope, credentials),
        std::string("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                    "SignedHeaders=") +
            sample.signed_headers + ",Signature=" + sample.signature)
        << sample.name;
  }
}

TEST(SignatureV4, CanonicalRequestAndStringToSignAreThoseOfTheExample) {
  const SignedParts parts{.method = "GET",
                          .path = "/test.txt",
                          .query = {},
                          .headers = {{"Host", "examplebucket.s3.amazonaws.com"},
                                      {"Range", "bytes=0-9"},
                                      {"x-amz-content-sha256", kEmpty},
                                      {"x-amz-date", "20130524T000000Z"}},
                          .payload = kEmpty};
  EXPECT_EQ(canonical_request(parts),
            "GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\nx-amz-content-sha256:" +
                kEmpty + "\nx-amz-date:20130524T000000Z\n\nhost;range;x-amz-content-sha256;x-amz-date\n" +
                kEmpty);
  EXPECT_EQ(string_to_sign(parts, {.time = std::chrono::sys_days{std::chrono::year{2013} / 5 / 24},
                                   .region = "us-east-1",
                                   .service = "s3"}),
            "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n"
            "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972");
}

TEST(SignatureV4, EncodesAllButUnreservedCharacters) {
  EXPECT_EQ(percent_encoded("a/b c+d~e=%", Slashes::Keep), "a/b%20c%2Bd~e%3D%25");
  EXPECT_EQ(percent_encoded("a/b\xff", Slashes::Encode), "a%2Fb%FF");
  EXPECT_EQ(query_text({{"b", "2"}, {"a", "x y"}, {"a", ""}}), "a=&a=x%20y&b=2");
  EXPECT_EQ(query_text({}), "");
}

}  // namespace
}  // namespace bulwark::store
