// bulwark ledger witness: both roles, as files and pipes; how they travel between the two is the user's
// choice.

#include <algorithm>

#include "base/text.h"
#include "cli/ledger_place.h"
#include "cli/secret_source.h"
#include "ledger/decimal.h"
#include "ledger/tile_reader.h"
#include "ledger/witness.h"
#include "os/folders.h"

namespace bulwark::cli {
namespace {

constexpr std::string_view kCommands = "init add cosign request accept";

Result<std::string> state_folder(const Arguments& arguments) {
  if (arguments.has("state")) return arguments.text("state");
  const std::string home = TRY(home_folder(arguments));
  return home + "/witness";
}

Result<int> init(const Arguments& arguments, const World& world) {
  if (arguments.operands.size() != 3 || !arguments.has("key"))
    return fail(Code::InvalidInput, "witness init NAME --key KEY [--state DIR]");
  const std::string state = TRY(state_folder(arguments));
  TRY(os::make_folders_to(state));
  const auto key = TRY(open_signer(arguments, world, arguments.text("key")));
  TRY(ledger::create_witness(world.files, state, arguments.operands[2], key->public_key()));
  const auto made = TRY(ledger::witness_key(world.files, state));
  return print(made.vkey() + "\n") ? int{kAccepted} : int{kUsage};
}

Result<int> add(const Arguments& arguments, const World& world) {
  if (arguments.operands.size() != 3) return fail(Code::InvalidInput, "witness add VKEY [--state DIR]");
  const std::string state = TRY(state_folder(arguments));
  const auto log = TRY(ledger::NoteKey::parse(arguments.operands[2]));
  TRY(ledger::add_witnessed_log(world.files, state, log));
  return int{kAccepted};
}

Result<int> cosign(const Arguments& arguments, const World& world) {
  if (!arguments.has("key"))
    return fail(Code::InvalidInput, "witness cosign [REQUEST] --key KEY [--state DIR] > response");
  const std::string state = TRY(state_folder(arguments));
  const std::string path = arguments.operands.size() > 2 ? arguments.operands[2] : "-";
  const std::string request = TRY(read_operand(world, path, ledger::NoteLimits().bytes));
  const auto signer = TRY(open_signer(arguments, world, arguments.text("key")));
  const auto response = TRY(ledger::answer(world.files, state, *signer, world.wall, request));
  if (response.status != 200)
    complain("ledger: witness: " + std::to_string(response.status) + ": " + response.why);
  TRY(write_result(arguments, response.body));
  return response.status == 200 ? int{kAccepted} : int{kRefused};
}

Result<int> request(const Arguments& arguments, const World& world) {
  const std::string folder = TRY(ledger_folder(arguments));
  ledger::WitnessRequest made;
  made.checkpoint = TRY(ledger::read_checkpoint(world.files, folder + "/checkpoint"));
  const std::uint64_t size = made.checkpoint.checkpoint.size;
  if (arguments.has("old")) {
    const auto old = ledger::decimal_from(arguments.text("old"));
    if (!old || *old > size)
      return fail(Code::InvalidInput, "--old: a size from 0 to " + std::to_string(size));
    made.old_size = *old;
  } else if (const auto kept = ledger::read_checkpoint(world.files, folder + "/witnessed")) {
    made.old_size = std::min(kept->checkpoint.size, size);
  }
  if (made.old_size > 0) {
    ledger::TileReader reader(world.files, folder, size);
    made.proof = TRY(reader.consistency(made.old_size));
  }
  TRY(write_result(arguments, ledger::to_text(made)));
  return int{kAccepted};
}

// Keeps the newest checkpoint that witnesses have signed, with all their signatures.
Result<int> accept(const Arguments& arguments, const World& world) {
  const auto witnesses = TRY(keys_of(arguments, "witness", ledger::KeyKind::Cosignature));
  if (arguments.operands.size() != 4 || witnesses.empty())
    return fail(Code::InvalidInput, "witness accept REQUEST RESPONSE --witness VKEY…");
  const std::string folder = TRY(ledger_folder(arguments));
  const auto log = TRY(trusted_log(arguments, world, folder));
  const std::string asked = TRY(read_operand(world, arguments.operands[2], ledger::NoteLimits().bytes));
  const std::string answered = TRY(read_operand(world, arguments.operands[3], ledger::NoteLimits().bytes));
  const auto sent = TRY(ledger::parse_request(asked));
  TRY(ledger::verify_checkpoint(sent.checkpoint, log.origin, log.keys));
  ledger::SignedCheckpoint base = sent.checkpoint;
  if (const auto kept = ledger::read_checkpoint(world.files, folder + "/witnessed")) {
    if (kept->checkpoint.size > base.checkpoint.size)
      return fail(Code::InvalidInput, "witnesses have signed size " + std::to_string(kept->checkpoint.size) +
                                          " already; this answer is for " +
                                          std::to_string(base.checkpoint.size));
    if (kept->note.text == base.note.text) base = *kept;
  }
  const auto cosigned = TRY(ledger::add_cosignatures(base, answered, witnesses));
  const std::string temporary = folder + "/witnessed.new";
  if (auto removed = world.files.remove(temporary); !removed && removed.error().code != Code::NotFound)
    return std::unexpected(std::move(removed).error());
  TRY(replace_file(world.files, folder, folder + "/witnessed", temporary,
                   bytes_of(ledger::to_text(cosigned.note))));
  return int{kAccepted};
}

}  // namespace

int ledger_witness(const Arguments& arguments, const World& world) {
  const std::string command = arguments.operands.size() < 2 ? std::string() : arguments.operands[1];
  using Command = Result<int> (*)(const Arguments&, const World&);
  const Command run = command == "init"      ? init
                      : command == "add"     ? add
                      : command == "cosign"  ? cosign
                      : command == "request" ? request
                      : command == "accept"  ? accept
                                             : nullptr;
  if (run == nullptr)
    return refuse_ledger("witness: '" + printable(command, 40) + "' is none of " + std::string(kCommands));
  const auto done = run(arguments, world);
  return done ? *done : refuse_ledger(done.error());
}

}  // namespace bulwark::cli
