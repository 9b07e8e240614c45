#include "sim/run.h"

#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string_view>

namespace bulwark::sim {
namespace {

constexpr std::size_t kMaxFailures = 3;
constexpr std::array kSurvivals = {Survival::Nothing, Survival::Everything, Survival::Ordered,
                                   Survival::Careless};

std::optional<std::uint64_t> number_in(const char* variable) {
  // Nobody changes the environment of a test. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* value = std::getenv(variable);
  if (value == nullptr) return {};
  const std::string_view text = value;
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
    ADD_FAILURE() << variable << " is no number: " << text;
    return {};
  }
  return number;
}

// One disk, one workload and what is counted.
struct Run {
  Run(const NewWorkload& make, std::uint64_t seed, std::uint64_t disk_seed)
      : disk(disk_seed), random(seed ^ 0x5eed), workload(make(seed)) {}

  SimulatedFileSystem disk;
  test::SeededRandom random;
  std::unique_ptr<Workload> workload;
  Outcome counts;
  std::string broken;  // the first promise

  // Lives once with these faults, ends in a power failure and checks what is left. False: a promise is
  // broken.
  bool once(const Faults& faults, Survival survival) {
    const std::uint64_t before = disk.injected();
    disk.set_faults(faults);
    const auto lived = workload->live(disk, random);
    ++counts.lives;
    if (disk.crashed()) ++counts.crashes;
    counts.faults += disk.injected() - before - (disk.crashed() ? 1 : 0);
    if (!lived && disk.injected() == before) {
      broken = "an error without a fault: " + lived.error().message;
      return false;
    }
    disk.restart(survival);
    broken = workload->verify(*disk.copy(counts.lives));
    return broken.empty();
  }

  // Also in its bits.
  bool rots() {
    const auto damaged = disk.copy(random.next());
    const Damage damage = damaged->rot();
    if (damage.path.empty()) return true;
    broken = workload->verify_damaged(*damaged, damage);
    if (!broken.empty())
      broken += " (bit rot in " + damage.path + " at " + std::to_string(damage.offset) + ")";
    return broken.empty();
  }
};

Faults faults_of(test::SeededRandom& random) {
  constexpr std::array<unsigned, 4> kCrash = {5, 20, 50, 200};
  Faults faults;
  const std::uint64_t kind = random.below(8);
  if (kind != 0) faults.crash = kCrash[random.below(kCrash.size())];
  if (kind == 5 || kind == 7) faults.no_space = 50;
  if (kind == 6 || kind == 7) faults.sync_error = 50;
  if (kind == 4) faults.read_error = 20;
  return faults;
}

void live_by_seed(Run& run) {
  const std::uint64_t lives = 1 + run.random.below(4);
  for (std::uint64_t life = 0; life < lives; ++life) {
    const Faults faults = faults_of(run.random);
    if (!run.once(faults, kSurvivals[run.random.below(kSurvivals.size())])) return;
  }
  // Whatever was left, it can be worked with.
  if (!run.once({}, Survival::Nothing)) return;
  if (run.random.below(4) == 0) (void)run.rots();
}

void add(Outcome& total, Run& run) {
  ++total.runs;
  total.lives += run.counts.lives;
  total.steps += run.disk.steps();
  total.crashes += run.counts.crashes;
  total.faults += run.counts.faults;
}

struct Seeds {
  std::uint64_t workload = 1;
  std::uint64_t disk = 1;
};

// Runs `live` on a new disk; if a promise breaks, once more with a trace.
void run_one(const NewWorkload& make, Seeds seeds, const std::string& name,
             const std::function<void(Run&)>& live, Outcome& total) {
  Run run(make, seeds.workload, seeds.disk);
  live(run);
  add(total, run);
  if (run.broken.empty()) return;
  Run again(make, seeds.workload, seeds.disk);
  again.disk.keep_trace();
  live(again);
  total.failures.push_back(name + ": " + run.broken + "\n" + again.disk.trace());
}

}  // namespace

Outcome run_seeds(const NewWorkload& make, std::uint64_t usual, std::uint64_t shard) {
  const auto only = number_in("BULWARK_SIM_SEED");
  const std::uint64_t count = only ? 1 : number_in("BULWARK_SIM_SEEDS").value_or(usual);
  const std::uint64_t first = only.value_or(1 + shard * count);
  Outcome total;
  for (std::uint64_t seed = first; seed - first < count && total.failures.size() < kMaxFailures; ++seed)
    run_one(make, {seed, seed}, "BULWARK_SIM_SEED=" + std::to_string(seed), live_by_seed, total);
  return total;
}

Outcome crash_at_every_step(const NewWorkload& make, std::uint64_t seed) {
  // How much of the step itself was done, and what survives, is at random: several draws of each.
  constexpr std::uint64_t kDraws = 3 * kSurvivals.size();
  Outcome total;
  Run whole(make, seed, seed);
  if (!whole.once({}, Survival::Nothing)) {
    total.failures.push_back("without a crash: " + whole.broken);
    return total;
  }
  for (std::uint64_t i = 0; i < whole.disk.steps() * kDraws && total.failures.size() < kMaxFailures; ++i) {
    const Faults faults{.crash_at = i / kDraws};
    const auto live = [&](Run& run) {
      if (run.once(faults, kSurvivals[i % kSurvivals.size()])) (void)run.once({}, Survival::Nothing);
    };
    run_one(make, {seed, i}, "crash at step " + std::to_string(faults.crash_at), live, total);
  }
  return total;
}

void expect_no_failures(const Outcome& outcome) {
  for (const std::string& failure : outcome.failures) ADD_FAILURE() << failure;
  EXPECT_GT(outcome.steps, 0U) << "the workload did nothing";
  std::cout << "simulation: " << outcome.runs << " runs, " << outcome.lives << " lives, " << outcome.steps
            << " steps, " << outcome.crashes << " crashes, " << outcome.faults << " other faults\n";
}

}  // namespace bulwark::sim
