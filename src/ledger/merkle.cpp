#include "ledger/merkle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <utility>

namespace bulwark::ledger {
namespace {

constexpr std::array<std::uint8_t, 1> kLeaf{0x00};
constexpr std::array<std::uint8_t, 1> kNode{0x01};

std::string plural(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " hash" : " hashes");
}

// The proof's hashes in two parts: `inner` up to where the path of the index leaves the right edge of the
// tree, then `border`, all of them left siblings.
struct Shape {
  unsigned inner = 0;
  unsigned border = 0;
};

Shape shape_of(std::uint64_t index, std::uint64_t size) {
  const auto inner = static_cast<unsigned>(std::bit_width(index ^ (size - 1)));
  const std::uint64_t above = inner == 64 ? 0 : index >> inner;
  return {.inner = inner, .border = static_cast<unsigned>(std::popcount(above))};
}

Hash climb(Hash seed, std::span<const Hash> inner, std::uint64_t index) {
  for (std::size_t level = 0; level < inner.size(); ++level) {
    const bool right = ((index >> level) & 1) != 0;
    seed = right ? node_hash(inner[level], seed) : node_hash(seed, inner[level]);
  }
  return seed;
}

Hash climb_right_turns_only(Hash seed, std::span<const Hash> inner, std::uint64_t index) {
  for (std::size_t level = 0; level < inner.size(); ++level)
    if (((index >> level) & 1) != 0) seed = node_hash(inner[level], seed);
  return seed;
}

Hash climb_border(Hash seed, std::span<const Hash> border) {
  for (const Hash& left : border) seed = node_hash(left, seed);
  return seed;
}

Result<void> same_root(const Hash& expected, const Hash& found, std::string_view which) {
  if (expected == found) return {};
  return fail(Code::Corrupt, std::string(which) + " does not match: the proof leads to another tree");
}

}  // namespace

Hash empty_root() {
  return crypto::sha256_bytes(Bytes{});
}

Hash leaf_hash(Bytes entry) {
  return crypto::sha256_bytes(kLeaf, entry);
}

Hash node_hash(const Hash& left, const Hash& right) {
  return crypto::sha256_bytes(kNode, left, right);
}

Result<Hash> root_from_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                                 std::span<const Hash> proof) {
  if (index >= size)
    return fail(Code::InvalidInput, "inclusion proof: index " + std::to_string(index) +
                                        " is not below the tree size " + std::to_string(size));
  const Shape shape = shape_of(index, size);
  if (proof.size() != shape.inner + shape.border)
    return fail(Code::InvalidInput, "inclusion proof for index " + std::to_string(index) + " of " +
                                        std::to_string(size) + ": " + plural(proof.size()) + ", expected " +
                                        std::to_string(shape.inner + shape.border));
  return climb_border(climb(leaf, proof.first(shape.inner), index), proof.subspan(shape.inner));
}

Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                              std::span<const Hash> proof, const Hash& root) {
  const Hash found = TRY(root_from_inclusion(index, size, leaf, proof));
  return same_root(root, found, "root of the tree");
}

Result<void> verify_consistency(std::uint64_t old_size, std::uint64_t size, std::span<const Hash> proof,
                                const Hash& old_root, const Hash& root) {
  if (old_size == 0) return fail(Code::InvalidInput, "consistency proof: nothing can be proven from size 0");
  if (size < old_size)
    return fail(Code::InvalidInput,
                "consistency proof: size " + std::to_string(size) + " is below " + std::to_string(old_size));
  const auto length_is = [&](std::size_t expected) -> Result<void> {
    if (proof.size() == expected) return {};
    return fail(Code::InvalidInput, "consistency proof from " + std::to_string(old_size) + " to " +
                                        std::to_string(size) + ": " + plural(proof.size()) + ", expected " +
                                        std::to_string(expected));
  };
  if (size == old_size) {
    TRY(length_is(0));
    return same_root(old_root, root, "root of the same size");
  }
  // The largest perfect subtree that ends where the old tree ends starts the proof; if it is the whole old
  // tree its root is known and left out.
  Shape shape = shape_of(old_size - 1, size);
  const auto shift = static_cast<unsigned>(std::countr_zero(old_size));
  shape.inner -= shift;
  const bool whole = std::has_single_bit(old_size);
  const std::size_t skipped = whole ? 0 : 1;
  TRY(length_is(shape.inner + shape.border + skipped));
  const Hash seed = whole ? old_root : proof.front();
  const auto inner = proof.subspan(skipped, shape.inner);
  const auto border = proof.subspan(skipped + shape.inner);
  const std::uint64_t mask = (old_size - 1) >> shift;
  const Hash found_old = climb_border(climb_right_turns_only(seed, inner, mask), border);
  TRY(same_root(old_root, found_old, "root of the old tree"));
  return same_root(root, climb_border(climb(seed, inner, mask), border), "root of the tree");
}

Result<CompactRange> CompactRange::at(std::uint64_t size, std::vector<Hash> roots) {
  if (roots.size() != static_cast<std::size_t>(std::popcount(size)))
    return fail(Code::InvalidInput, "right edge of a tree of " + std::to_string(size) + ": " +
                                        plural(roots.size()) + ", expected " +
                                        std::to_string(std::popcount(size)));
  CompactRange range;
  range.size_ = size;
  range.roots_ = std::move(roots);
  return range;
}

void CompactRange::append(const Hash& leaf) {
  Hash seed = leaf;
  for (std::uint64_t bits = size_; (bits & 1) != 0; bits >>= 1) {
    seed = node_hash(roots_.back(), seed);
    roots_.pop_back();
  }
  roots_.push_back(seed);
  ++size_;
}

Hash CompactRange::root() const {
  if (roots_.empty()) return empty_root();
  Hash seed = roots_.back();
  for (std::size_t i = roots_.size() - 1; i-- > 0;) seed = node_hash(roots_[i], seed);
  return seed;
}

Hash root_of(std::span<const Hash> leaves) {
  CompactRange range;
  for (const Hash& leaf : leaves) range.append(leaf);
  return range.root();
}

namespace {

// Root over [begin, end) where begin is a multiple of the smallest power of two that is not below the length:
// every subtree that a proof names.
Result<Hash> subtree_root(std::uint64_t begin, std::uint64_t end, const Nodes& nodes) {
  std::vector<Hash> roots;
  while (begin < end) {
    const auto level = static_cast<unsigned>(std::bit_width(end - begin) - 1);
    const Hash root = TRY(nodes(level, begin >> level));
    roots.push_back(root);
    begin += std::uint64_t{1} << level;
  }
  Hash seed = roots.back();
  for (std::size_t i = roots.size() - 1; i-- > 0;) seed = node_hash(roots[i], seed);
  return seed;
}

std::uint64_t split_of(std::uint64_t length) {  // largest power of two below length; length > 1
  return std::uint64_t{1} << (std::bit_width(length - 1) - 1);
}

}  // namespace

Result<Hash> root_at(std::uint64_t size, const Nodes& nodes) {
  if (size == 0) return empty_root();
  return subtree_root(0, size, nodes);
}

Result<Proof> inclusion_proof(std::uint64_t index, std::uint64_t size, const Nodes& nodes) {
  if (index >= size)
    return fail(Code::InvalidInput,
                "there is no entry " + std::to_string(index) + " in a tree of " + std::to_string(size));
  Proof proof;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool left = index < middle;
    const Hash sibling = TRY(subtree_root(left ? middle : begin, left ? end : middle, nodes));
    proof.push_back(sibling);
    (left ? end : begin) = middle;
  }
  std::ranges::reverse(proof);
  return proof;
}

Result<Proof> consistency_proof(std::uint64_t old_size, std::uint64_t size, const Nodes& nodes) {
  if (old_size == 0 || old_size > size)
    return fail(Code::InvalidInput,
                "no proof leads from size " + std::to_string(old_size) + " to " + std::to_string(size));
  // RFC 6962, 2.1.2, SUBPROOF as a loop: down to where the old tree is a whole subtree.
  Proof proof;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end != old_size) {
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool left = old_size <= middle;
    const Hash sibling = TRY(subtree_root(left ? middle : begin, left ? end : middle, nodes));
    proof.push_back(sibling);
    (left ? end : begin) = middle;
  }
  if (begin != 0) {
    const Hash last = TRY(subtree_root(begin, end, nodes));
    proof.push_back(last);
  }
  std::ranges::reverse(proof);
  return proof;
}

}  // namespace bulwark::ledger
