// Receipts and requests to witnesses: what is accepted comes back as it was; proofs of any size end.

#include <algorithm>
#include <cstdlib>

#include "ledger/receipt.h"
#include "ledger/subtree.h"
#include "ledger/witness.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  const std::string_view text = text_of(bytes);
  if (const auto receipt = ledger::parse_receipt(text)) {
    if (ledger::to_text(*receipt) != text) std::abort();
    (void)ledger::root_from_inclusion(receipt->index, receipt->checkpoint.checkpoint.size,
                                      ledger::leaf_hash({}), receipt->proof);
  }
  if (const auto request = ledger::parse_request(text); request && ledger::to_text(*request) != text)
    std::abort();
  (void)ledger::judge(text, {});
  if (size < 24) return 0;
  const auto a = load_little_endian<std::uint64_t>(data);
  const auto b = load_little_endian<std::uint64_t>(data + 8);
  const auto c = load_little_endian<std::uint64_t>(data + 16);
  const ledger::Proof proof(size % 70);
  (void)ledger::verify_inclusion(a, b, {}, proof, {});
  (void)ledger::verify_consistency(a, b, proof, {}, {});
  (void)ledger::verify_subtree_inclusion(a, b, c, {}, proof, {});
  (void)ledger::verify_subtree_consistency(a, b, c, proof, {}, {});
  return 0;
}
