#include "crypto/keyring.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/seal.h"

namespace bulwark::crypto {
namespace {

constexpr std::string_view kSuffix = ".key";
constexpr std::string_view kTemporarySuffix = ".key.new";
constexpr std::string_view kLockName = "lock";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kCheckBytes = 16;
constexpr std::size_t kNonceBytes = 12;

std::string named(std::string_view name) {
  return "key '" + printable(name, 80) + "'";
}

std::string of_version(std::string_view name, std::uint32_t number) {
  return named(name) + ", version " + std::to_string(number);
}

Result<Secret> master_of(const Protection& protection, const Secret& secret) {
  if (protection.method == Protection::Method::Passphrase)
    return argon2id(protection.argon2, secret.bytes(), protection.salt, kKeyBytes);
  if (secret.bytes().size() != kKeyBytes)
    return fail(Code::InvalidInput,
                "root key: expected 32 bytes, found " + std::to_string(secret.bytes().size()));
  return hkdf_extract(HashAlgorithm::Sha256, protection.salt, secret.bytes());
}

Result<Secret> derive(const Secret& master, std::string_view purpose, std::size_t size) {
  return hkdf_expand(HashAlgorithm::Sha256, master.bytes(),
                     bytes_of("bulwark.keyring/1 " + std::string(purpose)), size);
}

// Which secret this is: a sealed half that is moved to another key or version does not open.
std::string associated(const KeyFile& key, std::uint32_t version) {
  std::string text = "bulwark.keyring/1";
  for (const std::string_view part : {std::string_view(key.name), name_of(key.kind), key.type_name()})
    text.append(1, '\0').append(part);
  return text.append(1, '\0').append(std::to_string(version));
}

// A wrong passphrase and edited parameters look the same from here.
std::string wrong_secret(const KeyFile& key) {
  return named(key.name) +
         (key.protection.method == Protection::Method::Passphrase
              ? ": the passphrase does not open it"
              : ": the root key of " + printable(key.protection.root_key, 200) + " does not open it") +
         " (or the salt or the parameters in its file were changed)";
}

Result<void> is_reason(std::string_view reason) {
  if (trim(reason).empty()) return fail(Code::InvalidInput, "a reason is needed; it is kept with the key");
  if (reason.size() > KeyFileLimits::kReason || !is_utf8(reason))
    return fail(Code::InvalidInput,
                "the reason: expected at most " + std::to_string(KeyFileLimits::kReason) + " bytes of UTF-8");
  return {};
}

Result<void> is_name(std::string_view name) {
  if (is_key_name(name)) return {};
  return fail(Code::InvalidInput,
              named(name) + ": a name has a-z, 0-9, - and _, starts with a letter or digit, and is at most " +
                  std::to_string(KeyFileLimits::kName) + " long");
}

Result<KeyVersion*> pick(KeyFile& key, std::optional<std::uint32_t> number) {
  const std::uint32_t wanted = number.value_or(key.versions.back().number);
  if (wanted == 0 || wanted > key.versions.size()) {
    return fail(Code::NotFound, named(key.name) + " has no version " + std::to_string(wanted) +
                                    "; the newest is " + std::to_string(key.versions.size()));
  }
  return &key.versions[wanted - 1];
}

void bury(KeyVersion& version, std::string_view reason, Instant now) {
  version.state = KeyState::Destroyed;
  version.changed = now;
  version.reason = reason;
  version.nonce.clear();
  version.sealed.clear();
}

Result<Secret> new_secret(const KeyFile& key, Random& random, KeyVersion& version) {
  if (key.kind == KeyKind::KeyEncryption) {
    Secret secret(kKeyBytes);
    random.fill(secret.writable());
    return secret;
  }
  const PrivateKey made = TRY(PrivateKey::generate(key.type));
  version.public_key = made.public_key();
  return made.pkcs8();
}

Result<Secret> open_version(const KeyFile& key, const Secret& seal_key, const KeyVersion& version) {
  Secret secret(version.sealed.size() - kTagBytes);
  auto opened =
      AesGcm(seal_key.bytes())
          .open(version.nonce, bytes_of(associated(key, version.number)), version.sealed, secret.writable());
  if (!opened) return std::unexpected(std::move(opened).error().within(of_version(key.name, version.number)));
  return secret;
}

// The versions of one key, opened. The states are those of the moment when it was opened.
class KeyringEncryption : public KeyEncryption {
 public:
  struct Version {
    KeyState state = KeyState::Active;
    Secret key;
  };

  KeyringEncryption(std::string name, std::map<std::uint32_t, Version> versions)
      : name_(std::move(name)), versions_(std::move(versions)) {}

  Result<std::uint32_t> current() const override {
    for (const auto& [number, version] : versions_)
      if (version.state == KeyState::Active) return number;
    return fail(Code::Denied,
                named(name_) + " has no active version; make one with: bulwark key rotate " + name_);
  }
  Result<std::vector<std::uint8_t>> wrap(std::uint32_t number, Bytes key) const override {
    const Version* version = TRY(find(number));
    if (version->state == KeyState::Revoked)
      return fail(Code::Denied, of_version(name_, number) + " is revoked: it wraps nothing more");
    return wrap_key(version->key.bytes(), key);
  }
  Result<Secret> unwrap(std::uint32_t number, Bytes wrapped) const override {
    const Version* version = TRY(find(number));
    return unwrap_key(version->key.bytes(), wrapped);
  }

 private:
  [[nodiscard]] Result<const Version*> find(std::uint32_t number) const {
    const auto found = versions_.find(number);
    if (found != versions_.end()) return &found->second;
    return fail(Code::NotFound, of_version(name_, number) + ": there is none, or it is destroyed");
  }

  std::string name_;
  std::map<std::uint32_t, Version> versions_;
};

}  // namespace

// A key whose secret was given and whose file is as it was written.
struct Keyring::Opened {
  KeyFile file;
  Secret seal_key;
  Secret mac_key;

  [[nodiscard]] Result<std::vector<std::uint8_t>> mac() const {
    const std::string text = TRY(authenticated_text(file));
    return hmac(HashAlgorithm::Sha256, mac_key.bytes(), bytes_of(text));
  }
};

std::string Keyring::path(std::string_view name) const {
  return folder_ + "/" + std::string(name) + std::string(kSuffix);
}

Result<KeyListing> Keyring::list() const {
  KeyListing listing;
  const auto entries = files_.list(folder_);
  if (!entries && entries.error().code == Code::NotFound) return listing;
  if (!entries) return std::unexpected(entries.error());
  for (const DirectoryEntry& entry : *entries) {
    if (entry.kind == EntryKind::Directory || !entry.name.ends_with(kSuffix)) continue;
    std::string name = entry.name.substr(0, entry.name.size() - kSuffix.size());
    auto key = find(name);
    if (key) {
      listing.keys.push_back(std::move(*key));
    } else {
      listing.damaged.push_back({std::move(name), std::move(key).error()});
    }
  }
  return listing;
}

Result<KeyFile> Keyring::find(std::string_view name) const {
  TRY(is_name(name));
  auto content = read_file(files_, path(name), KeyFileLimits::kBytes);
  if (!content && content.error().code == Code::NotFound)
    return fail(Code::NotFound,
                "no " + named(name) + " in " + folder_ + "; bulwark key list shows what there is");
  if (!content) return std::unexpected(std::move(content).error());
  auto key = read_key_file(text_of(*content));
  if (!key) return std::unexpected(std::move(key).error().within(path(name)));
  if (key->name != name) {
    return fail(Code::Corrupt, path(name) + ": holds key '" + key->name +
                                   "': the file was renamed, or swapped with "
                                   "another");
  }
  return key;
}

Result<Keyring::Opened> Keyring::open(std::string_view name, const Unlock& unlock) const {
  Opened opened{.file = {}, .seal_key = {}, .mac_key = {}};
  opened.file = TRY(find(name));
  if (opened.file.mac.empty())
    return fail(Code::Denied, named(name) + " is destroyed: no version of it is left");
  const Secret secret = TRY(unlock(opened.file));
  auto master = master_of(opened.file.protection, secret);
  if (!master) return std::unexpected(std::move(master).error().within(named(name)));
  const Secret check = TRY(derive(*master, "check", kCheckBytes));
  if (!equal_in_constant_time(check.bytes(), opened.file.protection.check))
    return fail(Code::Denied, wrong_secret(opened.file));
  opened.seal_key = TRY(derive(*master, "seal", kKeyBytes));
  opened.mac_key = TRY(derive(*master, "mac", kKeyBytes));
  const std::vector<std::uint8_t> mac = TRY(opened.mac());
  if (!equal_in_constant_time(mac, opened.file.mac))
    return fail(Code::Corrupt, path(name) + ": its MAC does not verify: the file was edited");
  return opened;
}

Result<std::unique_ptr<FileLock>> Keyring::lock() const {
  auto held = files_.lock(folder_ + "/" + std::string(kLockName));
  if (!held && held.error().code == Code::Unavailable)
    return fail(Code::Unavailable, folder_ + ": another process is changing this keyring; try again");
  return held;
}

Result<void> Keyring::write(const KeyFile& key) const {
  const std::string text = write_key_file(key);
  const std::string temporary = folder_ + "/" + key.name + std::string(kTemporarySuffix);
  // Under the lock nobody else writes it: what is there was left by a crash.
  auto removed = files_.remove(temporary);
  if (!removed && removed.error().code != Code::NotFound) return removed;
  return replace_file(files_, folder_, path(key.name), temporary, bytes_of(text));
}

Result<void> Keyring::save(Opened& opened) const {
  const bool has_secrets =
      std::ranges::any_of(opened.file.versions, [](const KeyVersion& each) { return !each.sealed.empty(); });
  opened.file.mac.clear();
  if (has_secrets) opened.file.mac = TRY(opened.mac());
  return write(opened.file);
}

void Keyring::seal_version(const Opened& opened, KeyVersion& version, Bytes secret) const {
  version.nonce.resize(kNonceBytes);
  random_.fill(version.nonce);
  version.sealed.resize(secret.size() + kTagBytes);
  AesGcm(opened.seal_key.bytes())
      .seal(version.nonce, bytes_of(associated(opened.file, version.number)), secret, version.sealed);
}

Result<Keyring::Opened> Keyring::protected_by(KeyFile key, const Protector& protector) const {
  Opened opened{.file = std::move(key), .seal_key = {}, .mac_key = {}};
  Protection& protection = opened.file.protection;
  protection.method = protector.method;
  protection.argon2 = protector.argon2;
  protection.root_key = protector.method == Protection::Method::RootKey ? protector.reference : std::string();
  protection.salt.resize(kSaltBytes);
  random_.fill(protection.salt);
  const Secret master = TRY(master_of(protection, protector.secret));
  const Secret check = TRY(derive(master, "check", kCheckBytes));
  protection.check.assign(check.bytes().begin(), check.bytes().end());
  opened.seal_key = TRY(derive(master, "seal", kKeyBytes));
  opened.mac_key = TRY(derive(master, "mac", kKeyBytes));
  return opened;
}

Result<KeyFile> Keyring::add(KeyFile key, Bytes secret, const Protector& protector) const {
  TRY(is_name(key.name));
  TRY(files_.make_directory(folder_));
  const std::size_t slash = folder_.rfind('/');
  TRY(files_.sync_directory(slash == std::string::npos ? "."
                                                       : folder_.substr(0, std::max<std::size_t>(slash, 1))));
  const auto held = TRY(lock());
  const auto before = files_.open(path(key.name));
  if (before) {
    return fail(Code::InvalidInput, named(key.name) +
                                        " exists, perhaps as a destroyed one; a name is used once: rotate "
                                        "it, or choose another");
  }
  if (before.error().code != Code::NotFound) return std::unexpected(before.error());
  Opened opened = TRY(protected_by(std::move(key), protector));
  seal_version(opened, opened.file.versions.front(), secret);
  TRY(save(opened));
  return std::move(opened.file);
}

Result<KeyFile> Keyring::create(std::string_view name, std::optional<KeyType> type,
                                const Protector& protector) const {
  KeyFile key{.name = std::string(name),
              .kind = type ? KeyKind::Signing : KeyKind::KeyEncryption,
              .type = type.value_or(KeyType::P256)};
  const Instant now = clock_.now();
  KeyVersion version{.number = 1, .created = now, .changed = now};
  const Secret secret = TRY(new_secret(key, random_, version));
  key.versions.push_back(std::move(version));
  return add(std::move(key), secret.bytes(), protector);
}

Result<KeyFile> Keyring::import(std::string_view name, const PrivateKey& key,
                                const Protector& protector) const {
  KeyFile file{.name = std::string(name), .kind = KeyKind::Signing, .type = key.public_key().type()};
  const Instant now = clock_.now();
  file.versions.push_back({.number = 1, .created = now, .changed = now, .public_key = key.public_key()});
  const Secret secret = TRY(key.pkcs8());
  return add(std::move(file), secret.bytes(), protector);
}

Result<KeyFile> Keyring::import(std::string_view name, const Secret& key, const Protector& protector) const {
  if (key.bytes().size() != kKeyBytes)
    return fail(Code::InvalidInput,
                "key-encryption key: expected 32 bytes, found " + std::to_string(key.bytes().size()));
  KeyFile file{.name = std::string(name), .kind = KeyKind::KeyEncryption};
  const Instant now = clock_.now();
  file.versions.push_back({.number = 1, .created = now, .changed = now});
  return add(std::move(file), key.bytes(), protector);
}

Result<KeyFile> Keyring::rotate(std::string_view name, const Unlock& unlock) const {
  TRY(find(name));  // the lock file belongs to a keyring that exists
  const auto held = TRY(lock());
  Opened opened = TRY(open(name, unlock));
  std::vector<KeyVersion>& versions = opened.file.versions;
  if (versions.size() >= KeyFileLimits::kVersions)
    return fail(Code::LimitReached,
                named(name) + " has " + std::to_string(versions.size()) + " versions, the most");
  const Instant now = clock_.now();
  for (KeyVersion& each : versions) {
    if (each.state != KeyState::Active) continue;
    each.state = KeyState::Retired;
    each.changed = now;
  }
  KeyVersion version{
      .number = static_cast<std::uint32_t>(versions.size() + 1), .created = now, .changed = now};
  const Secret secret = TRY(new_secret(opened.file, random_, version));
  seal_version(opened, version, secret.bytes());
  versions.push_back(std::move(version));
  TRY(save(opened));
  return std::move(opened.file);
}

Result<KeyFile> Keyring::revoke(std::string_view name, std::optional<std::uint32_t> version,
                                std::string_view reason, const Unlock& unlock) const {
  TRY(is_reason(reason));
  TRY(find(name));
  const auto held = TRY(lock());
  Opened opened = TRY(open(name, unlock));
  KeyVersion* chosen = TRY(pick(opened.file, version));
  if (chosen->state == KeyState::Revoked || chosen->state == KeyState::Destroyed) {
    return fail(Code::InvalidInput, of_version(name, chosen->number) + " is " +
                                        std::string(name_of(chosen->state)) + " already, since " +
                                        instant_text(chosen->changed));
  }
  chosen->state = KeyState::Revoked;
  chosen->changed = clock_.now();
  chosen->reason = reason;
  TRY(save(opened));
  return std::move(opened.file);
}

Result<KeyFile> Keyring::destroy(std::string_view name, std::optional<std::uint32_t> version,
                                 std::string_view reason, const Unlock& unlock) const {
  TRY(is_reason(reason));
  KeyFile whole = TRY(find(name));
  const auto held = TRY(lock());
  if (!version) {
    whole = TRY(find(name));
    for (KeyVersion& each : whole.versions) {
      if (each.state != KeyState::Destroyed) bury(each, reason, clock_.now());
    }
    whole.mac.clear();
    TRY(write(whole));
    return whole;
  }
  Opened opened = TRY(open(name, unlock));
  KeyVersion* chosen = TRY(pick(opened.file, version));
  if (chosen->state == KeyState::Destroyed)
    return fail(Code::InvalidInput, of_version(name, *version) + " is destroyed already");
  bury(*chosen, reason, clock_.now());
  TRY(save(opened));
  return std::move(opened.file);
}

Result<KeyFile> Keyring::protect(std::string_view name, const Unlock& unlock,
                                 const Protector& protector) const {
  TRY(find(name));
  const auto held = TRY(lock());
  const Opened before = TRY(open(name, unlock));
  Opened after = TRY(protected_by(before.file, protector));
  for (KeyVersion& version : after.file.versions) {
    if (version.sealed.empty()) continue;
    const Secret secret = TRY(open_version(before.file, before.seal_key, version));
    seal_version(after, version, secret.bytes());
  }
  TRY(save(after));
  return std::move(after.file);
}

Result<PrivateKey> Keyring::signing_key(std::string_view name, const Unlock& unlock) const {
  const KeyFile file = TRY(find(name));
  if (file.kind != KeyKind::Signing)
    return fail(Code::InvalidInput, named(name) + " wraps keys of the store; it does not sign");
  const Opened opened = TRY(open(name, unlock));
  const KeyVersion* version = opened.file.active();
  if (version == nullptr) {
    const KeyVersion& newest = opened.file.versions.back();
    return fail(Code::Denied, of_version(name, newest.number) + " is " + std::string(name_of(newest.state)) +
                                  " since " + instant_text(newest.changed) + ": " + printable(newest.reason) +
                                  "; make a new one with: bulwark key rotate " + std::string(name));
  }
  const Secret secret = TRY(open_version(opened.file, opened.seal_key, *version));
  PrivateKey key = TRY(PrivateKey::from_pkcs8(secret.bytes()));
  if (!(key.public_key() == *version->public_key))
    return fail(Code::Corrupt, of_version(name, version->number) + ": the two halves do not belong together");
  return key;
}

Result<std::unique_ptr<KeyEncryption>> Keyring::key_encryption(std::string_view name,
                                                               const Unlock& unlock) const {
  const KeyFile file = TRY(find(name));
  if (file.kind != KeyKind::KeyEncryption)
    return fail(Code::InvalidInput, named(name) + " signs; the store needs one made with --type kek");
  const Opened opened = TRY(open(name, unlock));
  std::map<std::uint32_t, KeyringEncryption::Version> versions;
  for (const KeyVersion& each : opened.file.versions) {
    if (each.sealed.empty()) continue;
    Secret key = TRY(open_version(opened.file, opened.seal_key, each));
    if (key.bytes().size() != kKeyBytes)
      return fail(Code::Corrupt, of_version(name, each.number) + ": not 32 bytes");
    versions.emplace(each.number, KeyringEncryption::Version{each.state, std::move(key)});
  }
  return std::make_unique<KeyringEncryption>(std::string(name), std::move(versions));
}

Result<KeyFile> Keyring::verify(std::string_view name, const Unlock& unlock) const {
  const Opened opened = TRY(open(name, unlock));
  for (const KeyVersion& each : opened.file.versions) {
    if (!each.sealed.empty()) TRY(open_version(opened.file, opened.seal_key, each));
  }
  return opened.file;
}

}  // namespace bulwark::crypto
