#include "cli/secret_source.h"

#include <charconv>
#include <cstdlib>

#include "base/text.h"
#include "crypto/hash.h"
#include "os/folders.h"
#include "os/secret_input.h"

namespace bulwark::cli {
namespace {

constexpr std::size_t kMostSecretBytes = std::size_t{64} << 10U;
constexpr std::size_t kMostTypedBytes = 4'096;
constexpr std::size_t kLeastPassphraseBytes = 8;

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

Result<crypto::Secret> ask(std::string_view what) {
  os::keep_memory_private();
  crypto::Secret typed(kMostTypedBytes);
  auto size = os::ask_hidden(std::string(what) + ": ", typed.writable());
  if (size) return crypto::Secret(typed.bytes().first(*size));
  if (size.error().code == Code::Unavailable)
    size.error().message += "; give --passphrase-from env:NAME, file:PATH or fd:N";
  return std::unexpected(std::move(size).error().within(what));
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

Result<crypto::Secret> read_content(std::string_view reference) {
  os::keep_memory_private();
  if (reference.starts_with("env:")) return from_environment(reference.substr(4));
  if (reference.starts_with("file:")) return from_file(reference.substr(5), Exposed::Refuse);
  if (reference.starts_with("fd:")) return from_descriptor(reference.substr(3));
  return fail(Code::InvalidInput, "a secret is never given itself: expected env:NAME, file:PATH or fd:N");
}

Result<crypto::Secret> read_content_of_file(std::string_view path) {
  os::keep_memory_private();
  return from_file(path, Exposed::Tell);
}

Result<crypto::Secret> read_secret(std::string_view reference, std::string_view what) {
  if (reference.empty()) return ask(what);
  auto content = read_content(reference);
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

}  // namespace bulwark::cli
