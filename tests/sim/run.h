#pragma once
// Runs a workload on the simulated disk from many seeds, and by crashing at every single step.
//
// Every promise is checked on a copy of what each crash left, so that recovery itself is crashed as well.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "sim/file_system.h"
#include "support/world.h"

namespace bulwark::sim {

// What a process does with the disk, and what it was promised. One object for all its lives: it remembers
// what was acknowledged, and what was begun.
class Workload {
 public:
  virtual ~Workload() = default;
  // One life: opens what is on the disk (which recovers), works, and returns at the first error or when the
  // work is done. Each life does some more work. An error without a fault is a failure of the test.
  [[nodiscard]] virtual Result<void> live(FileSystem& files, test::SeededRandom& random) = 0;
  // After a crash, without faults, on a copy of the disk: which promise is broken; empty: none.
  [[nodiscard]] virtual std::string verify(FileSystem& files) = 0;
  // The same after a bit rotted: damage may be reported, but nothing wrong may be returned as right.
  [[nodiscard]] virtual std::string verify_damaged(FileSystem& files, const Damage& damage) {
    (void)files;
    (void)damage;
    return {};
  }
};

using NewWorkload = std::function<std::unique_ptr<Workload>(std::uint64_t seed)>;

struct Outcome {
  std::uint64_t runs = 0;
  std::uint64_t lives = 0;
  std::uint64_t steps = 0;
  std::uint64_t crashes = 0;          // in the middle of work; every life ends with a power failure
  std::uint64_t faults = 0;           // ENOSPC and EIO
  std::vector<std::string> failures;  // seed, promise and every step; the first three end the run
};

// Each seed chooses its faults (none, crashes, full disk, failing syncs, failing reads, together), how many
// lives it has and what survives each crash. As many seeds as BULWARK_SIM_SEEDS says, or `usual`; with
// BULWARK_SIM_SEED=N only that one. `shard`: its seeds begin behind those of the shards before it, so that
// tests that run beside each other share the work.
[[nodiscard]] Outcome run_seeds(const NewWorkload& make, std::uint64_t usual = 10'000,
                                std::uint64_t shard = 0);

// The work of one life, crashed at each of its steps in turn and survived in every way; then a second life.
[[nodiscard]] Outcome crash_at_every_step(const NewWorkload& make, std::uint64_t seed = 1);

// Fails the gtest that it is called in for each failure; prints the counts.
void expect_no_failures(const Outcome& outcome);

}  // namespace bulwark::sim
