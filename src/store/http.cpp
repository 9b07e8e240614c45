#include "store/http.h"

#include <curl/curl.h>
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"

namespace bulwark::store {
namespace {

constexpr long kConnectMilliseconds = 10'000;
// Slower than a modem for this long: the other end is gone.
constexpr long kSlowBytes = 1'000;
constexpr long kSlowSeconds = 30;
constexpr std::size_t kHeaderBytes = std::size_t{64} << 10;

struct Curl {
  decltype(&::curl_global_init) curl_global_init = nullptr;
  decltype(&::curl_easy_init) curl_easy_init = nullptr;
  decltype(&::curl_easy_setopt) curl_easy_setopt = nullptr;
  decltype(&::curl_easy_perform) curl_easy_perform = nullptr;
  decltype(&::curl_easy_getinfo) curl_easy_getinfo = nullptr;
  decltype(&::curl_easy_reset) curl_easy_reset = nullptr;
  decltype(&::curl_easy_cleanup) curl_easy_cleanup = nullptr;
  decltype(&::curl_easy_strerror) curl_easy_strerror = nullptr;
  decltype(&::curl_slist_append) curl_slist_append = nullptr;
  decltype(&::curl_slist_free_all) curl_slist_free_all = nullptr;
};

template <class Function>
bool load(void* library, const char* name, Function& function) {
  void* address = dlsym(library, name);
  std::memcpy(&function, &address, sizeof(address));  // POSIX: a function's address fits into a void*
  return address != nullptr;
}

// Loaded once, never unloaded: its TLS library registers handlers for the end of the process.
const Curl* curl() {
  static const std::unique_ptr<const Curl> kCurl = []() -> std::unique_ptr<const Curl> {
    void* library = nullptr;
    for (const char* name : {"libcurl.so.4", "libcurl-gnutls.so.4"})
      if (library == nullptr) library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return nullptr;
    auto loaded = std::make_unique<Curl>();
    bool whole = true;
#define BULWARK_CURL_LOAD(name) whole = load(library, #name, loaded->name) && whole
    BULWARK_CURL_LOAD(curl_global_init);
    BULWARK_CURL_LOAD(curl_easy_init);
    BULWARK_CURL_LOAD(curl_easy_setopt);
    BULWARK_CURL_LOAD(curl_easy_perform);
    BULWARK_CURL_LOAD(curl_easy_getinfo);
    BULWARK_CURL_LOAD(curl_easy_reset);
    BULWARK_CURL_LOAD(curl_easy_cleanup);
    BULWARK_CURL_LOAD(curl_easy_strerror);
    BULWARK_CURL_LOAD(curl_slist_append);
    BULWARK_CURL_LOAD(curl_slist_free_all);
#undef BULWARK_CURL_LOAD
    if (!whole || loaded->curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return nullptr;
    return loaded;
  }();
  return kCurl.get();
}

struct CloseHandle {
  void operator()(CURL* handle) const { curl()->curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, CloseHandle>;

struct FreeList {
  void operator()(curl_slist* list) const { curl()->curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

// What the callbacks fill and ask.
struct Transfer {
  const HttpRequest& request;
  const Clock& clock;
  std::chrono::nanoseconds end;
  HttpAnswer answer = {};
  std::size_t header_bytes = 0;
  bool too_large = false;
};

std::size_t take_body(const char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view piece(bytes, size * count);
  transfer.too_large = piece.size() > transfer.request.answer_bytes - transfer.answer.body.size();
  if (transfer.too_large) return 0;
  const Bytes content = bytes_of(piece);
  transfer.answer.body.insert(transfer.answer.body.end(), content.begin(), content.end());
  return piece.size();
}

std::size_t take_header(const char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(bytes, size * count);
  transfer.header_bytes += line.size();
  transfer.too_large = transfer.header_bytes > kHeaderBytes;
  if (transfer.too_large) return 0;
  // Those of "100 Continue" are not those of the answer.
  if (line.starts_with("HTTP/")) transfer.answer.headers.clear();
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos)
    transfer.answer.headers.emplace_back(lower(trim(line.substr(0, colon))), trim(line.substr(colon + 1)));
  return line.size();
}

int out_of_time(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& transfer = *static_cast<Transfer*>(user);
  return transfer.clock.monotonic() >= transfer.end ? 1 : 0;
}

Result<List> header_list(const HttpRequest& request) {
  List list;
  const auto append = [&](const std::string& line) {
    curl_slist* longer = curl()->curl_slist_append(list.get(), line.c_str());
    (void)list.release();
    list.reset(longer);
  };
  for (const auto& [name, value] : request.headers) {
    if ((name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return fail(Code::InvalidInput, "a line end in the header " + printable(name));
    // libcurl's way to send a header that is there but empty.
    append(value.empty() ? name + ";" : name + ": " + value);
  }
  append("Expect:");  // no second round trip before the body
  return list;
}

class Options {
 public:
  explicit Options(CURL* handle) : handle_(handle) {}

  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl()->curl_easy_setopt(handle_, option, value) != CURLE_OK) complete_ = false;
  }
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  CURL* handle_;
  bool complete_ = true;
};

bool configure(CURL* handle, const HttpRequest& request, const List& headers, Transfer& transfer,
               std::array<char, CURL_ERROR_SIZE>& message) {
  Options options(handle);
  options.set(CURLOPT_URL, request.url.c_str());
  options.set(CURLOPT_PROTOCOLS_STR, "http,https");
  options.set(CURLOPT_FOLLOWLOCATION, 0L);
  options.set(CURLOPT_PATH_AS_IS, 1L);
  options.set(CURLOPT_NOSIGNAL, 1L);
  options.set(CURLOPT_ERRORBUFFER, message.data());
  options.set(CURLOPT_USERAGENT, "bulwark");
  options.set(CURLOPT_HTTPHEADER, headers.get());
  options.set(CURLOPT_CONNECTTIMEOUT_MS, kConnectMilliseconds);
  options.set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.time.count()));
  options.set(CURLOPT_LOW_SPEED_LIMIT, kSlowBytes);
  options.set(CURLOPT_LOW_SPEED_TIME, kSlowSeconds);
  options.set(CURLOPT_WRITEFUNCTION, &take_body);
  options.set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
  options.set(CURLOPT_HEADERFUNCTION, &take_header);
  options.set(CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
  options.set(CURLOPT_NOPROGRESS, 0L);
  options.set(CURLOPT_XFERINFOFUNCTION, &out_of_time);
  options.set(CURLOPT_XFERINFODATA, static_cast<void*>(&transfer));
  if (request.method == "PUT" || request.method == "POST") {
    // Not copied; libcurl can send it again when a kept connection turns out to be dead.
    options.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    options.set(CURLOPT_POSTFIELDS, request.body.empty() ? "" : text_of(request.body).data());
  }
  if (request.method == "HEAD") options.set(CURLOPT_NOBODY, 1L);
  options.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  return options.complete();
}

std::string what_failed(CURLcode code, const std::array<char, CURL_ERROR_SIZE>& message) {
  return message.front() != '\0' ? message.data() : curl()->curl_easy_strerror(code);
}

}  // namespace

struct HttpClient::Handles {
  std::vector<Handle> idle;
};

std::string_view HttpAnswer::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

HttpClient::HttpClient(const Clock& clock, std::unique_ptr<Handles> handles)
    : clock_(clock), handles_(std::move(handles)) {}

HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::open(const Clock& clock) {
  if (curl() == nullptr)
    return fail(Code::Unavailable,
                "libcurl is needed for object stores and cannot be loaded; install libcurl4");
  return std::unique_ptr<HttpClient>(new HttpClient(clock, std::make_unique<Handles>()));
}

Result<HttpAnswer> HttpClient::send(const HttpRequest& request) {
  const List headers = TRY(header_list(request));
  Handle handle;
  {
    const std::lock_guard guard(mutex_);
    if (!handles_->idle.empty()) {
      handle = std::move(handles_->idle.back());
      handles_->idle.pop_back();
    }
  }
  if (handle == nullptr) handle.reset(curl()->curl_easy_init());
  if (handle == nullptr) return fail(Code::Unavailable, "libcurl gives no connection");
  Transfer transfer{.request = request, .clock = clock_, .end = clock_.monotonic() + request.time};
  std::array<char, CURL_ERROR_SIZE> message{};
  if (!configure(handle.get(), request, headers, transfer, message))
    return fail(Code::Unavailable, "this libcurl is too old: 7.85 or newer is needed");
  const CURLcode code = curl()->curl_easy_perform(handle.get());
  if (transfer.too_large)
    return fail(Code::LimitReached,
                "an answer of more than " + std::to_string(request.answer_bytes) + " bytes");
  if (code != CURLE_OK)
    return fail(code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ? Code::InvalidInput
                                                                                  : Code::Unavailable,
                what_failed(code, message));
  long status = 0;
  (void)curl()->curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  transfer.answer.status = static_cast<int>(status);
  curl()->curl_easy_reset(handle.get());  // keeps the connection
  const std::lock_guard guard(mutex_);
  handles_->idle.push_back(std::move(handle));
  return std::move(transfer.answer);
}

}  // namespace bulwark::store
