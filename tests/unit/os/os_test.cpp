#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/glob.h"
#include "base/parallel.h"
#include "crypto/digest.h"
#include "os/files.h"
#include "os/mapping.h"
#include "os/walk.h"

namespace bulwark::os {
namespace {

namespace fs = std::filesystem;

class InFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "bulwark-os-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string at(const std::string& name) const { return (folder_ / name).string(); }
  [[nodiscard]] std::string write(const std::string& name, std::size_t size, char letter = 'x') const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << std::string(size, letter);
    return at(name);
  }

  fs::path folder_;
};

using MappingTest = InFolder;

TEST_F(MappingTest, HoldsTheBytesOfSmallAndLargeFiles) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{3} << 20}) {
    const auto mapping = Mapping::open(write("f", size), false);
    ASSERT_TRUE(mapping) << mapping.error().message;
    EXPECT_EQ((*mapping)->bytes().size(), size);
    EXPECT_TRUE(std::ranges::all_of((*mapping)->bytes(), [](std::uint8_t byte) { return byte == 'x'; }));
    EXPECT_FALSE((*mapping)->changed());
  }
}

TEST_F(MappingTest, PiecesInOrderAreTheWholeFile) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, (std::size_t{3} << 20) + 7}) {
    const auto mapping = Mapping::open(write("f", size), false);
    ASSERT_TRUE(mapping);
    const auto whole = crypto::sha256((*mapping)->bytes());
    const auto pieces = crypto::sha256([&](const auto& each) { (*mapping)->for_each_piece(each); });
    EXPECT_EQ(whole.value(), pieces.value());
    EXPECT_EQ((*mapping)->bytes().size(), size);
  }
}

TEST_F(MappingTest, FileThatShrinksWhileItIsReadIsChangedAndNoCrash) {
  const std::string path = write("f", std::size_t{4} << 20);
  const auto mapping = Mapping::open(path, false);
  ASSERT_TRUE(mapping);
  ASSERT_EQ(truncate(path.c_str(), 10), 0);
  std::uint64_t sum = 0;
  for (const std::uint8_t byte : (*mapping)->bytes()) sum += byte;  // raises SIGBUS behind the first page
  EXPECT_LE(sum, std::uint64_t{'x'} * 4096);
  EXPECT_TRUE((*mapping)->changed());
}

TEST_F(MappingTest, FileThatIsRewrittenIsChanged) {
  const std::string path = write("f", 100);
  const auto mapping = Mapping::open(path, false);
  ASSERT_TRUE(mapping);
  std::ofstream(path, std::ios::app) << "more";
  EXPECT_TRUE((*mapping)->changed());
}

TEST_F(MappingTest, FifoDirectoryAndLinkAreRefusedAtOnce) {
  ASSERT_EQ(mkfifo(at("pipe").c_str(), 0600), 0);
  fs::create_symlink(write("f", 1), folder_ / "link");
  EXPECT_EQ(Mapping::open(at("pipe"), true).error().code, Code::Unsupported);
  EXPECT_EQ(Mapping::open(folder_.string(), true).error().code, Code::Unsupported);
  EXPECT_EQ(Mapping::open(at("link"), false).error().code, Code::Unsupported);
  EXPECT_TRUE(Mapping::open(at("link"), true));
  EXPECT_EQ(Mapping::open(at("nothing"), true).error().code, Code::NotFound);
}

using WalkTest = InFolder;

std::vector<std::string> files(const std::vector<WalkEntry>& entries) {
  std::vector<std::string> paths;
  for (const WalkEntry& entry : entries)
    if (entry.kind == Found::File) paths.push_back(fs::path(entry.path).filename().string());
  return paths;
}

TEST_F(WalkTest, NeverLeavesTheTreeAndNamesWhatItSkips) {
  (void)write("tree/a/1", 1);
  (void)write("tree/b", 1);
  (void)write("outside", 1);
  fs::create_symlink(folder_ / "outside", folder_ / "tree/escape");
  fs::create_symlink(folder_ / "tree", folder_ / "tree/a/up");
  fs::create_symlink("nothing", folder_ / "tree/dangling");
  ASSERT_EQ(mkfifo(at("tree/pipe").c_str(), 0600), 0);
  const auto entries = walk(at("tree"), {});
  EXPECT_EQ(files(entries), (std::vector<std::string>{"1", "b"}));
  EXPECT_EQ(std::ranges::count(entries, Found::Unreadable, &WalkEntry::kind), 3);
  EXPECT_TRUE(std::ranges::is_sorted(entries, {}, &WalkEntry::path));
}

TEST_F(WalkTest, DeepTreeEndsInAnEntryThatSaysSo) {
  (void)write("a/b/c/d", 1);
  const auto entries = walk(folder_.string(), {.max_depth = 1});
  EXPECT_TRUE(files(entries).empty());
  ASSERT_EQ(std::ranges::count(entries, Found::Unreadable, &WalkEntry::kind), 1);
}

// Root may read everything, so the test steps down for a while where it runs as root.
class AsNobody {
 public:
  AsNobody() : was_root_(geteuid() == 0) {
    if (was_root_) {
      EXPECT_EQ(seteuid(65534), 0);
    }
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  ~AsNobody() {
    if (was_root_) {
      EXPECT_EQ(seteuid(0), 0);
    }
  }

 private:
  bool was_root_;
};

TEST_F(WalkTest, UnreadableDirectoryIsAnEntry) {
  (void)write("closed/f", 1);
  fs::permissions(folder_, fs::perms::others_read | fs::perms::others_exec, fs::perm_options::add);
  fs::permissions(folder_ / "closed", fs::perms::none);
  {
    const AsNobody nobody;
    const auto entries = walk(folder_.string(), {});
    EXPECT_EQ(std::ranges::count(entries, Found::Unreadable, &WalkEntry::kind), 1);
  }
  fs::permissions(folder_ / "closed", fs::perms::owner_all);
}

TEST_F(MappingTest, UnreadableFileIsDenied) {
  const std::string path = write("secret", 10);
  fs::permissions(path, fs::perms::none);
  const AsNobody nobody;
  const auto mapping = Mapping::open(path, false);
  ASSERT_FALSE(mapping);
  EXPECT_EQ(mapping.error().code, Code::Denied) << mapping.error().message;
}

TEST(Glob, StarsStopAtFoldersAndDoubleStarsDoNot) {
  EXPECT_TRUE(matches_glob("*.pt", "model.pt"));
  EXPECT_FALSE(matches_glob("*.pt", "a/model.pt"));
  EXPECT_TRUE(matches_glob("**/*.pt", "a/b/model.pt"));
  EXPECT_TRUE(matches_glob("**/*.pt", "model.pt"));
  EXPECT_TRUE(matches_glob("a/**", "a/b/c"));
  EXPECT_FALSE(matches_glob("a/?", "a//"));
  EXPECT_TRUE(matches_glob("**/x*y/**", "a/b/xzy/c/d"));
  EXPECT_FALSE(matches_glob("", "a"));
  EXPECT_TRUE(matches_glob("", ""));
}

TEST(Glob, HostilePatternIsNoBomb) {
  std::string glob;
  for (int i = 0; i < 200; ++i) glob += "**a";
  EXPECT_FALSE(matches_glob(glob, std::string(2000, 'b')));
}

using FilesTest = InFolder;

TEST_F(FilesTest, DurableWriteReplacesTheWholeFile) {
  const std::string path = write("report", 1000);
  ASSERT_TRUE(write_durably(path, "new"));
  EXPECT_EQ(read_text(path, 100).value(), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1)
      << "nothing is left beside";
}

TEST_F(FilesTest, FailedWriteLeavesTheOldContent) {
  const auto written = write_durably(at("no/such/folder/report"), "new");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::NotFound);
}

TEST_F(FilesTest, StreamsHaveALimit) {
  const std::string path = write("f", 1000);
  EXPECT_EQ(read_text(path, 999).error().code, Code::LimitReached);
  EXPECT_EQ(read_text(path, 1000).value().size(), 1000U);
}

TEST(Parallel, EveryRoundRunsOnce) {
  for (const std::size_t jobs : {0U, 1U, 4U, 64U}) {
    std::vector<int> rounds(1000, 0);
    parallel_for(rounds.size(), jobs, [&](std::size_t i) { ++rounds[i]; });
    EXPECT_TRUE(std::ranges::all_of(rounds, [](int count) { return count == 1; }));
  }
}

TEST(Sha256, KnowsTheStandardsExamples) {
  EXPECT_EQ(crypto::sha256(bytes_of("abc")).value(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(crypto::sha256(Bytes{}).value(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace bulwark::os
