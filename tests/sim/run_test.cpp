// The simulation finds the classic mistakes, and nothing where there are none. Also the example of
// docs/howto/simulate-a-crash.md.

#include "sim/run.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>

namespace bulwark::sim {
namespace {

// What a careless author leaves out.
enum class Mistake : std::uint8_t {
  None,
  NoSync,
  NoDirectorySync,
  NewFolderNotSynced,
  WritesInPlace,
  RetriesFailedSync,
  BelievesTheLength,
};

// Keeps documents as files: document 7 is "docs/7", its content repeats the version that it has.
class Documents : public Workload {
 public:
  explicit Documents(Mistake mistake) : mistake_(mistake) {}

  Result<void> live(FileSystem& files, test::SeededRandom& random) override {
    TRY(files.make_directory("docs"));
    if (mistake_ != Mistake::NewFolderNotSynced) TRY(files.sync_directory("/"));
    TRY(clean_up(files));
    for (int i = 0; i < 10; ++i) {
      const std::uint64_t document = random.below(4);
      const std::uint64_t version = ++last_version_;
      begun_[document].insert(version);
      TRY(write(files, document, version));
      acknowledged_[document] = version;
    }
    return {};
  }

  std::string verify(FileSystem& files) override {
    for (const auto& [document, version] : acknowledged_) {
      const auto content = read_file(files, path_of(document), 1U << 20U);
      if (!content) return "document " + std::to_string(document) + ": " + content.error().message;
      const auto found = version_in(*content);
      if (!found) return "document " + std::to_string(document) + " is torn";
      // Something newer that was not acknowledged may be there; nothing older.
      if (*found != version && (*found < version || !begun_[document].contains(*found)))
        return "document " + std::to_string(document) + " has version " + std::to_string(*found) +
               " instead of " + std::to_string(version);
    }
    return {};
  }

 private:
  static std::string path_of(std::uint64_t document) { return "docs/" + std::to_string(document); }

  static std::vector<std::uint8_t> content_of(std::uint64_t version) {
    std::vector<std::uint8_t> content(600 + version % 700, static_cast<std::uint8_t>(version));
    for (std::size_t i = 0; i < 8; ++i) content[i] = static_cast<std::uint8_t>(version >> (8 * i));
    return content;
  }
  static std::optional<std::uint64_t> version_in(const std::vector<std::uint8_t>& content) {
    if (content.size() < 8) return {};
    const auto version = load_little_endian<std::uint64_t>(content.data());
    if (version > 1'000'000 || content != content_of(version)) return {};
    return version;
  }

  static Result<void> clean_up(FileSystem& files) {
    const auto entries = TRY(files.list("docs"));
    for (const DirectoryEntry& entry : entries) {
      if (entry.name.ends_with(".new")) TRY(files.remove("docs/" + entry.name));
    }
    return files.sync_directory("docs");
  }

  Result<void> write(FileSystem& files, std::uint64_t document, std::uint64_t version) const {
    const std::string path = path_of(document);
    const std::vector<std::uint8_t> content = content_of(version);
    if (mistake_ == Mistake::WritesInPlace) {
      auto removed = files.remove(path);
      if (!removed && removed.error().code != Code::NotFound) return removed;
      const auto file = TRY(files.create(path));
      TRY(file->append(content));
      TRY(file->sync());
      return files.sync_directory("docs");
    }
    const auto file = TRY(files.create(path + ".new"));
    auto appended = file->append(content);
    if (!appended && mistake_ != Mistake::BelievesTheLength) return appended;
    if (mistake_ != Mistake::NoSync) {
      auto synced = file->sync();
      if (!synced && mistake_ == Mistake::RetriesFailedSync) synced = file->sync();
      TRY(std::move(synced));
    }
    TRY(files.rename(path + ".new", path));
    return mistake_ == Mistake::NoDirectorySync ? Result<void>{} : files.sync_directory("docs");
  }

  Mistake mistake_;
  std::uint64_t last_version_ = 0;
  std::map<std::uint64_t, std::uint64_t> acknowledged_;
  std::map<std::uint64_t, std::set<std::uint64_t>> begun_;
};

NewWorkload documents(Mistake mistake) {
  return [mistake](std::uint64_t) { return std::make_unique<Documents>(mistake); };
}

TEST(Simulation, AcceptsACarefulProgram) {
  const Outcome outcome = run_seeds(documents(Mistake::None));
  expect_no_failures(outcome);
  EXPECT_GT(outcome.crashes, outcome.runs / 4);
  EXPECT_GT(outcome.faults, outcome.runs / 10);
}

TEST(Simulation, AcceptsACarefulProgramCrashedAtEveryStep) {
  expect_no_failures(crash_at_every_step(documents(Mistake::None)));
}

class EveryMistake : public testing::TestWithParam<std::pair<Mistake, const char*>> {};

TEST_P(EveryMistake, IsFoundAndExplained) {
  const Outcome outcome = run_seeds(documents(GetParam().first), 2'000);
  ASSERT_FALSE(outcome.failures.empty());
  EXPECT_NE(outcome.failures.front().find("document"), std::string::npos) << outcome.failures.front();
  EXPECT_NE(outcome.failures.front().find("-- restart"), std::string::npos) << outcome.failures.front();
  EXPECT_LE(outcome.failures.size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(Simulation, EveryMistake,
                         testing::Values(std::pair{Mistake::NoSync, "NoSync"},
                                         std::pair{Mistake::NoDirectorySync, "NoDirectorySync"},
                                         std::pair{Mistake::NewFolderNotSynced, "NewFolderNotSynced"},
                                         std::pair{Mistake::WritesInPlace, "WritesInPlace"},
                                         std::pair{Mistake::RetriesFailedSync, "RetriesFailedSync"},
                                         std::pair{Mistake::BelievesTheLength, "BelievesTheLength"}),
                         [](const auto& mistake) { return std::string(mistake.param.second); });

TEST(Simulation, EveryStepFindsAMissingSync) {
  EXPECT_FALSE(crash_at_every_step(documents(Mistake::NoSync)).failures.empty());
  EXPECT_FALSE(crash_at_every_step(documents(Mistake::NoDirectorySync)).failures.empty());
}

TEST(Simulation, RepeatsItself) {
  const Outcome first = run_seeds(documents(Mistake::NoDirectorySync), 300);
  const Outcome second = run_seeds(documents(Mistake::NoDirectorySync), 300);
  EXPECT_EQ(first.failures, second.failures);
  EXPECT_EQ(first.steps, second.steps);
}

// An error for which the disk gave no reason.
class Stubborn : public Workload {
 public:
  Result<void> live(FileSystem& files, test::SeededRandom&) override {
    TRY(files.make_directory("a"));
    return fail(Code::Corrupt, "no reason");
  }
  std::string verify(FileSystem&) override { return {}; }
};

TEST(Simulation, AnErrorWithoutAFaultIsAFailure) {
  const Outcome outcome = run_seeds([](std::uint64_t) { return std::make_unique<Stubborn>(); }, 20);
  ASSERT_FALSE(outcome.failures.empty());
  EXPECT_NE(outcome.failures.front().find("no reason"), std::string::npos);
}

// A file without a checksum: damage goes unseen.
class Trusting : public Workload {
 public:
  Result<void> live(FileSystem& files, test::SeededRandom&) override {
    if (files.open("a")) return {};
    TRY(replace_file(files, "/", "a", "a" + std::to_string(++tries_), bytes_of("content")));
    written_ = true;
    return {};
  }
  std::string verify(FileSystem&) override { return {}; }
  std::string verify_damaged(FileSystem& files, const Damage& damage) override {
    const auto content = read_file(files, damage.path, 100);
    return content && written_ && text_of(*content) != "content" ? "wrong content" : "";
  }

 private:
  int tries_ = 0;
  bool written_ = false;
};

TEST(Simulation, RottenBitsAreShownToTheWorkload) {
  const Outcome outcome = run_seeds([](std::uint64_t) { return std::make_unique<Trusting>(); }, 200);
  ASSERT_FALSE(outcome.failures.empty());
  EXPECT_NE(outcome.failures.front().find("wrong content (bit rot in /a at "), std::string::npos);
}

}  // namespace
}  // namespace bulwark::sim
