#pragma once
// Time, randomness and a disk that a test holds in its hand.
//
// The disk here never loses anything; sim::SimulatedFileSystem (tests/sim) is the one that does.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/random.h"
#include "base/wall_clock.h"

namespace bulwark::test {

// Every look at it moves it on by `step`; a step of zero stands still.
class SteppingWallClock : public WallClock {
 public:
  using Time = std::chrono::sys_time<std::chrono::milliseconds>;

  explicit SteppingWallClock(Time start = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1},
                             std::chrono::milliseconds step = std::chrono::seconds{1})
      : next_(start.time_since_epoch().count()), step_(step) {}

  [[nodiscard]] Time now() const override {
    return Time{std::chrono::milliseconds{next_.fetch_add(step_.count())}};
  }
  void set(Time time) { next_ = time.time_since_epoch().count(); }

 private:
  mutable std::atomic<std::int64_t> next_;
  std::chrono::milliseconds step_;
};

// The same bytes for the same seed: splitmix64.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed = 1) : state_(seed) {}

  void fill(std::span<std::uint8_t> out) override;
  [[nodiscard]] std::uint64_t next();
  [[nodiscard]] std::uint64_t below(std::uint64_t limit) { return limit == 0 ? 0 : next() % limit; }

 private:
  std::mutex mutex_;
  std::uint64_t state_;
};

// Files and directories in memory. "/" and "." exist; any other directory must be made, as on a disk.
// Threads: safe from many at once.
class MemoryFileSystem : public FileSystem {
 public:
  MemoryFileSystem();
  ~MemoryFileSystem() override;

  [[nodiscard]] Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<WritableFile>> create(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<WritableFile>> append_to(const std::string& path) override;
  [[nodiscard]] Result<void> truncate(const std::string& path, std::uint64_t size) override;
  [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] Result<void> remove(const std::string& path) override;
  [[nodiscard]] Result<void> make_directory(const std::string& path) override;
  [[nodiscard]] Result<void> sync_directory(const std::string& path) override;
  [[nodiscard]] Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

  // For tests that damage what is stored, past the rules. Fails the test if the file is not there.
  [[nodiscard]] std::vector<std::uint8_t> content(const std::string& path) const;
  void set_content(const std::string& path, Bytes content);
  // Every file, in order of path.
  [[nodiscard]] std::vector<std::string> all_files() const;

  struct State;  // shared with open files, which outlive names as on a disk

 private:
  std::shared_ptr<State> state_;
};

}  // namespace bulwark::test
