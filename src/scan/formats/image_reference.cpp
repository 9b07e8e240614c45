#include "scan/formats/image_reference.h"

#include <algorithm>

#include "base/text.h"

namespace bulwark::scan {
namespace {

// 255 for the name with its registry, 128 for the tag, 4,096 more for a digest of any algorithm and the host.
constexpr std::size_t kLongest = 4352;
constexpr std::size_t kLongestTag = 128;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c);
}
bool is_alphanumeric(char c) {
  return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z');
}

bool is_digest(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view value = text.substr(colon + 1);
  if (value.size() < 32) return false;
  if (text.starts_with("sha256:") && value.size() != 64) return false;
  return std::ranges::all_of(value, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > kLongestTag || text.front() == '.' || text.front() == '-') return false;
  return std::ranges::all_of(text,
                             [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_host(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']' || c == '_';
  });
}

bool is_repository(std::string_view text) {
  for (const std::string_view part : split(text, '/')) {
    if (part.empty() || !is_lower_alphanumeric(part.front()) || !is_lower_alphanumeric(part.back()))
      return false;
    if (!std::ranges::all_of(
            part, [](char c) { return is_lower_alphanumeric(c) || c == '.' || c == '_' || c == '-'; }))
      return false;
  }
  return true;
}

// A first component is a host if it could not be a repository: it has a dot or a port, or is "localhost".
bool starts_with_host(std::string_view first) {
  return first.find_first_of(".:") != std::string_view::npos || first == "localhost";
}

}  // namespace

bool ImageReference::mutable_tag() const {
  constexpr std::string_view kChannels[] = {"latest",  "nightly", "edge",     "main",   "master",  "dev",
                                            "develop", "head",    "snapshot", "canary", "unstable"};
  const std::string name = lower(effective_tag());
  // "latest-gpu", "nightly-devel": flavours of a channel move with it.
  return std::ranges::any_of(kChannels, [&](std::string_view channel) {
    return name == channel ||
           ((channel == "latest" || channel == "nightly") &&
            (name.starts_with(std::string(channel) + "-") || name.ends_with("-" + std::string(channel))));
  });
}

std::optional<ImageReference> parse_image_reference(std::string_view text) {
  if (text.empty() || text.size() > kLongest) return std::nullopt;
  ImageReference image;
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    const std::string_view digest = text.substr(at + 1);
    if (!is_digest(digest)) return std::nullopt;
    image.digest = digest;
    text = text.substr(0, at);
  }
  // The colon of a tag follows the last slash; one before it belongs to a port.
  const std::size_t slash = text.rfind('/');
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    if (!is_tag(text.substr(colon + 1))) return std::nullopt;
    image.tag = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  const std::size_t first = text.find('/');
  if (first != std::string_view::npos && starts_with_host(text.substr(0, first))) {
    if (!is_host(text.substr(0, first))) return std::nullopt;
    image.registry = text.substr(0, first);
    image.registry_written = true;
    text = text.substr(first + 1);
  }
  if (!is_repository(text)) return std::nullopt;
  const bool official = !image.registry_written && text.find('/') == std::string_view::npos;
  image.repository = (official ? "library/" : "") + std::string(text);
  return image;
}

}  // namespace bulwark::scan
