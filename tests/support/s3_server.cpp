#include "support/s3_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "base/text.h"
#include "crypto/hash.h"
#include "store/xml.h"

namespace bulwark::test {
namespace {

using namespace std::chrono_literals;
using Headers = std::map<std::string, std::string>;

struct Request {
  std::string method;
  std::string path;   // as on the wire
  std::string query;  // as on the wire
  Headers headers;    // names in lower case
  std::string body;

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

struct Answer {
  int status = 200;
  Headers headers = {};
  std::string body = {};
};

struct Object {
  std::string content;
  std::string etag;
  std::chrono::sys_seconds modified;
  Headers meta;
};

struct Upload {
  std::string key;
  Headers meta;
  std::map<int, Object> parts;
};

struct Planned {
  S3Fault fault;
  int times;
  std::string method;
  std::string part;
};

std::string sha256_text(std::string_view text) {
  return hex(crypto::sha256_bytes(bytes_of(text)));
}

std::string etag_of(std::string_view content) {
  return "\"" + sha256_text(content).substr(0, 32) + "\"";
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ec == std::errc{}) {
      out += static_cast<char>(code);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Headers parameters(const std::string& query) {
  Headers out;
  for (const std::string_view pair : split(query, '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (!pair.empty())
      out[decoded(pair.substr(0, equals))] = decoded(pair.substr(std::min(equals + 1, pair.size())));
  }
  return out;
}

std::string http_date_text(std::chrono::sys_seconds time) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays.at(std::chrono::weekday(day).c_encoding()), static_cast<unsigned>(date.day()),
                kMonths.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '"' ? "&quot;" : std::string(1, c);
  return out;
}

std::string error_body(const std::string& code, const std::string& message) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code + "</Code><Message>" +
         escaped(message) + "</Message><RequestId>1</RequestId></Error>";
}

Answer error_answer(int status, const std::string& code,
                    const std::string& message = "as the test wants it") {
  return {.status = status, .headers = {}, .body = error_body(code, message)};
}

}  // namespace

struct S3Server::State {
  S3ServerSettings settings;
  int listener = -1;
  std::uint16_t port = 0;
  std::atomic<bool> ending{false};

  mutable std::mutex mutex;  // guards what follows
  std::map<std::string, Object> objects;
  std::map<std::string, Upload> uploads;
  std::vector<Planned> planned;
  std::vector<std::string> requests;
  std::vector<std::string> refusals;
  std::set<int> connections;
  std::chrono::seconds ahead{0};
  int next_upload = 1;

  std::list<std::jthread> threads;  // of connections; used by the acceptor only
  std::jthread acceptor;

  [[nodiscard]] std::chrono::sys_seconds now() const {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + ahead;
  }
  void accept_all();
  void serve(int connection);
  [[nodiscard]] std::optional<S3Fault> fault_of(const Request& request);
  [[nodiscard]] std::string refusal_of(const Request& request) const;
  [[nodiscard]] Answer perform(const Request& request);
  [[nodiscard]] Answer get(const Request& request, const std::string& key) const;
  [[nodiscard]] Answer put(const Request& request, const std::string& key);
  [[nodiscard]] Answer list(const Headers& query) const;
  [[nodiscard]] Answer list_uploads(const Headers& query) const;
  [[nodiscard]] Answer complete(const Request& request, const std::string& key, const std::string& id);
  [[nodiscard]] Object object_of(const std::string& content, const Request& request) const;
};

namespace {

// ---- the wire ----

class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}

  std::optional<Request> read() {
    std::size_t end = 0;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos)
      if (!more()) return {};
    Request request;
    const std::string head = pending_.substr(0, end);
    pending_.erase(0, end + 4);
    bool first = true;
    for (std::string_view line : split(head, '\n')) {
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (first) {
        const auto parts = split(line, ' ');
        if (parts.size() != 3) return {};
        request.method = parts[0];
        const std::size_t question = std::min(parts[1].find('?'), parts[1].size());
        request.path = parts[1].substr(0, question);
        request.query = parts[1].substr(std::min(question + 1, parts[1].size()));
        first = false;
        continue;
      }
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos) return {};
      request.headers[lower(line.substr(0, colon))] = trim(line.substr(colon + 1));
    }
    std::size_t length = 0;
    const std::string text = request.header("content-length");
    std::from_chars(text.data(), text.data() + text.size(), length);
    while (pending_.size() < length)
      if (!more()) return {};
    request.body = pending_.substr(0, length);
    pending_.erase(0, length);
    return request;
  }

  void write(const std::string& method, const Answer& answer, bool half) {
    std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " Status\r\n";
    for (const auto& [name, value] : answer.headers) out += name + ": " + value + "\r\n";
    if (answer.status != 204) out += "content-length: " + std::to_string(answer.body.size()) + "\r\n";
    out += "\r\n";
    if (method != "HEAD") out += half ? answer.body.substr(0, answer.body.size() / 2) : answer.body;
    for (std::size_t at = 0; at < out.size();) {
      const ssize_t put = send(socket_, out.data() + at, out.size() - at, MSG_NOSIGNAL);
      if (put <= 0) return;
      at += static_cast<std::size_t>(put);
    }
  }

 private:
  bool more() {
    std::array<char, 65'536> piece{};
    const ssize_t got = recv(socket_, piece.data(), piece.size(), 0);
    if (got <= 0) return false;
    pending_.append(piece.data(), static_cast<std::size_t>(got));
    return true;
  }
  int socket_;
  std::string pending_;
};

// ---- signatures, from the specification and the bytes that came ----

std::string field(std::string_view authorization, const std::string& name) {
  const std::size_t at = authorization.find(name + "=");
  if (at == std::string_view::npos) return {};
  const std::string_view rest = authorization.substr(at + name.size() + 1);
  return std::string(trim(rest.substr(0, std::min(rest.find(','), rest.size()))));
}

std::string canonical(const Request& request, const std::string& signed_headers) {
  std::vector<std::string_view> query = split(request.query, '&');
  std::ranges::sort(query);
  std::string out = request.method + "\n" + request.path + "\n";
  for (std::size_t i = 0; i < query.size(); ++i) out.append(i == 0 ? "" : "&").append(query[i]);
  out += "\n";
  for (const std::string_view name : split(signed_headers, ';'))
    out.append(name).append(":").append(request.header(std::string(name))).append("\n");
  return out + "\n" + signed_headers + "\n" + request.header("x-amz-content-sha256");
}

std::string signature(const std::string& secret, const std::string& scope, const std::string& date,
                      const std::string& canonical_text) {
  const std::string text = "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + sha256_text(canonical_text);
  const std::string start = "AWS4" + secret;
  std::vector<std::uint8_t> key(start.begin(), start.end());
  for (const std::string_view part : split(scope, '/'))
    key = crypto::hmac(crypto::HashAlgorithm::Sha256, key, bytes_of(part));
  return hex(crypto::hmac(crypto::HashAlgorithm::Sha256, key, bytes_of(text)));
}

}  // namespace

// Why the request is not from whom it claims to be; empty: it is.
std::string S3Server::State::refusal_of(const Request& request) const {
  const std::string authorization = request.header("authorization");
  const std::string credential = field(authorization, "Credential");
  const std::string names = field(authorization, "SignedHeaders");
  const std::string date = request.header("x-amz-date");
  const std::string scope = date.substr(0, 8) + "/" + settings.region + "/s3/aws4_request";
  if (!authorization.starts_with("AWS4-HMAC-SHA256 ")) return "no signature";
  if (credential != settings.key_id + "/" + scope) return "credential " + credential + " instead of " + scope;
  for (const auto& [name, value] : request.headers) {
    const bool must =
        name == "host" || name.starts_with("x-amz-") || name.starts_with("if-") || name == "range";
    if (must && (";" + names + ";").find(";" + name + ";") == std::string::npos)
      return "the header " + name + " is not signed";
  }
  if (request.header("host") != "127.0.0.1:" + std::to_string(port)) return "host " + request.header("host");
  if (request.header("x-amz-security-token") != settings.token) return "wrong token";
  if (request.header("x-amz-content-sha256") != sha256_text(request.body)) return "the body has another hash";
  const std::string expected = signature(settings.secret, scope, date, canonical(request, names));
  return field(authorization, "Signature") == expected ? "" : "wrong signature";
}

// ---- what S3 does ----

Object S3Server::State::object_of(const std::string& content, const Request& request) const {
  Object object{.content = content, .etag = etag_of(content), .modified = now(), .meta = {}};
  for (const auto& [name, value] : request.headers) {
    if (name.starts_with("x-amz-meta-")) object.meta[name] = value;
  }
  return object;
}

Answer S3Server::State::get(const Request& request, const std::string& key) const {
  const auto found = objects.find(key);
  if (found == objects.end()) return error_answer(404, "NoSuchKey");
  const Object& object = found->second;
  const std::string condition = request.header("if-match");
  if (!condition.empty() && condition != object.etag) return error_answer(412, "PreconditionFailed");
  Answer answer{.status = 200, .headers = object.meta, .body = object.content};
  answer.headers["etag"] = object.etag;
  answer.headers["last-modified"] = http_date_text(object.modified);
  std::size_t first = 0;
  std::size_t last = 0;
  if (std::sscanf(request.header("range").c_str(), "bytes=%zu-%zu", &first, &last) == 2) {
    const std::string size = std::to_string(object.content.size());
    if (first >= object.content.size()) {
      answer = error_answer(416, "InvalidRange");
      answer.headers["content-range"] = "bytes */" + size;
      answer.headers["etag"] = object.etag;
      return answer;
    }
    last = std::min(last, object.content.size() - 1);
    answer.status = 206;
    answer.headers["content-range"] =
        "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" + size;
    answer.body = object.content.substr(first, last - first + 1);
  }
  return answer;
}

Answer S3Server::State::put(const Request& request, const std::string& key) {
  const Headers query = parameters(request.query);
  if (const auto id = query.find("uploadId"); id != query.end()) {
    const auto upload = uploads.find(id->second);
    if (upload == uploads.end()) return error_answer(404, "NoSuchUpload");
    Object part = object_of(request.body, request);
    const std::string etag = part.etag;
    upload->second.parts[std::stoi(query.at("partNumber"))] = std::move(part);
    return {.status = 200, .headers = {{"etag", etag}}};
  }
  if (request.header("if-none-match") == "*" && !settings.ignores_conditions && objects.contains(key))
    return error_answer(412, "PreconditionFailed");
  objects[key] = object_of(request.body, request);
  return {.status = 200, .headers = {{"etag", objects[key].etag}}};
}

Answer S3Server::State::complete(const Request& request, const std::string& key, const std::string& id) {
  const auto upload = uploads.find(id);
  if (upload == uploads.end()) return error_answer(404, "NoSuchUpload");
  if (request.header("if-none-match") == "*" && !settings.ignores_conditions && objects.contains(key))
    return error_answer(412, "PreconditionFailed");
  const auto document = store::parse_xml(request.body);
  if (!document) return error_answer(400, "MalformedXML");
  std::string content;
  for (const store::XmlElement& part : document->children) {
    const auto known = upload->second.parts.find(std::stoi(std::string(part.text_in("PartNumber"))));
    if (known == upload->second.parts.end() || known->second.etag != part.text_in("ETag"))
      return error_answer(400, "InvalidPart");
    content += known->second.content;
  }
  objects[key] = {
      .content = content, .etag = etag_of(content), .modified = now(), .meta = upload->second.meta};
  uploads.erase(upload);
  return {.status = 200,
          .headers = {},
          .body =
              "<CompleteMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/"
              "2006-03-01/\"><Key>" +
              escaped(key) + "</Key></CompleteMultipartUploadResult>"};
}

Answer S3Server::State::list(const Headers& query) const {
  const auto value = [&](const std::string& name) {
    const auto found = query.find(name);
    return found == query.end() ? std::string() : found->second;
  };
  std::vector<std::string> keys;
  for (const auto& [key, object] : objects) {
    if (key.starts_with(value("prefix")) && key > value("continuation-token")) keys.push_back(key);
  }
  const bool cut = keys.size() > settings.page;
  if (cut) keys.resize(settings.page);
  std::string body =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
      "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bucket</Name><IsTruncated>";
  body +=
      cut ? "true</IsTruncated><NextContinuationToken>" + escaped(keys.back()) + "</NextContinuationToken>"
          : "false</IsTruncated>";
  if (settings.lists_out_of_order) std::ranges::reverse(keys);
  for (const std::string& key : keys)
    body += "<Contents><Key>" + escaped(key) + "</Key><Size>1</Size></Contents>";
  return {.status = 200, .headers = {}, .body = body + "</ListBucketResult>"};
}

Answer S3Server::State::list_uploads(const Headers& query) const {
  std::string body = "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>";
  for (const auto& [id, upload] : uploads) {
    if (upload.key.starts_with(query.contains("prefix") ? query.at("prefix") : ""))
      body += "<Upload><Key>" + escaped(upload.key) + "</Key><UploadId>" + id + "</UploadId></Upload>";
  }
  return {.status = 200, .headers = {}, .body = body + "</ListMultipartUploadsResult>"};
}

Answer S3Server::State::perform(const Request& request) {
  const std::string path = decoded(request.path);
  const std::string bucket = "/" + settings.bucket + "/";
  if (!path.starts_with(bucket)) return error_answer(404, "NoSuchBucket");
  const std::string key = path.substr(bucket.size());
  const Headers query = parameters(request.query);
  if (key.empty() && query.contains("uploads")) return list_uploads(query);
  if (key.empty() && query.contains("list-type")) return list(query);
  if (request.method == "GET" || request.method == "HEAD") return get(request, key);
  if (request.method == "PUT") return put(request, key);
  if (request.method == "DELETE" && query.contains("uploadId"))
    return uploads.erase(query.at("uploadId")) > 0 ? Answer{.status = 204}
                                                   : error_answer(404, "NoSuchUpload");
  if (request.method == "DELETE") {
    objects.erase(key);
    return {.status = 204};
  }
  if (request.method == "POST" && query.contains("uploads")) {
    const std::string id = "upload-" + std::to_string(next_upload++);
    uploads[id] = {.key = key, .meta = object_of("", request).meta, .parts = {}};
    return {.status = 200,
            .headers = {},
            .body = "<InitiateMultipartUploadResult><UploadId>" + id +
                    "</UploadId></InitiateMultipartUploadResult>"};
  }
  if (request.method == "POST" && query.contains("uploadId"))
    return complete(request, key, query.at("uploadId"));
  return error_answer(405, "MethodNotAllowed");
}

std::optional<S3Fault> S3Server::State::fault_of(const Request& request) {
  for (auto it = planned.begin(); it != planned.end(); ++it) {
    if ((!it->method.empty() && it->method != request.method) ||
        (request.path + "?" + request.query).find(it->part) == std::string::npos)
      continue;
    const S3Fault fault = it->fault;
    if (--it->times == 0) planned.erase(it);
    return fault;
  }
  return {};
}

namespace {

// Instead of doing anything; nothing: it is done.
std::optional<Answer> answer_instead(S3Fault fault) {
  switch (fault) {
    case S3Fault::InternalError: return error_answer(500, "InternalError");
    case S3Fault::SlowDown: return error_answer(503, "SlowDown");
    case S3Fault::Conflict: return error_answer(409, "ConditionalRequestConflict");
    case S3Fault::Quota: return error_answer(403, "QuotaExceeded");
    case S3Fault::Denied: return error_answer(403, "AccessDenied");
    case S3Fault::NoXml: return Answer{.status = 200, .headers = {}, .body = "<html><p>Welcome!</p></html>"};
    case S3Fault::ErrorIn200:
      return Answer{.status = 200, .headers = {}, .body = error_body("InvalidPart", "later")};
    case S3Fault::Redirect:
      return Answer{.status = 307,
                    .headers = {{"location", "http://127.0.0.2:9/"}, {"x-amz-bucket-region", "other-1"}}};
    default: return {};
  }
}

void alter(S3Fault fault, Answer& answer) {
  if (fault == S3Fault::WrongEtag) answer.headers["etag"] = "\"00000000000000000000000000000000\"";
  if (fault == S3Fault::WrongRange && !answer.body.empty()) answer.body.pop_back();
}

}  // namespace

void S3Server::State::serve(int socket) {
  Connection connection(socket);
  while (const auto request = connection.read()) {
    Answer answer;
    std::optional<S3Fault> fault;
    {
      const std::lock_guard guard(mutex);
      requests.push_back(request->method + " " + request->path +
                         (request->query.empty() ? "" : "?" + request->query));
      const std::string refusal = refusal_of(*request);
      if (!refusal.empty()) refusals.push_back(refusal);
      fault = fault_of(*request);
      const auto instead = fault ? answer_instead(*fault) : std::nullopt;
      if (fault == S3Fault::CutBefore) break;
      answer = !refusal.empty() ? error_answer(403, "SignatureDoesNotMatch", refusal)
               : instead        ? *instead
                                : perform(*request);
      if (fault) alter(*fault, answer);
      answer.headers["date"] = http_date_text(now());
    }
    if (fault == S3Fault::CutAfter) break;
    if (fault == S3Fault::Slow) std::this_thread::sleep_for(2s);
    connection.write(request->method, answer, fault == S3Fault::CutInBody);
    if (fault == S3Fault::CutInBody) break;
  }
  const std::lock_guard guard(mutex);
  connections.erase(socket);
  shutdown(socket, SHUT_RDWR);
  close(socket);
}

void S3Server::State::accept_all() {
  while (!ending) {
    const int socket = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const std::lock_guard guard(mutex);
    connections.insert(socket);
    threads.emplace_back([this, socket] { serve(socket); });
  }
}

S3Server::S3Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<S3Server>> S3Server::start(S3ServerSettings settings) {
  auto state = std::make_unique<State>();
  state->settings = std::move(settings);
  state->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = static_cast<sockaddr*>(static_cast<void*>(&address));
  if (state->listener < 0 || bind(state->listener, any, size) != 0 || listen(state->listener, 64) != 0 ||
      getsockname(state->listener, any, &size) != 0)
    return fail(Code::Unavailable, "no socket on the loopback");
  state->port = ntohs(address.sin_port);
  State* started = state.get();
  state->acceptor = std::jthread([started] { started->accept_all(); });
  return std::unique_ptr<S3Server>(new S3Server(std::move(state)));
}

S3Server::~S3Server() {
  state_->ending = true;
  shutdown(state_->listener, SHUT_RDWR);
  state_->acceptor.join();
  {
    const std::lock_guard guard(state_->mutex);
    for (const int socket : state_->connections) shutdown(socket, SHUT_RDWR);
  }
  state_->threads.clear();  // waits for them
  close(state_->listener);
}

std::string S3Server::endpoint() const {
  return "http://127.0.0.1:" + std::to_string(state_->port);
}

void S3Server::fail_next(S3Fault fault, int times, const std::string& method, const std::string& part) {
  const std::lock_guard guard(state_->mutex);
  state_->planned.push_back({.fault = fault, .times = times, .method = method, .part = part});
}

void S3Server::advance(std::chrono::seconds time) {
  const std::lock_guard guard(state_->mutex);
  state_->ahead += time;
}

std::map<std::string, std::string> S3Server::objects() const {
  const std::lock_guard guard(state_->mutex);
  std::map<std::string, std::string> contents;
  for (const auto& [key, object] : state_->objects) contents[key] = object.content;
  return contents;
}

void S3Server::set_object(const std::string& key, const std::string& content) {
  const std::lock_guard guard(state_->mutex);
  state_->objects[key] = {
      .content = content, .etag = etag_of(content), .modified = state_->now(), .meta = {}};
}

std::size_t S3Server::uploads() const {
  const std::lock_guard guard(state_->mutex);
  return state_->uploads.size();
}

std::vector<std::string> S3Server::requests() const {
  const std::lock_guard guard(state_->mutex);
  return state_->requests;
}

std::vector<std::string> S3Server::refusals() const {
  const std::lock_guard guard(state_->mutex);
  return state_->refusals;
}

}  // namespace bulwark::test
