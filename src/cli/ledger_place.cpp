#include "cli/ledger_place.h"

#include <unistd.h>

#include "base/encoding.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/secret_source.h"
#include "ledger/folder.h"
#include "os/files.h"

namespace bulwark::cli {

int refuse_ledger(std::string_view text) {
  complain("ledger: " + std::string(text));
  return kUsage;
}

int refuse_ledger(const Error& error) {
  (void)refuse_ledger(error.message);
  // What is damaged is refused; all else is the environment's fault.
  return error.code == Code::Corrupt ? kRefused : kUsage;
}

Result<std::string> ledger_folder(const Arguments& arguments) {
  if (arguments.has("ledger")) return arguments.text("ledger");
  const std::string home = TRY(home_folder(arguments));
  return home + "/ledger";
}

Result<std::vector<ledger::NoteKey>> keys_of(const Arguments& arguments, std::string_view flag,
                                             ledger::KeyKind kind) {
  std::vector<ledger::NoteKey> keys;
  for (const std::string& text : arguments.all(flag)) {
    auto key = ledger::NoteKey::parse(text);
    if (!key) return std::unexpected(std::move(key).error().within("--" + std::string(flag)));
    if (key->kind() != kind)
      return fail(Code::InvalidInput,
                  "--" + std::string(flag) + ": '" + printable(text, 80) +
                      (kind == ledger::KeyKind::Cosignature ? "' is no witness's key" : "' is no log's key"));
    keys.push_back(std::move(*key));
  }
  return keys;
}

Result<TrustedLog> trusted_log(const Arguments& arguments, const World& world, const std::string& folder) {
  TrustedLog log;
  log.keys = TRY(keys_of(arguments, "vkey", ledger::KeyKind::Ed25519));
  if (log.keys.empty()) {
    auto own = TRY(ledger::Folder(world.files, folder).key());
    log.keys.push_back(std::move(own));
    log.from_folder = true;
  }
  log.origin = arguments.text("origin", log.keys.front().name());
  return log;
}

bool wants_json(const Arguments& arguments) {
  return arguments.text("format") == "json";
}

int print_json(std::string_view command, std::vector<Document::Entry> members, int exit) {
  members.insert(members.begin(), {"command", json_string(std::string(command))});
  members.insert(members.begin(), {"schema", json_string("bulwark.ledger/1")});
  return print(pretty_json(json_map(std::move(members)))) ? exit : int{kUsage};
}

Result<std::string> read_operand(const World& world, const std::string& path, std::uint64_t limit) {
  if (path == "-") {
    const auto bytes = TRY(os::read_stream(STDIN_FILENO, limit));
    return std::string(text_of(bytes));
  }
  const auto bytes = TRY(read_file(world.files, path, limit));
  return std::string(text_of(bytes));
}

Result<void> write_result(const Arguments& arguments, std::string_view text) {
  if (arguments.has("output")) return os::write_durably(arguments.text("output"), text);
  if (print(text)) return {};
  return fail(Code::Unavailable, "cannot write to standard output");
}

Document checkpoint_json(const ledger::Checkpoint& checkpoint) {
  return json_map({{"origin", json_string(checkpoint.origin)},
                   {"size", json_integer(static_cast<std::int64_t>(checkpoint.size))},
                   {"root", json_string(encode_base64(checkpoint.root))}});
}

std::string count_text(std::uint64_t count, std::string_view thing) {
  std::string text = std::to_string(count) + " " + std::string(thing);
  if (count == 1) return text;
  if (text.ends_with('y')) return text.substr(0, text.size() - 1) + "ies";
  return text + (text.ends_with("ch") ? "es" : "s");
}

}  // namespace bulwark::cli
