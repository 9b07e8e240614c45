#include "cli/key_report.h"

#include <algorithm>
#include <array>

#include "base/json_text.h"
#include "base/text.h"
#include "trust/signer_trust.h"

namespace bulwark::cli {
namespace {

using Row = std::array<std::string, 6>;

constexpr std::size_t kShownId = 16;

std::string protection_text(const crypto::Protection& protection) {
  if (protection.method == crypto::Protection::Method::RootKey)
    return "root key of " + printable(protection.root_key);
  return "passphrase (Argon2id, " + std::to_string(protection.argon2.passes) + " passes over " +
         human_size(std::uint64_t{protection.argon2.kibibytes} * 1'024) + ")";
}

Document version_document(const crypto::KeyVersion& version) {
  std::vector<Document::Entry> entries;
  entries.emplace_back("version", json_integer(version.number));
  entries.emplace_back("state", json_string(std::string(crypto::name_of(version.state))));
  entries.emplace_back("created", json_string(instant_text(version.created)));
  entries.emplace_back("changed", json_string(instant_text(version.changed)));
  if (!version.reason.empty()) entries.emplace_back("reason", json_string(version.reason));
  if (version.public_key) {
    entries.emplace_back("id", json_string(trust::key_hint(*version.public_key)));
    entries.emplace_back("public_key", json_string(version.public_key->pem()));
  }
  return json_map(std::move(entries));
}

Document key_document(const crypto::KeyFile& key) {
  std::vector<Document> versions;
  for (const crypto::KeyVersion& version : key.versions) versions.push_back(version_document(version));
  std::vector<Document::Entry> entries;
  entries.emplace_back("name", json_string(key.name));
  entries.emplace_back("kind", json_string(std::string(crypto::name_of(key.kind))));
  entries.emplace_back("type", json_string(std::string(key.type_name())));
  entries.emplace_back("protection", json_string(std::string(crypto::name_of(key.protection.method))));
  if (!key.protection.root_key.empty())
    entries.emplace_back("root_key", json_string(key.protection.root_key));
  entries.emplace_back("versions", json_list(std::move(versions)));
  return json_map(std::move(entries));
}

std::string aligned(const std::vector<Row>& rows) {
  std::array<std::size_t, std::tuple_size_v<Row>> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

// What stands for a key in a list: what is in use, or else the newest.
const crypto::KeyVersion& chief(const crypto::KeyFile& key) {
  const crypto::KeyVersion* active = key.active();
  return active == nullptr ? key.versions.back() : *active;
}

std::string token_json(std::vector<Document::Entry> about) {
  std::vector<Document::Entry> entries;
  entries.emplace_back("schema", json_string("bulwark.key/1"));
  entries.emplace_back("key", json_map(std::move(about)));
  return pretty_json(json_map(std::move(entries)));
}

constexpr std::string_view kUnauthenticated =
    "Names, states and public halves are as the files say; 'bulwark key verify NAME' opens a key and checks "
    "them.\n";

}  // namespace

std::string key_text(const crypto::KeyFile& key, bool authenticated) {
  std::string text = key.name + ": " + std::string(crypto::name_of(key.kind)) + " key, " +
                     std::string(key.type_name()) + ", sealed with a " + protection_text(key.protection) +
                     "\n";
  for (const crypto::KeyVersion& version : key.versions) {
    text += "  version " + std::to_string(version.number) + "  " +
            std::string(crypto::name_of(version.state)) + " since " + instant_text(version.changed);
    if (version.changed != version.created) text += ", made " + instant_text(version.created);
    if (!version.reason.empty()) text += ": " + printable(version.reason, 1'000);
    text += "\n";
    if (version.public_key) text += "    id " + trust::key_hint(*version.public_key) + "\n";
  }
  if (!authenticated) text += kUnauthenticated;
  return text;
}

std::string key_json(const crypto::KeyFile& key, bool authenticated) {
  std::vector<Document::Entry> entries;
  entries.emplace_back("schema", json_string("bulwark.key/1"));
  entries.emplace_back("authenticated", json_boolean(authenticated));
  entries.emplace_back("key", key_document(key));
  return pretty_json(json_map(std::move(entries)));
}

std::string keys_text(const crypto::KeyListing& listing, const std::string& folder) {
  if (listing.keys.empty() && listing.damaged.empty())
    return "No keys in " + printable(folder) + ". Make one with: bulwark key create release --type p256\n";
  std::vector<Row> rows = {{"NAME", "TYPE", "VERSION", "STATE", "SINCE", "ID"}};
  for (const crypto::KeyFile& key : listing.keys) {
    const crypto::KeyVersion& version = chief(key);
    rows.push_back({key.name, std::string(key.type_name()), std::to_string(version.number),
                    std::string(crypto::name_of(version.state)), instant_text(version.changed),
                    version.public_key ? trust::key_hint(*version.public_key).substr(0, kShownId) : "-"});
  }
  std::string text = aligned(rows);
  for (const crypto::DamagedKey& damaged : listing.damaged)
    text += "damaged: " + printable(damaged.name, 80) + ": " + printable(damaged.error.message, 400) + "\n";
  return text.append(kUnauthenticated);
}

std::string keys_json(const crypto::KeyListing& listing, const std::string& folder) {
  std::vector<Document> keys;
  for (const crypto::KeyFile& key : listing.keys) keys.push_back(key_document(key));
  std::vector<Document> damaged;
  for (const crypto::DamagedKey& each : listing.damaged) {
    std::vector<Document::Entry> entries;
    entries.emplace_back("name", json_string(each.name));
    entries.emplace_back("error", json_string(each.error.message));
    damaged.push_back(json_map(std::move(entries)));
  }
  std::vector<Document::Entry> entries;
  entries.emplace_back("schema", json_string("bulwark.key/1"));
  entries.emplace_back("folder", json_string(folder));
  entries.emplace_back("authenticated", json_boolean(false));
  entries.emplace_back("keys", json_list(std::move(keys)));
  entries.emplace_back("damaged", json_list(std::move(damaged)));
  return pretty_json(json_map(std::move(entries)));
}

std::string token_key_text(const crypto::TokenUri& uri, const crypto::PublicKey& key, bool json) {
  const std::string type(crypto::name_of(key.type()));
  if (!json)
    return printable(uri.object, 80) + ": signing key, " + type + ", on token '" + printable(uri.token, 40) +
           "'\n    id " + trust::key_hint(key) + "\n";
  std::vector<Document::Entry> about;
  about.emplace_back("name", json_string(uri.object));
  about.emplace_back("token", json_string(uri.token));
  about.emplace_back("kind", json_string("signing"));
  about.emplace_back("type", json_string(type));
  about.emplace_back("id", json_string(trust::key_hint(key)));
  about.emplace_back("public_key", json_string(key.pem()));
  return token_json(std::move(about));
}

std::string token_key_text(const crypto::TokenUri& uri, std::uint32_t version, bool json) {
  if (!json)
    return printable(uri.object, 80) + ": key-encryption key, aes256, version " + std::to_string(version) +
           ", on token '" + printable(uri.token, 40) + "'\n";
  std::vector<Document::Entry> about;
  about.emplace_back("name", json_string(uri.object));
  about.emplace_back("token", json_string(uri.token));
  about.emplace_back("kind", json_string("key-encryption"));
  about.emplace_back("type", json_string("aes256"));
  about.emplace_back("version", json_integer(version));
  return token_json(std::move(about));
}

}  // namespace bulwark::cli
