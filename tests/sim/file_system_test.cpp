#include "sim/file_system.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <set>

namespace bulwark::sim {
namespace {

std::string read(FileSystem& files, const std::string& path) {
  const auto content = read_file(files, path, 1U << 20U);
  return content ? std::string(text_of(*content)) : "error: " + content.error().message;
}

void write(FileSystem& files, const std::string& path, std::string_view text, bool synced) {
  const auto file = files.create(path);
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_TRUE((*file)->append(bytes_of(text)));
  if (synced) {
    ASSERT_TRUE((*file)->sync());
  }
}

// What `path` may hold after a crash, over many seeds.
std::set<std::string> outcomes(Survival survival, const std::function<void(SimulatedFileSystem&)>& before,
                               const std::string& path, int seeds = 300) {
  std::set<std::string> seen;
  for (int seed = 0; seed < seeds; ++seed) {
    SimulatedFileSystem disk(static_cast<std::uint64_t>(seed));
    before(disk);
    disk.restart(survival);
    seen.insert(read(disk, path));
  }
  return seen;
}

const std::string kAbsent = "error: a: no such file or directory";

TEST(SimulatedDisk, WithoutACrashItIsADisk) {
  SimulatedFileSystem disk(1);
  ASSERT_TRUE(disk.make_directory("d"));
  write(disk, "d/a", "one", false);
  const auto more = disk.append_to("d/a");
  ASSERT_TRUE(more);
  ASSERT_TRUE((*more)->append(bytes_of("two")));
  EXPECT_EQ(read(disk, "/d/a"), "onetwo");
  EXPECT_EQ(disk.create("d/a").error().code, Code::InvalidInput);
  ASSERT_TRUE(disk.truncate("d/a", 3));
  ASSERT_TRUE(disk.rename("d/a", "b"));
  EXPECT_EQ(read(disk, "b"), "one");
  EXPECT_EQ(disk.remove("d/a").error().code, Code::NotFound);
  ASSERT_TRUE(disk.remove("d"));
  const auto names = disk.list("/");
  ASSERT_TRUE(names);
  ASSERT_EQ(names->size(), 1U);
  EXPECT_EQ(names->front().name, "b");
}

TEST(SimulatedDisk, WhatWasSyncedWithItsFolderSurvivesEveryCrash) {
  for (const Survival survival :
       {Survival::Nothing, Survival::Everything, Survival::Ordered, Survival::Careless}) {
    EXPECT_EQ(outcomes(
                  survival,
                  [](SimulatedFileSystem& disk) {
                    write(disk, "a", "content", true);
                    ASSERT_TRUE(disk.sync_directory("/"));
                  },
                  "a"),
              std::set<std::string>{"content"});
  }
}

TEST(SimulatedDisk, AFileWithoutItsFoldersSyncMayBeGone) {
  const auto seen =
      outcomes(Survival::Careless, [](SimulatedFileSystem& disk) { write(disk, "a", "content", true); }, "a");
  EXPECT_EQ(seen, (std::set<std::string>{"content", kAbsent}));
}

TEST(SimulatedDisk, AFolderThatWasNotSyncedTakesItsContentAlong) {
  const auto seen = outcomes(
      Survival::Careless,
      [](SimulatedFileSystem& disk) {
        ASSERT_TRUE(disk.make_directory("d"));
        write(disk, "d/a", "content", true);
        ASSERT_TRUE(disk.sync_directory("d"));
      },
      "d/a");
  EXPECT_EQ(seen.size(), 2U);
}

TEST(SimulatedDisk, UnsyncedContentIsLostCutOrTornBySectors) {
  const std::string synced(700, 's');
  const std::string tail(2'000, 't');
  bool lost = false;
  bool whole = false;
  bool cut = false;
  bool zeros = false;
  bool garbage = false;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SimulatedFileSystem disk(seed);
    write(disk, "a", synced, true);
    ASSERT_TRUE(disk.sync_directory("/"));
    const auto file = disk.append_to("a");
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->append(bytes_of(tail)));
    disk.restart(Survival::Careless);
    const std::string left = read(disk, "a");
    ASSERT_EQ(left.substr(0, 700), synced) << "seed " << seed;
    ASSERT_LE(left.size(), 2'700U);
    lost = lost || left.size() == 700;
    whole = whole || left == synced + tail;
    cut = cut || (left.size() < 2'700 && left.size() > 700 && left == (synced + tail).substr(0, left.size()));
    zeros = zeros || left.find('\0', 700) != std::string::npos;
    // Nothing changes in the middle of a sector.
    for (std::size_t at = 700; at < left.size();) {
      const std::string sector = left.substr(at, std::min(left.size(), (at / 512 + 1) * 512) - at);
      const bool kept = sector.find_first_not_of('t') == std::string::npos;
      const bool zero = sector.find_first_not_of('\0') == std::string::npos;
      garbage = garbage || (!kept && !zero);
      at += sector.size();
    }
  }
  EXPECT_TRUE(lost && whole && cut && zeros && garbage);
}

TEST(SimulatedDisk, RenameGivesTheOldOrTheNewFile) {
  const auto replace = [](SimulatedFileSystem& disk) {
    write(disk, "a", "old", true);
    ASSERT_TRUE(disk.sync_directory("/"));
    write(disk, "a.new", "new", true);
    ASSERT_TRUE(disk.rename("a.new", "a"));
  };
  EXPECT_EQ(outcomes(Survival::Careless, replace, "a"), (std::set<std::string>{"old", "new"}));
  EXPECT_EQ(outcomes(Survival::Ordered, replace, "a"), (std::set<std::string>{"old", "new"}));
  // Its other name may be there still, whatever became of the first.
  EXPECT_EQ(outcomes(Survival::Careless, replace, "a.new").size(), 2U);
}

TEST(SimulatedDisk, ARemovedFileMayComeBack) {
  const auto seen = outcomes(
      Survival::Careless,
      [](SimulatedFileSystem& disk) {
        write(disk, "a", "old", true);
        ASSERT_TRUE(disk.sync_directory("/"));
        ASSERT_TRUE(disk.remove("a"));
      },
      "a");
  EXPECT_EQ(seen, (std::set<std::string>{"old", kAbsent}));
}

TEST(SimulatedDisk, ASyncAfterAFailedOneLies) {
  const auto seen = outcomes(
      Survival::Nothing,
      [](SimulatedFileSystem& disk) {
        write(disk, "a", "", true);
        ASSERT_TRUE(disk.sync_directory("/"));
        const auto file = disk.append_to("a");
        ASSERT_TRUE(file);
        ASSERT_TRUE((*file)->append(bytes_of("content")));
        disk.set_faults({.sync_error = 1'000});
        ASSERT_FALSE((*file)->sync());
        disk.set_faults({});
        ASSERT_TRUE((*file)->sync());
        ASSERT_TRUE((*file)->append(bytes_of(" and more")));
        ASSERT_TRUE((*file)->sync());
        ASSERT_EQ(read(disk, "a"), "content and more");  // as long as the machine runs
      },
      "a");
  EXPECT_TRUE(seen.contains("content and more"));
  EXPECT_TRUE(seen.contains(std::string(7, '\0') + " and more"));
  for (const std::string& content : seen) EXPECT_EQ(content.substr(7), " and more");
}

TEST(SimulatedDisk, ASyncOfAFolderAfterAFailedOneLiesToo) {
  const auto seen = outcomes(
      Survival::Nothing,
      [](SimulatedFileSystem& disk) {
        write(disk, "a", "content", true);
        disk.set_faults({.sync_error = 1'000});
        ASSERT_FALSE(disk.sync_directory("/"));
        disk.set_faults({});
        ASSERT_TRUE(disk.sync_directory("/"));
      },
      "a");
  EXPECT_EQ(seen, (std::set<std::string>{"content", kAbsent}));
}

TEST(SimulatedDisk, AFullDiskMayTakeAPart) {
  std::set<std::uint64_t> sizes;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimulatedFileSystem disk(seed);
    write(disk, "a", "", false);
    const auto opened = disk.open("a");
    ASSERT_TRUE(opened);
    disk.set_faults({.no_space = 1'000});
    const auto file = disk.append_to("a");
    ASSERT_TRUE(file);
    const auto written = (*file)->append(bytes_of("1234"));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Code::LimitReached);
    EXPECT_EQ(disk.create("b").error().code, Code::LimitReached);
    EXPECT_EQ(disk.make_directory("c").error().code, Code::LimitReached);
    EXPECT_EQ(disk.rename("a", "b").error().code, Code::LimitReached);
    EXPECT_TRUE(disk.remove("a")) << "removing needs no space";
    EXPECT_EQ(disk.injected(), 4U);
    sizes.insert((*opened)->size().value_or(9));
  }
  EXPECT_EQ(sizes, (std::set<std::uint64_t>{0, 1, 2, 3, 4}));
}

TEST(SimulatedDisk, AfterACrashNothingWorksUntilTheRestart) {
  SimulatedFileSystem disk(3);
  write(disk, "a", "content", true);
  ASSERT_TRUE(disk.sync_directory("/"));
  const auto reader = disk.open("a");
  const auto writer = disk.append_to("a");
  auto lock = disk.lock("lock");
  ASSERT_TRUE(reader && writer && lock);
  disk.set_faults({.crash_at = disk.steps()});
  EXPECT_FALSE((*writer)->append(bytes_of("x")));
  EXPECT_TRUE(disk.crashed());
  const auto crashed = [](const auto& result) { return !result && result.error().message == kCrash; };
  for (const bool restarted : {false, true}) {
    if (restarted) disk.restart(Survival::Everything);
    EXPECT_TRUE(crashed((*reader)->size()));
    EXPECT_TRUE(crashed((*writer)->append(bytes_of("x"))));
    EXPECT_TRUE(crashed((*writer)->sync()));
    EXPECT_EQ(crashed(disk.open("a")), !restarted);
    EXPECT_EQ(crashed(disk.list("/")), !restarted);
    EXPECT_EQ(crashed(disk.lock("lock")), !restarted);  // the holder is dead
  }
  const auto again = disk.lock("lock");
  ASSERT_TRUE(again);
  lock->reset();  // of another life: gives back nothing
  EXPECT_EQ(disk.lock("lock").error().code, Code::Unavailable);
}

TEST(SimulatedDisk, ACrashMayComeBeforeOrInTheMiddleOfAStep) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimulatedFileSystem disk(seed);
    write(disk, "a", "", true);
    ASSERT_TRUE(disk.sync_directory("/"));
    const auto file = disk.append_to("a");
    ASSERT_TRUE(file);
    disk.set_faults({.crash_at = disk.steps()});
    EXPECT_FALSE((*file)->append(bytes_of("12")));
    disk.restart(Survival::Everything);
    seen.insert(read(disk, "a"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"", "1", "12"}));
}

TEST(SimulatedDisk, ACutMayBeUndoneUntilItIsSynced) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimulatedFileSystem disk(seed);
    write(disk, "a", "content", true);
    ASSERT_TRUE(disk.sync_directory("/"));
    disk.set_faults({.crash_at = disk.steps()});
    EXPECT_FALSE(disk.truncate("a", 3));
    disk.restart(Survival::Careless);
    seen.insert(read(disk, "a"));
    ASSERT_TRUE(disk.truncate("a", 2));
    disk.restart(Survival::Careless);
    EXPECT_EQ(read(disk, "a"), "co");
  }
  EXPECT_EQ(seen, (std::set<std::string>{"content", "con"}));
}

TEST(SimulatedDisk, RotFlipsOneBit) {
  SimulatedFileSystem disk(5);
  EXPECT_EQ(disk.rot().path, "");
  ASSERT_TRUE(disk.make_directory("d"));
  write(disk, "d/a", std::string(100, '\0'), true);
  disk.restart(Survival::Everything);
  const auto other = disk.copy(9);
  const Damage damage = other->rot();
  EXPECT_EQ(damage.path, "/d/a");
  const std::string content = read(*other, damage.path);
  EXPECT_EQ(std::popcount(static_cast<unsigned char>(content[damage.offset])), 1);
  EXPECT_EQ(std::count(content.begin(), content.end(), '\0'), 99);
  EXPECT_EQ(read(disk, "d/a"), std::string(100, '\0')) << "the copy is of its own";
}

TEST(SimulatedDisk, ReadsFailWhenAsked) {
  SimulatedFileSystem disk(6);
  write(disk, "a", "content", true);
  disk.set_faults({.read_error = 1'000});
  EXPECT_EQ(disk.open("a").error().code, Code::Unavailable);
  EXPECT_EQ(disk.list("/").error().code, Code::Unavailable);
  EXPECT_EQ(disk.open("none").error().code, Code::NotFound);
  EXPECT_EQ(disk.injected(), 2U);
}

}  // namespace
}  // namespace bulwark::sim
