#pragma once
// AWS Signature Version 4: what authenticates a request to an object store. Pure functions.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/secret.h"

namespace bulwark::store {

using NameValue = std::pair<std::string, std::string>;
using NameValues = std::vector<NameValue>;

struct S3Credentials {
  std::string key_id;
  crypto::Secret secret;
  crypto::Secret session_token = {};  // of temporary credentials; empty: none
};

struct SigningScope {
  std::chrono::sys_seconds time;
  std::string region;
  std::string service;  // "s3"
};

// A request as it goes over the wire, as far as it is signed.
struct SignedParts {
  std::string method;
  std::string path;     // percent-encoded, absolute; not normalised, as S3 has it
  NameValues query;     // not encoded, in any order
  NameValues headers;   // in any order and case; with "host"
  std::string payload;  // SHA-256 of the body in hex
};

enum class Slashes : std::uint8_t { Keep, Encode };
// Percent-encoding of RFC 3986 with upper-case hex; only A-Z a-z 0-9 - . _ ~ stay.
[[nodiscard]] std::string percent_encoded(std::string_view text, Slashes slashes);
// "name=value&…", encoded and sorted: what is signed and what is sent.
[[nodiscard]] std::string query_text(const NameValues& query);

[[nodiscard]] std::string amz_date(std::chrono::sys_seconds time);  // "20130524T000000Z"
[[nodiscard]] std::string canonical_request(const SignedParts& request);
[[nodiscard]] std::string string_to_sign(const SignedParts& request, const SigningScope& scope);
// The value of the Authorization header.
[[nodiscard]] std::string authorization(const SignedParts& request, const SigningScope& scope,
                                        const S3Credentials& credentials);

}  // namespace bulwark::store
