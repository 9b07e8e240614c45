#include "ledger/witness.h"

#include <algorithm>

#include "base/text.h"
#include "ledger/proof_lines.h"
#include "ledger/tile_reader.h"

namespace bulwark::ledger {
namespace {

constexpr std::string_view kOld = "old ";
constexpr std::uint64_t kMaxKeyBytes = 4096;
// Logs that one witness knows; each is read for every request.
constexpr std::size_t kMaxLogs = 10'000;

WitnessResponse refuse(int status, std::string why, std::string body = {}) {
  return {.status = status, .body = std::move(body), .why = std::move(why)};
}

std::string id_text(const NoteKey& key) {
  const std::string vkey = key.vkey();
  const std::size_t first = key.name().size() + 1;
  return vkey.substr(first, 8);
}

Result<NoteKey> read_key(FileSystem& files, const std::string& path) {
  const auto bytes = TRY(read_file(files, path, kMaxKeyBytes));
  auto key = NoteKey::parse(trim(text_of(bytes)));
  if (!key) return std::unexpected(std::move(key).error().within(path));
  return key;
}

Result<void> remove_if_there(FileSystem& files, const std::string& path) {
  auto removed = files.remove(path);
  if (!removed && removed.error().code != Code::NotFound) return removed;
  return {};
}

Result<void> replace(FileSystem& files, const std::string& folder, const std::string& name,
                     std::string_view content) {
  const std::string temporary = folder + "/incoming";
  TRY(remove_if_there(files, temporary));
  return replace_file(files, folder, folder + "/" + name, temporary, bytes_of(content));
}

Result<std::vector<WitnessedLog>> known_logs(FileSystem& files, const std::string& folder) {
  const auto listed = TRY(files.list(folder));
  std::vector<WitnessedLog> logs;
  for (const DirectoryEntry& entry : listed) {
    constexpr std::string_view kEnd = ".vkey";
    if (!entry.name.ends_with(kEnd)) continue;
    if (logs.size() == kMaxLogs) return fail(Code::LimitReached, folder + ": too many logs");
    NoteKey key = TRY(read_key(files, folder + "/" + entry.name));
    WitnessedLog log{.key = std::move(key), .size = 0, .root = empty_root()};
    const std::string latest = folder + "/" + id_text(log.key) + ".latest";
    const auto checkpoint = read_checkpoint(files, latest);
    if (checkpoint) {
      TRY(verify_checkpoint(*checkpoint, log.key.name(), {&log.key, 1}));
      log.size = checkpoint->checkpoint.size;
      log.root = checkpoint->checkpoint.root;
    } else if (checkpoint.error().code != Code::NotFound) {
      // Without its memory a witness is worth nothing: it must not start anew.
      return std::unexpected(checkpoint.error());
    }
    logs.push_back(std::move(log));
  }
  return logs;
}

}  // namespace

Result<WitnessRequest> parse_request(std::string_view text, const NoteLimits& limits) {
  if (text.size() > limits.bytes) return fail(Code::LimitReached, "request to a witness: too long");
  const auto line = next_line(text);
  if (!line || !line->starts_with(kOld))
    return fail(Code::InvalidInput, "request to a witness: its first line is not 'old SIZE'");
  const auto old_size = decimal_from(line->substr(kOld.size()));
  if (!old_size)
    return fail(Code::InvalidInput, "request to a witness: '" + printable(*line, 60) + "' names no size");
  WitnessRequest request{.old_size = *old_size, .proof = {}, .checkpoint = {}};
  request.proof = TRY(take_proof(text, kMaxConsistencyHashes));
  request.checkpoint = TRY(parse_signed_checkpoint(text, limits));
  return request;
}

std::string to_text(const WitnessRequest& request) {
  return std::string(kOld) + std::to_string(request.old_size) + "\n" + proof_lines(request.proof) + "\n" +
         to_text(request.checkpoint.note);
}

// In the order of the specification: whoever is not the log learns nothing about its state.
WitnessResponse judge(std::string_view text, const std::vector<WitnessedLog>& logs) {
  const auto request = parse_request(text);
  if (!request) return refuse(400, request.error().message);
  const Checkpoint& checkpoint = request->checkpoint.checkpoint;
  std::vector<NoteKey> keys;
  const WitnessedLog* log = nullptr;
  for (const WitnessedLog& known : logs) {
    if (known.key.name() != checkpoint.origin) continue;
    keys.push_back(known.key);
    // A log with two keys has one history: the newest that was signed under either.
    if (log == nullptr || known.size > log->size) log = &known;
  }
  if (log == nullptr) return refuse(404, "unknown log '" + printable(checkpoint.origin, 80) + "'");
  if (const auto verified = verify(request->checkpoint.note, keys); !verified)
    return refuse(403, verified.error().message);
  if (request->old_size > checkpoint.size)
    return refuse(400, "the old size " + std::to_string(request->old_size) + " is above the new one, " +
                           std::to_string(checkpoint.size));
  if (request->old_size != log->size)
    return refuse(409,
                  "the log continues size " + std::to_string(request->old_size) +
                      ", but the last one signed has " + std::to_string(log->size),
                  std::to_string(log->size) + "\n");
  if (request->old_size == checkpoint.size && log->size > 0 && checkpoint.root != log->root)
    return refuse(409, "the log has forked: another root at size " + std::to_string(log->size),
                  std::to_string(log->size) + "\n");
  if (checkpoint.size == 0) {
    const bool empty = request->proof.empty() && checkpoint.root == empty_root();
    return empty ? WitnessResponse()
                 : refuse(422, "an empty log has the root of the empty tree and no proof");
  }
  if (request->old_size == 0)
    return request->proof.empty() ? WitnessResponse() : refuse(422, "a proof from size 0 has no hashes");
  const auto consistent =
      verify_consistency(log->size, checkpoint.size, request->proof, log->root, checkpoint.root);
  return consistent ? WitnessResponse() : refuse(422, consistent.error().message);
}

Result<SignedCheckpoint> add_cosignatures(const SignedCheckpoint& checkpoint, std::string_view response,
                                          std::span<const NoteKey> witnesses) {
  const auto lines = TRY(parse_signature_lines(response));
  SignedCheckpoint cosigned = checkpoint;
  bool any = false;
  for (const NoteSignature& line : lines) {
    for (const NoteKey& witness : witnesses) {
      if (!witness.made(line)) continue;
      TRY(witness.verify(checkpoint.note.text, line));
      any = true;
      if (std::ranges::find(cosigned.note.signatures, line) == cosigned.note.signatures.end())
        cosigned.note.signatures.push_back(line);
    }
  }
  if (!any) return fail(Code::Corrupt, "no cosignature of a known witness");
  return cosigned;
}

Result<void> create_witness(FileSystem& files, const std::string& folder, std::string_view name,
                            const crypto::PublicKey& key) {
  const NoteKey made = TRY(NoteKey::make(name, KeyKind::Cosignature, key));
  TRY(files.make_directory(folder));
  TRY(files.make_directory(folder + "/logs"));
  TRY(files.sync_directory(folder));
  if (files.open(folder + "/witness.vkey"))
    return fail(Code::InvalidInput, folder + ": there is a witness here already");
  return replace(files, folder, "witness.vkey", made.vkey() + "\n");
}

Result<void> add_witnessed_log(FileSystem& files, const std::string& folder, const NoteKey& log) {
  TRY(witness_key(files, folder));
  if (log.kind() != KeyKind::Ed25519)
    return fail(Code::InvalidInput,
                "'" + printable(log.name(), 60) + "' is the key of a witness, not of a log");
  const auto lock = TRY(files.lock(folder + "/lock"));
  return replace(files, folder + "/logs", id_text(log) + ".vkey", log.vkey() + "\n");
}

Result<NoteKey> witness_key(FileSystem& files, const std::string& folder) {
  auto found = read_key(files, folder + "/witness.vkey");
  if (!found && found.error().code == Code::NotFound)
    return fail(Code::NotFound,
                folder + ": there is no witness here ('bulwark ledger witness init' makes one)");
  return found;
}

Result<WitnessResponse> answer(FileSystem& files, const std::string& folder, const crypto::Signer& signer,
                               const WallClock& clock, std::string_view request) {
  const NoteKey own = TRY(witness_key(files, folder));
  const auto given = NoteKey::make(own.name(), KeyKind::Cosignature, signer.public_key());
  if (!given || given->vkey() != own.vkey())
    return fail(Code::Denied, folder + ": this is not the witness's key (" + own.vkey() + ")");
  const auto lock = TRY(files.lock(folder + "/lock"));
  const auto logs = TRY(known_logs(files, folder + "/logs"));
  WitnessResponse response = judge(request, logs);
  if (response.status != 200) return response;
  const WitnessRequest accepted = TRY(parse_request(request));
  const SignedCheckpoint& checkpoint = accepted.checkpoint;
  const auto time = std::chrono::floor<std::chrono::seconds>(clock.now());
  const NoteSignature signature = TRY(cosign(own.name(), signer, time, checkpoint.note.text));
  for (const WitnessedLog& log : logs) {
    if (log.key.name() != checkpoint.checkpoint.origin || !verify(checkpoint.note, {&log.key, 1})) continue;
    TRY(replace(files, folder + "/logs", id_text(log.key) + ".latest", to_text(checkpoint.note)));
  }
  response.body = to_text(signature);
  return response;
}

}  // namespace bulwark::ledger
