#include "crypto/key_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/document.h"
#include "base/encoding.h"
#include "base/json_text.h"
#include "base/text.h"

namespace bulwark::crypto {
namespace {

constexpr std::string_view kFormat = "bulwark.keyring/1";
constexpr std::string_view kFormatStem = "bulwark.keyring/";
constexpr std::string_view kAes = "aes256";
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kCheckBytes = 16;
constexpr std::size_t kMacBytes = 32;
constexpr std::size_t kNonceBytes = 12;

constexpr std::array<std::string_view, 2> kKinds = {"signing", "key-encryption"};
constexpr std::array<std::string_view, 4> kStates = {"active", "retired", "revoked", "destroyed"};
constexpr std::array<std::string_view, 2> kMethods = {"argon2id", "root-key"};

std::unexpected<Error> corrupt(const std::string& what) {
  return fail(Code::Corrupt, "key file: " + what);
}

std::string shown(std::string_view text) {
  return "'" + printable(text, 80) + "'";
}

// The members of one object: each is known, comes once, and is of the right kind.
class Members {
 public:
  Members(const Document& object, std::string where) : object_(object), where_(std::move(where)) {}

  [[nodiscard]] Result<void> are_only(std::initializer_list<std::string_view> known) const {
    if (!object_.is_map()) return corrupt(where_ + ": expected an object");
    for (const auto& [key, value] : object_.map) {
      if (std::ranges::find(known, key) == known.end())
        return corrupt(where_ + ": " + shown(key) + " does not belong here");
    }
    return {};
  }
  [[nodiscard]] bool has(std::string_view key) const { return object_.find(key) != nullptr; }
  [[nodiscard]] Result<std::string> text(std::string_view key, std::size_t most) const {
    const Document* found = object_.find(key);
    if (found == nullptr || !found->is_string()) return corrupt(where_ + ": expected text as " + shown(key));
    if (found->string.size() > most)
      return fail(Code::LimitReached, "key file: " + where_ + ": " + shown(key) + " is longer than " +
                                          std::to_string(most) + " bytes");
    return found->string;
  }
  template <std::size_t N>
  [[nodiscard]] Result<std::size_t> word(std::string_view key,
                                         const std::array<std::string_view, N>& known) const {
    const std::string value = TRY(text(key, 100));
    const auto found = std::ranges::find(known, value);
    if (found == known.end()) return corrupt(where_ + ": " + shown(value) + " is no " + std::string(key));
    return static_cast<std::size_t>(found - known.begin());
  }
  [[nodiscard]] Result<std::uint32_t> number(std::string_view key) const {
    const Document* found = object_.find(key);
    if (found == nullptr || found->kind != Document::Kind::Integer || found->integer < 0 ||
        found->integer > UINT32_MAX)
      return corrupt(where_ + ": expected a number as " + shown(key));
    return static_cast<std::uint32_t>(found->integer);
  }
  [[nodiscard]] Result<Instant> moment(std::string_view key) const {
    const std::string value = TRY(text(key, 64));
    const auto moment = instant_from(value);
    // One moment, one text: what is authenticated is the text that we would write.
    if (!moment || instant_text(*moment) != value)
      return corrupt(where_ + ": " + shown(key) + ": expected a time such as 2026-11-20T15:04:05Z");
    return *moment;
  }
  [[nodiscard]] Result<std::vector<std::uint8_t>> bytes(std::string_view key, std::size_t least,
                                                        std::size_t most) const {
    const std::string value = TRY(text(key, most * 2 + 4));
    const auto decoded = decode_base64(value, Base64::Standard);
    if (!decoded || encode_base64(bytes_of(*decoded)) != value)
      return corrupt(where_ + ": " + shown(key) + ": expected base64");
    if (decoded->size() < least || decoded->size() > most)
      return corrupt(where_ + ": " + shown(key) + ": " + std::to_string(decoded->size()) +
                     " bytes, expected " + std::to_string(least) +
                     (least == most ? "" : " to " + std::to_string(most)));
    return std::vector<std::uint8_t>(decoded->begin(), decoded->end());
  }

 private:
  const Document& object_;
  std::string where_;
};

Document base64(Bytes bytes) {
  return json_string(encode_base64(bytes));
}

Document document_of(const Protection& protection) {
  std::vector<Document::Entry> entries;
  entries.emplace_back("method", json_string(std::string(name_of(protection.method))));
  if (protection.method == Protection::Method::Passphrase) {
    entries.emplace_back("passes", json_integer(protection.argon2.passes));
    entries.emplace_back("kibibytes", json_integer(protection.argon2.kibibytes));
    entries.emplace_back("lanes", json_integer(protection.argon2.lanes));
  } else {
    entries.emplace_back("reference", json_string(protection.root_key));
  }
  entries.emplace_back("salt", base64(protection.salt));
  entries.emplace_back("check", base64(protection.check));
  return json_map(std::move(entries));
}

Document document_of(const KeyVersion& version) {
  std::vector<Document::Entry> entries;
  entries.emplace_back("version", json_integer(version.number));
  entries.emplace_back("state", json_string(std::string(name_of(version.state))));
  entries.emplace_back("created", json_string(instant_text(version.created)));
  entries.emplace_back("changed", json_string(instant_text(version.changed)));
  if (!version.reason.empty()) entries.emplace_back("reason", json_string(version.reason));
  if (version.public_key) entries.emplace_back("public", base64(version.public_key->spki()));
  if (!version.sealed.empty()) {
    entries.emplace_back("nonce", base64(version.nonce));
    entries.emplace_back("sealed", base64(version.sealed));
  }
  return json_map(std::move(entries));
}

std::vector<Document::Entry> entries_of(const KeyFile& key) {
  std::vector<Document> versions;
  for (const KeyVersion& version : key.versions) versions.push_back(document_of(version));
  std::vector<Document::Entry> entries;
  entries.emplace_back("format", json_string(std::string(kFormat)));
  entries.emplace_back("name", json_string(key.name));
  entries.emplace_back("kind", json_string(std::string(name_of(key.kind))));
  entries.emplace_back("type", json_string(std::string(key.type_name())));
  entries.emplace_back("protection", document_of(key.protection));
  entries.emplace_back("versions", json_list(std::move(versions)));
  return entries;
}

Result<Protection> read_protection(const Document& document) {
  const Members members(document, "protection");
  TRY(members.are_only({"method", "passes", "kibibytes", "lanes", "reference", "salt", "check"}));
  Protection protection;
  const std::size_t method = TRY(members.word("method", kMethods));
  protection.method = static_cast<Protection::Method>(method);
  const bool by_passphrase = protection.method == Protection::Method::Passphrase;
  if (members.has("reference") == by_passphrase || members.has("passes") != by_passphrase ||
      members.has("kibibytes") != by_passphrase || members.has("lanes") != by_passphrase)
    return corrupt("protection: members of another method");
  if (by_passphrase) {
    protection.argon2.passes = TRY(members.number("passes"));
    protection.argon2.kibibytes = TRY(members.number("kibibytes"));
    protection.argon2.lanes = TRY(members.number("lanes"));
  } else {
    protection.root_key = TRY(members.text("reference", KeyFileLimits::kReference));
  }
  protection.salt = TRY(members.bytes("salt", kSaltBytes, kSaltBytes));
  protection.check = TRY(members.bytes("check", kCheckBytes, kCheckBytes));
  return protection;
}

Result<PublicKey> read_public(const Members& members, const KeyFile& key, const std::string& where) {
  const std::vector<std::uint8_t> spki = TRY(members.bytes("public", 1, KeyFileLimits::kSealed));
  auto read = PublicKey::from_spki(spki);
  if (!read) return corrupt(where + ": " + read.error().message);
  if (read->type() != key.type)
    return corrupt(where + ": a public key of type " + std::string(name_of(read->type())) +
                   " in a key of type " + std::string(key.type_name()));
  return read;
}

Result<KeyVersion> read_version(const Document& document, const KeyFile& key, std::size_t number) {
  const std::string where = "version " + std::to_string(number);
  const Members members(document, where);
  TRY(members.are_only({"version", "state", "created", "changed", "reason", "public", "nonce", "sealed"}));
  KeyVersion version;
  version.number = TRY(members.number("version"));
  if (version.number != number) return corrupt(where + ": found number " + std::to_string(version.number));
  const std::size_t state = TRY(members.word("state", kStates));
  version.state = static_cast<KeyState>(state);
  version.created = TRY(members.moment("created"));
  version.changed = TRY(members.moment("changed"));
  if (members.has("reason")) version.reason = TRY(members.text("reason", KeyFileLimits::kReason));
  if (members.has("reason") == version.reason.empty()) return corrupt(where + ": an empty reason");
  if (members.has("public") != (key.kind == KeyKind::Signing))
    return corrupt(where + ": signing keys have a public half, others have none");
  if (key.kind == KeyKind::Signing) version.public_key = TRY(read_public(members, key, where));
  const bool destroyed = version.state == KeyState::Destroyed;
  if (members.has("sealed") == destroyed || members.has("nonce") == destroyed)
    return corrupt(where + (destroyed ? ": destroyed, and has a secret half" : ": has no secret half"));
  if (destroyed) return version;
  version.nonce = TRY(members.bytes("nonce", kNonceBytes, kNonceBytes));
  version.sealed = TRY(members.bytes("sealed", kTagBytes + 1, KeyFileLimits::kSealed));
  return version;
}

Result<void> read_versions(const Document* list, KeyFile& key) {
  if (list == nullptr || !list->is_list() || list->list.empty())
    return corrupt("expected a list of versions");
  if (list->list.size() > KeyFileLimits::kVersions)
    return fail(Code::LimitReached,
                "key file: more than " + std::to_string(KeyFileLimits::kVersions) + " versions");
  std::size_t active = 0;
  for (const Document& each : list->list) {
    KeyVersion version = TRY(read_version(each, key, key.versions.size() + 1));
    active += version.state == KeyState::Active ? 1 : 0;
    key.versions.push_back(std::move(version));
  }
  if (active > 1) return corrupt("more than one active version");
  return {};
}

Result<void> read_type(const Members& members, KeyFile& key) {
  const std::size_t kind = TRY(members.word("kind", kKinds));
  key.kind = static_cast<KeyKind>(kind);
  const std::string type = TRY(members.text("type", 100));
  const auto signing = key_type_from(type);
  const bool fits = key.kind == KeyKind::Signing ? signing && *signing != KeyType::Rsa : type == kAes;
  if (!fits) return corrupt(shown(type) + " is no type of a " + std::string(name_of(key.kind)) + " key");
  if (key.kind == KeyKind::Signing) key.type = *signing;
  return {};
}

Result<void> is_known_format(const Members& members) {
  const std::string format = TRY(members.text("format", 100));
  if (format == kFormat) return {};
  if (format.starts_with(kFormatStem))
    return fail(Code::Unsupported,
                "key file: format " + shown(format) + "; this program reads " + std::string(kFormat));
  return corrupt("format " + shown(format) + ", expected " + std::string(kFormat));
}

}  // namespace

std::string_view name_of(KeyKind kind) {
  return kKinds[std::to_underlying(kind)];
}

std::string_view name_of(KeyState state) {
  return kStates[std::to_underlying(state)];
}

std::string_view name_of(Protection::Method method) {
  return kMethods[std::to_underlying(method)];
}

std::string_view KeyFile::type_name() const {
  return kind == KeyKind::Signing ? name_of(type) : kAes;
}

const KeyVersion* KeyFile::active() const {
  const auto found = std::ranges::find(versions, KeyState::Active, &KeyVersion::state);
  return found == versions.end() ? nullptr : &*found;
}

bool is_key_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= KeyFileLimits::kName && plain(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return plain(c) || c == '-' || c == '_'; });
}

Result<std::string> authenticated_text(const KeyFile& key) {
  return canonical_json(json_map(entries_of(key)));
}

std::string write_key_file(const KeyFile& key) {
  std::vector<Document::Entry> entries = entries_of(key);
  if (!key.mac.empty()) entries.emplace_back("mac", base64(key.mac));
  return pretty_json(json_map(std::move(entries)));
}

Result<KeyFile> read_key_file(std::string_view text) {
  Limits limits;
  limits.document_bytes = KeyFileLimits::kBytes;
  limits.document_depth = 8;
  limits.document_nodes = KeyFileLimits::kVersions * 16;
  auto parsed = parse_json(text, limits);
  if (!parsed) {
    if (parsed.error().code == Code::InvalidInput) parsed.error().code = Code::Corrupt;
    return std::unexpected(std::move(parsed).error().within("key file"));
  }
  if (!parsed->duplicates.empty()) return corrupt(shown(parsed->duplicates.front().key) + " comes twice");
  const Members members(parsed->root, "key");
  if (parsed->root.is_map()) TRY(is_known_format(members));
  TRY(members.are_only({"format", "name", "kind", "type", "protection", "versions", "mac"}));
  KeyFile key;
  key.name = TRY(members.text("name", KeyFileLimits::kName));
  if (!is_key_name(key.name)) return corrupt(shown(key.name) + " is no name of a key");
  TRY(read_type(members, key));
  const Document* protection = parsed->root.find("protection");
  if (protection == nullptr) return corrupt("no protection");
  key.protection = TRY(read_protection(*protection));
  TRY(read_versions(parsed->root.find("versions"), key));
  const bool has_secrets =
      std::ranges::any_of(key.versions, [](const KeyVersion& each) { return !each.sealed.empty(); });
  if (members.has("mac") != has_secrets) return corrupt(has_secrets ? "no MAC" : "a MAC over nothing secret");
  if (has_secrets) key.mac = TRY(members.bytes("mac", kMacBytes, kMacBytes));
  return key;
}

}  // namespace bulwark::crypto
