// A folder of images as rows, labels and one array.

#include "tables/images.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "os/temporary_folder.h"
#include "support/images.h"

namespace bulwark::tables {
namespace {

std::string pgm(const std::string& pixels) {
  return "P5 " + std::to_string(pixels.size()) + " 1 255\n" + pixels;
}

class ImageFolder : public testing::Test {
 protected:
  void SetUp() override {
    auto made = os::TemporaryFolder::make(os::temporary_parent());
    ASSERT_TRUE(made.has_value()) << made.error().message;
    folder_.emplace(std::move(*made));
  }

  void write(const std::string& name, const std::string& content) {
    const std::filesystem::path path = root() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }

  std::filesystem::path root() const { return folder_->path(); }

  std::unique_ptr<Dataset> open(const DatasetOptions& options = {}) {
    auto opened = open_dataset(folder_->path(), options);
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }

  std::optional<os::TemporaryFolder> folder_;
};

std::vector<std::string> column_names(const Dataset& images) {
  std::vector<std::string> names;
  for (const Column& column : images.about().columns) names.push_back(column.name);
  return names;
}

// "cat/1.pgm cat 2 1 1 13" for every row.
std::vector<std::string> rows_of(const Dataset& images) {
  std::vector<std::string> rows;
  auto reader = images.read({});
  EXPECT_TRUE(reader.has_value());
  Block block;
  while ((*reader)->next(block).value()) {
    for (std::size_t row = 0; row < block.rows; ++row) {
      std::string text;
      for (const Cells& cells : block.columns) {
        if (!text.empty()) text += ' ';
        if (!cells.present(row)) {
          text += '-';
        } else if (cells.kind == Kind::Text) {
          text += cells.texts[row];
        } else {
          text += std::to_string(cells.integers[row]);
        }
      }
      rows.push_back(text);
    }
  }
  return rows;
}

std::vector<Gap> gaps_of(const Dataset& images) {
  auto reader = images.read({});
  return (*reader)->gaps();
}

std::string array_of(const Dataset& images) {
  const auto array = images.array("images");
  return array ? std::string(text_of(array->bytes)) : array.error().message;
}

TEST_F(ImageFolder, RowsAreSortedAndLabelledByFolder) {
  write("dog/b.pgm", pgm("cd"));
  write("cat/2.PNG", pgm("ab"));  // the content decides
  write("cat/1.x", test::png_file({.width = 2, .pixels = "xy"}));
  const auto images = open();
  ASSERT_NE(images, nullptr);
  EXPECT_EQ(column_names(*images),
            (std::vector<std::string>{"file", "label", "width", "height", "channels", "bytes"}));
  EXPECT_EQ(images->about().rows, 3U);
  EXPECT_EQ(images->about().format, "images");
  EXPECT_EQ(rows_of(*images),
            (std::vector<std::string>{
                "cat/1.x cat 2 1 1 " + std::to_string(test::png_file({.width = 2, .pixels = "xy"}).size()),
                "cat/2.PNG cat 2 1 1 13", "dog/b.pgm dog 2 1 1 13"}));
  ASSERT_EQ(images->about().arrays.size(), 1U);
  EXPECT_EQ(images->about().arrays[0].shape, (std::vector<std::uint64_t>{3, 1, 1, 2}));
  EXPECT_EQ(array_of(*images), "xyabcd");
  EXPECT_TRUE(gaps_of(*images).empty());
}

TEST_F(ImageFolder, AFlatFolderHasNoLabels) {
  write("b.pgm", pgm("cd"));
  write("a.pgm", pgm("ab"));
  const auto images = open();
  ASSERT_NE(images, nullptr);
  EXPECT_EQ(column_names(*images),
            (std::vector<std::string>{"file", "width", "height", "channels", "bytes"}));
  EXPECT_EQ(rows_of(*images)[0], "a.pgm 2 1 1 13");
}

TEST_F(ImageFolder, AFileBesideTheClassesHasNoLabel) {
  write("a.pgm", pgm("ab"));
  write("cat/a.pgm", pgm("cd"));
  const auto images = open();
  EXPECT_EQ(rows_of(*images), (std::vector<std::string>{"a.pgm - 2 1 1 13", "cat/a.pgm cat 2 1 1 13"}));
}

TEST_F(ImageFolder, ColumnsCanBeChosen) {
  write("cat/a.pgm", pgm("ab"));
  const auto images = open();
  const std::vector<std::size_t> chosen = {1, 5};
  auto reader = images->read(chosen);
  Block block;
  ASSERT_TRUE((*reader)->next(block).value());
  ASSERT_EQ(block.columns.size(), 2U);
  EXPECT_EQ(block.columns[0].texts[0], "cat");
  EXPECT_EQ(block.columns[1].integers[0], 13);
  EXPECT_FALSE((*reader)->next(block).value());
  const std::vector<std::size_t> wrong = {6};
  EXPECT_FALSE(images->read(wrong).has_value());
}

TEST_F(ImageFolder, OtherShapesAndDamagedFilesAreGaps) {
  write("a/1.pgm", pgm("ab"));
  write("a/2.pgm", pgm("abc"));
  write("a/3.pgm", "P5 2 1 255\nx");
  write("a/4.png", test::png_file({.width = 2, .pixels = "xy"}).substr(0, 60));
  write("a/5.pgm", pgm("ef"));
  write("a/notes.txt", "hello");
  const auto images = open();
  ASSERT_NE(images, nullptr);
  EXPECT_EQ(rows_of(*images).size(), 2U);
  EXPECT_EQ(array_of(*images), "abef");
  const std::vector<Gap> gaps = gaps_of(*images);
  ASSERT_EQ(gaps.size(), 4U);
  std::string all;
  for (const Gap& gap : gaps) all += gap.origin.at(0) + ": " + gap.why + "\n";
  EXPECT_NE(all.find("a/2.pgm: image of 3 x 1 x 1 among images of 2 x 1 x 1"), std::string::npos) << all;
  EXPECT_NE(all.find("a/3.pgm: PNM: its pixels need 2 bytes"), std::string::npos) << all;
  EXPECT_NE(all.find("a/4.png: PNG: "), std::string::npos) << all;
  EXPECT_NE(all.find("a/notes.txt: no PNG"), std::string::npos) << all;
}

TEST_F(ImageFolder, WithoutACommonShapeAllAreRowsAndThereIsNoArray) {
  write("1.pgm", pgm("a"));
  write("2.pgm", pgm("ab"));
  write("3.pgm", pgm("abc"));
  const auto images = open();
  EXPECT_EQ(rows_of(*images).size(), 3U);
  EXPECT_TRUE(images->about().arrays.empty());
  EXPECT_FALSE(images->array("images").has_value());
  ASSERT_EQ(gaps_of(*images).size(), 1U);
  EXPECT_NE(gaps_of(*images)[0].why.find("3 shapes"), std::string::npos);
}

TEST_F(ImageFolder, LinksOutOfTheFolderAreNotFollowed) {
  write("in/a/1.pgm", pgm("ab"));
  write("out/2.pgm", pgm("cd"));
  ASSERT_EQ(symlink("../../out/2.pgm", (root() / "in/a/2.pgm").c_str()), 0);
  ASSERT_EQ(symlink("../out", (root() / "in/b").c_str()), 0);
  ASSERT_EQ(mkfifo((root() / "in/a/3.pgm").c_str(), 0600), 0);
  const auto images = open_dataset((root() / "in").string(), {});
  ASSERT_TRUE(images.has_value());
  EXPECT_EQ(rows_of(**images).size(), 1U);
  EXPECT_EQ(gaps_of(**images).size(), 3U);
}

TEST_F(ImageFolder, CeilingsAreGaps) {
  for (int i = 0; i < 6; ++i) write("a/" + std::to_string(i) + ".pgm", pgm("ab"));
  DatasetOptions options;
  options.limits.images = 4;
  options.limits.gaps = 1;
  const auto few = open(options);
  EXPECT_EQ(rows_of(*few).size(), 4U);
  ASSERT_EQ(gaps_of(*few).size(), 2U);
  EXPECT_EQ(gaps_of(*few)[1].why,
            "1 more, which are not listed; the first of them: more files than the limit");
  options = {};
  options.limits.array_bytes = 11;
  const auto flat = open(options);
  EXPECT_EQ(rows_of(*flat).size(), 6U);
  EXPECT_TRUE(flat->about().arrays.empty());
  options = {};
  options.limits.image_pixels = 1;
  const auto none = open_dataset(folder_->path(), options);
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, Code::Unsupported);
  EXPECT_NE(none.error().message.find("2 x 1 pixels are more than the limit of 1"), std::string::npos);
}

TEST_F(ImageFolder, TheNumberOfThreadsChangesNothing) {
  for (int i = 0; i < 40; ++i)
    write("a/" + std::to_string(i) + ".pgm",
          i % 7 == 3 ? "P2 2 1 255 1 x" : pgm(std::string(2, static_cast<char>('a' + i % 20))));
  DatasetOptions options;
  const auto one = open(options);
  for (const std::size_t jobs : {2U, 3U}) {
    options.jobs = jobs;
    const auto more = open(options);
    EXPECT_EQ(rows_of(*more), rows_of(*one));
    EXPECT_EQ(array_of(*more), array_of(*one));
    EXPECT_EQ(gaps_of(*more).size(), gaps_of(*one).size());
  }
}

TEST_F(ImageFolder, AnEmptyFolderIsAnError) {
  EXPECT_FALSE(open_dataset(folder_->path()).has_value());
  write("a.bin", "hello");
  const auto opened = open_dataset(folder_->path());
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Code::Unsupported);
}

}  // namespace
}  // namespace bulwark::tables
