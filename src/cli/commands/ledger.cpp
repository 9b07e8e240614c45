// bulwark ledger: the log of what was decided. The first operand says what is done.

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "base/encoding.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/commands/list.h"
#include "cli/ledger_entry.h"
#include "cli/ledger_place.h"
#include "cli/secret_source.h"
#include "ledger/decimal.h"
#include "ledger/log.h"
#include "ledger/statement.h"
#include "ledger/tile_reader.h"

#include "os/files.h"
#include "os/folders.h"

namespace bulwark::cli::commands {
namespace {

constexpr std::string_view kCommands = "init append prove verify tail export checkpoint fsck witness";
constexpr std::uint64_t kDefaultWait = 10;  // seconds
constexpr std::uint64_t kMaxWait = 3'600;

constexpr auto kFlags = std::to_array<Flag>({
    {.name = "ledger", .value = "DIR", .help = "the ledger's folder (default: ledger below --home)"},
    {.name = "key",
     .value = "KEY",
     .help = "what the log is signed with: a key of the keyring, a PEM file, a token"},
    kHomeFlag,
    kPassphraseFlag,
    {.name = "format",
     .letter = 'f',
     .value = "FORMAT",
     .help = "text (default) or json",
     .choices = "text json"},
    {.name = "output", .letter = 'o', .value = "FILE", .help = "write to FILE instead of standard output"},
    {.name = "kind", .value = "WORD", .help = "decision, approval, shred, key …", .group = "append"},
    {.name = "subject", .value = "TEXT", .help = "what the statement is about"},
    {.name = "artifact", .value = "DIGEST", .help = "sha256:… of the artifact"},
    {.name = "evidence", .value = "DIGEST", .help = "sha256:… of evidence in the store", .repeats = true},
    {.name = "atlas", .value = "ID", .help = "ATLAS technique that it answers", .repeats = true},
    {.name = "outcome", .value = "TEXT", .help = "allow, refuse …"},
    {.name = "note", .value = "TEXT", .help = "for people"},
    {.name = "receipt", .value = "FILE", .help = "write the receipt (.tlog-proof) to FILE"},
    {.name = "wait", .value = "SECONDS", .help = "for another writer to finish (default 10)"},
    {.name = "vkey",
     .value = "VKEY",
     .help = "the log's key (name+id+key)",
     .repeats = true,
     .group = "verify"},
    {.name = "origin", .value = "TEXT", .help = "the log's origin, where it is not the key's name"},
    {.name = "entry", .value = "FILE", .help = "the entry that a receipt is for, if it does not hold it"},
    {.name = "witness", .value = "VKEY", .help = "cosignature that is asked for", .repeats = true},
    {.name = "quorum", .value = "N", .help = "so many of the witnesses (default: all)"},
    {.name = "no-remember", .help = "neither use nor keep the checkpoint that was verified here last"},
    {.name = "lines",
     .letter = 'n',
     .value = "N",
     .help = "tail: how many entries (default 10)",
     .group = "others"},
    {.name = "repair", .help = "fsck: mend what can be proven"},
    {.name = "state", .value = "DIR", .help = "witness: its memory (default: witness below --home)"},
    {.name = "old", .value = "SIZE", .help = "witness request: the size that the witness signed last"},
});

Result<std::uint64_t> number_of(const Arguments& arguments, std::string_view flag, std::uint64_t fallback,
                                std::uint64_t most) {
  if (!arguments.has(flag)) return fallback;
  const auto number = ledger::decimal_from(arguments.text(flag));
  if (!number || *number > most)
    return fail(Code::InvalidInput, "--" + std::string(flag) + ": a number up to " + std::to_string(most));
  return *number;
}

Result<int> init(const Arguments& arguments, const World& world) {
  if (arguments.operands.size() != 2 || !arguments.has("key"))
    return fail(Code::InvalidInput,
                "init NAME --key KEY: NAME is the log's origin, such as example.com/models");
  const std::string folder = TRY(ledger_folder(arguments));
  const auto signer = TRY(open_signer(arguments, world, arguments.text("key")));
  TRY(os::make_folders_to(folder));
  TRY(ledger::Log::create(world.files, folder, arguments.operands[1], *signer));
  const auto key = TRY(ledger::Folder(world.files, folder).key());
  complain("ledger: made " + printable(folder) + "; give this key to whoever verifies");
  return print(key.vkey() + "\n") ? int{kAccepted} : int{kUsage};
}

// From FILE, from the flags, or from both: a flag goes before what the file says.
Result<ledger::Statement> statement_from(const Arguments& arguments, const World& world) {
  ledger::Statement statement;
  if (arguments.operands.size() > 1) {
    const std::string text = TRY(read_operand(world, arguments.operands[1], ledger::kMaxEntryBytes));
    statement = TRY(ledger::parse_draft(text));
  } else if (!arguments.has("kind") || !arguments.has("subject")) {
    return fail(Code::InvalidInput, "append: a statement in FILE or '-', or --kind and --subject");
  }
  statement.kind = arguments.text("kind", statement.kind);
  statement.subject = arguments.text("subject", statement.subject);
  statement.artifact = arguments.text("artifact", statement.artifact);
  statement.outcome = arguments.text("outcome", statement.outcome);
  statement.note = arguments.text("note", statement.note);
  for (const std::string& digest : arguments.all("evidence")) statement.evidence.push_back(digest);
  for (const std::string& id : arguments.all("atlas")) statement.atlas.push_back(id);
  if (statement.time == Instant()) statement.time = world.wall.now();
  if (statement.tool.empty()) statement.tool = "bulwark " BULWARK_VERSION;
  return statement;
}

Result<int> append(const Arguments& arguments, const World& world) {
  if (!arguments.has("key") || arguments.operands.size() > 2)
    return fail(Code::InvalidInput, "append [FILE|-] --key KEY …");
  const std::string folder = TRY(ledger_folder(arguments));
  const auto statement = TRY(statement_from(arguments, world));
  const std::string entry = TRY(ledger::to_entry(statement));
  const auto signer = TRY(open_signer(arguments, world, arguments.text("key")));
  const std::uint64_t wait = TRY(number_of(arguments, "wait", kDefaultWait, kMaxWait));
  const auto log = TRY(open_log(world, folder, *signer, std::chrono::seconds(wait)));
  const auto appended = TRY(log->append(bytes_of(entry)));
  ledger::Receipt receipt = TRY(log->receipt(appended, appended.index));
  // The entry comes along, so that the receipt says what it is for.
  receipt.extra.assign(entry.begin(), entry.end());
  const std::string text = ledger::to_text(receipt);
  if (arguments.has("receipt")) TRY(os::write_durably(arguments.text("receipt"), text));
  if (wants_json(arguments))
    return print_json("append",
                      {{"index", json_integer(static_cast<std::int64_t>(appended.index))},
                       {"entry", json_string(entry)},
                       {"checkpoint", checkpoint_json(appended.checkpoint->checkpoint)},
                       {"receipt", json_string(text)}},
                      kAccepted);
  if (arguments.has("receipt")) {
    complain("ledger: entry " + std::to_string(appended.index) + "; receipt in " +
             printable(arguments.text("receipt")));
    return int{kAccepted};
  }
  return print(text) ? int{kAccepted} : int{kUsage};
}

// What the folder publishes, believed only as far as its own key.
struct Opened {
  std::string folder;
  ledger::SignedCheckpoint checkpoint;
};

Result<Opened> open_published(const Arguments& arguments, const World& world) {
  Opened opened;
  opened.folder = TRY(ledger_folder(arguments));
  const auto log = TRY(trusted_log(arguments, world, opened.folder));
  opened.checkpoint = TRY(ledger::read_checkpoint(world.files, opened.folder + "/checkpoint"));
  TRY(ledger::verify_checkpoint(opened.checkpoint, log.origin, log.keys));
  return opened;
}

// Calls `see` for entries [first, size) in order until it returns false.
Result<void> for_each_entry(ledger::TileReader& reader, std::uint64_t first,
                            const std::function<bool(std::uint64_t, Bytes)>& see) {
  for (std::uint64_t index = first / ledger::kTileWidth; index * ledger::kTileWidth < reader.size();
       ++index) {
    const ledger::Bundle bundle = TRY(reader.bundle(index));
    for (std::size_t i = 0; i < bundle.entries.size(); ++i) {
      const std::uint64_t at = index * ledger::kTileWidth + i;
      if (at >= first && !see(at, bundle.entries[i])) return {};
    }
  }
  return {};
}

// The newest entry that has that leaf hash, or names that digest.
Result<std::uint64_t> find_entry(ledger::TileReader& reader, std::string_view digest) {
  std::string hexes(digest);
  if (hexes.starts_with("sha256:")) hexes = hexes.substr(7);
  if (!ledger::is_digest("sha256:" + hexes))
    return fail(Code::InvalidInput,
                "'" + printable(digest, 80) + "' is neither an index nor a digest (sha256:…)");
  std::optional<std::uint64_t> found;
  TRY(for_each_entry(reader, 0, [&](std::uint64_t at, Bytes entry) {
    if (text_of(entry).find("\"sha256:" + hexes + "\"") != std::string_view::npos ||
        hex(ledger::leaf_hash(entry)) == hexes)
      found = at;
    return true;
  }));
  if (!found)
    return fail(Code::NotFound, "none of " + count_text(reader.size(), "entry") + " has the digest " + hexes);
  return *found;
}

Result<int> prove(const Arguments& arguments, const World& world) {
  if (arguments.operands.size() != 2)
    return fail(Code::InvalidInput, "prove INDEX|DIGEST [-o FILE.tlog-proof]");
  const Opened opened = TRY(open_published(arguments, world));
  const std::uint64_t size = opened.checkpoint.checkpoint.size;
  ledger::TileReader reader(world.files, opened.folder, size);
  auto index = ledger::decimal_from(arguments.operands[1]);
  if (!index) index = TRY(find_entry(reader, arguments.operands[1]));
  ledger::Receipt receipt{.index = *index, .proof = {}, .checkpoint = opened.checkpoint, .extra = {}};
  receipt.proof = TRY(reader.inclusion(*index));
  receipt.extra = TRY(reader.entry(*index));
  // What is handed out is true, whatever the folder holds.
  TRY(ledger::verify_inclusion(*index, size, ledger::leaf_hash(receipt.extra), receipt.proof,
                               opened.checkpoint.checkpoint.root));
  TRY(write_result(arguments, ledger::to_text(receipt)));
  return int{kAccepted};
}

std::string entry_line(std::uint64_t index, Bytes entry) {
  const auto statement = ledger::parse_statement(text_of(entry));
  std::string line = std::to_string(index) + "  ";
  if (!statement) return line + "(no statement of ours) " + printable(text_of(entry), 100) + "\n";
  line += instant_text(statement->time) + "  " + statement->kind + "  " + printable(statement->subject, 80);
  if (!statement->outcome.empty()) line += "  " + printable(statement->outcome, 40);
  for (const std::string& id : statement->atlas) line += "  " + id;
  return line + "\n";
}

// A statement as it is; foreign entries as base64.
std::string entry_json_line(std::uint64_t index, Bytes entry) {
  const std::string start = "{\"index\":" + std::to_string(index);
  if (ledger::parse_statement(text_of(entry)))
    return start + ",\"statement\":" + std::string(text_of(entry)) + "}\n";
  return start + ",\"entry_base64\":\"" + encode_base64(entry) + "\"}\n";
}

Result<int> tail(const Arguments& arguments, const World& world) {
  const Opened opened = TRY(open_published(arguments, world));
  const std::uint64_t lines = TRY(number_of(arguments, "lines", 10, 100'000));
  const std::uint64_t size = opened.checkpoint.checkpoint.size;
  ledger::TileReader reader(world.files, opened.folder, size);
  std::string text;
  TRY(for_each_entry(reader, size - std::min(lines, size), [&](std::uint64_t at, Bytes entry) {
    text += wants_json(arguments) ? entry_json_line(at, entry) : entry_line(at, entry);
    return true;
  }));
  TRY(write_result(arguments, text));
  return int{kAccepted};
}

Result<int> export_all(const Arguments& arguments, const World& world) {
  const Opened opened = TRY(open_published(arguments, world));
  ledger::TileReader reader(world.files, opened.folder, opened.checkpoint.checkpoint.size);
  std::string text;
  bool written = true;
  TRY(for_each_entry(reader, 0, [&](std::uint64_t at, Bytes entry) {
    text += entry_json_line(at, entry);
    if (arguments.has("output") || text.size() < (std::size_t{1} << 20)) return true;
    written = print(text);
    text.clear();
    return written;
  }));
  if (!written) return int{kUsage};
  TRY(write_result(arguments, text));
  return int{kAccepted};
}

Result<int> checkpoint(const Arguments& arguments, const World& world) {
  const Opened opened = TRY(open_published(arguments, world));
  if (wants_json(arguments))
    return print_json("checkpoint", {{"checkpoint", checkpoint_json(opened.checkpoint.checkpoint)}},
                      kAccepted);
  TRY(write_result(arguments, ledger::to_text(opened.checkpoint.note)));
  return int{kAccepted};
}

int run(const Arguments& arguments, const World& world) {
  struct Row {
    std::string_view name;
    Result<int> (*run)(const Arguments&, const World&);
  };
  constexpr auto kRows = std::to_array<Row>({{"init", init},
                                             {"append", append},
                                             {"prove", prove},
                                             {"tail", tail},
                                             {"export", export_all},
                                             {"checkpoint", checkpoint}});
  const std::string command = arguments.operands.empty() ? std::string() : arguments.operands.front();
  if (command == "verify") return ledger_verify(arguments, world);
  if (command == "fsck") return ledger_fsck(arguments, world);
  if (command == "witness") return ledger_witness(arguments, world);
  const auto row = std::ranges::find(kRows, command, &Row::name);
  if (row == kRows.end()) {
    const std::string_view guess = nearest(command, words(kCommands));
    return refuse_ledger(
        (command.empty() ? "what to do? One of " : "'" + printable(command, 40) + "' is none of ") +
        std::string(kCommands) +
        (guess.empty() || command.empty() ? "" : "; did you mean '" + std::string(guess) + "'?"));
  }
  const auto done = row->run(arguments, world);
  return done ? *done : refuse_ledger(done.error());
}

}  // namespace

const Verb ledger{
    .name = "ledger",
    .summary = "the log of what was decided: append, prove, verify; cannot be rewritten unseen",
    .operands = "COMMAND",
    .operands_help =
        "init NAME | append [FILE|-] | prove INDEX|DIGEST | verify [DIR|RECEIPT] | tail | export | "
        "checkpoint | "
        "fsck | witness init|add|cosign|request|accept; see the examples",
    .flags = kFlags,
    .examples =
        "  bulwark ledger init example.com/models --key log         prints the key that verifiers need\n"
        "  bulwark ledger append --kind decision --subject 'model fraud@7' --outcome refuse \\\n"
        "      --artifact sha256:… --atlas AML.T0010.003 --key log --receipt fraud.tlog-proof\n"
        "  bulwark ledger prove 12 -o entry.tlog-proof              a receipt for an entry, also by digest\n"
        "  bulwark ledger verify fraud.tlog-proof --vkey VKEY       offline, without the ledger\n"
        "  bulwark ledger verify --vkey VKEY --witness VKEY         every entry; rolled back? forked? "
        "edited?\n"
        "  bulwark ledger tail -n 20\n"
        "  bulwark ledger fsck --repair                             mend what can be proven\n"
        "  bulwark ledger witness request -o q; bulwark ledger witness cosign q --key w -o a   (elsewhere)\n"
        "  bulwark ledger witness accept q a --witness VKEY",
    .run = run};

}  // namespace bulwark::cli::commands
