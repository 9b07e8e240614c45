#pragma once
// One HTTP request and its answer, over libcurl. The library is loaded when a connection is first wanted, so
// that nobody else waits for it or needs it.
//
// Redirects are not followed: a request that is signed for one host must not be carried to another. TLS
// certificates are always verified.

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_reader.h"
#include "base/clock.h"
#include "base/result.h"

namespace bulwark::store {

struct HttpRequest {
  std::string method;  // "GET", "PUT" …
  std::string url;     // http or https, encoded
  std::vector<std::pair<std::string, std::string>> headers;
  Bytes body = {};                    // outlives the request
  std::uint64_t answer_bytes = 0;     // more than this in the answer is LimitReached
  std::chrono::milliseconds time{0};  // for all of it
};

struct HttpAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::vector<std::uint8_t> body;

  // The first value of that name, or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

// Keeps connections open between requests. Threads: safe from many at once.
class HttpClient {
 public:
  // Errors: Unavailable: libcurl is not installed or too old. `clock` outlives the client; a request ends
  // when its time is over by that clock, too.
  [[nodiscard]] static Result<std::unique_ptr<HttpClient>> open(const Clock& clock);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Any status is an answer. Errors: Unavailable (no connection, cut off, out of time; the request may have
  // been done), LimitReached, InvalidInput (URL, header with a line end).
  [[nodiscard]] Result<HttpAnswer> send(const HttpRequest& request);

 private:
  struct Handles;
  HttpClient(const Clock& clock, std::unique_ptr<Handles> handles);

  const Clock& clock_;
  std::mutex mutex_;  // guards handles_
  std::unique_ptr<Handles> handles_;
};

}  // namespace bulwark::store
