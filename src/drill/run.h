#pragma once
// Runs drills under their contract and keeps a record of every part.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drill/crossing.h"
#include "drill/drill.h"

namespace bulwark::drill {

enum class PartKind : std::uint8_t { Setup, Attack, Ablation, Benign, Oracle, Teardown };
[[nodiscard]] std::string_view name_of(PartKind part);  // "setup" …

// One trial in one part: what the gate said, and what came of it if it was let through.
struct TrialRecord {
  std::string name;
  bool held = false;                 // it went as the contract says
  std::string verdict;               // "accepted", "refused", "incomplete"
  std::vector<std::string> rules;    // that refused
  std::vector<std::string> gaps;     // that refused
  std::vector<std::string> paths;    // files that the refusal names
  std::vector<std::string> digests;  // SHA-256 of the files that crossed, in order
  bool loaded = false;
  std::string effect;  // what was seen: "marker written", "41 bytes at the sink", "answer 7", "none"
  std::string why;     // of what did not hold
  std::chrono::milliseconds took{0};
};

struct PartRecord {
  PartKind part = PartKind::Setup;
  bool held = false;
  std::string why;  // of what did not hold
  std::vector<TrialRecord> trials;
  std::chrono::milliseconds took{0};
};

struct Record {
  const Drill* drill = nullptr;  // never null
  atlas::Outcome outcome = atlas::Outcome::Unassessed;
  std::string reason;             // of failed and unassessed
  std::vector<PartRecord> parts;  // in the order of the contract; ends where the drill ended
  int stopped_at_step = 0;        // of a proven case replay
  bool isolated = false;          // whatever was loaded had no network
  std::chrono::milliseconds took{0};

  [[nodiscard]] atlas::DrillOutcome summary() const;
};

// The world of the drills.
struct Harness {
  Harness(const Clock& time, std::chrono::year_month_day date) : clock(time), today(date) {}

  Gate gate;
  std::string python;                      // absolute path; empty: none
  std::string scratch;                     // folder for the instances' folders
  std::vector<std::string_view> controls;  // that this build has
  std::uint64_t seed = 1;
  const Clock& clock;
  std::chrono::year_month_day today;
};

// Never fails: what cannot be run is unassessed. Threads: safe from many at once. `drill` outlives the
// record.
[[nodiscard]] Record run_drill(const Drill& drill, const Harness& harness);

// Side by side on at most `jobs` threads; records in the order of `drills`. `on_done` is called after each,
// from any thread.
[[nodiscard]] std::vector<Record> run_drills(std::span<const Drill* const> drills, const Harness& harness,
                                             std::size_t jobs, const std::function<void()>& on_done);

}  // namespace bulwark::drill
