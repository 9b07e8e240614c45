#pragma once
// Merkle trees of RFC 6962: hashing, roots, and proofs that an entry is in a tree (inclusion) and that a tree
// is the start of a larger one (consistency).
//
// Proofs come from strangers: they are checked against the exact length that sizes and index ask for, so
// nothing may stand before, between or behind the hashes that are needed.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "crypto/hash.h"

namespace bulwark::ledger {

using Hash = crypto::Hash256;
using Proof = std::vector<Hash>;  // inclusion: from the leaf's sibling up to the root's child; at most 64

[[nodiscard]] Hash empty_root();                                    // SHA-256("")
[[nodiscard]] Hash leaf_hash(Bytes entry);                          // SHA-256(0x00 || entry)
[[nodiscard]] Hash node_hash(const Hash& left, const Hash& right);  // SHA-256(0x01 || left || right)

// Errors: InvalidInput: index not below size, a proof of another length. Corrupt: another root.
[[nodiscard]] Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                                            std::span<const Hash> proof, const Hash& root);
// The root that a proof leads to. Errors: InvalidInput, as above.
[[nodiscard]] Result<Hash> root_from_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                                               std::span<const Hash> proof);

// That the tree of `old_size` entries is the start of the one of `size`. Nothing can be proven from size 0:
// an error, whatever the proof. Errors: InvalidInput: sizes or length; Corrupt: one of the roots is another.
[[nodiscard]] Result<void> verify_consistency(std::uint64_t old_size, std::uint64_t size,
                                              std::span<const Hash> proof, const Hash& old_root,
                                              const Hash& root);

// The right edge of a growing tree: the roots of the perfect subtrees that its size consists of. At most 64
// hashes whatever the size.
class CompactRange {
 public:
  CompactRange() = default;
  // `roots`: of the perfect subtrees, largest first. Errors: InvalidInput: not one for each bit of `size`.
  [[nodiscard]] static Result<CompactRange> at(std::uint64_t size, std::vector<Hash> roots);

  void append(const Hash& leaf);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Hash root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> roots_;
};

[[nodiscard]] Hash root_of(std::span<const Hash> leaves);

// Where proofs take the root of the perfect subtree over entries [index << level, (index + 1) << level) from.
using Nodes = std::function<Result<Hash>(unsigned level, std::uint64_t index)>;

// Errors: those of `nodes`; InvalidInput: index not below size, old_size 0 or above size.
[[nodiscard]] Result<Proof> inclusion_proof(std::uint64_t index, std::uint64_t size, const Nodes& nodes);
[[nodiscard]] Result<Proof> consistency_proof(std::uint64_t old_size, std::uint64_t size, const Nodes& nodes);
[[nodiscard]] Result<Hash> root_at(std::uint64_t size, const Nodes& nodes);

}  // namespace bulwark::ledger
