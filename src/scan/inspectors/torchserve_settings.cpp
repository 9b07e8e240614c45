#include "scan/inspectors/torchserve_settings.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "scan/inspectors/launch_lines.h"
#include "scan/inspectors/server_rules.h"
#include "scan/mend.h"

namespace bulwark::scan {
namespace {

using namespace inspectors;

// Java's largest int is what examples set "to be safe"; the default is 6,553,500.
constexpr std::uint64_t kHugeRequest = std::uint64_t{512} << 20;
constexpr std::uint64_t kHugeQueue = 100'000;

bool is_true(std::string_view value) {
  return lower(trim(value)) == "true";
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "http://0.0.0.0:8081" -> "0.0.0.0"; empty if it is no address.
std::string_view host_of(std::string_view address) {
  const std::size_t scheme = address.find("://");
  if (scheme == std::string_view::npos) return address.starts_with("unix:") ? address : std::string_view();
  std::string_view host = address.substr(scheme + 3);
  host = host.substr(0, host.find('/'));
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.rfind(':'));
}

std::string with_loopback(std::string_view address) {
  const std::size_t port = address.rfind(':');
  const bool has_port = port != std::string_view::npos && port > 6;
  return "http://127.0.0.1" + std::string(has_port ? address.substr(port) : std::string_view());
}

}  // namespace

bool allows_any_url(std::string_view allowed_urls) {
  for (const std::string_view item : split(allowed_urls, ',')) {
    for (const std::string_view part : split(item, '|')) {
      const std::string_view pattern = trim(part);
      if (pattern == ".*" || pattern == "http(s)?://.*" || pattern == "https?://.*" ||
          pattern == "http://.*" || pattern == "https://.*" || pattern == "file://.*" ||
          pattern == "(http|https)://.*" || pattern == "s3://.*")
        return true;
    }
  }
  return false;
}

void judge_torchserve_setting(Inspection& in, const TorchServeSetting& setting) {
  const auto report = [&](const Rule& rule, std::string message, std::vector<Edit> edits = {}) {
    in.report(rule, {.place = setting.place,
                     .text = text_of(in.bytes()),
                     .message = std::move(message),
                     .evidence = setting.written,
                     .edits = std::move(edits)});
  };
  const auto off = [&] { return mend_switch(text_of(in.bytes()), setting.value_offset, false); };
  const std::string_view key = setting.key;
  const std::string_view value = trim(setting.value);
  const std::string_view host = host_of(value);
  const bool known = value.find('$') == std::string_view::npos;
  if (key == "management_address" && is_every_interface(host))
    report(kTorchServeManagement, "management API listens on " + std::string(host) +
                                      "; write `management_address=" + with_loopback(value) + "` instead");
  if (key == "allowed_urls" && allows_any_url(value))
    report(kTorchServeUrls,
           "any URL may be registered; write `allowed_urls=https://models.example.com/.*` instead");
  if ((key == "disable_token_authorization" || key == "disable_token_auth") && is_true(value))
    report(kTorchServeToken, "write `disable_token_authorization=false` instead", off());
  if (key == "enable_model_api" && is_true(value))
    report(kTorchServeModelApi, "write `enable_model_api=false` instead", off());
  if (key == "inference_address" && value.starts_with("http://") && known && !is_loopback(host))
    report(kTorchServePlainHttp, "inference is answered in clear text on " + std::string(host) +
                                     "; write `inference_address=https://" + std::string(value.substr(7)) +
                                     "` and set a key");
  const auto size = number(value);
  if ((key == "max_request_size" || key == "max_response_size") && size && *size >= kHugeRequest)
    report(kTorchServeSizes, std::string(key) + " is " + std::string(value) + " bytes; write `" +
                                 std::string(key) + "=6553500` or what your inputs need");
  if (key == "job_queue_size" && size && *size >= kHugeQueue)
    report(kTorchServeSizes,
           "the queue takes " + std::string(value) + " requests; write `job_queue_size=100`");
}

}  // namespace bulwark::scan
