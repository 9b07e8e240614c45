#pragma once
// Requests to an object store that speaks S3: signed, repeated when that may help, answers understood.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/wall_clock.h"
#include "store/http.h"
#include "store/s3_address.h"
#include "store/sigv4.h"

namespace bulwark::store {

struct S3Limits {
  // A server that is busy or restarts comes back within seconds; after these it is the operator's turn.
  int attempts = 6;
  std::chrono::milliseconds first_pause{100};  // doubled each time, a random part of it is waited
  std::chrono::milliseconds longest_pause{5'000};
  std::chrono::milliseconds request_time{120'000};  // 16 MiB at 1 Mbit/s
  // Objects above the first are uploaded in parts of the second; S3 allows parts of 5 MiB to 5 GiB, and
  // 10,000 of them.
  std::uint64_t single_bytes = std::uint64_t{32} << 20;
  std::uint64_t part_bytes = std::uint64_t{16} << 20;
  // Read at once on opening: whole records and small objects.
  std::uint64_t first_bytes = std::uint64_t{128} << 10;
  // Read ahead of a reader that goes from front to back, in the end.
  std::uint64_t ahead_bytes = std::uint64_t{8} << 20;
  std::uint64_t error_bytes = std::uint64_t{64} << 10;   // of an answer that is no content
  std::uint64_t listing_bytes = std::uint64_t{8} << 20;  // of 1,000 names
  // A lock whose holder has not been heard of for this long is free. It is renewed four times as often.
  std::chrono::seconds lease{120};
};

struct S3Request {
  std::string method;
  std::string key;  // in the bucket; empty: the bucket itself
  NameValues query = {};
  NameValues headers = {};
  Bytes body = {};
  std::uint64_t answer_bytes = 0;  // 0: only errors and small answers
};

struct S3Answer {
  HttpAnswer http;
  std::string code;     // "NoSuchKey": of an error that says so
  std::string message;  // printable

  [[nodiscard]] bool succeeded() const { return http.status >= 200 && http.status < 300; }
};

// Threads: safe from many at once.
class S3Client {
 public:
  // All references outlive the client.
  S3Client(std::unique_ptr<HttpClient> http, S3Address address, S3Credentials credentials,
           const WallClock& wall, Random& random, const S3Limits& limits);

  // Repeats after a lost connection, 5xx, 429 and the errors that ask for it. Any other status is an answer.
  // Errors: Unavailable (with the last reason), Unsupported (a redirect: the bucket is elsewhere).
  [[nodiscard]] Result<S3Answer> send(const S3Request& request);

  [[nodiscard]] const S3Address& address() const { return address_; }
  [[nodiscard]] const S3Limits& limits() const { return limits_; }
  [[nodiscard]] Random& random() { return random_; }

 private:
  [[nodiscard]] Result<S3Answer> send_once(const S3Request& request);
  void pause(int attempt);

  std::unique_ptr<HttpClient> http_;
  S3Address address_;
  S3Credentials credentials_;
  const WallClock& wall_;
  Random& random_;
  S3Limits limits_;
};

// Who wrote an object: a header that every conditional PUT carries, because a lost answer and a lost race
// look alike.
inline constexpr std::string_view kWriterHeader = "x-amz-meta-bulwark-writer";
[[nodiscard]] std::string new_writer(Random& random);
// True if the object under `key` is there and carries this writer.
[[nodiscard]] Result<bool> is_from(S3Client& client, const std::string& key, const std::string& writer);

// What an answer that is no success means. `what`: "cannot read NAME".
[[nodiscard]] std::unexpected<Error> s3_error(const S3Answer& answer, const std::string& what);
// "Fri, 24 May 2013 00:00:00 GMT" (RFC 9110, the preferred form).
[[nodiscard]] std::optional<std::chrono::sys_seconds> http_date(std::string_view text);

}  // namespace bulwark::store
