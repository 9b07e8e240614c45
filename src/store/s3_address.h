#pragma once
// Where a bucket is, as people write it:
//   s3://BUCKET[/PREFIX][?region=R&endpoint=URL&style=path|host&tls=off&NAME=REFERENCE…]

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::store {

struct S3Address {
  std::string scheme;  // "https"
  std::string host;    // of requests, with the port if one was given
  std::string path;    // before the key: "/" or "/BUCKET/"
  std::string region;
  std::string bucket;
  std::string prefix;  // of keys: empty, or ends with '/'
  // Where secrets are (never the secrets): "access-key", "secret-key", "session-token" as given, such as
  // "env:AWS_ACCESS_KEY_ID"; those that were not given are missing.
  std::map<std::string, std::string, std::less<>> references;

  // "s3://BUCKET/PREFIX": for messages.
  [[nodiscard]] std::string name() const { return "s3://" + bucket + "/" + prefix; }
};

[[nodiscard]] inline bool is_s3_url(std::string_view text) {
  return text.starts_with("s3://");
}

// Without an endpoint it is AWS's for the region (default us-east-1). Other endpoints get the bucket in the
// path unless style=host says otherwise. Plain http needs tls=off, but not for this machine itself.
// Errors: InvalidInput.
[[nodiscard]] Result<S3Address> s3_address(std::string_view url);

}  // namespace bulwark::store
