#include "store/s3_address.h"

#include <algorithm>

#include "base/text.h"

namespace bulwark::store {
namespace {

constexpr std::size_t kMaxPrefix = 500;  // of the 1,024 bytes of a key; names of a store have up to 200

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_bucket(std::string_view text) {
  return text.size() >= 3 && text.size() <= 63 && is_lower_or_digit(text.front()) &&
         is_lower_or_digit(text.back()) && text.find("..") == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return is_lower_or_digit(c) || c == '-' || c == '.'; });
}

bool is_prefix_part(std::string_view text) {
  return !text.empty() && text.front() != '.' && std::ranges::all_of(text, [](char c) {
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
  });
}

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= 40 &&
         std::ranges::all_of(text, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

// host, host:port or [IPv6]:port
bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](char c) {
    return is_lower_or_digit(c) || c == '-' || c == '.' || c == ':' || c == '[' || c == ']';
  });
}

bool is_this_machine(std::string_view host) {
  for (const std::string_view name : {"localhost", "127.0.0.1", "[::1]"}) {
    if (host == name || (host.starts_with(name) && host.substr(name.size()).starts_with(':'))) return true;
  }
  return false;
}

using Settings = std::map<std::string, std::string, std::less<>>;

Result<Settings> settings_in(std::string_view query) {
  Settings settings;
  for (const std::string_view setting : split(query, '&')) {
    if (setting.empty()) continue;
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos || setting.find('%') != std::string_view::npos)
      return fail(Code::InvalidInput, "\"" + printable(setting) + "\": expected NAME=VALUE, written plainly");
    const std::string name(setting.substr(0, equals));
    const std::vector<std::string_view> known = {"endpoint",   "region",     "style",        "tls",
                                                 "access-key", "secret-key", "session-token"};
    if (std::ranges::find(known, name) == known.end()) {
      const std::string_view meant = nearest(name, known);
      return fail(Code::InvalidInput,
                  "unknown setting \"" + printable(name) + "\"" +
                      (meant.empty() ? "" : "; did you mean " + std::string(meant) + "?"));
    }
    if (!settings.emplace(name, setting.substr(equals + 1)).second)
      return fail(Code::InvalidInput, "\"" + name + "\" comes twice");
  }
  return settings;
}

std::string take(Settings& settings, std::string_view name, std::string_view fallback) {
  const auto found = settings.find(name);
  if (found == settings.end()) return std::string(fallback);
  std::string value = std::move(found->second);
  settings.erase(found);
  return value;
}

Result<void> place(S3Address& address, const std::string& endpoint, const std::string& style,
                   const std::string& tls) {
  const std::size_t end = endpoint.find("://");
  address.scheme = endpoint.substr(0, end);
  std::string host = end == std::string::npos ? "" : lower(endpoint.substr(end + 3));
  if (host.ends_with('/')) host.pop_back();
  if ((address.scheme != "https" && address.scheme != "http") || !is_host(host))
    return fail(Code::InvalidInput,
                "endpoint \"" + printable(endpoint) + "\": expected https://HOST or https://HOST:PORT");
  if (tls != "on" && tls != "off") return fail(Code::InvalidInput, "tls is on or off");
  if (address.scheme == "http" && tls != "off" && !is_this_machine(host))
    return fail(Code::InvalidInput, "endpoint \"" + printable(endpoint) +
                                        "\": without TLS anybody on the way can withhold or replay what is "
                                        "stored; use https, or add tls=off if you trust the network");
  if (style != "path" && style != "host") return fail(Code::InvalidInput, "style is path or host");
  // A wildcard certificate covers one label only.
  const bool in_path =
      style == "path" || (address.scheme == "https" && address.bucket.find('.') != std::string::npos);
  address.host = in_path ? host : address.bucket + "." + host;
  address.path = in_path ? "/" + address.bucket + "/" : "/";
  return {};
}

}  // namespace

Result<S3Address> s3_address(std::string_view url) {
  if (!is_s3_url(url)) return fail(Code::InvalidInput, "expected s3://BUCKET/PREFIX");
  const std::string_view rest = url.substr(std::string_view("s3://").size());
  const std::size_t question = std::min(rest.find('?'), rest.size());
  const std::string_view name = rest.substr(0, question);
  S3Address address;
  const std::size_t slash = std::min(name.find('/'), name.size());
  address.bucket = name.substr(0, slash);
  if (!is_bucket(address.bucket))
    return fail(Code::InvalidInput, "\"" + printable(address.bucket) + "\" is no name of a bucket");
  for (const std::string_view part : split(name.substr(slash), '/')) {
    if (part.empty()) continue;
    if (!is_prefix_part(part))
      return fail(Code::InvalidInput,
                  "prefix \"" + printable(part) + "\": only letters, digits, '.', '_' and '-', no '.' first");
    address.prefix.append(part).append("/");
  }
  if (address.prefix.size() > kMaxPrefix)
    return fail(Code::InvalidInput, "a prefix of more than " + std::to_string(kMaxPrefix) + " bytes");
  Settings settings = TRY(settings_in(rest.substr(std::min(question + 1, rest.size()))));
  address.region = take(settings, "region", "us-east-1");
  if (!is_region(address.region))
    return fail(Code::InvalidInput, "\"" + printable(address.region) + "\" is no region");
  const bool own = settings.contains("endpoint");
  const std::string endpoint = take(settings, "endpoint", "https://s3." + address.region + ".amazonaws.com");
  const std::string style = take(settings, "style", own ? "path" : "host");
  const std::string tls = take(settings, "tls", "on");
  TRY(place(address, endpoint, style, tls));
  address.references = std::move(settings);
  return address;
}

}  // namespace bulwark::store
