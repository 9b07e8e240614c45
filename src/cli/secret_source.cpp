#include "cli/secret_source.h"

#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/seal.h"
#include "os/files.h"
#include "os/folders.h"
#include "os/secret_input.h"

namespace bulwark::cli {
namespace {

constexpr std::size_t kMostSecretBytes = std::size_t{64} << 10U;
constexpr std::size_t kMostTypedBytes = 4'096;
constexpr std::size_t kLeastPassphraseBytes = 8;
constexpr std::size_t kKeyBytes = 32;

bool is_path(std::string_view key) {
  return key.find('/') != std::string_view::npos || key.ends_with(".pem");
}

bool is_reference(std::string_view key) {
  return key.starts_with("env:") || key.starts_with("file:") || key.starts_with("fd:");
}

std::string shown(std::string_view text) {
  return "'" + printable(text, 80) + "'";
}

crypto::Secret without_line_end(const crypto::Secret& secret, std::size_t size) {
  std::string_view text = secret.text().substr(0, size);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return crypto::Secret(bytes_of(text));
}

Result<crypto::Secret> from_environment(std::string_view name) {
  // Nobody changes the environment of this process. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return fail(Code::NotFound, "environment variable " + shown(name) + " is not set");
  return crypto::Secret(bytes_of(value));
}

// A reference is a promise that the file is a secret. A key file that is named by its path may be somebody's
// habit: then it is said, and used.
enum class Exposed : std::uint8_t { Refuse, Tell };

Result<crypto::Secret> from_file(std::string_view path, Exposed exposed) {
  crypto::Secret content(kMostSecretBytes);
  const os::PrivateFile file = TRY(os::read_private_file(std::string(path), content.writable()));
  if (!file.exposed_to.empty()) {
    const std::string what = printable(path) + ": " + file.exposed_to +
                             " may read or change this secret; run: chmod 600 " + printable(path);
    if (exposed == Exposed::Refuse) return fail(Code::Denied, what);
    complain("warning: " + what);
  }
  return crypto::Secret(content.bytes().first(file.size));
}

Result<crypto::Secret> from_descriptor(std::string_view digits) {
  int number = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < 0)
    return fail(Code::InvalidInput,
                "fd:" + printable(digits, 40) + ": expected the number of an open descriptor");
  crypto::Secret content(kMostSecretBytes);
  auto size = os::read_private_stream(number, content.writable());
  if (!size) return std::unexpected(std::move(size).error().within("fd:" + std::to_string(number)));
  return crypto::Secret(content.bytes().first(*size));
}

// What a reference refers to, byte by byte.
Result<crypto::Secret> content_of(std::string_view reference) {
  os::keep_memory_private();
  if (reference.starts_with("env:")) return from_environment(reference.substr(4));
  if (reference.starts_with("file:")) return from_file(reference.substr(5), Exposed::Refuse);
  if (reference.starts_with("fd:")) return from_descriptor(reference.substr(3));
  return fail(Code::InvalidInput, "a secret is never given itself: expected env:NAME, file:PATH or fd:N");
}

Result<crypto::Secret> ask(std::string_view what) {
  os::keep_memory_private();
  crypto::Secret typed(kMostTypedBytes);
  auto size = os::ask_hidden(std::string(what) + ": ", typed.writable());
  if (size) return crypto::Secret(typed.bytes().first(*size));
  if (size.error().code == Code::Unavailable)
    size.error().message += "; give --passphrase-from env:NAME, file:PATH or fd:N";
  return std::unexpected(std::move(size).error());
}

// The bytes of a symmetric key: 32 as they are, or as hex or base64 digits.
Result<crypto::Secret> key_bytes(const crypto::Secret& content) {
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
      "expected a key of 32 bytes: as they are, as 64 hex digits, or as base64; make one with: openssl "
      "rand -hex 32");
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

Result<crypto::Secret> pem_of(std::string_view key) {
  if (is_reference(key)) return content_of(key);
  os::keep_memory_private();
  return from_file(key, Exposed::Tell);
}

Result<crypto::PrivateKey> private_key(const Arguments& arguments, std::string_view key,
                                       const crypto::Secret& pem) {
  // Asked for only if it is needed.
  crypto::Secret passphrase;
  if (pem.text().find("ENCRYPTED") != std::string_view::npos)
    passphrase = TRY(read_secret(arguments.text("passphrase-from"), "passphrase of " + printable(key, 80)));
  auto opened = crypto::PrivateKey::from_pem(pem.text(), passphrase.text());
  if (!opened) return std::unexpected(std::move(opened).error().within(printable(key, 200)));
  return opened;
}

}  // namespace

Result<std::string> home_folder(const Arguments& arguments) {
  if (arguments.has("home")) {
    if (arguments.text("home").empty()) return fail(Code::InvalidInput, "--home: expected a folder");
    return arguments.text("home");
  }
  // Nobody changes the environment of this process. NOLINTNEXTLINE(concurrency-mt-unsafe)
  if (const char* home = std::getenv("BULWARK_HOME"); home != nullptr && *home != '\0')
    return std::string(home);
  const std::string folder = os::base_folder("XDG_DATA_HOME", ".local/share");
  if (folder.empty())
    return fail(Code::NotFound, "neither BULWARK_HOME nor HOME names a folder; give --home DIR");
  return folder + "/bulwark";
}

Result<crypto::Secret> read_secret(std::string_view reference, std::string_view what) {
  if (reference.empty()) return ask(what);
  auto content = content_of(reference);
  if (!content) return std::unexpected(std::move(content).error().within(what));
  crypto::Secret secret = without_line_end(*content, content->bytes().size());
  if (secret.empty())
    return fail(Code::InvalidInput, std::string(what) + ": " + shown(reference) + " is empty");
  return secret;
}

Result<crypto::Secret> read_new_passphrase(std::string_view reference, std::string_view what) {
  crypto::Secret passphrase = TRY(read_secret(reference, "new " + std::string(what)));
  if (passphrase.bytes().size() < kLeastPassphraseBytes) {
    return fail(Code::InvalidInput, std::string(what) + ": " + std::to_string(passphrase.bytes().size()) +
                                        " bytes are too short; expected at least " +
                                        std::to_string(kLeastPassphraseBytes));
  }
  if (!reference.empty()) return passphrase;
  const crypto::Secret again = TRY(ask("again"));
  if (!crypto::equal_in_constant_time(passphrase.bytes(), again.bytes()))
    return fail(Code::InvalidInput, std::string(what) + ": the two are not the same");
  return passphrase;
}

Result<std::unique_ptr<crypto::Signer>> open_signer(const Arguments& arguments, const World& world,
                                                    std::string_view key) {
  static_cast<void>(world);
  if (!is_path(key) && !is_reference(key))
    return fail(Code::Unsupported, "key " + shown(key) + ": the keyring is not there yet; give a PEM file");
  const crypto::Secret pem = TRY(pem_of(key));
  crypto::PrivateKey opened = TRY(private_key(arguments, key, pem));
  return std::make_unique<crypto::PrivateKey>(std::move(opened));
}

Result<std::unique_ptr<crypto::KeyEncryption>> open_key_encryption(const Arguments& arguments,
                                                                   const World& world, std::string_view key) {
  static_cast<void>(world);
  static_cast<void>(arguments);
  if (!is_reference(key))
    return fail(Code::Unsupported, "key " + shown(key) + ": the keyring is not there yet; give file:PATH");
  const crypto::Secret content = TRY(content_of(key));
  auto bytes = key_bytes(content);
  if (!bytes) return std::unexpected(std::move(bytes).error().within(printable(key, 200)));
  return std::make_unique<ReferencedKey>(std::move(*bytes));
}

Result<crypto::PublicKey> open_public_key(const Arguments& arguments, const World& world,
                                          std::string_view key) {
  static_cast<void>(world);
  static_cast<void>(arguments);
  if (!is_path(key) && !key.starts_with("file:"))
    return fail(Code::Unsupported, "key " + shown(key) + ": the keyring is not there yet; give a PEM file");
  const std::string path(key.starts_with("file:") ? key.substr(5) : key);
  const std::string pem = TRY(os::read_text(path, kMostSecretBytes));
  auto opened = crypto::PublicKey::from_pem(pem);
  if (!opened) return std::unexpected(std::move(opened).error().within(printable(path, 200)));
  return opened;
}

}  // namespace bulwark::cli
