// bulwark store: an encrypted, content-addressed store for models, data and evidence.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <map>
#include <optional>

#include "base/instant.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/commands/list.h"
#include "cli/ledger_entry.h"
#include "cli/ledger_place.h"
#include "cli/progress.h"
#include "cli/secret_source.h"
#include "cli/store_output.h"
#include "cli/store_session.h"
#include "os/files.h"
#include "os/interrupt.h"
#include "os/terminal.h"
#include "store/names.h"
#include "store/object_reader.h"

namespace bulwark::cli::commands {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

constexpr auto kFlags = std::to_array<Flag>({
    kHomeFlag,
    {.name = "store",
     .value = "PLACE",
     .help = "the store: a folder, or s3://BUCKET/PREFIX (default: the folder store in --home)"},
    {.name = "kek",
     .value = "KEY",
     .help = "init: the key-encryption key (default: store); else instead of the one that the store names"},
    kPassphraseFlag,
    {.name = "format",
     .letter = 'f',
     .value = "FORMAT",
     .help = "text (default) or json",
     .choices = "text json"},
    {.name = "quiet", .letter = 'q', .help = "no progress bar"},
    {.name = "name", .value = "NAME", .help = "put: what to call the object", .group = "One object"},
    {.name = "move-name", .help = "put: take --name from the object that has it"},
    {.name = "again", .help = "put: also if this content was shredded"},
    {.name = "output", .letter = 'o', .value = "FILE", .help = "get: where to write (replaced as a whole)"},
    {.name = "range",
     .value = "FROM-TO",
     .help = "cat: bytes FROM up to TO, from 0, TO included; FROM- to the end"},
    {.name = "reason", .value = "TEXT", .help = "shred: why; kept in the clear with the tombstone"},
    {.name = "log-key", .value = "KEY", .help = "shred: say so in the ledger, signed with KEY"},
    {.name = "ledger", .value = "DIR", .help = "shred: the ledger's folder (default: ledger below --home)"},
    {.name = "quick", .help = "fsck: sizes and headers, not the content", .group = "Maintenance"},
    {.name = "repair", .help = "fsck: mend what can be mended, quarantine the rest"},
    {.name = "discard-quarantine", .help = "gc: give up what fsck put into quarantine"},
});

// Corrupt and Denied are answers about what is stored; everything else is about the call.
int refuse(const Error& error) {
  if (os::interrupted()) {
    complain("interrupted; nothing half-written was left behind");
    os::die_interrupted();
  }
  complain(error.message);
  return error.code == Code::Corrupt || error.code == Code::Denied ? kRefused : kUsage;
}

int deliver(const Arguments& arguments, std::string_view command, const Document& json,
            const std::string& text, int exit = kAccepted) {
  if (!wants_json(arguments)) return print(text) ? exit : kUsage;
  Document::Entry schema{"schema", json_string("bulwark.store/1")};
  Document::Entry what{"command", json_string(std::string(command))};
  Document whole = json;
  whole.map.insert(whole.map.begin(), {std::move(schema), std::move(what)});
  return print(pretty_json(whole)) ? exit : kUsage;
}

// --- put

Result<store::Source> source_of(StoreSession& session, const std::string& path) {
  const auto check = []() -> Result<void> {
    if (os::interrupted()) return fail(Code::Unavailable, "interrupted");
    return {};
  };
  if (path == "-") {
    return store::Source([check](std::span<std::uint8_t> out) -> Result<std::size_t> {
      std::size_t done = 0;
      while (done < out.size()) {
        TRY(check());
        const ssize_t got = ::read(STDIN_FILENO, out.data() + done, std::min(out.size() - done, kPieceBytes));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(Code::Unavailable, "cannot read standard input");
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
      }
      return done;
    });
  }
  auto opened = session.world().files.open(path);
  if (!opened) return std::unexpected(std::move(opened).error().within(printable(path)));
  std::shared_ptr<ReadableFile> file = std::move(*opened);
  return store::Source(
      [check, file, at = std::uint64_t{0}](std::span<std::uint8_t> out) mutable -> Result<std::size_t> {
        TRY(check());
        const std::size_t got = TRY(file->read_at(at, out));
        at += got;
        return got;
      });
}

int put(StoreSession& session, const Arguments& arguments) {
  const std::vector<std::string> paths(arguments.operands.begin() + 1, arguments.operands.end());
  const std::string name = arguments.text("name");
  if (paths.empty()) return refuse({Code::InvalidInput, "store put: which FILE? '-' is standard input"});
  if (!name.empty() && paths.size() > 1)
    return refuse({Code::InvalidInput, "store put: --name is for one FILE"});
  std::vector<Document> stored;
  std::string text;
  std::optional<Error> failed;
  {
    Progress progress(paths.size(), !arguments.has("quiet") && paths.size() > 1);
    for (const std::string& path : paths) {
      const auto source = source_of(session, path);
      const auto result =
          source
              ? store::put(
                    session.store(), *source,
                    {.name = name, .move_name = arguments.has("move-name"), .again = arguments.has("again")})
              : std::unexpected(source.error());
      if (!result) {
        failed = source ? Error(result.error()).within("storing " + printable(path)) : result.error();
        break;
      }
      stored.push_back(put_json(path, name, *result));
      text += put_text(path, name, *result);
      progress.step();
    }
  }
  // What was stored before the failure is stored, and said.
  if (!stored.empty() || !failed) {
    const int delivered =
        deliver(arguments, "put", json_map({{"objects", json_list(std::move(stored))}}), text);
    if (delivered != kAccepted) return delivered;
  }
  return failed ? refuse(*failed) : kAccepted;
}

// --- get, cat

struct Range {
  std::uint64_t from = 0;
  std::uint64_t to = ~std::uint64_t{0};  // behind the last byte
};

Result<Range> range_of(const Arguments& arguments) {
  Range range;
  if (!arguments.has("range")) return range;
  const std::string text = arguments.text("range");
  const std::size_t dash = text.find('-');
  const auto number = [](std::string_view digits, std::uint64_t& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size();
  };
  std::uint64_t last = 0;
  const bool good = dash != std::string::npos && number(std::string_view(text).substr(0, dash), range.from) &&
                    (dash + 1 == text.size() || (number(std::string_view(text).substr(dash + 1), last) &&
                                                 last >= range.from && last != ~std::uint64_t{0}));
  if (!good) return fail(Code::InvalidInput, "--range: expected FROM-TO or FROM-, such as 0-1023");
  if (dash + 1 != text.size()) range.to = last + 1;
  return range;
}

Result<void> copy(store::ObjectReader& reader, const Range& range,
                  const std::function<Result<void>(Bytes)>& sink) {
  std::vector<std::uint8_t> piece(kPieceBytes);
  const std::uint64_t end = std::min(range.to, reader.size());
  for (std::uint64_t at = range.from; at < end;) {
    if (os::interrupted()) return fail(Code::Unavailable, "interrupted");
    const std::size_t wanted = std::min<std::uint64_t>(piece.size(), end - at);
    const std::size_t got = TRY(reader.read_at(at, std::span(piece).first(wanted)));
    TRY(sink(Bytes(piece).first(got)));
    at += got;
  }
  return {};
}

Result<store::ObjectReader> reader_of(StoreSession& session, const std::string& what) {
  const store::ObjectId object = TRY(store::resolve(session.store(), what));
  return store::ObjectReader::open(session.store(), object);
}

Result<void> cat(StoreSession& session, const Arguments& arguments) {
  if (arguments.operands.size() != 2) return fail(Code::InvalidInput, "store cat: which object? One OBJECT");
  const Range range = TRY(range_of(arguments));
  store::ObjectReader reader = TRY(reader_of(session, arguments.operands[1]));
  return copy(reader, range, [](Bytes bytes) { return os::write_stream(STDOUT_FILENO, text_of(bytes)); });
}

// The file appears when all of it has authenticated and is durable, or not at all.
Result<void> get(StoreSession& session, const Arguments& arguments) {
  const std::string target = arguments.text("output");
  if (arguments.operands.size() != 2) return fail(Code::InvalidInput, "store get: which object? One OBJECT");
  if (target.empty())
    return fail(Code::InvalidInput, "store get: where to? Give -o FILE, or use 'bulwark store cat'");
  store::ObjectReader reader = TRY(reader_of(session, arguments.operands[1]));
  const std::size_t slash = target.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : target.substr(0, slash);
  const std::string temporary = target + "." + std::to_string(::getpid()) + ".part";
  auto written = [&]() -> Result<void> {
    const auto file = TRY(session.world().files.create(temporary));
    TRY(copy(reader, {}, [&](Bytes bytes) { return file->append(bytes); }));
    TRY(file->sync());
    TRY(session.world().files.rename(temporary, target));
    return session.world().files.sync_directory(folder);
  }();
  if (!written) (void)session.world().files.remove(temporary);
  return written;
}

// --- ls, stat

using Names = std::map<store::ObjectId, std::vector<std::string>>;

Result<Names> names_of(const store::Store& store) {
  Names names;
  TRY(store::each_reference(store,
                            [&](const store::NameId&, Result<store::Reference> reference) -> Result<void> {
                              if (reference) names[reference->object].push_back(reference->name);
                              return {};
                            }));
  for (auto& [object, list] : names) std::ranges::sort(list);
  return names;
}

StoredObject describe(const store::Store& store, const store::ObjectId& id,
                      const Result<store::ObjectRecord>& record) {
  StoredObject object{.id = id};
  if (!record) {
    object.unreadable = record.error().message;
    return object;
  }
  if (const auto* tombstone = std::get_if<store::Tombstone>(&*record)) {
    object.tombstone = *tombstone;
    return object;
  }
  const auto& key = std::get<store::KeyRecord>(*record);
  object.kek_version = key.kek_version;
  const auto manifest = store.manifest(key);
  if (!manifest) {
    object.unreadable = manifest.error().message;
    return object;
  }
  object.sha256 = manifest->sha256;
  object.size = manifest->size;
  object.segments = manifest->segments.size();
  object.created = manifest->created;
  return object;
}

Result<int> ls(StoreSession& session, const Arguments& arguments) {
  const store::Store& store = session.store();
  Names names = TRY(names_of(store));
  std::vector<StoredObject> objects;
  TRY(store.each_object(
      [&](const store::ObjectId& id, const Result<store::ObjectRecord>& record) -> Result<void> {
        StoredObject object = describe(store, id, record);
        object.names = std::move(names[id]);
        objects.push_back(std::move(object));
        return {};
      }));
  std::ranges::sort(objects, {},
                    [](const StoredObject& object) { return std::pair(object.names, object.id); });
  std::vector<Document> list;
  for (const StoredObject& object : objects) list.push_back(object_json(object));
  return deliver(arguments, "ls", json_map({{"objects", json_list(std::move(list))}}), list_text(objects));
}

Result<int> stat(StoreSession& session, const Arguments& arguments) {
  if (arguments.operands.size() != 2) return fail(Code::InvalidInput, "store stat: which object? One OBJECT");
  const store::Store& store = session.store();
  const store::ObjectId id = TRY(store::resolve(store, arguments.operands[1]));
  const auto record = TRY(store.record(id));
  if (!record) return fail(Code::NotFound, "no such object in the store");
  StoredObject object = describe(store, id, *record);
  if (!object.unreadable.empty()) return fail(Code::Corrupt, object.unreadable);
  Names names = TRY(names_of(store));
  object.names = std::move(names[id]);
  return deliver(arguments, "stat", object_json(object), stat_text(object));
}

// --- verify, fsck

// Damage that is left after repairs, and takes content with it.
bool loses(const store::CheckResult& result) {
  return std::ranges::any_of(result.damages, [](const store::Damage& damage) {
    const store::Harm harm = store::about(damage.kind).harm;
    return harm == store::Harm::Loss || (harm == store::Harm::Mended && damage.repaired.empty());
  });
}

int judge(const Arguments& arguments, std::string_view command, const store::CheckResult& result) {
  return deliver(arguments, command, check_json(result), check_text(result, arguments.has("repair")),
                 loses(result) ? kRefused : kAccepted);
}

Result<std::uint64_t> object_count(const store::Store& store) {
  std::uint64_t count = 0;
  TRY(store.storage().list(std::string(store::kKeysFolder), [&](const std::string&) -> Result<void> {
    ++count;
    return {};
  }));
  return count;
}

Result<int> check_all(StoreSession& session, const Arguments& arguments, std::string_view command) {
  const std::uint64_t count = TRY(object_count(session.store()));
  Progress progress(count, !arguments.has("quiet"), "objects");
  const auto step = [&] {
    progress.step();
    return !os::interrupted();
  };
  const auto depth = arguments.has("quick") ? store::Depth::Structure : store::Depth::Everything;
  const auto result = TRY(arguments.has("repair") ? store::repair(session.store(), depth, step)
                                                  : store::fsck(session.store(), depth, step));
  return judge(arguments, command, result);
}

Result<int> verify(StoreSession& session, const Arguments& arguments) {
  if (arguments.operands.size() == 1) return check_all(session, arguments, "verify");
  store::CheckResult all;
  for (std::size_t i = 1; i < arguments.operands.size(); ++i) {
    const store::ObjectId object = TRY(store::resolve(session.store(), arguments.operands[i]));
    store::CheckResult one = TRY(store::verify(session.store(), object));
    all.objects += one.objects;
    all.bytes += one.bytes;
    std::ranges::move(one.broken, std::back_inserter(all.broken));
    std::ranges::move(one.damages, std::back_inserter(all.damages));
  }
  return judge(arguments, "verify", all);
}

// --- rotate, shred, gc

Result<int> rotate(StoreSession& session, const Arguments& arguments) {
  const std::uint64_t count = TRY(object_count(session.store()));
  Progress progress(count, !arguments.has("quiet"), "keys");
  const auto result = TRY(store::rotate(session.store(), [&] {
    progress.step();
    return !os::interrupted();
  }));
  return deliver(arguments, "rotate", rotate_json(result), rotate_text(result),
                 result.failed.empty() ? kAccepted : kRefused);
}

// After the fact, so that the ledger never says what did not happen. Shredding again writes it if this
// failed.
Result<void> record_shredding(StoreSession& session, const Arguments& arguments,
                              const store::Tombstone& tombstone) {
  if (!arguments.has("log-key")) {
    const auto folder = ledger_folder(arguments);
    const bool there = folder && session.world().files.open(*folder + "/checkpoint").has_value();
    if (arguments.has("ledger") || there)
      complain("store: the ledger does not know of it; shred again with --log-key KEY to write it there");
    return {};
  }
  auto index = append_statement(arguments, session.world(), arguments.text("log-key"),
                                {.kind = "shred",
                                 .subject = "object id:" + tombstone.object.text(),
                                 .artifact = {},
                                 .evidence = {},
                                 .atlas = {},
                                 .outcome = "shredded " + instant_text(tombstone.when),
                                 .note = tombstone.reason,
                                 .time = {},
                                 .tool = {}});
  if (!index)
    return std::unexpected(std::move(index).error().within(
        "the object is shredded, but the ledger does not know of it (shred again to write it there)"));
  complain("store: entry " + std::to_string(*index) + " of the ledger says so");
  return {};
}

Result<int> shred(StoreSession& session, const Arguments& arguments) {
  if (arguments.operands.size() != 2)
    return fail(Code::InvalidInput, "store shred: which object? One OBJECT");
  if (arguments.text("reason").empty())
    return fail(Code::InvalidInput,
                "store shred: why? --reason TEXT is kept with the tombstone (nothing personal)");
  const store::ObjectId object = TRY(store::resolve(session.store(), arguments.operands[1]));
  const auto result = TRY(store::shred(session.store(), object, arguments.text("reason")));
  const int delivered = deliver(arguments, "shred", shred_json(result), shred_text(result));
  TRY(record_shredding(session, arguments, result.tombstone));
  return delivered;
}

Result<int> gc(StoreSession& session, const Arguments& arguments) {
  const auto quarantined =
      arguments.has("discard-quarantine") ? store::Quarantined::Discard : store::Quarantined::Keep;
  const auto result =
      TRY(store::collect_garbage(session.store(), quarantined, [] { return !os::interrupted(); }));
  return deliver(arguments, "gc", gc_json(result), gc_text(result));
}

int init(StoreSession& session, const Arguments& arguments) {
  if (arguments.operands.size() != 1) return refuse({Code::InvalidInput, "store init: takes no operands"});
  const auto made = session.create(arguments);
  if (!made) return refuse(made.error());
  const store::Root& root = session.store().root();
  return deliver(arguments, "init",
                 json_map({{"store", json_string(session.store().storage().place())},
                           {"id", json_string(root.id.text())},
                           {"key", json_string(root.kek_name)}}),
                 "made a store in " + printable(session.store().storage().place()) + ", sealed with key '" +
                     printable(root.kek_name) +
                     "'\nWithout that key nobody can read it: keep a copy elsewhere.\n");
}

// --- which

struct Command {
  std::string_view name;
  Result<int> (*run)(StoreSession&, const Arguments&);
  std::string_view flags;  // that only some commands take
};

Result<int> run_put(StoreSession& session, const Arguments& arguments) {
  return put(session, arguments);
}
Result<int> run_get(StoreSession& session, const Arguments& arguments) {
  TRY(get(session, arguments));
  return kAccepted;
}
Result<int> run_cat(StoreSession& session, const Arguments& arguments) {
  TRY(cat(session, arguments));
  return kAccepted;
}
Result<int> run_init(StoreSession& session, const Arguments& arguments) {
  return init(session, arguments);
}
Result<int> run_fsck(StoreSession& session, const Arguments& arguments) {
  return check_all(session, arguments, "fsck");
}

constexpr auto kCommands = std::to_array<Command>({
    {"init", run_init, ""},
    {"put", run_put, "name move-name again"},
    {"get", run_get, "output"},
    {"cat", run_cat, "range"},
    {"ls", ls, ""},
    {"stat", stat, ""},
    {"verify", verify, ""},
    {"rotate", rotate, ""},
    {"shred", shred, "reason log-key ledger"},
    {"gc", gc, "discard-quarantine"},
    {"fsck", run_fsck, "quick repair"},
});

constexpr std::string_view kSpecialFlags =
    "name move-name again output range reason log-key ledger quick repair discard-quarantine";

const Command* command_of(const Arguments& arguments) {
  const std::string name = arguments.operands.empty() ? std::string() : arguments.operands.front();
  const auto found = std::ranges::find(kCommands, name, &Command::name);
  if (found != kCommands.end()) return &*found;
  std::vector<std::string_view> names;
  std::string all;
  for (const Command& command : kCommands) {
    names.push_back(command.name);
    all += " " + std::string(command.name);
  }
  const std::string_view guess = nearest(name, names);
  complain((name.empty() ? "store: what to do? One of" : "store: '" + printable(name, 40) + "' is none of") +
           all + (guess.empty() || name.empty() ? "" : "; did you mean '" + std::string(guess) + "'?") +
           "\nRun 'bulwark store --help' for what there is.");
  return nullptr;
}

int run(const Arguments& arguments, const World& world) {
  const Command* command = command_of(arguments);
  if (command == nullptr) return kUsage;
  const auto own = words(command->flags);
  for (const std::string_view flag : words(kSpecialFlags))
    if (arguments.has(flag) && std::ranges::find(own, flag) == own.end())
      return refuse({Code::InvalidInput, "--" + std::string(flag) + " is not for 'bulwark store " +
                                             std::string(command->name) + "'"});
  os::catch_interrupts();
  StoreSession session(world);
  if (command->name != "init") {
    const auto opened = session.open(arguments);
    if (!opened) return refuse(opened.error());
  }
  const auto done = command->run(session, arguments);
  return done ? *done : refuse(done.error());
}

}  // namespace

const Verb store{
    .name = "store",
    .summary = "keep models, data and evidence encrypted, addressed by content",
    .operands = "COMMAND",
    .operands_help =
        "init | put FILE… | get OBJECT | cat OBJECT | ls | stat OBJECT | verify [OBJECT…] | rotate | shred "
        "OBJECT | "
        "gc | fsck; an OBJECT is a name, sha256:DIGEST (8 digits or more) or id:ID",
    .flags = kFlags,
    .examples =
        "  bulwark key create store --type kek             the key that everything is sealed with\n"
        "  bulwark store init\n"
        "  bulwark store put model.safetensors --name fraud/v3\n"
        "  tar c data | bulwark store put - --name data/2026-11\n"
        "  bulwark store get fraud/v3 -o model.safetensors\n"
        "  bulwark store cat fraud/v3 --range 0-7          only these bytes are read and decrypted\n"
        "  bulwark store verify                            re-reads everything\n"
        "  bulwark store rotate                            after 'bulwark key rotate store'\n"
        "  bulwark store shred data/2026-11 --reason 'erasure request 17' --log-key release\n"
        "  bulwark store fsck --repair",
    .run = run};

}  // namespace bulwark::cli::commands
