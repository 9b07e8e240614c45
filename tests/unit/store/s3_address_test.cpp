#include "store/s3_address.h"

#include <gtest/gtest.h>

namespace bulwark::store {
namespace {

std::string refusal(std::string_view url) {
  const auto address = s3_address(url);
  if (address) return "accepted";
  EXPECT_EQ(address.error().code, Code::InvalidInput);
  return address.error().message;
}

TEST(S3Address, WithoutAnEndpointIsAwss) {
  const auto address = s3_address("s3://models/prod/a?region=eu-central-1");
  ASSERT_TRUE(address) << address.error().message;
  EXPECT_EQ(address->scheme, "https");
  EXPECT_EQ(address->host, "models.s3.eu-central-1.amazonaws.com");
  EXPECT_EQ(address->path, "/");
  EXPECT_EQ(address->prefix, "prod/a/");
  EXPECT_EQ(address->region, "eu-central-1");
  EXPECT_EQ(address->name(), "s3://models/prod/a/");
}

TEST(S3Address, AnotherEndpointGetsTheBucketInThePath) {
  const auto address =
      s3_address("s3://models?endpoint=https://Minio.example:9000/&secret-key=file:/run/secret");
  ASSERT_TRUE(address) << address.error().message;
  EXPECT_EQ(address->host, "minio.example:9000");
  EXPECT_EQ(address->path, "/models/");
  EXPECT_EQ(address->prefix, "");
  EXPECT_EQ(address->region, "us-east-1");
  EXPECT_EQ(address->references.at("secret-key"), "file:/run/secret");
  const auto host_style = s3_address("s3://models?endpoint=https://minio.example&style=host");
  ASSERT_TRUE(host_style);
  EXPECT_EQ(host_style->host, "models.minio.example");
}

TEST(S3Address, ABucketWithADotHasNoCertificateOfItsOwn) {
  const auto address = s3_address("s3://my.models");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "s3.us-east-1.amazonaws.com");
  EXPECT_EQ(address->path, "/my.models/");
}

TEST(S3Address, PlainHttpIsForThisMachineOrOnRequest) {
  EXPECT_EQ(refusal("s3://models?endpoint=http://127.0.0.1:9000"), "accepted");
  EXPECT_EQ(refusal("s3://models?endpoint=http://[::1]:9000"), "accepted");
  EXPECT_EQ(refusal("s3://models?endpoint=http://localhost"), "accepted");
  EXPECT_NE(refusal("s3://models?endpoint=http://localhost.example"), "accepted");
  EXPECT_NE(refusal("s3://models?endpoint=http://minio:9000").find("tls=off"), std::string::npos);
  EXPECT_EQ(refusal("s3://models?endpoint=http://minio:9000&tls=off"), "accepted");
}

TEST(S3Address, SaysWhatIsWrong) {
  EXPECT_NE(refusal("https://models"), "accepted");
  for (const char* url :
       {"s3://", "s3://ab", "s3://Models", "s3://-models", "s3://a..b", "s3://models/../x", "s3://models/a b",
        "s3://models/.hidden", "s3://models?endpoint=ftp://x", "s3://models?endpoint=https://user@host",
        "s3://models?endpoint=https://host/path", "s3://models?endpoint=https://", "s3://models?region=Moon!",
        "s3://models?style=other", "s3://models?tls=maybe", "s3://models?region",
        "s3://models?region=a&region=b", "s3://models?region=%41"})
    EXPECT_NE(refusal(url), "accepted") << url;
  EXPECT_EQ(refusal("s3://models?regoin=x"), "unknown setting \"regoin\"; did you mean region?");
  EXPECT_NE(refusal("s3://models/" + std::string(600, 'a')), "accepted");
}

}  // namespace
}  // namespace bulwark::store
