#include "ledger/merkle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/text.h"
#include "ledger/subtree.h"

namespace bulwark::ledger {
namespace {

Hash leaf(std::uint64_t number) {
  return leaf_hash(bytes_of(std::to_string(number)));
}

// MTH of RFC 6962, 2.1, as it is written there.
Hash tree(std::uint64_t begin, std::uint64_t end) {
  if (begin == end) return empty_root();
  if (end - begin == 1) return leaf(begin);
  std::uint64_t split = 1;
  while (split * 2 < end - begin) split *= 2;
  return node_hash(tree(begin, begin + split), tree(begin + split, end));
}

Result<Hash> node(unsigned level, std::uint64_t index) {
  return tree(index << level, (index + 1) << level);
}

TEST(Merkle, RootIsTheOneOfTheDefinition) {
  CompactRange range;
  for (std::uint64_t size = 0; size < 70; ++size) {
    EXPECT_EQ(range.root(), tree(0, size)) << size;
    EXPECT_EQ(root_at(size, node).value(), tree(0, size)) << size;
    range.append(leaf(size));
  }
}

TEST(Merkle, EveryInclusionProofOfSmallTreesVerifiesAndNoOther) {
  for (std::uint64_t size = 1; size < 34; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(index, size, node);
      ASSERT_TRUE(proof);
      EXPECT_TRUE(verify_inclusion(index, size, leaf(index), *proof, tree(0, size)));
      EXPECT_FALSE(verify_inclusion(index, size, leaf(index + 1), *proof, tree(0, size)));
      EXPECT_FALSE(verify_inclusion(index, size, leaf(index), *proof, tree(0, size + 1)));
      if (size > 1) {
        EXPECT_FALSE(verify_inclusion(index ^ 1, size, leaf(index), *proof, tree(0, size)));
      }
      Proof longer = *proof;
      longer.push_back(leaf(0));
      EXPECT_FALSE(verify_inclusion(index, size, leaf(index), longer, tree(0, size)));
    }
  }
}

TEST(Merkle, EveryConsistencyProofOfSmallTreesVerifiesAndNoOther) {
  for (std::uint64_t size = 1; size < 34; ++size) {
    for (std::uint64_t old_size = 1; old_size <= size; ++old_size) {
      const auto proof = consistency_proof(old_size, size, node);
      ASSERT_TRUE(proof);
      const Hash old_root = tree(0, old_size);
      const Hash root = tree(0, size);
      EXPECT_TRUE(verify_consistency(old_size, size, *proof, old_root, root)) << old_size << " " << size;
      EXPECT_TRUE(verify_subtree_consistency(0, old_size, size, *proof, old_root, root));
      EXPECT_FALSE(verify_consistency(old_size, size, *proof, leaf(99), root));
      EXPECT_FALSE(verify_consistency(old_size, size, *proof, old_root, leaf(99)));
      for (std::size_t i = 0; i < proof->size(); ++i) {
        Proof changed = *proof;
        changed[i][7] ^= 4;
        EXPECT_FALSE(verify_consistency(old_size, size, changed, old_root, root));
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_FALSE(verify_consistency(old_size, size, changed, old_root, root));
      }
    }
  }
}

TEST(Merkle, NothingIsProvenFromSizeZero) {
  EXPECT_FALSE(verify_consistency(0, 0, {}, empty_root(), empty_root()));
  EXPECT_FALSE(verify_consistency(0, 5, {}, empty_root(), tree(0, 5)));
  EXPECT_FALSE(consistency_proof(0, 5, node));
  EXPECT_FALSE(consistency_proof(6, 5, node));
}

TEST(Merkle, HugeSizesNeitherHangNorOverflow) {
  const std::uint64_t most = ~std::uint64_t{0};
  EXPECT_FALSE(verify_inclusion(most, most, leaf(0), {}, leaf(0)));
  EXPECT_FALSE(verify_inclusion(most - 1, most, leaf(0), Proof(64), leaf(0)));
  EXPECT_FALSE(verify_inclusion(0, most, leaf(0), Proof(64), leaf(0)));
  EXPECT_FALSE(verify_consistency(std::uint64_t{1} << 63, most, Proof(64), leaf(0), leaf(1)));
  EXPECT_FALSE(verify_consistency(most - 1, most, Proof(64), leaf(0), leaf(1)));
  EXPECT_FALSE(verify_subtree_consistency(0, most, most, Proof(64), leaf(0), leaf(1)));
}

TEST(Merkle, RightEdgeNeedsOneHashForEachBit) {
  EXPECT_TRUE(CompactRange::at(6, Proof(2)));
  EXPECT_FALSE(CompactRange::at(6, Proof(3)));
  const auto range = CompactRange::at(6, {tree(0, 4), tree(4, 6)});
  ASSERT_TRUE(range);
  EXPECT_EQ(range->root(), tree(0, 6));
}

TEST(Merkle, SubtreesStartAtMultiplesOfTheirSize) {
  EXPECT_TRUE(is_subtree(4, 7));
  EXPECT_TRUE(is_subtree(5, 6));
  EXPECT_FALSE(is_subtree(2, 5));
  EXPECT_FALSE(is_subtree(3, 3));
  EXPECT_TRUE(is_subtree(0, ~std::uint64_t{0}));
  EXPECT_FALSE(is_subtree(1, ~std::uint64_t{0}));
}

}  // namespace
}  // namespace bulwark::ledger
