#include "ledger/checkpoint.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "ledger/decimal.h"

namespace bulwark::ledger {
namespace {

std::unexpected<Error> malformed(std::string_view why) {
  return fail(Code::InvalidInput, "not a checkpoint: " + std::string(why));
}

}  // namespace

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  if (!text.ends_with('\n')) return malformed("the last line has no end");
  text.remove_suffix(1);
  const std::vector<std::string_view> lines = split(text, '\n');
  if (lines.size() < 3) return malformed("fewer than three lines (origin, size, root)");
  if (std::ranges::any_of(lines, [](std::string_view line) { return line.empty(); }))
    return malformed("an empty line");
  const auto size = decimal_from(lines[1]);
  if (!size) return malformed("'" + printable(lines[1], 40) + "' is no tree size");
  const auto root = decode_canonical_base64(lines[2]);
  Checkpoint checkpoint{.origin = std::string(lines[0]), .size = *size, .root = {}, .extensions = {}};
  if (!root || root->size() != checkpoint.root.size())
    return malformed("'" + printable(lines[2], 60) + "' is no root hash (base64 of 32 bytes)");
  std::ranges::copy(bytes_of(*root), checkpoint.root.begin());
  for (std::size_t i = 3; i < lines.size(); ++i) checkpoint.extensions.emplace_back(lines[i]);
  return checkpoint;
}

std::string to_text(const Checkpoint& checkpoint) {
  std::string text = checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
                     encode_base64(checkpoint.root) + "\n";
  for (const std::string& line : checkpoint.extensions) text += line + "\n";
  return text;
}

Result<SignedCheckpoint> parse_signed_checkpoint(std::string_view text, const NoteLimits& limits) {
  SignedCheckpoint parsed;
  parsed.note = TRY(parse_note(text, limits));
  parsed.checkpoint = TRY(parse_checkpoint(parsed.note.text));
  return parsed;
}

Result<void> verify_checkpoint(const SignedCheckpoint& checkpoint, std::string_view origin,
                               std::span<const NoteKey> log_keys) {
  if (checkpoint.checkpoint.origin != origin)
    return fail(Code::Denied, "the checkpoint is of the log '" + printable(checkpoint.checkpoint.origin, 80) +
                                  "', expected '" + printable(origin, 80) + "'");
  const auto verified = verify(checkpoint.note, log_keys);
  if (!verified) return std::unexpected(verified.error());
  return {};
}

}  // namespace bulwark::ledger
