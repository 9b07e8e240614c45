// bulwark key: the keyring. Operands decide what is done; each of them is one function below.

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "cli/commands/list.h"
#include "cli/key_report.h"
#include "cli/key_source.h"
#include "cli/secret_source.h"
#include "os/secret_input.h"

namespace bulwark::cli::commands {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {.name = "type",
     .letter = 't',
     .value = "TYPE",
     .help = "create, import: p256 (default), p384, p521 or ed25519 to sign with; kek for the store",
     .choices = "p256 p384 p521 ed25519 kek"},
    {.name = "version",
     .value = "N",
     .help = "revoke, destroy, export: this version (revoke: the newest if not given)"},
    {.name = "reason", .value = "TEXT", .help = "revoke, destroy: why; it is kept with the key"},
    {.name = "yes", .help = "destroy: really"},
    {.name = "format",
     .letter = 'f',
     .value = "FORMAT",
     .help = "text (default) or json",
     .choices = "text json"},
    kHomeFlag,
    {.name = kPassphraseFlag.name,
     .value = kPassphraseFlag.value,
     .help = kPassphraseFlag.help,
     .group = "What seals a key"},
    {.name = "new-passphrase-from", .value = "SOURCE", .help = "passphrase: where the new one comes from"},
    {.name = "pem-passphrase-from",
     .value = "SOURCE",
     .help = "import: where the passphrase of the PEM file comes from"},
    {.name = "root-key",
     .value = "SOURCE",
     .help = "create, import, passphrase: env:NAME or file:PATH holds 32 bytes that take the place of a "
             "passphrase"},
    {.name = "unsealed",
     .help =
         "create, import, passphrase: no passphrase; a file beside the keys opens them (tests, machines that "
         "nobody else reads)"},
});

int refuse(const std::string& text) {
  complain(text);
  return kUsage;
}

// Damage is a verdict on the keyring; everything else is for the user to put right.
int refuse(const Error& error) {
  complain(error.message);
  return error.code == Code::Corrupt ? kRefused : kUsage;
}

int show_key(const Arguments& arguments, const Result<crypto::KeyFile>& key, bool authenticated = true) {
  if (!key) return refuse(key.error());
  const std::string text =
      arguments.text("format") == "json" ? key_json(*key, authenticated) : key_text(*key, authenticated);
  return print(text) ? kAccepted : kUsage;
}

// The type that was asked for; nothing: a key-encryption key.
std::optional<crypto::KeyType> wanted_type(const Arguments& arguments) {
  return crypto::key_type_from(arguments.text("type", "p256"));
}

Result<std::optional<std::uint32_t>> wanted_version(const Arguments& arguments) {
  const std::string text = arguments.text("version");
  if (text.empty()) return std::optional<std::uint32_t>();
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0)
    return fail(Code::InvalidInput, "--version: '" + printable(text, 40) + "' is no number from 1");
  return std::optional(number);
}

// Makes a key on a token: a pair, or the next version of a key-encryption key.
int create_on_token(const Arguments& arguments) {
  const auto uri = token_uri(arguments.operands[1]);
  if (!uri) return refuse(uri.error());
  if (arguments.has("root-key") || arguments.has("unsealed"))
    return refuse("--root-key and --unsealed are for the keyring; a token keeps its keys itself");
  const auto type = wanted_type(arguments);
  if (!type) {
    const auto version = crypto::create_token_key_encryption(*uri, pin_for(arguments, *uri));
    if (!version) return refuse(version.error());
    return print(token_key_text(*uri, *version, arguments.text("format") == "json")) ? kAccepted : kUsage;
  }
  const auto made = crypto::create_token_key(*uri, pin_for(arguments, *uri), *type);
  if (!made) return refuse(made.error());
  return print(token_key_text(*uri, *made, arguments.text("format") == "json")) ? kAccepted : kUsage;
}

int create(const Arguments& arguments, const World& world, const crypto::Keyring& ring) {
  const std::string& name = arguments.operands[1];
  if (is_on_token(name)) return create_on_token(arguments);
  // Before a passphrase is asked for: what cannot be done is said at once.
  const auto before = ring.find(name);
  if (before) return refuse("key '" + name + "' exists; a new version of it: bulwark key rotate " + name);
  if (before.error().code != Code::NotFound) return refuse(before.error());
  const auto protector = new_protector(arguments, world, ring, name);
  if (!protector) return refuse(protector.error());
  return show_key(arguments, ring.create(name, wanted_type(arguments), *protector));
}

int import(const Arguments& arguments, const World& world, const crypto::Keyring& ring) {
  const std::string& name = arguments.operands[1];
  const std::string& source = arguments.operands[2];
  if (arguments.text("type") == "kek") {
    const auto content = is_reference(source) ? read_content(source) : read_content_of_file(source);
    if (!content) return refuse(content.error());
    const auto key = symmetric_key(*content);
    if (!key) return refuse(key.error());
    const auto protector = new_protector(arguments, world, ring, name);
    if (!protector) return refuse(protector.error());
    return show_key(arguments, ring.import(name, *key, *protector));
  }
  const auto key = read_private_key(arguments, source, "pem-passphrase-from");
  if (!key) return refuse(key.error());
  if (arguments.has("type") && key->public_key().type() != wanted_type(arguments)) {
    return refuse(printable(source) + " holds a key of type " +
                  std::string(crypto::name_of(key->public_key().type())) + ", not " + arguments.text("type"));
  }
  const auto protector = new_protector(arguments, world, ring, name);
  if (!protector) return refuse(protector.error());
  return show_key(arguments, ring.import(name, *key, *protector));
}

int list(const Arguments& arguments, const World&, const crypto::Keyring& ring) {
  const auto listing = ring.list();
  if (!listing) return refuse(listing.error());
  const std::string text = arguments.text("format") == "json" ? keys_json(*listing, ring.folder())
                                                              : keys_text(*listing, ring.folder());
  if (!print(text)) return kUsage;
  return listing->damaged.empty() ? kAccepted : kIncomplete;
}

int show(const Arguments& arguments, const World&, const crypto::Keyring& ring) {
  if (is_on_token(arguments.operands[1])) {
    const auto uri = token_uri(arguments.operands[1]);
    if (!uri) return refuse(uri.error());
    const auto key = crypto::token_public_key(*uri);
    if (!key) return refuse(key.error());
    return print(token_key_text(*uri, *key, arguments.text("format") == "json")) ? kAccepted : kUsage;
  }
  return show_key(arguments, ring.find(arguments.operands[1]), false);
}

int verify(const Arguments& arguments, const World&, const crypto::Keyring& ring) {
  return show_key(arguments, ring.verify(arguments.operands[1], unlock_with(arguments, ring.folder())));
}

int rotate(const Arguments& arguments, const World&, const crypto::Keyring& ring) {
  if (is_on_token(arguments.operands[1])) {
    return refuse(
        "key rotate: on a token, 'bulwark key create URI --type kek' makes the next version; to sign, make a "
        "key of another name");
  }
  return show_key(arguments, ring.rotate(arguments.operands[1], unlock_with(arguments, ring.folder())));
}

int revoke(const Arguments& arguments, const World&, const crypto::Keyring& ring) {
  const auto version = wanted_version(arguments);
  if (!version) return refuse(version.error());
  if (!arguments.has("reason")) return refuse("key revoke: --reason TEXT is needed; it is kept with the key");
  return show_key(arguments, ring.revoke(arguments.operands[1], *version, arguments.text("reason"),
                                         unlock_with(arguments, ring.folder())));
}

int destroy(const Arguments& arguments, const World&, const crypto::Keyring& ring) {
  const auto version = wanted_version(arguments);
  if (!version) return refuse(version.error());
  if (!arguments.has("reason"))
    return refuse("key destroy: --reason TEXT is needed; it is kept with the key");
  if (!arguments.has("yes")) {
    return refuse("key destroy: " + std::string(*version ? "this version" : "every version") + " of '" +
                  printable(arguments.operands[1], 80) +
                  "' is gone for good then, and all that only it opens; add --yes");
  }
  return show_key(arguments,
                  ring.destroy(arguments.operands[1], *version, arguments.text("reason"),
                               unlock_with(arguments, ring.folder())),
                  version->has_value());
}

int change_passphrase(const Arguments& arguments, const World& world, const crypto::Keyring& ring) {
  const std::string& name = arguments.operands[1];
  // The old one first: nobody chooses a new passphrase for a key that does not open.
  const crypto::Unlock unlock = unlock_with(arguments, ring.folder());
  const auto before = ring.find(name);
  if (!before) return refuse(before.error());
  auto secret = unlock(*before);
  if (!secret) return refuse(secret.error());
  const crypto::Unlock again = [&](const crypto::KeyFile&) -> Result<crypto::Secret> {
    return secret->copy();
  };
  if (const auto opened = ring.verify(name, again); !opened) return refuse(opened.error());
  const auto protector = new_protector(arguments, world, ring, name, "new-passphrase-from");
  if (!protector) return refuse(protector.error());
  return show_key(arguments, ring.protect(name, again, *protector));
}

int export_public(const Arguments& arguments, const World& world, const crypto::Keyring& ring) {
  const auto version = wanted_version(arguments);
  if (!version) return refuse(version.error());
  std::string key = arguments.operands[1];
  if (is_on_token(key) && *version)
    return refuse("key export: keys on tokens have no versions; name one with id=…");
  if (!is_on_token(key)) {
    const auto file = ring.find(key);
    if (!file) return refuse(file.error());
    const crypto::KeyVersion* active = file->active();
    key +=
        "@" + std::to_string(version->value_or((active == nullptr ? file->versions.back() : *active).number));
  }
  const auto public_key = open_public_key(arguments, world, key);
  if (!public_key) return refuse(public_key.error());
  return print(public_key->pem()) ? kAccepted : kUsage;
}

struct Command {
  std::string_view name;
  std::size_t operands;  // its own name included
  std::string_view usage;
  std::string_view flags;  // those that are for some commands only
  int (*run)(const Arguments&, const World&, const crypto::Keyring&);
  bool tokens = false;  // also for keys on tokens
};

constexpr auto kCommands = std::to_array<Command>({
    {"create", 2, "NAME", "type root-key unsealed passphrase-from", create, true},
    {"list", 1, "", "", list},
    {"show", 2, "NAME", "", show, true},
    {"verify", 2, "NAME", "passphrase-from", verify},
    {"rotate", 2, "NAME", "passphrase-from", rotate, true},
    {"revoke", 2, "NAME --reason TEXT", "version reason passphrase-from", revoke},
    {"destroy", 2, "NAME --reason TEXT --yes", "version reason yes passphrase-from", destroy},
    {"export", 2, "NAME", "version", export_public, true},
    {"import", 3, "NAME FILE", "type root-key unsealed passphrase-from pem-passphrase-from", import},
    {"passphrase", 2, "NAME", "root-key unsealed passphrase-from new-passphrase-from", change_passphrase},
});
constexpr std::string_view kEverywhere = "format home";

const Command* find_command(std::string_view name) {
  const auto* found = std::ranges::find(kCommands, name, &Command::name);
  return found == kCommands.end() ? nullptr : found;
}

int refuse_command(std::string_view word) {
  std::vector<std::string_view> names;
  std::string all;
  for (const Command& command : kCommands) {
    names.push_back(command.name);
    all += " " + std::string(command.name);
  }
  const std::string_view guess = word.empty() ? std::string_view() : nearest(word, names);
  return refuse((word.empty() ? "key: what to do? One of" : "key: '" + printable(word, 40) + "' is none of") +
                all + (guess.empty() ? "" : "; did you mean '" + std::string(guess) + "'?") +
                "\nRun 'bulwark key --help' for examples.");
}

// A flag that was given for another command; empty: none.
std::string misplaced(const Arguments& arguments, const Command& command) {
  const std::vector<std::string_view> own = words(command.flags);
  const std::vector<std::string_view> everywhere = words(kEverywhere);
  for (const auto& [flag, values] : arguments.flags) {
    if (std::ranges::find(own, flag) == own.end() && std::ranges::find(everywhere, flag) == everywhere.end())
      return "--" + flag + " is not for 'bulwark key " + std::string(command.name) + "'";
  }
  return {};
}

int run(const Arguments& arguments, const World& world) {
  os::keep_memory_private();
  const std::string word = arguments.operands.empty() ? std::string() : arguments.operands.front();
  const Command* command = find_command(word);
  if (command == nullptr) return refuse_command(word);
  if (arguments.operands.size() != command->operands)
    return refuse("key " + word + ": expected: bulwark key " + word + " " + std::string(command->usage));
  if (const std::string wrong = misplaced(arguments, *command); !wrong.empty()) return refuse(wrong);
  if (command->operands > 1 && is_on_token(arguments.operands[1]) && !command->tokens)
    return refuse("key " + word + ": not for keys on a token; use the tools that came with it");
  const auto ring = keyring(arguments, world);
  if (!ring) return refuse(ring.error());
  return command->run(arguments, world, *ring);
}

}  // namespace

const Verb key{
    .name = "key",
    .summary = "keys to sign with and keys that seal the store: make, rotate, revoke, destroy",
    .operands = "COMMAND",
    .operands_help =
        "create NAME | list | show NAME | verify NAME | rotate NAME | revoke NAME | destroy NAME | "
        "export NAME | import NAME FILE | passphrase NAME; see the examples",
    .flags = kFlags,
    .examples =
        "  bulwark key create release --type p256           to sign with; asks for a passphrase\n"
        "  bulwark key create store --type kek              what seals the store\n"
        "  bulwark key list                                 asks for no secret\n"
        "  bulwark key export release > release.pub.pem     what others verify with\n"
        "  bulwark key rotate store                         a new version; the old one still opens what it "
        "sealed\n"
        "  bulwark key revoke release --reason 'laptop stolen'\n"
        "  bulwark key destroy store --version 1 --reason 'all objects rotated' --yes\n"
        "  bulwark key import release old.pem               from PEM (PKCS#8, SEC1)\n"
        "  bulwark key passphrase release                   another passphrase\n"
        "  bulwark key create ci --passphrase-from env:KEY_PASSPHRASE     also file:PATH, fd:N\n"
        "  bulwark key create store --type kek --root-key file:/run/secrets/root\n"
        "  bulwark key create 'pkcs11:token=ci;object=release?module-path=/usr/lib/softhsm/libsofthsm2.so'",
    .run = run};

}  // namespace bulwark::cli::commands
