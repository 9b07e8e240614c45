#include "os/file_system.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <memory>
#include <set>

#include "os/clock.h"
#include "os/random.h"
#include "os/temporary_folder.h"
#include "support/world.h"

namespace bulwark {
namespace {

Code code_of(const auto& result) {
  return result.has_value() ? Code{0xff} : result.error().code;
}

// The disk and the disk of the unit tests keep the same promises.
class EveryFileSystem : public testing::TestWithParam<const char*> {
 protected:
  EveryFileSystem() : folder_(os::TemporaryFolder::make(os::temporary_parent())) {
    if (GetParam() == std::string_view("disk")) {
      files_ = std::make_unique<os::RealFileSystem>();
      root_ = folder_->path();
    } else {
      files_ = std::make_unique<test::MemoryFileSystem>();
      root_ = "/root";
      EXPECT_TRUE(files_->make_directory(root_));
    }
  }

  void write(const std::string& path, std::string_view text) {
    const auto file = files_->create(path);
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_TRUE((*file)->append(bytes_of(text)));
    ASSERT_TRUE((*file)->sync());
  }
  std::string read(const std::string& path) {
    const auto content = read_file(*files_, path, 1'000);
    return content ? std::string(text_of(*content)) : "error: " + content.error().message;
  }
  std::string names(const std::string& path) {
    std::string out;
    const auto entries = files_->list(path);
    EXPECT_TRUE(entries);
    for (const DirectoryEntry& entry : *entries)
      out += entry.name + (entry.kind == EntryKind::Directory ? "/ " : " ");
    return out;
  }

  Result<os::TemporaryFolder> folder_;
  std::unique_ptr<FileSystem> files_;
  std::string root_;
};

TEST_P(EveryFileSystem, ReadsWhatWasAppended) {
  write(root_ + "/a", "one");
  const auto again = files_->append_to(root_ + "/a");
  ASSERT_TRUE(again);
  ASSERT_TRUE((*again)->append(bytes_of("two")));
  EXPECT_EQ(read(root_ + "/a"), "onetwo");
  const auto opened = files_->open(root_ + "/a");
  ASSERT_TRUE(opened);
  EXPECT_EQ((*opened)->size().value_or(0), 6U);
  std::array<std::uint8_t, 4> piece{};
  EXPECT_EQ((*opened)->read_at(4, piece).value_or(9), 2U);
  EXPECT_EQ(text_of(Bytes(piece).first(2)), "wo");
  EXPECT_EQ((*opened)->read_at(100, piece).value_or(9), 0U);
}

TEST_P(EveryFileSystem, NeverCreatesOverAFile) {
  write(root_ + "/a", "one");
  EXPECT_EQ(code_of(files_->create(root_ + "/a")), Code::InvalidInput);
  EXPECT_EQ(read(root_ + "/a"), "one");
}

TEST_P(EveryFileSystem, SaysWhatIsNotThere) {
  EXPECT_EQ(code_of(files_->open(root_ + "/none")), Code::NotFound);
  EXPECT_EQ(code_of(files_->append_to(root_ + "/none")), Code::NotFound);
  EXPECT_EQ(code_of(files_->create(root_ + "/none/a")), Code::NotFound);
  EXPECT_EQ(code_of(files_->truncate(root_ + "/none", 0)), Code::NotFound);
  EXPECT_EQ(code_of(files_->rename(root_ + "/none", root_ + "/a")), Code::NotFound);
  EXPECT_EQ(code_of(files_->remove(root_ + "/none")), Code::NotFound);
  EXPECT_EQ(code_of(files_->list(root_ + "/none")), Code::NotFound);
  EXPECT_EQ(code_of(files_->sync_directory(root_ + "/none")), Code::NotFound);
  EXPECT_EQ(code_of(files_->make_directory(root_ + "/none/b")), Code::NotFound);
}

TEST_P(EveryFileSystem, CutsRenamesAndRemoves) {
  write(root_ + "/a", "onetwo");
  write(root_ + "/b", "old");
  ASSERT_TRUE(files_->truncate(root_ + "/a", 3));
  ASSERT_TRUE(files_->rename(root_ + "/a", root_ + "/b"));
  EXPECT_EQ(read(root_ + "/b"), "one");
  EXPECT_EQ(names(root_), "b ");
  ASSERT_TRUE(files_->remove(root_ + "/b"));
  EXPECT_EQ(names(root_), "");
}

TEST_P(EveryFileSystem, DirectoriesAreMadeListedInOrderAndRemovedWhenEmpty) {
  ASSERT_TRUE(files_->make_directory(root_ + "/z"));
  ASSERT_TRUE(files_->make_directory(root_ + "/z"));
  write(root_ + "/z/file", "x");
  write(root_ + "/m", "x");
  write(root_ + "/a", "x");
  EXPECT_EQ(names(root_), "a m z/ ");
  EXPECT_FALSE(files_->remove(root_ + "/z"));
  EXPECT_EQ(code_of(files_->make_directory(root_ + "/m")), Code::InvalidInput);
  ASSERT_TRUE(files_->remove(root_ + "/z/file"));
  ASSERT_TRUE(files_->remove(root_ + "/z"));
  EXPECT_TRUE(files_->sync_directory(root_));
  EXPECT_EQ(names(root_), "a m ");
}

TEST_P(EveryFileSystem, AnOpenFileOutlivesItsName) {
  write(root_ + "/a", "one");
  const auto opened = files_->open(root_ + "/a");
  ASSERT_TRUE(opened);
  ASSERT_TRUE(files_->remove(root_ + "/a"));
  std::array<std::uint8_t, 3> content{};
  EXPECT_EQ((*opened)->read_at(0, content).value_or(0), 3U);
}

TEST_P(EveryFileSystem, ALockHasOneHolder) {
  auto first = files_->lock(root_ + "/lock");
  ASSERT_TRUE(first);
  EXPECT_EQ(code_of(files_->lock(root_ + "/lock")), Code::Unavailable);
  first->reset();
  EXPECT_TRUE(files_->lock(root_ + "/lock"));
}

TEST_P(EveryFileSystem, ReplacingLeavesNoTemporary) {
  ASSERT_TRUE(replace_file(*files_, root_, root_ + "/a", root_ + "/a.new", bytes_of("one")));
  ASSERT_TRUE(replace_file(*files_, root_, root_ + "/a", root_ + "/a.new", bytes_of("two")));
  EXPECT_EQ(read(root_ + "/a"), "two");
  EXPECT_EQ(names(root_), "a ");
}

TEST_P(EveryFileSystem, ReplacingNeverTouchesATemporaryOfSomebodyElse) {
  write(root_ + "/a.new", "theirs");
  EXPECT_EQ(code_of(replace_file(*files_, root_, root_ + "/a", root_ + "/a.new", bytes_of("one"))),
            Code::InvalidInput);
  EXPECT_EQ(read(root_ + "/a.new"), "theirs");
}

TEST_P(EveryFileSystem, ReadsNoMoreThanTheLimit) {
  write(root_ + "/a", "12345");
  EXPECT_EQ(code_of(read_file(*files_, root_ + "/a", 4)), Code::LimitReached);
  EXPECT_EQ(read_file(*files_, root_ + "/a", 5).value_or(std::vector<std::uint8_t>{}).size(), 5U);
}

INSTANTIATE_TEST_SUITE_P(Both, EveryFileSystem, testing::Values("disk", "memory"),
                         [](const auto& which) { return std::string(which.param); });

class RealFileSystem : public testing::Test {
 protected:
  RealFileSystem() : folder_(os::TemporaryFolder::make(os::temporary_parent())), root_(folder_->path()) {}
  Result<os::TemporaryFolder> folder_;
  std::string root_;
  os::RealFileSystem files_;
};

mode_t mode_of(const std::string& path) {
  struct stat about{};
  EXPECT_EQ(stat(path.c_str(), &about), 0);
  return about.st_mode & 0777U;
}

TEST_F(RealFileSystem, WhatItMakesIsForThisUserOnly) {
  const mode_t before = umask(0);
  ASSERT_TRUE(files_.create(root_ + "/file"));
  ASSERT_TRUE(files_.make_directory(root_ + "/folder"));
  ASSERT_TRUE(files_.lock(root_ + "/lock"));
  umask(before);
  EXPECT_EQ(mode_of(root_ + "/file"), 0600U);
  EXPECT_EQ(mode_of(root_ + "/folder"), 0700U);
  EXPECT_EQ(mode_of(root_ + "/lock"), 0600U);
}

TEST_F(RealFileSystem, WritingNeverFollowsALink) {
  const std::string link = root_ + "/link";
  ASSERT_TRUE(files_.create(root_ + "/victim"));
  ASSERT_EQ(symlink("victim", link.c_str()), 0);
  EXPECT_EQ(code_of(files_.create(link)), Code::InvalidInput);
  EXPECT_EQ(code_of(files_.append_to(link)), Code::Unsupported);
  EXPECT_EQ(code_of(files_.truncate(link, 0)), Code::Unsupported);
  EXPECT_EQ(code_of(files_.lock(link)), Code::Unsupported);
  EXPECT_TRUE(files_.open(link));  // reading does
  const auto entries = files_.list(root_);
  ASSERT_TRUE(entries);
  EXPECT_EQ(entries->front().kind, EntryKind::Other);
}

TEST_F(RealFileSystem, AFifoBlocksNobody) {
  const std::string fifo = root_ + "/fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(code_of(files_.open(fifo)), Code::Unsupported);
  EXPECT_EQ(code_of(files_.append_to(fifo)), Code::Unsupported);
  EXPECT_EQ(code_of(files_.open(root_)), Code::Unsupported);  // a directory
}

TEST_F(RealFileSystem, AFullDiskIsALimit) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  const auto file = files_.append_to("/dev/full");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(code_of((*file)->append(bytes_of("x"))), Code::LimitReached);
}

TEST_F(RealFileSystem, AShortWriteIsCompletedOrReported) {
  // The second half of the write is beyond what this process may write: a short write, then EFBIG.
  const auto file = files_.create(root_ + "/file");
  ASSERT_TRUE(file);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 10, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto written = (*file)->append(bytes_of("0123456789abcdef"));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(code_of(written), Code::LimitReached);
}

TEST_F(RealFileSystem, DescriptorsAreNotInherited) {
  const auto file = files_.create(root_ + "/file");
  ASSERT_TRUE(file);
  int inherited = 0;
  for (int descriptor = 3; descriptor < 64; ++descriptor) {
    const int flags = fcntl(descriptor, F_GETFD);
    std::array<char, 256> target{};
    const std::string name = "/proc/self/fd/" + std::to_string(descriptor);
    const ssize_t size = readlink(name.c_str(), target.data(), target.size());
    if (size <= 0 || std::string_view(target.data(), static_cast<std::size_t>(size)) != root_ + "/file")
      continue;
    if ((flags & FD_CLOEXEC) == 0) ++inherited;
  }
  EXPECT_EQ(inherited, 0);
}

TEST(SystemRandom, GivesOtherBytesEachTime) {
  os::SystemRandom random;
  std::set<std::vector<std::uint8_t>> seen;
  for (int i = 0; i < 100; ++i) {
    std::vector<std::uint8_t> bytes(16);
    random.fill(bytes);
    seen.insert(bytes);
  }
  EXPECT_EQ(seen.size(), 100U);
  std::vector<std::uint8_t> many(100'000);
  random.fill(many);
  EXPECT_NE(std::count(many.begin(), many.end(), 0), 100'000);
  random.fill({});
}

TEST(SystemWallClock, IsTheTimeOfDay) {
  const auto now = os::SystemWallClock().now();
  const auto system = std::chrono::system_clock::now();
  EXPECT_LT(std::chrono::abs(system - now), std::chrono::minutes{1});
}

}  // namespace
}  // namespace bulwark
