#include "ledger/proof_lines.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace bulwark::ledger {

std::optional<std::string_view> next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Result<Proof> take_proof(std::string_view& text, std::size_t limit) {
  Proof proof;
  for (;;) {
    const auto line = next_line(text);
    if (!line) return fail(Code::InvalidInput, "no empty line behind the proof");
    if (line->empty()) return proof;
    if (proof.size() == limit)
      return fail(Code::LimitReached, "a proof of more than " + std::to_string(limit) + " hashes");
    const auto bytes = decode_canonical_base64(*line);
    Hash hash{};
    if (!bytes || bytes->size() != hash.size())
      return fail(Code::InvalidInput, "'" + printable(*line, 60) + "' is no hash (base64 of 32 bytes)");
    std::ranges::copy(bytes_of(*bytes), hash.begin());
    proof.push_back(hash);
  }
}

std::string proof_lines(const Proof& proof) {
  std::string text;
  for (const Hash& hash : proof) text += encode_base64(hash) + "\n";
  return text;
}

}  // namespace bulwark::ledger
