#pragma once
// An object store on the loopback, in this process: as much of S3 as a store uses, with every signature
// checked from the bytes of the wire, and with faults on request.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace bulwark::test {

// What happens to a request.
enum class S3Fault : std::uint8_t {
  InternalError,  // 500, nothing done
  SlowDown,       // 503, nothing done
  CutBefore,      // the connection ends, nothing done
  CutAfter,       // done, but the connection ends before the answer
  CutInBody,      // done; half of the answer
  Slow,           // done; the answer takes two seconds
  WrongEtag,      // done; another ETag than the one that is kept
  WrongRange,     // done; other bytes than were asked for
  Redirect,       // 307 to another host
  NoXml,          // 200 with a web page
  ErrorIn200,     // 200, but the body says InternalError
  Conflict,       // 409 ConditionalRequestConflict, nothing done
  Quota,          // 403 QuotaExceeded
  Denied,         // 403 AccessDenied
};

struct S3ServerSettings {
  std::string key_id = "AKIDTEST";
  std::string secret = "secret/of+the/test";
  std::string token = {};  // of temporary credentials, if any
  std::string region = "test-1";
  std::string bucket = "bucket";
  std::size_t page = 1'000;         // names in a listing
  bool ignores_conditions = false;  // as servers that do not know If-None-Match do
  bool lists_out_of_order = false;
};

class S3Server {
 public:
  // Errors: Unavailable.
  [[nodiscard]] static Result<std::unique_ptr<S3Server>> start(S3ServerSettings settings = {});
  ~S3Server();
  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;

  [[nodiscard]] std::string endpoint() const;  // "http://127.0.0.1:4711"
  // The next `times` requests of that method ("" for any) whose path and query contain `part`.
  void fail_next(S3Fault fault, int times = 1, const std::string& method = "", const std::string& part = "");
  // The server's clock goes on by so much.
  void advance(std::chrono::seconds time);

  [[nodiscard]] std::map<std::string, std::string> objects() const;  // key → content
  void set_object(const std::string& key, const std::string& content);
  [[nodiscard]] std::size_t uploads() const;                // in parts, unfinished
  [[nodiscard]] std::vector<std::string> requests() const;  // "PUT /bucket/key?query", in order
  [[nodiscard]] std::vector<std::string> refusals() const;  // why a signature was not accepted

 private:
  struct State;
  explicit S3Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bulwark::test
