// bulwark ledger verify | fsck: is the log what it says, and what it was seen to be?

#include <algorithm>

#include "base/encoding.h"
#include "base/instant.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/ledger_place.h"
#include "cli/secret_source.h"
#include "crypto/hash.h"
#include "ledger/decimal.h"
#include "ledger/receipt.h"
#include "ledger/recovery.h"
#include "ledger/repair.h"
#include "ledger/rules.h"
#include "ledger/tile_reader.h"
#include "os/folders.h"

namespace bulwark::cli {
namespace {

using ledger::Audit;
using ledger::Fault;

// The newest checkpoint of each log that was verified here: <home>/ledger-seen/<id>.checkpoint. What makes a
// log that was rolled back or forked since then show.
class Memory {
 public:
  Memory(const World& world, std::string folder, const TrustedLog& log)
      : world_(world), folder_(std::move(folder)) {
    const auto id = crypto::sha256_bytes(
        bytes_of(log.origin),
        log.keys.front().vkey().empty() ? Bytes{} : bytes_of("\n" + log.keys.front().vkey()));
    name_ = hex(Bytes(id).first(16)) + ".checkpoint";
  }

  // Errors: Corrupt: what we remember is not signed by the log: somebody changed it here.
  [[nodiscard]] Result<std::optional<ledger::SignedCheckpoint>> recall(const TrustedLog& log) const {
    auto found = ledger::read_checkpoint(world_.files, path());
    if (!found && found.error().code == Code::NotFound) return std::nullopt;
    if (!found) return std::unexpected(std::move(found).error());
    if (auto verified = ledger::verify_checkpoint(*found, log.origin, log.keys); !verified)
      return std::unexpected(std::move(verified).error().within(path()));
    return *found;
  }

  [[nodiscard]] Result<void> keep(const ledger::SignedCheckpoint& checkpoint) const {
    TRY(os::make_folders_to(folder_));
    TRY(world_.files.make_directory(folder_));
    const std::string temporary = path() + ".new";
    if (const auto removed = world_.files.remove(temporary);
        !removed && removed.error().code != Code::NotFound)
      return removed;
    return replace_file(world_.files, folder_, path(), temporary, bytes_of(ledger::to_text(checkpoint.note)));
  }

  [[nodiscard]] std::string path() const { return folder_ + "/" + name_; }

 private:
  const World& world_;
  std::string folder_;
  std::string name_;
};

struct WitnessCheck {
  std::size_t required = 0;
  std::vector<std::pair<std::string, ledger::Seconds>> signed_by;
  std::uint64_t size = 0;  // of the newest checkpoint that enough of them signed
  std::string missing;     // why there is none
};

// The published checkpoint if enough witnesses have signed it, else the newest one that they have.
WitnessCheck check_witnesses(const World& world, const std::string& folder, const TrustedLog& log,
                             const ledger::SignedCheckpoint& published,
                             const std::vector<ledger::NoteKey>& witnesses, std::size_t required) {
  WitnessCheck check{.required = required, .signed_by = {}, .size = 0, .missing = {}};
  const auto kept = ledger::read_checkpoint(world.files, folder + "/witnessed");
  const ledger::SignedCheckpoint* candidates[] = {&published, kept ? &*kept : nullptr};
  for (const ledger::SignedCheckpoint* candidate : candidates) {
    if (candidate == nullptr || !ledger::verify_checkpoint(*candidate, log.origin, log.keys)) continue;
    const auto verified = ledger::verify(candidate->note, witnesses);
    if (!verified || verified->size() < required) continue;
    for (const ledger::VerifiedSignature& one : *verified)
      check.signed_by.emplace_back(witnesses[one.key].name(), one.time);
    check.size = candidate->checkpoint.size;
    return check;
  }
  check.missing = "no checkpoint with " + std::to_string(required) + " of " +
                  count_text(witnesses.size(), "cosignature") + " asked for";
  return check;
}

std::string time_text(ledger::Seconds time) {
  return instant_text(std::chrono::time_point_cast<std::chrono::milliseconds>(time));
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string audit_text(const Audit& audit) {
  std::string text;
  for (const ledger::Discrepancy& one : audit.discrepancies)
    text += upper(name_of(one.fault)) + ": " + printable(one.what, 300) + "  " +
            std::string(ledger::rule_of(one.fault)->id) + "\n";
  if (audit.further > 0) text += "and " + std::to_string(audit.further) + " more\n";
  return text;
}

Document audit_json(const Audit& audit) {
  std::vector<Document> list;
  for (const ledger::Discrepancy& one : audit.discrepancies)
    list.push_back(json_map({{"fault", json_string(std::string(name_of(one.fault)))},
                             {"rule", json_string(std::string(ledger::rule_of(one.fault)->id))},
                             {"what", json_string(one.what)}}));
  return json_list(std::move(list));
}

Result<std::size_t> required_witnesses(const Arguments& arguments, std::size_t given) {
  if (!arguments.has("quorum")) return given;
  const auto number = ledger::decimal_from(arguments.text("quorum"));
  if (!number || *number == 0 || *number > given)
    return fail(Code::InvalidInput, "--quorum: a number from 1 to " + std::to_string(given) +
                                        ", as many --witness keys as are given");
  return static_cast<std::size_t>(*number);
}

struct Verification {
  std::string folder;
  TrustedLog log;
  Audit audit;
  std::optional<ledger::SignedCheckpoint> seen;
  std::optional<WitnessCheck> witnesses;

  [[nodiscard]] int exit() const {
    if (!audit.intact()) return kRefused;
    if (!witnesses) return kAccepted;
    if (!witnesses->missing.empty()) return kRefused;
    return witnesses->size < audit.entries ? kIncomplete : kAccepted;
  }
};

std::string to_text(const Verification& done) {
  std::string text = "ledger " + printable(done.folder) + "\n  log      " + printable(done.log.origin) + "\n";
  if (done.audit.checkpoint) {
    const ledger::Checkpoint& checkpoint = done.audit.checkpoint->checkpoint;
    text += "  size     " + count_text(checkpoint.size, "entry") + ", root " +
            encode_base64(checkpoint.root) + "\n";
  }
  if (done.audit.intact()) {
    text += "  checked  the signature, every entry against its hash, every tile, the root\n";
    text += done.seen ? "  seen     continues the " + count_text(done.seen->checkpoint.size, "entry") +
                            " verified here before\n"
                      : "  seen     not verified here before: a roll-back or fork until now would not show\n";
  }
  if (done.log.from_folder)
    text += "  key      the folder's own: whoever can write there can replace it; name yours with --vkey\n";
  if (done.witnesses) {
    for (const auto& [name, time] : done.witnesses->signed_by)
      text += "  witness  " + printable(name) + " signed size " + std::to_string(done.witnesses->size) +
              " at " + time_text(time) + "\n";
    if (!done.witnesses->missing.empty()) text += "NOT WITNESSED: " + done.witnesses->missing + "\n";
  }
  text += audit_text(done.audit);
  if (done.exit() == kAccepted) text += "INTACT\n";
  if (done.exit() == kIncomplete)
    text += "INTACT, but " + count_text(done.audit.entries - done.witnesses->size, "entry") +
            " behind the last witnessed checkpoint\n";
  return text;
}

std::vector<Document::Entry> to_json(const Verification& done) {
  std::vector<Document::Entry> members{
      {"folder", json_string(done.folder)},
      {"intact", json_boolean(done.audit.intact())},
      {"key_from_folder", json_boolean(done.log.from_folder)},
      {"entries", json_integer(static_cast<std::int64_t>(done.audit.entries))},
      {"discrepancies", audit_json(done.audit)}};
  if (done.audit.checkpoint)
    members.emplace_back("checkpoint", checkpoint_json(done.audit.checkpoint->checkpoint));
  if (done.seen) members.emplace_back("seen", checkpoint_json(done.seen->checkpoint));
  if (!done.witnesses) return members;
  std::vector<Document> list;
  for (const auto& [name, time] : done.witnesses->signed_by)
    list.push_back(json_map({{"name", json_string(name)}, {"time", json_string(time_text(time))}}));
  members.emplace_back("witnessed_size", json_integer(static_cast<std::int64_t>(done.witnesses->size)));
  members.emplace_back("witnesses", json_list(std::move(list)));
  return members;
}

Result<Verification> verify_folder(const Arguments& arguments, const World& world,
                                   const std::string& folder) {
  Verification done{.folder = folder, .log = {}, .audit = {}, .seen = {}, .witnesses = {}};
  done.log = TRY(trusted_log(arguments, world, folder));
  const auto witnesses = TRY(keys_of(arguments, "witness", ledger::KeyKind::Cosignature));
  const std::size_t required = TRY(required_witnesses(arguments, witnesses.size()));
  const std::string home = TRY(home_folder(arguments));
  const Memory memory(world, home + "/ledger-seen", done.log);
  const bool remembers = !arguments.has("no-remember");
  if (remembers) done.seen = TRY(memory.recall(done.log));
  ledger::AuditOptions options{.origin = done.log.origin, .log_keys = done.log.keys, .remembered = {}};
  if (done.seen) options.remembered.push_back({.checkpoint = done.seen->checkpoint, .source = memory.path()});
  const auto witnessed = ledger::read_checkpoint(world.files, folder + "/witnessed");
  if (witnessed && ledger::verify_checkpoint(*witnessed, done.log.origin, done.log.keys))
    options.remembered.push_back({.checkpoint = witnessed->checkpoint, .source = folder + "/witnessed"});
  done.audit = TRY(ledger::audit(world.files, folder, options));
  if (!witnesses.empty() && done.audit.checkpoint)
    done.witnesses = check_witnesses(world, folder, done.log, *done.audit.checkpoint, witnesses, required);
  const bool newer = !done.seen || done.audit.entries > done.seen->checkpoint.size;
  if (remembers && done.audit.intact() && newer) TRY(memory.keep(*done.audit.checkpoint));
  return done;
}

int verify_receipt_file(const Arguments& arguments, const World& world, const std::string& path,
                        const std::string& text) {
  const auto receipt = ledger::parse_receipt(text);
  if (!receipt) return refuse_ledger(path + ": " + receipt.error().message);
  const auto keys = keys_of(arguments, "vkey", ledger::KeyKind::Ed25519);
  if (!keys) return refuse_ledger(keys.error());
  if (keys->empty())
    return refuse_ledger("verify: a receipt is worth what the key is worth: name it with --vkey");
  const auto witnesses = keys_of(arguments, "witness", ledger::KeyKind::Cosignature);
  if (!witnesses) return refuse_ledger(witnesses.error());
  const auto required = required_witnesses(arguments, witnesses->size());
  if (!required) return refuse_ledger(required.error());
  std::string entry(text_of(receipt->extra));
  if (arguments.has("entry")) {
    auto read = read_operand(world, arguments.text("entry"), std::uint64_t{1} << 20);
    if (!read) return refuse_ledger(read.error());
    entry = std::move(*read);
  } else if (receipt->extra.empty()) {
    return refuse_ledger("verify: the receipt does not hold its entry; name it with --entry FILE");
  }
  const std::string origin = arguments.text("origin", keys->front().name());
  auto verified = ledger::verify_receipt(*receipt, ledger::leaf_hash(bytes_of(entry)), origin, *keys);
  if (verified && !witnesses->empty()) {
    const auto signed_by = ledger::verify(receipt->checkpoint.note, *witnesses);
    if (!signed_by || signed_by->size() < *required)
      verified = fail(Code::Corrupt,
                      "fewer than " + count_text(*required, "cosignature") + " of the witnesses given");
  }
  const int exit = verified ? int{kAccepted} : int{kRefused};
  if (wants_json(arguments))
    return print_json("verify",
                      {{"receipt", json_string(path)},
                       {"verified", json_boolean(verified.has_value())},
                       {"why", json_string(verified ? "" : verified.error().message)},
                       {"index", json_integer(static_cast<std::int64_t>(receipt->index))},
                       {"checkpoint", checkpoint_json(receipt->checkpoint.checkpoint)},
                       {"entry", json_string(entry)}},
                      exit);
  if (!verified) {
    complain("ledger: " + path + ": REFUSED: " + verified.error().message);
    return exit;
  }
  const std::string said = "VERIFIED: entry " + std::to_string(receipt->index) + " of " + printable(origin) +
                           " (" + count_text(receipt->checkpoint.checkpoint.size, "entry") + ")\n" +
                           printable(entry, 4'000) + "\n";
  return print(said) ? exit : int{kUsage};
}

}  // namespace

int ledger_verify(const Arguments& arguments, const World& world) {
  std::string folder;
  if (arguments.operands.size() > 1) {
    folder = arguments.operands[1];
    if (const auto bytes = read_file(world.files, folder, ledger::NoteLimits().bytes))
      return verify_receipt_file(arguments, world, folder, std::string(text_of(*bytes)));
  } else {
    auto found = ledger_folder(arguments);
    if (!found) return refuse_ledger(found.error());
    folder = std::move(*found);
  }
  const auto done = verify_folder(arguments, world, folder);
  if (!done) return refuse_ledger(done.error());
  if (wants_json(arguments)) return print_json("verify", to_json(*done), done->exit());
  return print(to_text(*done)) ? done->exit() : int{kUsage};
}

int ledger_fsck(const Arguments& arguments, const World& world) {
  auto folder = ledger_folder(arguments);
  if (!folder) return refuse_ledger(folder.error());
  const auto log = trusted_log(arguments, world, *folder);
  if (!log) return refuse_ledger(log.error());
  const ledger::AuditOptions options{.origin = log->origin, .log_keys = log->keys, .remembered = {}};
  Audit audit;
  std::string journal;
  std::vector<std::string> done;
  if (arguments.has("repair")) {
    auto repaired = ledger::repair(world.files, *folder, options);
    if (!repaired) return refuse_ledger(repaired.error());
    audit = std::move(repaired->after);
    done = std::move(repaired->done);
  } else {
    auto audited = ledger::audit(world.files, *folder, options);
    if (!audited) return refuse_ledger(audited.error());
    audit = std::move(*audited);
  }
  ledger::Folder place(world.files, *folder);
  const auto state = ledger::look_at_journal(place, log->keys.front());
  const bool copied = !state && state.error().code == Code::NotFound;
  if (!state && !copied) journal = state.error().message;
  const bool sound = audit.intact() && journal.empty();
  const int exit = sound ? int{kAccepted} : int{kRefused};
  if (wants_json(arguments)) {
    std::vector<Document> lines;
    for (const std::string& line : done) lines.push_back(json_string(line));
    return print_json("fsck",
                      {{"folder", json_string(*folder)},
                       {"sound", json_boolean(sound)},
                       {"entries", json_integer(static_cast<std::int64_t>(audit.entries))},
                       {"discrepancies", audit_json(audit)},
                       {"journal", json_string(copied            ? "none"
                                               : journal.empty() ? "sound"
                                                                 : journal)},
                       {"repaired", json_list(std::move(lines))}},
                      exit);
  }
  std::string text = "ledger " + printable(*folder) + ": " + count_text(audit.entries, "entry") +
                     " lead to the signed root\n" + audit_text(audit);
  if (state)
    text += "journal: sound, " + count_text(state->batches, "batch") + " behind entry " +
            std::to_string(state->settled) + "\n";
  if (state && audit.checkpoint && state->size > audit.checkpoint->checkpoint.size)
    text += "journal: leads to " + count_text(state->size, "entry") +
            ": the next writer, or --repair, publishes them\n";
  if (copied) text += "journal: none here: a copy to read, not to write\n";
  if (!journal.empty()) text += "DAMAGED: " + printable(journal, 300) + "\n";
  for (const std::string& line : done) text += "repaired: " + printable(line, 300) + "\n";
  text += sound ? "SOUND\n" : arguments.has("repair") ? "NOT REPAIRED: what is above cannot be proven\n" : "";
  if (!sound && !arguments.has("repair"))
    text += "'bulwark ledger fsck --repair' mends what the journal or the entries prove\n";
  return print(text) ? exit : int{kUsage};
}

}  // namespace bulwark::cli
