// bulwark drill: prove that the controls of this build stop real attacks.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <optional>

#include "atlas/catalogue.h"
#include "base/text.h"
#include "cli/commands/list.h"
#include "cli/jobs.h"
#include "cli/judging.h"
#include "cli/progress.h"
#include "drill/drill.h"
#include "drill/instance.h"
#include "drill/results.h"
#include "drill/run.h"
#include "os/files.h"
#include "os/interrupt.h"
#include "os/temporary_folder.h"
#include "os/terminal.h"
#include "report/drills.h"
#include "report/navigator.h"
#include "scan/engine.h"

namespace bulwark::cli::commands {
namespace {

constexpr std::uint64_t kResultBytes = std::uint64_t{16} << 20;
constexpr std::uint64_t kSeed = 1;

constexpr auto kFlags = std::to_array<Flag>({
    {.name = "all", .help = "run: every drill"},
    {.name = "technique",
     .value = "ID",
     .help = "only drills of this technique (repeatable)",
     .repeats = true},
    {.name = "case", .value = "ID", .help = "only replays of this case study (repeatable)", .repeats = true},
    {.name = "control", .value = "ID", .help = "only drills of this control (repeatable)", .repeats = true},
    {.name = "format",
     .letter = 'f',
     .value = "FORMAT",
     .help = "text (default), json, junit, markdown or navigator",
     .choices = "text json junit markdown navigator"},
    {.name = "output", .letter = 'o', .value = "FILE", .help = "write to FILE instead of standard output"},
    {.name = "jobs", .letter = 'j', .value = "N", .help = "drills at once (default: one per processor)"},
    {.name = "no-save", .help = "do not keep the results for 'bulwark atlas' and 'bulwark assess'"},
    {.name = "no-color", .help = "no colours"},
    {.name = "quiet", .letter = 'q', .help = "no progress bar"},
    {.name = "verbose", .letter = 'v', .help = "show every part of every drill"},
});

using Selection = std::vector<const drill::Drill*>;

// "T0011.000", "0011.000", "AML.T0011.000" all name the same.
std::string full_id(std::string_view id, std::string_view prefix) {
  std::string upper(id);
  for (char& letter : upper)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  if (upper.starts_with("AML.")) return upper;
  return upper.starts_with(prefix) ? "AML." + upper : "AML." + std::string(prefix) + upper;
}

bool holds(const std::vector<std::string>& list, const std::string& id) {
  return std::ranges::find(list, id) != list.end();
}

Result<void> check_ids(const Arguments& arguments) {
  for (const std::string& id : arguments.all("technique"))
    if (atlas::pinned().technique(full_id(id, "T")) == nullptr)
      return fail(Code::InvalidInput, "--technique: ATLAS " + std::string(atlas::pinned().version()) +
                                          " has no technique '" + printable(id, 40) + "'");
  for (const std::string& id : arguments.all("case"))
    if (atlas::pinned().case_study(full_id(id, "CS")) == nullptr)
      return fail(Code::InvalidInput, "--case: ATLAS " + std::string(atlas::pinned().version()) +
                                          " has no case study '" + printable(id, 40) + "'");
  for (const std::string& id : arguments.all("control"))
    if (atlas::map().control(id) == nullptr)
      return fail(Code::InvalidInput, "--control: no control '" + printable(id, 40) + "'");
  return {};
}

bool fits(const drill::Drill& drill, const Arguments& arguments) {
  const auto any = [&](std::string_view flag, std::string_view prefix, const std::vector<std::string>& list) {
    const auto ids = arguments.all(flag);
    return std::ranges::any_of(
        ids, [&](const std::string& id) { return holds(list, prefix.empty() ? id : full_id(id, prefix)); });
  };
  return any("technique", "T", drill.techniques) || any("case", "CS", drill.cases) ||
         any("control", "", drill.controls);
}

Result<const drill::Drill*> find(const std::vector<drill::Drill>& drills, const std::string& id) {
  const auto found = std::ranges::find(drills, id, &drill::Drill::id);
  if (found != drills.end()) return &*found;
  std::vector<std::string_view> ids;
  for (const drill::Drill& drill : drills) ids.push_back(drill.id);
  const std::string_view guess = nearest(id, ids);
  return fail(Code::NotFound, "no drill '" + printable(id, 40) + "'" +
                                  (guess.empty() ? "; 'bulwark drill list' lists all"
                                                 : "; did you mean '" + std::string(guess) + "'?"));
}

// What was asked for by id, technique, case or control; without any of them `all`.
Result<Selection> select(const std::vector<drill::Drill>& drills, const Arguments& arguments, bool all) {
  TRY(check_ids(arguments));
  const bool filtered = arguments.has("technique") || arguments.has("case") || arguments.has("control");
  Selection chosen;
  for (const drill::Drill& drill : drills)
    if (filtered ? fits(drill, arguments) : all) chosen.push_back(&drill);
  for (std::size_t i = 1; i < arguments.operands.size(); ++i) {
    const drill::Drill* named = TRY(find(drills, arguments.operands[i]));
    if (std::ranges::find(chosen, named) == chosen.end()) chosen.push_back(named);
  }
  if (chosen.empty() && filtered)
    return fail(Code::NotFound, "no drill fits; 'bulwark drill list' lists all");
  if (chosen.empty())
    return fail(Code::InvalidInput, "say what to run: --all, --technique, --case, --control or drill ids");
  std::ranges::sort(chosen, {}, &drill::Drill::id);
  return chosen;
}

std::string now_text() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> buffer{};
  const std::size_t size = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {buffer.data(), size};
}

// Where results are kept is a convenience: a read-only home must not turn a proof into an error.
void save(const report::DrillRun& run) {
  const std::string path = drill::results_path();
  if (path.empty()) return;
  const auto earlier = os::read_text(path, kResultBytes);
  const auto saved = drill::save_results(path, report::drills_json(run, earlier ? *earlier : std::string()));
  if (!saved) complain("results were not kept: " + saved.error().message);
}

// Over the pinned catalogue, which the drills are made for.
std::string layer_of(const report::DrillRun& run) {
  std::vector<atlas::DrillOutcome> outcomes;
  for (const drill::Record& record : run.records) outcomes.push_back(record.summary());
  const auto implemented = drill::implemented_controls();
  const auto rules = scan::all_rules();
  return report::coverage_layer({.catalogue = atlas::pinned(),
                                 .map = atlas::map(),
                                 .implemented = implemented,
                                 .drills = outcomes,
                                 .rules = rules},
                                BULWARK_VERSION);
}

std::string written(const Arguments& arguments, const report::DrillRun& run) {
  const std::string format = arguments.text("format", "text");
  if (format == "json") return report::drills_json(run);
  if (format == "junit") return report::drills_junit(run);
  if (format == "markdown") return report::drills_coverage(run.records);
  if (format == "navigator") return layer_of(run);
  const bool colour =
      !arguments.has("no-color") && !arguments.has("output") && os::likes_colour(STDOUT_FILENO);
  return report::drills_text(run, colour, arguments.has("verbose"));
}

int exit_of(const std::vector<drill::Record>& records) {
  const auto any = [&](atlas::Outcome outcome) {
    return std::ranges::find(records, outcome, &drill::Record::outcome) != records.end();
  };
  if (any(atlas::Outcome::Failed)) return kRefused;
  return any(atlas::Outcome::Unassessed) ? kIncomplete : kAccepted;
}

int run_selected(const Selection& chosen, const Arguments& arguments, const World& world) {
  const auto build = drill::build_digest();
  if (!build) return usage_error(build.error());
  const auto jobs = jobs_from(arguments);
  if (!jobs) return usage_error(jobs.error());
  const std::string started = now_text();
  os::catch_interrupts();
  drill::Harness harness(world.clock, world.today);
  harness.python = drill::find_python();
  harness.scratch = os::temporary_parent();
  harness.controls = drill::implemented_controls();
  harness.seed = kSeed;
  const auto began = world.clock.monotonic();
  std::vector<drill::Record> records;
  {
    Progress progress(chosen.size(), !arguments.has("quiet"), "drills");
    records = drill::run_drills(chosen, harness, *jobs, [&] { progress.step(); });
  }
  if (os::interrupted()) {
    complain("interrupted; nothing was left behind and no result was written");
    os::die_interrupted();
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(world.clock.monotonic() - began);
  const report::DrillRun run{.records = records,
                             .version = BULWARK_VERSION,
                             .build = *build,
                             .atlas = atlas::pinned().version(),
                             .seed = kSeed,
                             .started = started,
                             .took = took};
  if (!arguments.has("no-save")) save(run);
  return deliver(arguments, written(arguments, run)) ? exit_of(records) : kUsage;
}

int list(const std::vector<drill::Drill>& drills, const Arguments& arguments) {
  const auto chosen = select(drills, arguments, true);
  if (!chosen) return usage_error(chosen.error());
  const auto implemented = drill::implemented_controls();
  const std::string text = arguments.text("format", "text") == "json"
                               ? report::drill_list_json(*chosen, implemented)
                               : report::drill_list(*chosen, implemented);
  return deliver(arguments, text) ? kAccepted : kUsage;
}

int show(const std::vector<drill::Drill>& drills, const Arguments& arguments) {
  const auto chosen = select(drills, arguments, false);
  if (!chosen) return usage_error(chosen.error());
  std::string text;
  for (const drill::Drill* drill : *chosen) text += (text.empty() ? "" : "\n") + report::drill_page(*drill);
  return deliver(arguments, text) ? kAccepted : kUsage;
}

int run(const Arguments& arguments, const World& world) {
  const auto drills = drill::builtin_drills();
  if (!drills) {
    complain("internal error: " + drills.error().message);
    return kInternal;
  }
  const std::string what = arguments.operands.empty() ? "" : arguments.operands.front();
  if (what == "list") return list(*drills, arguments);
  if (what == "show") return show(*drills, arguments);
  if (what == "run") {
    const auto chosen = select(*drills, arguments, arguments.has("all"));
    return chosen ? run_selected(*chosen, arguments, world) : usage_error(chosen.error());
  }
  complain("drill needs one of: list, show, run");
  return kUsage;
}

}  // namespace

const Verb drill{.name = "drill",
                 .summary = "prove that this build stops real attacks: attack, ablation, benign twin",
                 .operands = "list|show|run [ID…]",
                 .operands_help = "what to do, and ids of drills such as DR-0011.000",
                 .flags = kFlags,
                 .examples =
                     "  bulwark drill list\n"
                     "  bulwark drill show DR-CS0031\n"
                     "  bulwark drill run --all\n"
                     "  bulwark drill run --technique T0011.000 --format junit --output drills.xml",
                 .run = run};

}  // namespace bulwark::cli::commands
