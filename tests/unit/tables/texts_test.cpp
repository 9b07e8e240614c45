#include "tables/texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "unit/tables/table_test_support.h"

namespace bulwark::tables {
namespace {

using test::Contents;
using test::contents_of;
using testing::ElementsAre;
using testing::HasSubstr;
using Row = std::vector<std::string>;

TEST(Texts, AFileIsOneRow) {
  const test::Folder folder;
  const Contents c = contents_of(folder.file("readme.md", "# a, b\n\nc, d\n"));
  EXPECT_EQ(c.format, "text");
  EXPECT_THAT(c.names, ElementsAre("path", "text"));
  EXPECT_THAT(c.rows, ElementsAre(Row{"readme.md", "# a, b\n\nc, d\n"}));
}

TEST(Texts, AFolderIsARowPerFileInOrder) {
  const test::Folder folder;
  (void)folder.file("b.txt", "second");
  (void)folder.file("a.txt", "first");
  (void)folder.file("c.bin", "no text");
  std::filesystem::create_directory(folder.path() + "/sub");
  (void)folder.file("sub/c.md", std::string(2000, 'x'));
  EXPECT_EQ(contents_of(folder.path()).rows.size(), 3U);
  EXPECT_EQ(contents_of(folder.path()).rows[0], (Row{"a.txt", "first"}));
  DatasetOptions options;
  options.limits.cell_bytes = 1000;
  const Contents c = contents_of(folder.path(), options);
  EXPECT_THAT(c.rows, ElementsAre(Row{"a.txt", "first"}, Row{"b.txt", "second"}));
  EXPECT_THAT(c.gaps, ElementsAre(HasSubstr("the limit is")));
}

}  // namespace
}  // namespace bulwark::tables
