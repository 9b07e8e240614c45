#include "ledger/subtree.h"

#include <bit>
#include <string>

namespace bulwark::ledger {
namespace {

std::unexpected<Error> no_subtree(std::uint64_t start, std::uint64_t end) {
  return fail(Code::InvalidInput, "[" + std::to_string(start) + ", " + std::to_string(end) +
                                      ") is no subtree: it must start at a multiple of the power of two that "
                                      "holds its length");
}

}  // namespace

bool is_subtree(std::uint64_t start, std::uint64_t end) {
  if (start >= end) return false;
  const std::uint64_t length = end - start;
  if (length > (std::uint64_t{1} << 63)) return start == 0;
  return start % std::bit_ceil(length) == 0;
}

Result<void> verify_subtree_inclusion(std::uint64_t index, std::uint64_t start, std::uint64_t end,
                                      const Hash& leaf, std::span<const Hash> proof, const Hash& root) {
  if (!is_subtree(start, end)) return no_subtree(start, end);
  if (index < start || index >= end)
    return fail(Code::InvalidInput, "index " + std::to_string(index) + " is outside of the subtree");
  return verify_inclusion(index - start, end - start, leaf, proof, root);
}

Result<void> verify_subtree_consistency(std::uint64_t start, std::uint64_t end, std::uint64_t size,
                                        std::span<const Hash> proof, const Hash& subtree_root,
                                        const Hash& root) {
  if (end > size) return fail(Code::InvalidInput, "the subtree ends behind the tree");
  if (start == end && proof.empty() && subtree_root == empty_root()) return {};  // of every tree
  if (!is_subtree(start, end)) return no_subtree(start, end);
  // The draft's names: first and last node of the subtree on the present level, last node of the tree.
  std::uint64_t first = start;
  std::uint64_t last = end - 1;
  std::uint64_t tree_last = size - 1;
  const auto up = [&] {
    first >>= 1;
    last >>= 1;
    tree_last >>= 1;
  };
  const bool at_the_end = last == tree_last;
  while (first != last && (at_the_end || (last & 1) != 0)) up();
  Hash subtree = subtree_root;
  if (first != last) {
    if (proof.empty()) return fail(Code::InvalidInput, "subtree consistency proof is too short");
    subtree = proof.front();
    proof = proof.subspan(1);
  }
  Hash tree = subtree;
  for (const Hash& hash : proof) {
    if (tree_last == 0) return fail(Code::InvalidInput, "subtree consistency proof is too long");
    if ((last & 1) != 0 || last == tree_last) {
      if (first < last) subtree = node_hash(hash, subtree);
      tree = node_hash(hash, tree);
      while ((last & 1) == 0) up();
    } else {
      tree = node_hash(tree, hash);
    }
    up();
  }
  if (tree_last != 0) return fail(Code::InvalidInput, "subtree consistency proof is too short");
  if (subtree != subtree_root) return fail(Code::Corrupt, "root of the subtree does not match");
  if (tree != root) return fail(Code::Corrupt, "root of the tree does not match");
  return {};
}

}  // namespace bulwark::ledger
