#include "trust/sigstore_log.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json_text.h"
#include "base/text.h"
#include "ledger/checkpoint.h"
#include "ledger/merkle.h"
#include "trust/limits.h"

namespace bulwark::trust {
namespace {

Instant integrated(const LogEntry& entry) {
  return Instant(std::chrono::seconds(static_cast<std::int64_t>(entry.integrated_time)));
}

Result<ledger::Hash> hash_of(const Blob& bytes, std::string_view what) {
  ledger::Hash hash{};
  if (bytes.size() != hash.size())
    return fail(Code::InvalidInput, std::string(what) + " has " + std::to_string(bytes.size()) +
                                        " bytes, expected " + std::to_string(hash.size()));
  std::ranges::copy(bytes, hash.begin());
  return hash;
}

Result<const InclusionProof*> proof_of(const LogEntry& entry) {
  if (!entry.inclusion_proof) return fail(Code::Denied, "the entry has no inclusion proof");
  return &*entry.inclusion_proof;
}

std::uint32_t note_id(const LogKey& log) {
  return load_big_endian<std::uint32_t>(log.note_id.data());
}

// By id, not yet verified. The id of an Ed25519 key binds its name (C2SP signed-note), so a line under
// another name is not the log's; logs that use the hash of the bare key as id have no name to bind.
bool is_of(const ledger::NoteSignature& line, const LogKey& log) {
  if (line.key_id != note_id(log)) return false;
  if (!log.key || log.key->type() != crypto::KeyType::Ed25519) return true;
  const auto named = ledger::NoteKey::make(line.name, ledger::KeyKind::Ed25519, *log.key);
  const crypto::Hash256 bare = crypto::sha256_bytes(log.key->spki());
  return (named && named->id() == line.key_id) || load_big_endian<std::uint32_t>(bare.data()) == line.key_id;
}

// The log of the keys whose line in the checkpoint verifies. A line with the id of a known key that does not
// verify refuses the checkpoint, as the format of signed notes has it; lines of others are passed over.
Result<const LogKey*> signer_of(const ledger::Note& note, std::span<const LogKey* const> keys) {
  const LogKey* found = nullptr;
  for (const ledger::NoteSignature& line : note.signatures)
    for (const LogKey* const log : keys) {
      if (!is_of(line, *log)) continue;
      if (const auto verified = log->verify(bytes_of(note.text), line.bytes); !verified)
        return fail(verified.error().code, "the checkpoint's signature by '" + printable(line.name, 80) +
                                               "': " + verified.error().message);
      found = log;
    }
  if (found == nullptr)
    return fail(Code::Denied, "the checkpoint has no signature of the log " + hex(keys.front()->id) + " ('" +
                                  printable(keys.front()->name, 80) + "')");
  return found;
}

}  // namespace

Result<std::vector<const LogKey*>> keys_of(const LogEntry& entry, const TrustedRoot& root) {
  std::vector<const LogKey*> found;
  for (const LogKey& log : root.logs)
    if (log.id == entry.log_id) found.push_back(&log);
  if (found.empty()) return fail(Code::Denied, "log " + hex(entry.log_id) + " is not in the trusted root");
  return found;
}

Result<const LogKey*> verify_promise(const LogEntry& entry, std::span<const LogKey* const> keys) {
  if (!entry.signed_entry_timestamp)
    return fail(Code::Denied, "the entry has no inclusion promise (signed entry timestamp)");
  if (entry.integrated_time == 0 || entry.integrated_time > TrustLimits::kLastSecond)
    return fail(Code::InvalidInput, "integrated time " + std::to_string(entry.integrated_time));
  if (entry.log_index > std::uint64_t{1} << 53)
    return fail(Code::InvalidInput, "log index " + std::to_string(entry.log_index));
  const Document document =
      json_map({{"body", json_string(encode_base64(entry.canonicalized_body))},
                {"integratedTime", json_integer(static_cast<std::int64_t>(entry.integrated_time))},
                {"logID", json_string(hex(entry.log_id))},
                {"logIndex", json_integer(static_cast<std::int64_t>(entry.log_index))}});
  const std::string message = TRY(canonical_json(document));
  const Instant time = integrated(entry);
  Error last{Code::Denied, "no key of the log is valid at its integrated time " + instant_text(time)};
  for (const LogKey* const log : keys) {
    if (!log->valid_for.contains(time)) {
      last.message += "; '" + printable(log->name, 80) + "': " + log->valid_for.text();
      continue;
    }
    const auto verified = log->verify(bytes_of(message), *entry.signed_entry_timestamp);
    if (verified) return log;
    last = Error{verified.error().code, "signed entry timestamp: " + verified.error().message};
  }
  return std::unexpected(std::move(last));
}

Result<void> check_proof(const LogEntry& entry) {
  const InclusionProof* const given = TRY(proof_of(entry));
  const ledger::Hash root = TRY(hash_of(given->root_hash, "the root"));
  ledger::Proof proof;
  for (const Blob& bytes : given->hashes) {
    const ledger::Hash hash = TRY(hash_of(bytes, "a hash of the inclusion proof"));
    proof.push_back(hash);
  }
  return ledger::verify_inclusion(given->log_index, given->tree_size,
                                  ledger::leaf_hash(entry.canonicalized_body), proof, root);
}

Result<LoggedAt> verify_inclusion(const LogEntry& entry, std::span<const LogKey* const> keys,
                                  std::span<const Instant> times) {
  TRY(check_proof(entry));
  const InclusionProof& proof = *entry.inclusion_proof;
  if (proof.checkpoint.empty()) return fail(Code::Denied, "the inclusion proof has no checkpoint");
  // Version 2 has one index only; the outer one is not covered by anything.
  if (entry.version == "0.0.2" && entry.kind != "intoto" && entry.log_index != proof.log_index)
    return fail(Code::Denied, "log index " + std::to_string(entry.log_index) + ", the proof is for " +
                                  std::to_string(proof.log_index));
  const ledger::SignedCheckpoint parsed = TRY(ledger::parse_signed_checkpoint(proof.checkpoint));
  const LogKey* const log = TRY(signer_of(parsed.note, keys));
  if (parsed.checkpoint.size != proof.tree_size)
    return fail(Code::Denied, "the checkpoint is for " + std::to_string(parsed.checkpoint.size) +
                                  " entries, the proof for " + std::to_string(proof.tree_size));
  if (!std::ranges::equal(parsed.checkpoint.root, proof.root_hash))
    return fail(Code::Denied, "the checkpoint's root is " + hex(parsed.checkpoint.root) + ", the proof's " +
                                  hex(proof.root_hash));
  for (const Instant time : times)
    if (!log->valid_for.contains(time))
      return fail(Code::Denied,
                  "the log's key is valid " + log->valid_for.text() + ", not at " + instant_text(time));
  return LoggedAt{
      .log = log, .origin = parsed.checkpoint.origin, .index = proof.log_index, .tree_size = proof.tree_size};
}

}  // namespace bulwark::trust
