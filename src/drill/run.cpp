#include "drill/run.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "base/parallel.h"
#include "crypto/digest.h"
#include "drill/instance.h"
#include "drill/kept_files.h"
#include "os/interrupt.h"
#include "scan/advisories/compiler.h"
#include "scan/advisories/database.h"
#include "scan/advisories/source.h"
#include "scan/knowledge/allowed_packages.h"

namespace bulwark::drill {
namespace {

constexpr std::array<std::string_view, 6> kParts = {"setup",  "attack", "ablation",
                                                    "benign", "oracle", "teardown"};

std::chrono::milliseconds since(const Clock& clock, std::chrono::nanoseconds started) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock.monotonic() - started);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// What a trial needs, built once: attack and ablation get the same bytes.
struct Prepared {
  const Trial* trial;
  std::vector<Crosser> files;
  std::vector<Crosser> approved;
  std::vector<Crosser> elsewhere;
  Evidence evidence = {};
};

// Whether 32 bytes of one of `files` stand anywhere on `disk`, as they would if it were not sealed.
bool holds_any(std::span<const Crosser> disk, std::span<const Crosser> files) {
  constexpr std::size_t kPiece = 32;
  return std::ranges::any_of(files, [&](const Crosser& file) {
    if (file.bytes.size() < kPiece) return false;
    const Bytes middle = Bytes(file.bytes).subspan((file.bytes.size() - kPiece) / 2, kPiece);
    return std::ranges::any_of(disk, [&](const Crosser& found) {
      return text_of(found.bytes).find(text_of(middle)) != std::string_view::npos;
    });
  });
}

// Why a drill cannot be judged here; empty if it can.
std::string obstacle(const Drill& drill, const Harness& harness) {
  for (const std::string& control : drill.controls)
    if (std::ranges::find(harness.controls, control) == harness.controls.end())
      return control + " is not implemented in this build";
  if (drill.attacks.empty()) return "is a draft: no attack is written yet";
  for (const std::string& program : drill.needs) {
    if (program != "python3") return "needs " + program + ", which the harness does not know";
    if (harness.python.empty()) return "needs python3, and none was found";
  }
  return {};
}

// One run of one drill, part after part.
class Run {
 public:
  Run(const Drill& drill, const Harness& harness, Record& record)
      : drill_(drill), harness_(harness), gate_(harness.gate), record_(record) {
    gate_.policy.fail_on = drill.fail_on;
  }

  void all() {
    bool held = part(PartKind::Setup, [&](PartRecord& now) { return setup(now); });
    held = held && part(PartKind::Attack, [&](PartRecord& now) { return attack(now); });
    held = held && part(PartKind::Ablation, [&](PartRecord& now) { return ablate(now); });
    held = held && part(PartKind::Benign, [&](PartRecord& now) { return pass(now); });
    held = held && part(PartKind::Oracle, [&](PartRecord& now) { return witnesses_agree(now); });
    // Whatever happened before, nothing is left behind.
    if (instance_ != nullptr)
      held = part(PartKind::Teardown, [&](PartRecord& now) { return tear_down(now); }) && held;
    if (held) record_.outcome = atlas::Outcome::Proven;
    if (held) record_.stopped_at_step = gate_step();
  }

 private:
  using Body = std::function<std::string(PartRecord&)>;

  // `body` answers why the part does not hold, or nothing.
  bool part(PartKind kind, const Body& body) {
    const auto started = harness_.clock.monotonic();
    PartRecord now{.part = kind};
    now.why = body(now);
    const auto broken = std::ranges::find(now.trials, false, &TrialRecord::held);
    if (now.why.empty() && broken != now.trials.end()) now.why = broken->name + ": " + broken->why;
    now.held = now.why.empty();
    now.took = since(harness_.clock, started);
    const bool stopped = os::interrupted();
    if (!now.held && record_.reason.empty() && !stopped) {
      record_.outcome = atlas::Outcome::Failed;
      record_.reason = std::string(name_of(kind)) + ": " + now.why;
    }
    const bool held = now.held && !stopped;
    record_.parts.push_back(std::move(now));
    return held;
  }

  Result<Prepared> prepare(const Trial& trial) {
    Prepared made{.trial = &trial, .files = {}, .approved = {}, .elsewhere = {}, .evidence = {}};
    made.files = TRY(instance_->build(trial.files));
    made.approved = TRY(instance_->build(trial.approved));
    made.elsewhere = TRY(instance_->build(trial.elsewhere));
    const std::string folder = TRY(instance_->new_folder());
    made.evidence = TRY(make_evidence(trial, made.approved, made.files, folder));
    if (trial.kept == Kept::Logged) TRY(keep_log(made, folder));
    return made;
  }

  // The ledger's folder is what crosses, before and after the attacker was in it.
  Result<void> keep_log(Prepared& made, const std::string& folder) const {
    made.approved = TRY(files_below(folder));
    if (!made.trial->tamper.empty()) TRY(instance_->tamper(folder, made.trial->tamper));
    made.files = TRY(files_below(folder));
    return {};
  }

  // What the gate knows about packages, as `bulwark scan` is told by its options.
  Result<void> inform_gate() {
    if (!drill_.allowed_packages.empty()) {
      allowed_ = TRY(scan::AllowedPackages::read(drill_.allowed_packages));
      gate_.allowed_packages = &*allowed_;
    }
    if (drill_.advisories.empty()) return {};
    scan::AdvisoryCompiler compiler;
    std::vector<scan::ImportProblem> problems;
    scan::add_advisories("advisory.json", bytes_of(drill_.advisories), Limits{}, compiler, problems);
    if (!problems.empty()) return fail(Code::InvalidInput, "advisories: " + problems.front().why);
    compiled_ =
        TRY(compiler.finish(std::chrono::sys_days(harness_.today).time_since_epoch().count() * 86'400));
    advisories_ = TRY(scan::AdvisoryDatabase::open(Bytes(compiled_)));
    gate_.advisories = &*advisories_;
    return {};
  }

  std::string setup(PartRecord&) {
    if (const auto informed = inform_gate(); !informed) return informed.error().message;
    auto made = Instance::make(drill_, harness_.scratch, harness_.python, harness_.seed);
    if (!made) return made.error().message;
    instance_ = std::move(*made);
    for (auto [trials, prepared] : {std::pair{&drill_.attacks, &attacks_}, {&drill_.benign, &benign_}}) {
      for (const Trial& trial : *trials) {
        auto ready = prepare(trial);
        if (!ready) return trial.name + ": " + ready.error().message;
        prepared->push_back(std::move(*ready));
      }
    }
    return {};
  }

  Crossing crossing_of(const Prepared& prepared, const ControlSwitches& switches) const {
    // Evidence, or an assay, stands for the approved version; without any the gate holds the two against each
    // other.
    const bool compares = prepared.evidence.kept == Kept::Plain && !prepared.evidence.assay;
    return cross(gate_, prepared.files, compares ? prepared.approved : std::span<const Crosser>(), switches,
                 harness_.clock, harness_.today, prepared.evidence);
  }

  static TrialRecord noted(const Prepared& prepared, const Crossing& crossing) {
    TrialRecord record{.name = prepared.trial->name,
                       .verdict = std::string(policy::name_of(crossing.outcome)),
                       .rules = crossing.rules,
                       .gaps = crossing.gaps,
                       .paths = crossing.paths,
                       .effect = "none",
                       .took = crossing.took};
    for (const Crosser& file : prepared.files)
      if (const auto digest = crypto::sha256(Bytes(file.bytes))) record.digests.push_back(*digest);
    return record;
  }

  // Loads what was let through. Answers why that was not possible.
  std::string use(const Prepared& prepared, std::span<const Crosser> files, TrialRecord& record,
                  Loaded& loaded) {
    auto result = instance_->load(prepared.trial->load, files, prepared.elsewhere);
    if (!result) return result.error().message;
    loaded = std::move(*result);
    record.loaded = true;
    record_.isolated = loads_++ == 0 ? loaded.isolated : record_.isolated && loaded.isolated;
    if (!loaded.leftovers.empty()) leftovers_.push_back(record.name + ": " + joined(loaded.leftovers));
    return {};
  }

  // What the attacker got, in words; empty: nothing.
  static std::string effect_of(const Trial& trial, const Loaded& loaded) {
    switch (trial.effect.kind) {
      case Effect::Kind::Marker: return loaded.marker.empty() ? "" : "marker written: " + loaded.marker;
      case Effect::Kind::Sink:
        return loaded.stolen == 0 ? "" : std::to_string(loaded.stolen) + " bytes at the sink";
      case Effect::Kind::Answer: return loaded.answer == trial.effect.answer ? "answer " + loaded.answer : "";
    }
    return {};
  }

  // Nothing crosses: the disk is in the wrong hands, sealed or (without the control) as the files are.
  std::string steal(PartRecord& now, const Prepared& prepared, bool sealed) {
    TrialRecord record = noted(prepared, {.outcome = policy::Outcome::Accepted});
    const auto disk =
        sealed ? gate_.disk(*prepared.evidence.vault) : Result<std::vector<Crosser>>(prepared.files);
    if (!disk) return disk.error().message;
    record.verdict = sealed ? "sealed" : "readable";
    for (const Crosser& file : *disk) record.paths.push_back(file.name);
    Loaded loaded;
    record.why = use(prepared, *disk, record, loaded);
    if (sealed) record.loaded = false;  // there was nothing to load
    const std::string effect = effect_of(*prepared.trial, loaded);
    if (!effect.empty()) record.effect = effect;
    if (record.why.empty() && sealed && !effect.empty()) record.why = "was readable on the disk";
    if (record.why.empty() && sealed && holds_any(*disk, prepared.files))
      record.why = "stands in the clear on the disk";
    if (record.why.empty() && !sealed && effect.empty())
      record.why = "does not succeed although nothing stops it: the attack is harmless";
    record.held = record.why.empty();
    now.trials.push_back(std::move(record));
    return {};
  }

  std::string attack(PartRecord& now) {
    for (const Prepared& prepared : attacks_) {
      if (prepared.evidence.kept == Kept::Encrypted) {
        if (std::string why = steal(now, prepared, true); !why.empty()) return why;
        continue;
      }
      const Crossing crossing = crossing_of(prepared, {});
      TrialRecord record = noted(prepared, crossing);
      if (crossing.allowed()) {
        record.why = "was let through";
        // See what it does: the record is worth more with it.
        if (Loaded loaded; use(prepared, prepared.files, record, loaded).empty())
          if (const std::string effect = effect_of(*prepared.trial, loaded); !effect.empty())
            record.effect = effect;
      } else if (crossing.took > drill_.limit) {
        record.why = "was stopped after " + std::to_string(crossing.took.count()) + " ms, the limit is " +
                     std::to_string(drill_.limit.count()) + " ms";
      }
      record.held = record.why.empty();
      now.trials.push_back(std::move(record));
    }
    return {};
  }

  // The approved model, asked what the attack is asked, must answer as the drill says.
  std::string answer_before(const Prepared& prepared) {
    const Trial& trial = *prepared.trial;
    if (trial.effect.kind != Effect::Kind::Answer) return {};
    const auto loaded = instance_->load(trial.load, prepared.approved, prepared.elsewhere);
    if (!loaded) return loaded.error().message;
    if (loaded->answer == trial.effect.before) return {};
    return "the approved model answers '" + loaded->answer + "', not '" + trial.effect.before + "'";
  }

  std::string ablate(PartRecord& now) {
    for (const Prepared& prepared : attacks_) {
      if (prepared.evidence.kept == Kept::Encrypted) {
        if (std::string why = steal(now, prepared, false); !why.empty()) return why;
        continue;
      }
      const Crossing crossing = crossing_of(prepared, {.off = drill_.control()});
      TrialRecord record = noted(prepared, crossing);
      Loaded loaded;
      if (!crossing.allowed()) {
        record.why = "is refused although " + std::string(drill_.control()) + " is off (" +
                     joined(crossing.rules.empty() ? crossing.gaps : crossing.rules) +
                     "): another control does the work";
      } else {
        record.why = answer_before(prepared);
        if (record.why.empty()) record.why = use(prepared, prepared.files, record, loaded);
      }
      const std::string effect = record.loaded ? effect_of(*prepared.trial, loaded) : std::string();
      if (!effect.empty()) record.effect = effect;
      if (record.why.empty() && effect.empty())
        record.why = "does not succeed although nothing stops it: the attack is harmless" +
                     (loaded.complaint.empty() ? "" : " (" + loaded.complaint + ")");
      record.held = record.why.empty();
      now.trials.push_back(std::move(record));
    }
    return {};
  }

  // What passed is used: from the store, if that is where it is kept.
  std::string use_again(const Prepared& prepared, TrialRecord& record, Loaded& loaded) {
    if (prepared.evidence.vault == nullptr) return use(prepared, prepared.files, record, loaded);
    const auto read = prepared.evidence.vault->owner_reads();
    if (!read) return "its owner cannot read it: " + read.error().message;
    if (!std::ranges::equal(*read, prepared.files, {}, &Crosser::bytes, &Crosser::bytes))
      return "its owner reads other bytes than were put into the store";
    return use(prepared, *read, record, loaded);
  }

  std::string pass(PartRecord& now) {
    for (const Prepared& prepared : benign_) {
      const Crossing crossing = crossing_of(prepared, {});
      TrialRecord record = noted(prepared, crossing);
      Loaded loaded;
      if (!crossing.allowed()) {
        record.why = "is harmless and was refused (" +
                     joined(crossing.rules.empty() ? crossing.gaps : crossing.rules) + ")";
      } else {
        record.why = use_again(prepared, record, loaded);
        record.effect = "answer " + loaded.answer;
      }
      if (record.why.empty() && !loaded.finished) record.why = "could not be loaded: " + loaded.complaint;
      if (record.why.empty() && loaded.answer != prepared.trial->answer)
        record.why = "gives '" + loaded.answer + "', expected '" + prepared.trial->answer + "'";
      if (record.why.empty() && (!loaded.marker.empty() || loaded.stolen != 0))
        record.why = "has the effect of an attack";
      record.held = record.why.empty();
      now.trials.push_back(std::move(record));
    }
    return {};
  }

  const PartRecord& earlier(PartKind kind) const {
    return *std::ranges::find(record_.parts, kind, &PartRecord::part);
  }

  // The three witnesses: the verdict gives the expected reason; the record is about a file that crossed, and
  // about the same bytes as in the ablation; the side effect appeared there and only there.
  std::string witnesses_agree(PartRecord&) const {
    const auto& stopped = earlier(PartKind::Attack).trials;
    const auto& succeeded = earlier(PartKind::Ablation).trials;
    for (std::size_t i = 0; i < attacks_.size(); ++i) {
      const Trial& trial = *attacks_[i].trial;
      for (const std::string& rule : trial.rules)
        if (std::ranges::find(stopped[i].rules, rule) == stopped[i].rules.end())
          return trial.name + ": was refused for " + joined(stopped[i].rules) + ", expected " + rule;
      for (const std::string& gap : trial.gaps)
        if (std::ranges::find(stopped[i].gaps, gap) == stopped[i].gaps.end())
          return trial.name + ": the refusal names no gap '" + gap + "'";
      if (stopped[i].paths.empty()) return trial.name + ": the record names no file";
      if (stopped[i].digests.empty() || stopped[i].digests != succeeded[i].digests)
        return trial.name + ": attack and ablation were not about the same bytes";
      if (stopped[i].effect != "none" || succeeded[i].effect == "none")
        return trial.name + ": the side effect contradicts the verdict";
    }
    return {};
  }

  std::string tear_down(PartRecord&) {
    std::string why;
    if (!leftovers_.empty()) why = "left behind " + joined(leftovers_);
    if (const auto cleared = instance_->clear(); !cleared)
      why += (why.empty() ? "" : "; ") + cleared.error().message;
    return why;
  }

  int gate_step() const {
    const auto step = std::ranges::find(drill_.steps, Step::Act::Gate, &Step::act);
    return step == drill_.steps.end() ? 0 : step->number;
  }

  const Drill& drill_;
  const Harness& harness_;
  Gate gate_;
  Record& record_;
  std::unique_ptr<Instance> instance_;
  std::vector<Prepared> attacks_;
  std::vector<Prepared> benign_;
  std::vector<std::string> leftovers_;
  std::optional<scan::AllowedPackages> allowed_;
  std::vector<std::uint8_t> compiled_;  // what advisories_ is a view of
  std::optional<scan::AdvisoryDatabase> advisories_;
  int loads_ = 0;
};

}  // namespace

std::string_view name_of(PartKind part) {
  return kParts[std::to_underlying(part)];
}

atlas::DrillOutcome Record::summary() const {
  return {.id = drill->id,
          .techniques = drill->techniques,
          .cases = drill->cases,
          .controls = drill->controls,
          .outcome = outcome,
          .proof = drill->proof,
          .reason = reason,
          .stopped_at_step = stopped_at_step};
}

Record run_drill(const Drill& drill, const Harness& harness) {
  Record record{.drill = &drill};
  const auto started = harness.clock.monotonic();
  record.reason = obstacle(drill, harness);
  if (!record.reason.empty()) return record;
  if (!os::interrupted()) Run(drill, harness, record).all();
  if (os::interrupted() && record.outcome != atlas::Outcome::Proven) {
    record.outcome = atlas::Outcome::Unassessed;
    record.reason = "was interrupted";
  }
  record.took = since(harness.clock, started);
  return record;
}

std::vector<Record> run_drills(std::span<const Drill* const> drills, const Harness& harness, std::size_t jobs,
                               const std::function<void()>& on_done) {
  std::vector<Record> records(drills.size());
  parallel_for(drills.size(), jobs, [&](std::size_t i) {
    records[i] = run_drill(*drills[i], harness);
    on_done();
  });
  return records;
}

}  // namespace bulwark::drill
