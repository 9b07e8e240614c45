#include "ledger/receipt.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "ledger/proof_lines.h"

namespace bulwark::ledger {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

std::unexpected<Error> malformed(std::string_view why) {
  return fail(Code::InvalidInput, "not a receipt (tlog-proof v1): " + std::string(why));
}

}  // namespace

Result<Receipt> parse_receipt(std::string_view text, const NoteLimits& limits) {
  if (text.size() > limits.bytes)
    return fail(Code::LimitReached, "receipt: " + std::to_string(text.size()) + " bytes, at most " +
                                        std::to_string(limits.bytes) + " are read");
  if (next_line(text) != kFirstLine)
    return malformed("its first line is not '" + std::string(kFirstLine) + "'");
  Receipt receipt;
  auto line = next_line(text);
  if (line && line->starts_with(kExtra)) {
    const auto extra = decode_canonical_base64(line->substr(kExtra.size()));
    if (!extra || extra->empty()) return malformed("its extra data are no base64");
    receipt.extra.assign(extra->begin(), extra->end());
    line = next_line(text);
  }
  if (!line || !line->starts_with(kIndex)) return malformed("no index line");
  const auto index = decimal_from(line->substr(kIndex.size()));
  if (!index) return malformed("'" + printable(*line, 60) + "' names no index");
  receipt.index = *index;
  receipt.proof = TRY(take_proof(text, kMaxInclusionHashes));
  receipt.checkpoint = TRY(parse_signed_checkpoint(text, limits));
  return receipt;
}

std::string to_text(const Receipt& receipt) {
  std::string text = std::string(kFirstLine) + "\n";
  if (!receipt.extra.empty()) text += std::string(kExtra) + encode_base64(receipt.extra) + "\n";
  text += std::string(kIndex) + std::to_string(receipt.index) + "\n" + proof_lines(receipt.proof) + "\n";
  return text + to_text(receipt.checkpoint.note);
}

Result<void> verify_receipt(const Receipt& receipt, const Hash& leaf, std::string_view origin,
                            std::span<const NoteKey> log_keys) {
  TRY(verify_checkpoint(receipt.checkpoint, origin, log_keys));
  const Checkpoint& checkpoint = receipt.checkpoint.checkpoint;
  return verify_inclusion(receipt.index, checkpoint.size, leaf, receipt.proof, checkpoint.root);
}

}  // namespace bulwark::ledger
