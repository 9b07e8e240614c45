#include "cli/s3_place.h"

#include <cstdlib>
#include <string>

#include "cli/secret_source.h"
#include "store/s3_address.h"
#include "store/s3_storage.h"

namespace bulwark::cli {
namespace {

constexpr const char* kSessionToken = "AWS_SESSION_TOKEN";

Result<crypto::Secret> credential(const store::S3Address& address, std::string_view name,
                                  std::string_view fallback) {
  const auto given = address.references.find(name);
  const std::string reference(given == address.references.end() ? fallback : std::string_view(given->second));
  return read_secret(reference, std::string(name) + " of " + address.name());
}

Result<store::S3Credentials> credentials_of(const store::S3Address& address) {
  const crypto::Secret key_id = TRY(credential(address, "access-key", "env:AWS_ACCESS_KEY_ID"));
  store::S3Credentials credentials;
  credentials.key_id = key_id.text();
  credentials.secret = TRY(credential(address, "secret-key", "env:AWS_SECRET_ACCESS_KEY"));
  // Nobody changes the environment of this process. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* token = std::getenv(kSessionToken);
  if (address.references.contains("session-token") || (token != nullptr && *token != '\0'))
    credentials.session_token =
        TRY(credential(address, "session-token", std::string("env:") + kSessionToken));
  return credentials;
}

}  // namespace

Result<std::unique_ptr<store::Storage>> open_bucket(std::string_view url, const World& world) {
  store::S3Address address = TRY(store::s3_address(url));
  store::S3Credentials credentials = TRY(credentials_of(address));
  auto http = TRY(store::HttpClient::open(world.clock));
  auto client = std::make_unique<store::S3Client>(std::move(http), std::move(address), std::move(credentials),
                                                  world.wall, world.random, store::S3Limits{});
  return std::make_unique<store::S3Storage>(std::move(client), world.clock);
}

}  // namespace bulwark::cli
