#pragma once
// A disk in memory that keeps no promise of POSIX which it need not keep.
//
// It has two states: what calls see, and what would be left after a power failure. Only sync() on a file and
// sync_directory() on its folder move the one into the other. Faults come from a seed, so every run repeats.
// How to write a workload on it: docs/howto/simulate-a-crash.md.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"

namespace bulwark::sim {

inline constexpr std::uint64_t kNever = ~std::uint64_t{0};
inline constexpr std::string_view kCrash = "simulated crash";

// What goes wrong, from when it is set. The chances are out of 1,000 steps.
struct Faults {
  std::uint64_t crash_at = kNever;  // the step, as steps() counts
  unsigned crash = 0;
  unsigned no_space = 0;    // append (which may take a part), create, make_directory, rename, lock
  unsigned sync_error = 0;  // sync, sync_directory, truncate: EIO; see SimulatedFileSystem
  unsigned read_error = 0;  // open, size, read_at, list: EIO, out of 1,000 calls
};

// What is left when the machine stops.
enum class Survival : std::uint8_t {
  Nothing,     // of what was not synced
  Everything,  // as after kill -9
  Ordered,     // names up to some moment, as a journal keeps them; unsynced content at random
  Careless,    // every name and every sector of its own fate
};

// A bit that rotted.
struct Damage {
  std::string path;
  std::uint64_t offset = 0;  // byte
};

// The promises, and nothing else:
// - What was in a file when sync() returned is there. What was appended since may be lost, cut anywhere, or
//   torn: each sector of 512 bytes kept, zeros or garbage. Bytes that were synced stay, also when they share
//   a sector with later ones.
// - The names in a folder when sync_directory() returned are there. Changes since happen each on their own,
//   or not: rename may leave both names or neither, a removed file may come back. A name that lives has the
//   old or the new file. A folder that is lost takes all below it along.
// - After a sync that failed the kernel holds the content to be clean: reads show it, another sync succeeds,
//   and any part of it may be missing after a crash.
// - A crash comes before or in the middle of a step: it may have been done, but nobody was told. From then on
//   every call fails with Unavailable and kCrash, for files opened before it even after restart().
// Threads: safe from many at once, but only one thread repeats.
class SimulatedFileSystem : public FileSystem {
 public:
  explicit SimulatedFileSystem(std::uint64_t seed);
  ~SimulatedFileSystem() override;

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

  void set_faults(const Faults& faults);
  // Calls so far that change something or sync it.
  [[nodiscard]] std::uint64_t steps() const;
  // Faults so far, crashes included: without one no call has a reason to fail.
  [[nodiscard]] std::uint64_t injected() const;
  [[nodiscard]] bool crashed() const;
  // The machine stops here if it has not yet; what is left is on disk; locks are gone, faults are off.
  void restart(Survival survival);
  // The same disk a second time, from now on independent. Only after restart() or on a fresh disk.
  [[nodiscard]] std::unique_ptr<SimulatedFileSystem> copy(std::uint64_t seed) const;
  // Flips one bit of one file, if any has content. `path` empty: nothing to damage.
  Damage rot();

  // One line a step, while it is on: what a failing seed is explained with.
  void keep_trace();
  [[nodiscard]] std::string trace() const;

  struct State;  // shared with open files

 private:
  std::shared_ptr<State> state_;
};

}  // namespace bulwark::sim
