#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "scan/formats/hdf5/file.h"
#include "support/recipe.h"
#include "support/support.h"

namespace bulwark {
namespace {

std::vector<std::uint8_t> sample(const std::string& name) {
  const auto recipe = test::load_recipe("tests/fixtures/hdf5/" + name + ".recipe");
  EXPECT_TRUE(recipe) << recipe.error().message;
  return recipe ? recipe->bytes : std::vector<std::uint8_t>{};
}

TEST(Hdf5, ReadsGroupsDatasetsAndAttributesOfTheOldFormat) {
  const auto bytes = sample("plain");
  const auto file = scan::hdf5::read(Bytes(bytes), Limits{});
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->problems.empty());
  EXPECT_EQ(file->superblock, 0U);
  EXPECT_EQ(file->end, bytes.size());
  std::set<std::string> paths;
  for (const auto& object : file->objects) paths.insert(object.path);
  EXPECT_THAT(paths,
              testing::ElementsAre("/", "/model_weights", "/model_weights/d", "/model_weights/d/kernel"));
  const auto& root = file->objects.front();
  ASSERT_EQ(root.attributes.size(), 2U);
  EXPECT_EQ(root.attributes[1].name, "keras_version");
  ASSERT_EQ(root.attributes[1].texts.size(), 1U);
  EXPECT_EQ(root.attributes[1].texts[0].value, "2.13.1");
  const auto kernel = std::ranges::find(file->objects, "/model_weights/d/kernel", &scan::hdf5::Object::path);
  EXPECT_THAT(kernel->shape, testing::ElementsAre(2U, 2U));
  EXPECT_EQ(kernel->type, "float32");
  EXPECT_EQ(kernel->content.size(), 16U);
}

TEST(Hdf5, ReadsDenseAttributesAndLinksOfTheNewFormat) {
  const auto attributes = sample("lambda_in_dense_attributes");
  const auto file = scan::hdf5::read(Bytes(attributes), Limits{});
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->problems.empty());
  EXPECT_EQ(file->objects.front().attributes.size(), 10U);
  const auto links = sample("external_link_dense");
  const auto linked = scan::hdf5::read(Bytes(links), Limits{});
  ASSERT_TRUE(linked);
  EXPECT_EQ(linked->objects.front().links.size(), 10U);
}

TEST(Hdf5, SuperblockIsFoundBehindAUserBlock) {
  const auto bytes = sample("user_block_of_zeros");
  EXPECT_EQ(scan::hdf5::find_superblock(Bytes(bytes)), 512U);
  EXPECT_FALSE(scan::hdf5::find_superblock(Bytes(bytes).first(511)));
}

TEST(Hdf5, ACutFileIsNeverCompleteAndClean) {
  const auto bytes = sample("plain");
  for (std::size_t length = 8; length < bytes.size(); length += 7) {
    const Report report = test::scan(Bytes(bytes).first(length));
    EXPECT_FALSE(report.gaps.empty()) << length;
  }
}

TEST(Hdf5, DamagedAddressesAndCountsNeverCrash) {
  auto bytes = sample("plain");
  for (std::size_t seed = 1; seed < 400; ++seed) {
    auto damaged = bytes;
    for (std::size_t i = 0; i < 8; ++i)
      damaged[(seed * 131 + i * 977) % damaged.size()] ^= static_cast<std::uint8_t>(seed);
    (void)test::scan(Bytes(damaged));
  }
}

}  // namespace
}  // namespace bulwark
