#pragma once
// A folder of keys, each in a file of its own (docs/formats/keyring.md): public halves in clear, secret
// halves sealed. Names, states and all the rest are authenticated with the secret that opens the key, so that
// whoever can write to the folder cannot swap, edit or revive keys unseen. An old copy of a whole file put in
// its place is not seen: that takes a witness outside (the ledger).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/random.h"
#include "base/wall_clock.h"
#include "crypto/key_encryption.h"
#include "crypto/key_file.h"

namespace bulwark::crypto {

// What a key is to be sealed with.
struct Protector {
  Protection::Method method = Protection::Method::Passphrase;
  Secret secret;            // the passphrase, or 32 bytes
  Argon2 argon2 = {};       // of Passphrase
  std::string reference{};  // of RootKey: where it comes from, for the next time
};

// The passphrase or root key of a key, asked for when it is needed.
using Unlock = std::function<Result<Secret>(const KeyFile& key)>;

struct DamagedKey {
  std::string name;
  Error error;
};
struct KeyListing {
  std::vector<KeyFile> keys;  // in order of name; not authenticated
  std::vector<DamagedKey> damaged;
};

// Changes hold a lock: a second writer gets Unavailable. Each is atomic and durable when it returns.
// Errors everywhere: NotFound (no such key or version), Denied (wrong passphrase, revoked), Corrupt
// (truncated, edited, swapped), Unavailable and LimitReached (disk). Threads: safe from many at once.
class Keyring {
 public:
  // `folder` is made by the first key; what leads to it must exist. The others must outlive this.
  Keyring(FileSystem& files, Random& random, const WallClock& clock, std::string folder)
      : files_(files), random_(random), clock_(clock), folder_(std::move(folder)) {}

  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] Result<KeyListing> list() const;                    // an absent folder holds nothing
  [[nodiscard]] Result<KeyFile> find(std::string_view name) const;  // not authenticated

  // `type`: nothing: a key-encryption key. Errors: InvalidInput (name; exists, also as destroyed one).
  [[nodiscard]] Result<KeyFile> create(std::string_view name, std::optional<KeyType> type,
                                       const Protector& protector) const;
  [[nodiscard]] Result<KeyFile> import(std::string_view name, const PrivateKey& key,
                                       const Protector& protector) const;
  // 32 bytes of somebody else's as a key-encryption key.
  [[nodiscard]] Result<KeyFile> import(std::string_view name, const Secret& key,
                                       const Protector& protector) const;

  // A new active version; the one before is retired.
  [[nodiscard]] Result<KeyFile> rotate(std::string_view name, const Unlock& unlock) const;
  // `version`: nothing: the newest. `reason`: not empty, at most 1,000 bytes of UTF-8.
  [[nodiscard]] Result<KeyFile> revoke(std::string_view name, std::optional<std::uint32_t> version,
                                       std::string_view reason, const Unlock& unlock) const;
  // For good. `version`: nothing: all; that needs no secret, so that a lost passphrase cannot keep a key
  // alive.
  [[nodiscard]] Result<KeyFile> destroy(std::string_view name, std::optional<std::uint32_t> version,
                                        std::string_view reason, const Unlock& unlock) const;
  // Seals everything anew.
  [[nodiscard]] Result<KeyFile> protect(std::string_view name, const Unlock& unlock,
                                        const Protector& protector) const;

  // The active version.
  [[nodiscard]] Result<PrivateKey> signing_key(std::string_view name, const Unlock& unlock) const;
  // All versions that are not destroyed. It keeps what it needs in memory.
  [[nodiscard]] Result<std::unique_ptr<KeyEncryption>> key_encryption(std::string_view name,
                                                                      const Unlock& unlock) const;
  // Opens the key and checks everything. Errors as above.
  [[nodiscard]] Result<KeyFile> verify(std::string_view name, const Unlock& unlock) const;

 private:
  struct Opened;
  [[nodiscard]] Result<std::unique_ptr<FileLock>> lock() const;
  [[nodiscard]] Result<Opened> open(std::string_view name, const Unlock& unlock) const;
  [[nodiscard]] Result<KeyFile> add(KeyFile key, Bytes secret, const Protector& protector) const;
  void seal_version(const Opened& opened, KeyVersion& version, Bytes secret) const;
  [[nodiscard]] Result<void> save(Opened& opened) const;
  [[nodiscard]] Result<void> write(const KeyFile& key) const;
  [[nodiscard]] Result<Opened> protected_by(KeyFile key, const Protector& protector) const;
  [[nodiscard]] std::string path(std::string_view name) const;

  FileSystem& files_;
  Random& random_;
  const WallClock& clock_;
  std::string folder_;
};

}  // namespace bulwark::crypto
