// Values that only their name makes suspicious: generic keys and passwords.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/secrets/assignment.h"
#include "scan/secrets/special.h"
#include "scan/secrets/value.h"

namespace bulwark::scan::secrets {
namespace {

constexpr std::size_t kShortest = 10;
constexpr std::size_t kLongest = 150;

bool is_value(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '=' || c == '-' || c == '+' || c == '/';
}

// Names with a keyword in them that hold no secret, as pieces of the lower-case name.
constexpr auto kHarmless = std::to_array<std::string_view>({
    "accessib",       "accessor",      "access_id",
    "accessid",       "access-id",     "random_access",
    "randomaccess",   "api_id",        "apiid",
    "api_name",       "api-name",      "apiname",
    "api_version",    "apiversion",    "api-version",
    "rapid",          "capital",       "authentication-results",
    "credentialid",   "credential_id", "credentialsid",
    "credentials_id", "credential-id", "withcredentials",
    "bucket_key",     "bucketkey",     "foreign_key",
    "foreignkey",     "hot_key",       "hotkey",
    "idx_key",        "idxkey",        "natural_key",
    "primary_key",    "primarykey",    "publickey",
    "public_key",     "public-key",    "pubkey",
    "gpg_key",        "pub_key",       "schema_key",
    "schemakey",      "sequencekey",   "sequence_key",
    "turkey",         "monkey",        "donkey",
    "hockey",         "whiskey",       "jockey",
    "keyalias",       "key_alias",     "keyboard",
    "keycode",        "key_code",      "keyframe",
    "key_frame",      "key_id",        "keyid",
    "key-id",         "keylength",     "key_length",
    "keymesh",        "key_name",      "keyname",
    "key-name",       "key_pair",      "keypair",
    "keypress",       "keyring",       "keyselector",
    "keysign",        "key_size",      "keysize",
    "keystone",       "keystore",      "keyword",
    "key_vault",      "keyvault",      "key-vault",
    "keying",         "key_path",      "key_file",
    "keyfile",        "secretname",    "secret_name",
    "secret-name",    "secretsid",     "csrf",
    "xsrf",           "jsonwebtoken",  "token_file",
    "tokenfile",      "public_token",
});
constexpr auto kHarmlessToo = std::to_array<std::string_view>({
    "publictoken",  "token_url",     "tokenurl",     "token_uri", "tokenuri",    "token_endpoint", "api_url",
    "api_endpoint", "apiurl",        "api_base",     "tokeniz",   "token_id",    "tokenid",        "tokens",
    "tokentype",    "token_type",    "token_class",  "keys",      "hash",        "sha1",           "sha256",
    "sha512",       "md5",           "checksum",     "digest",    "fingerprint", "etag",           "revision",
    "commit",       "integrity",     "signature",    "cache_key", "cachekey",    "cache-key",      "sort_key",
    "sortkey",      "partition_key", "state_key",    "i18n",      "translation", "site_key",       "sitekey",
    "measurement",  "nonce",         "authenticity",
});

bool is_harmless_name(std::string_view name) {
  const std::string text = lower(name);
  const auto inside = [&](std::string_view piece) { return text.contains(piece); };
  if (std::ranges::any_of(kHarmless, inside) || std::ranges::any_of(kHarmlessToo, inside)) return true;
  return text.contains("author") && !text.contains("authoriz");
}

// A UUID is an identifier unless its name says outright that it is a key.
bool names_a_key(std::string_view name) {
  constexpr auto kEnds =
      std::to_array<std::string_view>({"apikey", "api_key", "api-key", "secret", "secret_key", "secretkey",
                                       "auth_token", "access_token", "accesstoken", "client_secret"});
  const std::string text = lower(name);
  return std::ranges::any_of(kEnds, [&](std::string_view end) { return text.ends_with(end); });
}

std::string_view line_around(std::string_view text, Span span) {
  constexpr std::size_t kWindow = 300;
  std::size_t begin = span.begin;
  while (begin > 0 && span.begin - begin < kWindow && text[begin - 1] != '\n') --begin;
  std::size_t end = span.end;
  while (end < text.size() && end - span.end < kWindow && text[end] != '\n') ++end;
  return text.substr(begin, end - begin);
}

bool ends_value(std::string_view text, std::size_t at) {
  if (at >= text.size()) return true;
  constexpr std::string_view kEnds = "`'\"; \t\r\n,}]<&\\";
  return kEnds.find(text[at]) != std::string_view::npos;
}

}  // namespace

std::optional<Candidate> generic_key(const Scene& scene, double least_entropy) {
  if (scene.context.lock_file) return std::nullopt;
  const auto assignment = assignment_of(scene.text, scene.keyword);
  if (!assignment) return std::nullopt;
  std::size_t end = assignment->value;
  while (end < scene.text.size() && end - assignment->value <= kLongest && is_value(scene.text[end])) ++end;
  const Span span{assignment->value, end};
  if (span.size() < kShortest || span.size() > kLongest || !ends_value(scene.text, end)) return std::nullopt;
  if (scene.context.program && assignment->quote == 0) return std::nullopt;
  // A value on another line than its name belongs to something else unless it is quoted.
  const std::string_view between = scene.text.substr(scene.keyword.end, span.begin - scene.keyword.end);
  if (assignment->quote == 0 && between.contains('\n') && !between.contains("alue")) return std::nullopt;

  const std::string_view value = scene.text.substr(span.begin, span.size());
  const std::string_view name = scene.text.substr(assignment->name.begin, assignment->name.size());
  if (!mixes_letters_and_digits(value) || is_harmless_name(name)) return std::nullopt;
  if (is_uuid(value) ? !names_a_key(name) : !looks_random(value)) return std::nullopt;
  const double least = is_hex(value) || is_uuid(value) ? std::min(least_entropy, 3.0) : least_entropy;
  if (entropy(value) < least || is_placeholder(value)) return std::nullopt;
  if (value.starts_with("/") || value.starts_with("./")) return std::nullopt;
  const std::string_view line = line_around(scene.text, span);
  if (line.contains("--mount=type=secret") || line.contains("CHKSUM") || line.contains("sha256-") ||
      line.contains("sha512-") || line.contains("sha384-"))
    return std::nullopt;
  return Candidate{.secret = span};
}

std::optional<Candidate> password_literal(const Scene& scene) {
  constexpr std::size_t kShortestPassword = 8;
  constexpr std::size_t kLongestPassword = 64;
  if (scene.context.lock_file) return std::nullopt;
  const auto assignment = assignment_of(scene.text, scene.keyword);
  if (!assignment || (assignment->quote == 0 && scene.context.program)) return std::nullopt;
  const std::string_view rest = scene.text.substr(assignment->value, kLongestPassword + 2);
  const std::size_t end = std::min(rest.find_first_of(std::string_view("\"'`\n\r\t \\<>", 10)), rest.size());
  const bool closed = end < rest.size() ? rest[end] == assignment->quote : false;
  const bool line_end = end == rest.size() || rest[end] == '\n' || rest[end] == '\r';
  if (assignment->quote != 0 ? !closed : !line_end) return std::nullopt;
  const std::string_view value = rest.substr(0, end);
  const std::string_view between =
      scene.text.substr(scene.keyword.end, assignment->value - scene.keyword.end);
  if (value.size() < kShortestPassword || between.contains('\n')) return std::nullopt;
  const auto has = [&](auto&& kind) { return std::ranges::any_of(value, kind); };
  const bool digit = has([](char c) { return c >= '0' && c <= '9'; });
  const bool letter = has([](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
  const bool special = has([](char c) { return std::string_view("!@#$%^&*?~+=").contains(c); });
  if (!letter || (!digit && !special)) return std::nullopt;
  if (is_placeholder(value) || is_password_word(value) || is_uuid(value) ||
      lower(value).contains("password") || value.find_first_of("(){}[]/:,") != std::string_view::npos ||
      entropy(value) < 2.5)
    return std::nullopt;
  const std::string_view name = scene.text.substr(assignment->name.begin, assignment->name.size());
  if (is_harmless_name(name)) return std::nullopt;
  return Candidate{.secret = {assignment->value, assignment->value + end}};
}

}  // namespace bulwark::scan::secrets
