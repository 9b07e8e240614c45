#include "cli/key_source.h"

#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "cli/secret_source.h"
#include "crypto/seal.h"
#include "os/files.h"
#include "os/folders.h"

namespace bulwark::cli {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::uint64_t kMostPem = std::uint64_t{64} << 10U;
constexpr std::string_view kUnsealedRoot = "unsealed";

std::string shown(std::string_view text) {
  return "'" + printable(text, 80) + "'";
}

// One key that somebody else keeps: version 1, for ever.
class ReferencedKey : public crypto::KeyEncryption {
 public:
  explicit ReferencedKey(crypto::Secret key) : key_(std::move(key)) {}
  Result<std::uint32_t> current() const override { return 1U; }
  Result<std::vector<std::uint8_t>> wrap(std::uint32_t version, Bytes key) const override {
    TRY(is_there(version));
    return crypto::wrap_key(key_.bytes(), key);
  }
  Result<crypto::Secret> unwrap(std::uint32_t version, Bytes wrapped) const override {
    TRY(is_there(version));
    return crypto::unwrap_key(key_.bytes(), wrapped);
  }

 private:
  static Result<void> is_there(std::uint32_t version) {
    if (version == 1) return {};
    return fail(Code::NotFound, "the key has one version, number " + std::to_string(version) +
                                    " was asked for; a key with versions lives in the keyring");
  }
  crypto::Secret key_;
};

Result<crypto::Secret> read_root_key(std::string_view reference, const std::string& keyring_folder) {
  // A relative path stands for the keyring's folder, so that a home can be moved.
  std::string resolved(reference);
  if (reference.starts_with("file:") && !reference.starts_with("file:/"))
    resolved = "file:" + keyring_folder + "/" + std::string(reference.substr(5));
  auto content = read_content(resolved);
  if (!content) return std::unexpected(std::move(content).error().within("root key"));
  auto key = symmetric_key(*content);
  if (!key) return std::unexpected(std::move(key).error().within("root key " + printable(reference)));
  return key;
}

// Makes the file if it is not there; whoever was faster has made it, too.
Result<void> make_unsealed_root(const World& world, const crypto::Keyring& ring) {
  TRY(world.files.make_directory(ring.folder()));
  crypto::Secret key(kKeyBytes);
  world.random.fill(key.writable());
  std::string text = hex(key.bytes()) + "\n";
  const std::string path = ring.folder() + "/" + std::string(kUnsealedRoot);
  Result<void> written;
  if (const auto before = world.files.open(path); before) return {};
  auto file = world.files.create(path);
  if (file) written = (*file)->append(bytes_of(text));
  if (file && written) written = (*file)->sync();
  crypto::wipe(text);
  if (!file) return std::unexpected(std::move(file).error());
  if (!written) return written;
  return world.files.sync_directory(ring.folder());
}

Result<crypto::Protector> unsealed(const World& world, const crypto::Keyring& ring, std::string_view name) {
  TRY(make_unsealed_root(world, ring));
  const std::string reference = "file:" + std::string(kUnsealedRoot);
  crypto::Secret key = TRY(read_root_key(reference, ring.folder()));
  complain("note: key '" + std::string(name) + "' opens with " + ring.folder() + "/" +
           std::string(kUnsealedRoot) + ": whoever can read that folder can use it");
  return crypto::Protector{
      .method = crypto::Protection::Method::RootKey, .secret = std::move(key), .reference = reference};
}

// A file of that name in the working directory is probably what was meant.
std::string hint(const Error& error, std::string_view key) {
  if (error.code != Code::NotFound || !os::read_text(std::string(key), kMostPem)) return {};
  return "; the file of that name is given as ./" + std::string(key);
}

template <class T>
Result<T> with_hint(Result<T> result, std::string_view key) {
  if (!result) result.error().message += hint(result.error(), key);
  return result;
}

// Of "release@2".
Result<std::uint32_t> version_in(std::string_view key, std::string_view digits) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc() && end == digits.data() + digits.size() && value > 0) return value;
  return fail(Code::InvalidInput, shown(key) + ": expected NAME@VERSION, such as release@2");
}

Result<crypto::PublicKey> public_key_of(const crypto::KeyFile& key, std::optional<std::uint32_t> number) {
  if (key.kind != crypto::KeyKind::Signing)
    return fail(Code::InvalidInput,
                "key " + shown(key.name) + " wraps keys of the store; it has no public half");
  const crypto::KeyVersion* version = key.active();
  if (version == nullptr) version = &key.versions.back();
  if (number && (*number == 0 || *number > key.versions.size()))
    return fail(Code::NotFound, "key " + shown(key.name) + " has no version " + std::to_string(*number));
  if (number) version = &key.versions[*number - 1];
  const bool revoked = version->state == crypto::KeyState::Revoked;
  if (revoked || version->state == crypto::KeyState::Destroyed) {
    const std::string what = "key " + shown(key.name) + ", version " + std::to_string(version->number) +
                             ", is " + std::string(crypto::name_of(version->state)) + " since " +
                             instant_text(version->changed) + ": " + printable(version->reason);
    // A signature by key does not say when it was made, so that it may be the thief's.
    if (revoked && !number)
      return fail(Code::Denied, what + "; name the version to use it all the same: " + key.name + "@" +
                                    std::to_string(version->number));
    complain("warning: " + what);
  }
  return *version->public_key;
}

}  // namespace

Result<crypto::TokenUri> token_uri(std::string_view text) {
  crypto::TokenUri uri = TRY(crypto::read_token_uri(text));
  if (!uri.module_path.empty()) return uri;
  // Nobody changes the environment of this process. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* library = std::getenv("BULWARK_PKCS11_MODULE");
  if (library == nullptr || *library != '/')
    return fail(Code::InvalidInput,
                "which library speaks to the token? Add ?module-path=/… to the URI, or set "
                "BULWARK_PKCS11_MODULE to its absolute path");
  uri.module_path = library;
  return uri;
}

crypto::Pin pin_for(const Arguments& arguments, const crypto::TokenUri& uri) {
  return [&arguments, &uri](const std::string& token) {
    const std::string source =
        arguments.has("passphrase-from") ? arguments.text("passphrase-from") : uri.pin_source;
    return read_secret(source, "PIN of token '" + printable(token, 40) + "'");
  };
}

bool is_on_token(std::string_view key) {
  return key.starts_with("pkcs11:");
}

bool is_path_of_key(std::string_view key) {
  return key.find('/') != std::string_view::npos || key.ends_with(".pem");
}

bool is_reference(std::string_view key) {
  return key.starts_with("env:") || key.starts_with("file:") || key.starts_with("fd:");
}

Result<crypto::Secret> symmetric_key(const crypto::Secret& content) {
  if (content.bytes().size() == kKeyBytes) return content.copy();
  const std::string_view text = trim(content.text());
  if (auto bytes = unhex(text); bytes && bytes->size() == kKeyBytes) {
    crypto::Secret key{Bytes(*bytes)};
    crypto::wipe(*bytes);
    return key;
  }
  if (auto bytes = decode_base64(text, Base64::UrlSafeToo); bytes && bytes->size() == kKeyBytes) {
    crypto::Secret key(bytes_of(*bytes));
    crypto::wipe(*bytes);
    return key;
  }
  return fail(
      Code::InvalidInput,
      "expected a key of 32 bytes: as they are, as 64 hex digits, or as base64; make one with: openssl rand "
      "-hex 32");
}

Result<crypto::PrivateKey> read_private_key(const Arguments& arguments, std::string_view key,
                                            std::string_view flag) {
  auto pem = is_reference(key) ? read_content(key) : read_content_of_file(key);
  if (!pem) return std::unexpected(std::move(pem).error());
  // Asked for only if it is needed.
  crypto::Secret passphrase;
  if (pem->text().find("ENCRYPTED") != std::string_view::npos)
    passphrase = TRY(read_secret(arguments.text(flag), "passphrase of " + printable(key, 80)));
  auto opened = crypto::PrivateKey::from_pem(pem->text(), passphrase.text());
  if (!opened) return std::unexpected(std::move(opened).error().within(printable(key)));
  return opened;
}

Result<crypto::Keyring> keyring(const Arguments& arguments, const World& world) {
  const std::string home = TRY(home_folder(arguments));
  return crypto::Keyring(world.files, world.random, world.wall, home + "/keys");
}

crypto::Unlock unlock_with(const Arguments& arguments, std::string keyring_folder, std::string_view flag) {
  return [&arguments, folder = std::move(keyring_folder),
          flag = std::string(flag)](const crypto::KeyFile& key) -> Result<crypto::Secret> {
    if (key.protection.method == crypto::Protection::Method::RootKey)
      return read_root_key(key.protection.root_key, folder);
    return read_secret(arguments.text(flag), "passphrase of key '" + key.name + "'");
  };
}

Result<crypto::Protector> new_protector(const Arguments& arguments, const World& world,
                                        const crypto::Keyring& ring, std::string_view name,
                                        std::string_view flag) {
  const int ways = (arguments.has("root-key") ? 1 : 0) + (arguments.has("unsealed") ? 1 : 0) +
                   (arguments.has(flag) ? 1 : 0);
  if (ways > 1)
    return fail(Code::InvalidInput,
                "--root-key, --unsealed and --" + std::string(flag) + " exclude one another");
  TRY(os::make_folders_to(ring.folder()));
  if (arguments.has("unsealed")) return unsealed(world, ring, name);
  if (arguments.has("root-key")) {
    const std::string reference = arguments.text("root-key");
    if (reference.starts_with("fd:"))
      return fail(Code::InvalidInput,
                  "--root-key: it is needed again whenever the key is used: env:NAME or file:PATH");
    crypto::Secret key = TRY(read_root_key(reference, ring.folder()));
    return crypto::Protector{
        .method = crypto::Protection::Method::RootKey, .secret = std::move(key), .reference = reference};
  }
  crypto::Secret passphrase =
      TRY(read_new_passphrase(arguments.text(flag), "passphrase of key '" + std::string(name) + "'"));
  return crypto::Protector{.secret = std::move(passphrase)};
}

Result<std::unique_ptr<crypto::Signer>> open_signer(const Arguments& arguments, const World& world,
                                                    std::string_view key) {
  if (is_on_token(key)) {
    const crypto::TokenUri uri = TRY(token_uri(key));
    return crypto::open_token_signer(uri, pin_for(arguments, uri));
  }
  if (is_path_of_key(key) || is_reference(key)) {
    crypto::PrivateKey opened = TRY(read_private_key(arguments, key));
    return std::make_unique<crypto::PrivateKey>(std::move(opened));
  }
  const crypto::Keyring ring = TRY(keyring(arguments, world));
  crypto::PrivateKey opened =
      TRY(with_hint(ring.signing_key(key, unlock_with(arguments, ring.folder())), key));
  return std::make_unique<crypto::PrivateKey>(std::move(opened));
}

Result<std::unique_ptr<crypto::KeyEncryption>> open_key_encryption(const Arguments& arguments,
                                                                   const World& world, std::string_view key) {
  if (is_on_token(key)) {
    const crypto::TokenUri uri = TRY(token_uri(key));
    return crypto::open_token_key_encryption(uri, pin_for(arguments, uri));
  }
  if (!is_reference(key)) {
    const crypto::Keyring ring = TRY(keyring(arguments, world));
    return ring.key_encryption(key, unlock_with(arguments, ring.folder()));
  }
  const crypto::Secret content = TRY(read_content(key));
  auto bytes = symmetric_key(content);
  if (!bytes) return std::unexpected(std::move(bytes).error().within(printable(key)));
  return std::make_unique<ReferencedKey>(std::move(*bytes));
}

Result<crypto::PublicKey> open_public_key(const Arguments& arguments, const World& world,
                                          std::string_view key) {
  if (is_on_token(key)) {
    const crypto::TokenUri uri = TRY(token_uri(key));
    return crypto::token_public_key(uri);
  }
  if (!is_path_of_key(key) && !key.starts_with("file:")) {
    const crypto::Keyring ring = TRY(keyring(arguments, world));
    const std::size_t at = key.find('@');
    std::optional<std::uint32_t> number;
    if (at != std::string_view::npos) number = TRY(version_in(key, key.substr(at + 1)));
    const crypto::KeyFile file = TRY(with_hint(ring.find(key.substr(0, at)), key));
    return public_key_of(file, number);
  }
  const std::string path(key.starts_with("file:") ? key.substr(5) : key);
  const std::string pem = TRY(os::read_text(path, kMostPem));
  auto opened = crypto::PublicKey::from_pem(pem);
  if (!opened) return std::unexpected(std::move(opened).error().within(printable(path)));
  return opened;
}

Result<std::vector<crypto::PublicKey>> open_public_keys(const Arguments& arguments, const World& world,
                                                        std::string_view key) {
  crypto::PublicKey first = TRY(open_public_key(arguments, world, key));
  std::vector<crypto::PublicKey> keys = {std::move(first)};
  if (is_on_token(key) || is_path_of_key(key) || is_reference(key) || key.find('@') != std::string_view::npos)
    return keys;
  const crypto::Keyring ring = TRY(keyring(arguments, world));
  const crypto::KeyFile file = TRY(ring.find(key));
  for (const crypto::KeyVersion& version : file.versions) {
    if (version.state == crypto::KeyState::Revoked) {
      complain("note: what version " + std::to_string(version.number) + " of key " + shown(key) +
               " signed is not believed: revoked since " + instant_text(version.changed));
    } else if (!(*version.public_key == keys.front())) {
      keys.push_back(*version.public_key);
    }
  }
  return keys;
}

}  // namespace bulwark::cli
