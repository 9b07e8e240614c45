#include "scan/formats/image_reference.h"

#include <gtest/gtest.h>

namespace bulwark::scan {
namespace {

TEST(ImageReference, PartsAreToldApart) {
  const auto image = parse_image_reference("registry.example:5000/team/app:v1.2");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->registry, "registry.example:5000");
  EXPECT_EQ(image->repository, "team/app");
  EXPECT_EQ(image->tag, "v1.2");
  EXPECT_FALSE(image->pinned());
  EXPECT_FALSE(image->mutable_tag());
}

TEST(ImageReference, DefaultsAreThoseOfDocker) {
  const auto image = parse_image_reference("python");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->registry, "docker.io");
  EXPECT_EQ(image->repository, "library/python");
  EXPECT_EQ(image->effective_tag(), "latest");
  EXPECT_TRUE(image->mutable_tag());
  EXPECT_EQ(parse_image_reference("localhost/x")->registry, "localhost");
  EXPECT_EQ(parse_image_reference("a/b")->repository, "a/b");
  EXPECT_EQ(parse_image_reference("host:5000/x")->tag, "");
}

TEST(ImageReference, DigestPins) {
  const auto image = parse_image_reference("a/b:latest@sha256:" + std::string(64, 'a'));
  ASSERT_TRUE(image);
  EXPECT_TRUE(image->pinned());
  EXPECT_EQ(image->tag, "latest");
  EXPECT_FALSE(parse_image_reference("a@sha256:" + std::string(63, 'a')));
  EXPECT_FALSE(parse_image_reference("a@sha256:" + std::string(64, 'G')));
}

TEST(ImageReference, ChannelsMove) {
  for (const std::string_view text : {"a:latest", "a:nightly", "a:latest-gpu", "a:main", "a:LATEST"})
    EXPECT_TRUE(parse_image_reference(text)->mutable_tag()) << text;
  for (const std::string_view text : {"a:3", "a:1.2-slim", "a:mainline-1", "a:bookworm"})
    EXPECT_FALSE(parse_image_reference(text)->mutable_tag()) << text;
}

TEST(ImageReference, OtherTextIsNone) {
  for (const std::string_view text :
       {"", "A", "$IMAGE", "a:${TAG}", "a b", "a:", "/a", "a//b", "a:-x", "-a", "a/"})
    EXPECT_FALSE(parse_image_reference(text)) << text;
}

}  // namespace
}  // namespace bulwark::scan
