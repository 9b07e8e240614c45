#include "store/s3_client.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <thread>

#include "base/text.h"
#include "crypto/hash.h"
#include "store/xml.h"

namespace bulwark::store {
namespace {

bool asks_for_another_try(const S3Answer& answer) {
  static const std::set<std::string, std::less<>> kCodes = {"RequestTimeout",   "InternalError",
                                                            "SlowDown",         "ServiceUnavailable",
                                                            "OperationAborted", "ConditionalRequestConflict"};
  const int status = answer.http.status;
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504 ||
         kCodes.contains(answer.code);
}

// <Error><Code>…</Code><Message>…</Message></Error>; proxies answer with pages, which say nothing.
void read_error(S3Answer& answer) {
  const auto root = parse_xml(text_of(answer.http.body));
  if (!root || root->name != "Error") return;
  answer.code = printable(root->text_in("Code"), 60);
  answer.message = printable(root->text_in("Message"), 200);
}

// An error may come with the status 200, after the server has kept the connection open with blanks.
bool may_carry_an_error(const S3Request& request, const S3Answer& answer) {
  return !answer.succeeded() || request.method == "POST";
}

std::unexpected<Error> elsewhere(const S3Answer& answer, const S3Address& address) {
  const std::string region = printable(answer.http.header("x-amz-bucket-region"), 40);
  return fail(Code::Unsupported,
              address.name() + ": " + address.host + " says that the bucket is elsewhere" +
                  (region.empty() ? "; give its region and endpoint" : "; add region=" + region) +
                  " (redirects are not followed)");
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return {};
  return value;
}

}  // namespace

S3Client::S3Client(std::unique_ptr<HttpClient> http, S3Address address, S3Credentials credentials,
                   const WallClock& wall, Random& random, const S3Limits& limits)
    : http_(std::move(http)),
      address_(std::move(address)),
      credentials_(std::move(credentials)),
      wall_(wall),
      random_(random),
      limits_(limits) {}

Result<S3Answer> S3Client::send_once(const S3Request& request) {
  const SigningScope scope{.time = std::chrono::floor<std::chrono::seconds>(wall_.now()),
                           .region = address_.region,
                           .service = "s3"};
  SignedParts parts{.method = request.method,
                    .path = percent_encoded(address_.path + request.key, Slashes::Keep),
                    .query = request.query,
                    .headers = request.headers,
                    .payload = hex(crypto::sha256_bytes(request.body))};
  parts.headers.emplace_back("host", address_.host);
  parts.headers.emplace_back("x-amz-date", amz_date(scope.time));
  parts.headers.emplace_back("x-amz-content-sha256", parts.payload);
  if (!credentials_.session_token.empty())
    parts.headers.emplace_back("x-amz-security-token", credentials_.session_token.text());
  if (!request.body.empty()) parts.headers.emplace_back("content-type", "application/octet-stream");
  HttpRequest http{.method = request.method,
                   .url = address_.scheme + "://" + address_.host + parts.path,
                   .headers = parts.headers,
                   .body = request.body,
                   .answer_bytes = std::max(request.answer_bytes, limits_.error_bytes),
                   .time = limits_.request_time};
  if (!request.query.empty()) http.url += "?" + query_text(request.query);
  http.headers.emplace_back("authorization", authorization(parts, scope, credentials_));
  S3Answer answer;
  answer.http = TRY(http_->send(http));
  if (may_carry_an_error(request, answer)) read_error(answer);
  return answer;
}

Result<S3Answer> S3Client::send(const S3Request& request) {
  for (int attempt = 1;; ++attempt) {
    auto answer = send_once(request);
    if (!answer && answer.error().code != Code::Unavailable)
      return std::unexpected(std::move(answer).error().within(address_.name()));
    if (answer && answer->http.status >= 300 && answer->http.status < 400 && answer->http.status != 304)
      return elsewhere(*answer, address_);
    if (answer && !asks_for_another_try(*answer)) return answer;
    if (attempt == limits_.attempts) {
      const std::string why =
          answer ? s3_error(*answer, "last answer").error().message : answer.error().message;
      return fail(Code::Unavailable, address_.name() + ": no success in " + std::to_string(attempt) +
                                         " attempts at " + address_.host + ": " + why);
    }
    pause(attempt);
  }
}

// Many clients that were refused together must not come back together.
void S3Client::pause(int attempt) {
  const auto longest =
      std::min(limits_.first_pause * (1 << std::min(attempt - 1, 16)), limits_.longest_pause);
  std::array<std::uint8_t, 4> bits{};
  random_.fill(bits);
  const auto part = load_little_endian<std::uint32_t>(bits.data()) % 1'000;
  std::this_thread::sleep_for(longest * part / 1'000);
}

std::string new_writer(Random& random) {
  std::array<std::uint8_t, 16> number{};
  random.fill(number);
  return hex(number);
}

Result<bool> is_from(S3Client& client, const std::string& key, const std::string& writer) {
  const S3Answer answer = TRY(client.send({.method = "HEAD", .key = key}));
  if (answer.http.status == 404) return false;
  if (!answer.succeeded()) return s3_error(answer, "cannot look at " + key);
  return answer.http.header(kWriterHeader) == writer;
}

std::unexpected<Error> s3_error(const S3Answer& answer, const std::string& what) {
  static const std::set<std::string, std::less<>> kFull = {"QuotaExceeded", "XMinioStorageFull",
                                                           "EntityTooLarge", "InsufficientStorage"};
  const int status = answer.http.status;
  Code code = Code::Unavailable;
  if (status == 404) code = Code::NotFound;
  if (status == 401 || status == 403) code = Code::Denied;
  if (status == 501 || status == 405) code = Code::Unsupported;
  if (status == 507 || kFull.contains(answer.code)) code = Code::LimitReached;
  // A bucket that is not there is a wrong configuration, not a missing object.
  if (answer.code == "NoSuchBucket") code = Code::Unavailable;
  std::string message = what + ": the server answers " + std::to_string(status);
  if (!answer.code.empty()) message += " " + answer.code;
  if (!answer.message.empty()) message += " (" + answer.message + ")";
  if (answer.code == "RequestTimeTooSkewed") message += "; set the clock of this machine";
  return fail(code, std::move(message));
}

std::optional<std::chrono::sys_seconds> http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  // "Fri, 24 May 2013 00:00:00 GMT"
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT" || text[19] != ':' ||
      text[22] != ':')
    return {};
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  const auto day = number(text.substr(5, 2));
  const auto year = number(text.substr(12, 4));
  const auto hours = number(text.substr(17, 2));
  const auto minutes = number(text.substr(20, 2));
  const auto seconds = number(text.substr(23, 2));
  if (month == kMonths.end() || !day || !year || !hours || !minutes || !seconds) return {};
  const std::chrono::year_month_day date{
      std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(month - kMonths.begin()) + 1},
      std::chrono::day{static_cast<unsigned>(std::max(*day, 0))}};
  if (!date.ok() || *hours < 0 || *hours > 23 || *minutes < 0 || *minutes > 59 || *seconds < 0 ||
      *seconds > 60)
    return {};
  return std::chrono::sys_days(date) + std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
         std::chrono::seconds(*seconds);
}

}  // namespace bulwark::store
