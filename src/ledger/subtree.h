#pragma once
// Proofs about subtrees, as the draft on Merkle tree certificates (draft-ietf-plants-merkle-tree-certs) has
// them: a subtree [start, end) starts at a multiple of the smallest power of two that is not below its
// length.

#include "ledger/merkle.h"

namespace bulwark::ledger {

[[nodiscard]] bool is_subtree(std::uint64_t start, std::uint64_t end);

// That the leaf is entry `index` of the subtree. Errors: InvalidInput: no subtree, index outside, a proof of
// another length; Corrupt: another root.
[[nodiscard]] Result<void> verify_subtree_inclusion(std::uint64_t index, std::uint64_t start,
                                                    std::uint64_t end, const Hash& leaf,
                                                    std::span<const Hash> proof, const Hash& root);

// That the subtree is part of the tree of `size` entries. The empty one is, without a proof. Errors as above.
[[nodiscard]] Result<void> verify_subtree_consistency(std::uint64_t start, std::uint64_t end,
                                                      std::uint64_t size, std::span<const Hash> proof,
                                                      const Hash& subtree_root, const Hash& root);

}  // namespace bulwark::ledger
