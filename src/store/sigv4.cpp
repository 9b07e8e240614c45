#include "store/sigv4.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "base/text.h"
#include "crypto/hash.h"

namespace bulwark::store {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string sha256_hex(std::string_view text) {
  return hex(crypto::sha256_bytes(bytes_of(text)));
}

std::vector<std::uint8_t> hmac(Bytes key, std::string_view text) {
  return crypto::hmac(crypto::HashAlgorithm::Sha256, key, bytes_of(text));
}

// Blanks around it go, several in a row become one.
std::string header_value(std::string_view value) {
  std::string out;
  for (const std::string_view word : words(value)) out.append(out.empty() ? "" : " ").append(word);
  return out;
}

// Sorted by name; the values of a name that comes twice in their order, with a comma between.
std::map<std::string, std::string> canonical_headers(const NameValues& headers) {
  std::map<std::string, std::string> canonical;
  for (const auto& [name, value] : headers) {
    const auto [place, added] = canonical.try_emplace(lower(name), header_value(value));
    if (!added) place->second += "," + header_value(value);
  }
  return canonical;
}

std::string signed_headers(const NameValues& headers) {
  std::string names;
  for (const auto& [name, value] : canonical_headers(headers)) names += (names.empty() ? "" : ";") + name;
  return names;
}

std::string scope_text(const SigningScope& scope) {
  return amz_date(scope.time).substr(0, 8) + "/" + scope.region + "/" + scope.service + "/aws4_request";
}

// The chain of keys: one per day, region and service.
std::vector<std::uint8_t> signing_key(const SigningScope& scope, const S3Credentials& credentials) {
  constexpr std::string_view kStart = "AWS4";
  crypto::Secret start(kStart.size() + credentials.secret.bytes().size());
  std::ranges::copy(bytes_of(kStart), start.writable().begin());
  std::ranges::copy(credentials.secret.bytes(), start.writable().begin() + kStart.size());
  std::vector<std::uint8_t> key = hmac(start.bytes(), amz_date(scope.time).substr(0, 8));
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service), std::string_view("aws4_request")}) {
    std::vector<std::uint8_t> next = hmac(key, part);
    crypto::wipe(key);
    key = std::move(next);
  }
  return key;
}

}  // namespace

std::string percent_encoded(std::string_view text, Slashes slashes) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && slashes == Slashes::Keep)) {
      out += c;
    } else {
      out.append("%").append(1, kHex[code >> 4U]).append(1, kHex[code & 0xfU]);
    }
  }
  return out;
}

std::string query_text(const NameValues& query) {
  NameValues encoded;
  for (const auto& [name, value] : query)
    encoded.emplace_back(percent_encoded(name, Slashes::Encode), percent_encoded(value, Slashes::Encode));
  std::ranges::sort(encoded);
  std::string out;
  for (const auto& [name, value] : encoded) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

std::string amz_date(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

std::string canonical_request(const SignedParts& request) {
  std::string out = request.method + "\n" + request.path + "\n" + query_text(request.query) + "\n";
  for (const auto& [name, value] : canonical_headers(request.headers)) out += name + ":" + value + "\n";
  return out + "\n" + signed_headers(request.headers) + "\n" + request.payload;
}

std::string string_to_sign(const SignedParts& request, const SigningScope& scope) {
  return std::string(kAlgorithm) + "\n" + amz_date(scope.time) + "\n" + scope_text(scope) + "\n" +
         sha256_hex(canonical_request(request));
}

std::string authorization(const SignedParts& request, const SigningScope& scope,
                          const S3Credentials& credentials) {
  std::vector<std::uint8_t> key = signing_key(scope, credentials);
  const std::string signature = hex(hmac(key, string_to_sign(request, scope)));
  crypto::wipe(key);
  return std::string(kAlgorithm) + " Credential=" + credentials.key_id + "/" + scope_text(scope) +
         ",SignedHeaders=" + signed_headers(request.headers) + ",Signature=" + signature;
}

}  // namespace bulwark::store
