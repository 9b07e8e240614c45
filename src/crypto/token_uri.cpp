#include "crypto/token_uri.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/text.h"

namespace bulwark::crypto {
namespace {

constexpr std::string_view kScheme = "pkcs11:";
constexpr std::size_t kMostBytes = 4'096;

std::unexpected<Error> wrong(const std::string& what) {
  return fail(Code::InvalidInput, "pkcs11 URI: " + what);
}

std::string shown(std::string_view text) {
  return "'" + printable(text, 80) + "'";
}

Result<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const auto byte = unhex(text.substr(at + 1, 2));
    if (!byte || byte->size() != 1) return wrong("a % that no two hex digits follow");
    out += text_of(*byte);
    at += 2;
  }
  return out;
}

Result<void> set_number(TokenUri& uri, const std::string& value) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) return wrong("slot-id is no number");
  uri.slot = number;
  return {};
}

Result<void> set(TokenUri& uri, std::string_view name, std::string value) {
  if (name == "token") {
    uri.token = std::move(value);
  } else if (name == "manufacturer") {
    uri.manufacturer = std::move(value);
  } else if (name == "model") {
    uri.model = std::move(value);
  } else if (name == "serial") {
    uri.serial = std::move(value);
  } else if (name == "slot-id") {
    return set_number(uri, value);
  } else if (name == "object") {
    uri.object = std::move(value);
  } else if (name == "id") {
    uri.id.assign(value.begin(), value.end());
  } else if (name == "module-path") {
    if (!value.starts_with('/')) return wrong("module-path: expected an absolute path");
    uri.module_path = std::move(value);
  } else if (name == "pin-source") {
    // RFC 7512: a file: URI or a bare path.
    if (value.starts_with('/')) value.insert(0, "file:");
    if (value.starts_with("file:///")) value.erase(5, 2);
    if (!value.starts_with("file:") && !value.starts_with("env:"))
      return wrong("pin-source: expected file:PATH or env:NAME");
    uri.pin_source = std::move(value);
  } else if (name == "pin-value") {
    return wrong(
        "a PIN in the URI can be read by every user of this machine; give --passphrase-from or pin-source");
  } else if (name != "type") {
    // A part that we do not understand might have been what tells two keys apart.
    return wrong("attribute " + shown(name) + " is not known");
  }
  return {};
}

Result<void> read_attributes(TokenUri& uri, std::string_view part, char separator,
                             std::set<std::string>& seen) {
  if (part.empty()) return {};
  for (const std::string_view attribute : split(part, separator)) {
    const std::size_t equals = attribute.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return wrong(shown(attribute) + ": expected name=value");
    const std::string name(attribute.substr(0, equals));
    if (!seen.insert(name).second) return wrong("attribute " + shown(name) + " comes twice");
    std::string value = TRY(unescaped(attribute.substr(equals + 1)));
    TRY(set(uri, name, std::move(value)));
  }
  return {};
}

}  // namespace

Result<TokenUri> read_token_uri(std::string_view text) {
  if (!text.starts_with(kScheme)) return wrong("expected pkcs11:token=…;object=…");
  if (text.size() > kMostBytes) return wrong("longer than " + std::to_string(kMostBytes) + " bytes");
  const std::string_view rest = text.substr(kScheme.size());
  const std::size_t question = rest.find('?');
  TokenUri uri;
  std::set<std::string> seen;
  TRY(read_attributes(uri, rest.substr(0, question), ';', seen));
  if (question != std::string_view::npos) TRY(read_attributes(uri, rest.substr(question + 1), '&', seen));
  return uri;
}

}  // namespace bulwark::crypto
