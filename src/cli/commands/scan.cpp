// bulwark scan: what would run if somebody loaded these files?

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <thread>

#include "base/date.h"
#include "base/text.h"
#include "cli/advisories.h"
#include "cli/against.h"
#include "cli/commands/list.h"
#include "cli/fix.h"
#include "cli/judging.h"
#include "cli/lock.h"
#include "cli/scan_paths.h"
#include "cli/secret_history.h"
#include "crypto/digest.h"
#include "os/files.h"
#include "os/interrupt.h"
#include "os/terminal.h"
#include "policy/policy.h"
#include "report/reference.h"
#include "report/run.h"
#include "scan/knowledge/allowed_packages.h"

namespace bulwark::cli::commands {
namespace {

constexpr std::uint64_t kPolicyBytes = 1 << 20;

constexpr auto kFlags = std::to_array<Flag>({
    {.name = "format",
     .letter = 'f',
     .value = "FORMAT",
     .help = "text (default), json, sarif or markdown",
     .choices = "text json sarif markdown",
     .group = "Report"},
    kOutputFlag,
    kExplainFlag,
    {.name = "trace", .help = "show the decompiled programs of pickles"},
    {.name = "digest", .help = "add the SHA-256 of every file"},
    kColorFlag,
    kNoColorFlag,
    kQuietFlag,
    {.name = "verbose", .letter = 'v', .help = "also list what was accepted"},
    kFailOnFlag,
    kPolicyFlag,
    {.name = "baseline", .value = "FILE", .help = "findings that are accepted for a while"},
    {.name = "write-baseline",
     .value = "FILE",
     .help = "accept what is refused now: write it to FILE (needs --reason)"},
    {.name = "reason", .value = "TEXT", .help = "why, for --write-baseline"},
    {.name = "expires", .value = "DATE", .help = "until when, for --write-baseline (default: in 90 days)"},
    {.name = "no-notes", .help = "let no `bulwark: ignore` in the scanned texts count"},
    {.name = "lock",
     .value = "FILE",
     .help = "what was approved of agents' texts (default: bulwark.lock of the scanned directory, or here)"},
    {.name = "write-lock",
     .value = "FILE",
     .help = "approve the agents' texts as they are now: write them to FILE"},
    {.name = "fix", .help = "apply the safe mechanical fixes, show them, and scan again", .group = "Fixes"},
    {.name = "show-fixes", .help = "show what --fix would change, and change nothing"},
    {.name = "include",
     .value = "GLOB",
     .help = "only files that match (in directories; repeatable)",
     .repeats = true,
     .group = "What is looked at"},
    {.name = "exclude",
     .value = "GLOB",
     .help = "leave out what matches (in directories; repeatable)",
     .repeats = true},
    {.name = "deep", .help = "search every byte of large weights"},
    {.name = "history", .help = "also search everything that the git repository remembers for secrets"},
    {.name = "fingerprint-key",
     .value = "FILE",
     .help = "name secrets by a digest with this key, the same wherever the key is the same"},
    {.name = "against",
     .value = "APPROVED",
     .help = "also compare the architecture and weights with an approved model "
             "(or a directory of them)"},
    {.name = "advisories",
     .value = "PATH",
     .help = "look vulnerabilities up here instead of in the imported database: a zip, "
             "a directory of OSV documents (docs/advisories.md)"},
    {.name = "import-advisories",
     .value = "PATH",
     .help = "import advisories from a zip or directory for all later scans, and exit",
     .repeats = true},
    {.name = "allowed-packages",
     .value = "FILE",
     .help = "packages that may be used here, one requirement a line"},
    {.name = "jobs",
     .letter = 'j',
     .value = "N",
     .help = "files scanned at once (default: one per processor)",
     .group = "Limits"},
    {.name = "timeout", .value = "SECONDS", .help = "longest time for one file (default: 120)"},
    {.name = "max-depth", .value = "N", .help = "archives within archives (default: 16)"},
    {.name = "max-members", .value = "N", .help = "members of all archives in one file (default: 1000000)"},
    {.name = "max-unpacked",
     .value = "SIZE",
     .help = "bytes unpacked from one file, such as 500M (default: 64G)"},
    {.name = "max-memory", .value = "SIZE", .help = "unpacked bytes held at once per file (default: 2G)"},
});

// "4096", "64K", "500M", "2G"
Result<std::uint64_t> size_of(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  constexpr std::string_view kUnits = "KMGT";
  const std::size_t power = unit.empty() ? 0 : kUnits.find(unit.front()) + 1;
  if (error != std::errc{} || unit.size() > 1 || (power == 0 && !unit.empty()) || power > kUnits.size())
    return fail(Code::InvalidInput, "'" + printable(text, 40) + "' is no size; write a number such as 500M");
  if (power > 0 && value > ~std::uint64_t{0} >> (10 * power))
    return fail(Code::InvalidInput, "'" + printable(text, 40) + "' is too large");
  return value << (10 * power);
}

Result<void> set_number(const Arguments& arguments, std::string_view flag, std::uint64_t max, auto& target) {
  if (!arguments.has(flag)) return {};
  auto value = size_of(arguments.text(flag));
  if (!value) return std::unexpected(std::move(value).error().within("--" + std::string(flag)));
  if (*value == 0 || *value > max)
    return fail(Code::InvalidInput, "--" + std::string(flag) + ": must be 1 to " + std::to_string(max));
  target = static_cast<std::remove_reference_t<decltype(target)>>(*value);
  return {};
}

Result<Limits> limits_of(const Arguments& arguments) {
  constexpr std::uint64_t kAny = ~std::uint64_t{0};
  Limits limits;
  std::uint64_t seconds = 0;
  TRY(set_number(arguments, "timeout", std::uint64_t{7} * 24 * 3600, seconds));
  if (seconds > 0) limits.time = std::chrono::seconds(seconds);
  TRY(set_number(arguments, "max-depth", 1000, limits.depth));
  TRY(set_number(arguments, "max-members", kAny, limits.members));
  TRY(set_number(arguments, "max-unpacked", kAny, limits.inflated_bytes));
  TRY(set_number(arguments, "max-memory", kAny, limits.held_bytes));
  return limits;
}

Result<policy::Baseline> baseline_of(const Arguments& arguments) {
  if (!arguments.has("baseline")) return policy::Baseline{};
  const std::string path = arguments.text("baseline");
  const std::string text = TRY(os::read_text(path, kPolicyBytes));
  auto read = policy::read_baseline(text);
  if (!read) return std::unexpected(std::move(read).error().within(path));
  return read;
}

// The file for --write-baseline, or empty.
Result<std::string> new_baseline(const Arguments& arguments, const Report& report,
                                 const policy::Verdict& verdict, const policy::Baseline& before,
                                 std::chrono::year_month_day today) {
  constexpr std::chrono::days kTerm{90};
  if (trim(arguments.text("reason")).empty())
    return fail(Code::InvalidInput,
                "--write-baseline needs --reason: why is it all right to live with these?");
  std::chrono::year_month_day expires = std::chrono::sys_days(today) + kTerm;
  if (arguments.has("expires")) {
    const auto given = date_from(arguments.text("expires"));
    if (!given)
      return fail(Code::InvalidInput, "--expires: '" + printable(arguments.text("expires"), 40) +
                                          "' is no date; write YYYY-MM-DD");
    expires = *given;
  }
  return policy::write_baseline(report, verdict, before, arguments.text("reason"), expires);
}

Result<ScanRequest> request_of(const Arguments& arguments) {
  ScanRequest request;
  request.paths = arguments.operands;
  if (request.paths.empty())
    return fail(Code::InvalidInput, "scan needs a path; '.' is the working directory");
  for (const std::string& path : request.paths) {
    struct stat about{};
    if (path != "-" && lstat(path.c_str(), &about) != 0)
      return fail(Code::NotFound, "no file or directory '" + printable(path, 1000) + "'");
  }
  struct stat approved{};
  if (arguments.has("against") && stat(arguments.text("against").c_str(), &approved) != 0)
    return fail(Code::NotFound,
                "--against: no file or directory '" + printable(arguments.text("against"), 1000) + "'");
  request.walk.include = arguments.all("include");
  request.walk.exclude = arguments.all("exclude");
  request.jobs = std::max(1U, std::thread::hardware_concurrency());
  TRY(set_number(arguments, "jobs", 1024, request.jobs));
  TRY(set_number(arguments, "max-memory", ~std::uint64_t{0}, request.stdin_limit));
  request.digest = arguments.has("digest");
  request.progress = !arguments.has("quiet");
  return request;
}

// What is known about packages, alive as long as the scan.
struct PackageFacts {
  std::unique_ptr<OpenAdvisories> advisories;
  std::optional<scan::AllowedPackages> allowed;
};

Result<PackageFacts> package_facts_of(const Arguments& arguments, std::chrono::year_month_day today) {
  PackageFacts facts;
  facts.advisories = TRY(open_advisories(arguments.text("advisories"), today));
  if (arguments.has("allowed-packages")) {
    const std::string path = arguments.text("allowed-packages");
    const std::string text = TRY(os::read_text(path, kPolicyBytes));
    auto read = scan::AllowedPackages::read(text);
    if (!read) return std::unexpected(std::move(read).error().within(path));
    facts.allowed = std::move(*read);
  }
  return facts;
}

int import_and_say(const Arguments& arguments, const World& world) {
  const auto said = import_advisories(arguments.all("import-advisories"), world.today);
  if (said) return print(*said) ? kAccepted : kUsage;
  complain(said.error().message);
  return kUsage;
}

// A digest of a secret's value that nobody can guess without the key: what people see and accept in its
// place.
Result<std::function<std::string(std::string_view)>> fingerprint_of(const Arguments& arguments) {
  constexpr std::size_t kLeast = 16;
  constexpr std::size_t kDigits = 32;
  if (!arguments.has("fingerprint-key")) return std::function<std::string(std::string_view)>();
  std::string key = TRY(os::read_text(arguments.text("fingerprint-key"), kPolicyBytes));
  if (key.size() < kLeast)
    return fail(Code::InvalidInput, "--fingerprint-key: the key must have at least 16 bytes");
  return [key = std::move(key)](std::string_view value) {
    const auto digest = crypto::hmac_sha256(bytes_of(key), bytes_of(value));
    return digest ? digest->substr(0, kDigits) : std::string();
  };
}

// False if the report could not be delivered.
bool deliver_report(const Arguments& arguments, const report::Run& run) {
  const std::string format = arguments.text("format", "text");
  if (arguments.has("quiet") && format == "text" && !arguments.has("output")) return true;
  return deliver(arguments, report::find_writer(format)->write(run));
}

// Shows the fixes where the report does not go, if that is made for machines.
bool show_fixes(const Arguments& arguments, const Fixes& fixes, bool dry) {
  for (const std::string& why : fixes.refused) complain(why);
  const std::string done = (dry ? "would fix " : "fixed ") + std::to_string(fixes.findings) + " finding" +
                           (fixes.findings == 1 ? "" : "s") + " in " + std::to_string(fixes.files) + " file" +
                           (fixes.files == 1 ? "" : "s") + "\n";
  const bool for_people = arguments.text("format", "text") == "text" && !arguments.has("output");
  if (for_people) return print(fixes.diff + done + "\n");
  return os::write_stream(STDERR_FILENO, fixes.diff + done).has_value();
}

ScanResult scan_all(const Arguments& arguments, const ScanRequest& request, const scan::Engine& engine,
                    const Limits& limits) {
  ScanResult result = scan_paths(request, engine);
  if (arguments.has("against"))
    compare_with_approved(arguments.text("against"), request, engine, limits, result);
  return result;
}

// The file for --write-lock, and a word about it.
Result<void> approve(const Arguments& arguments, const ScanResult& result) {
  const std::string path = arguments.text("write-lock");
  TRY(write_lock(path, result));
  const std::size_t count = result.agent_texts.size();
  if (!arguments.has("quiet"))
    complain("approved " + std::to_string(count) + " text" + (count == 1 ? "" : "s") + " of agents in " +
             path);
  return {};
}

// What was approved before: a new lock is only compared with an old one that was named.
Result<std::optional<Lock>> lock_of(const Arguments& arguments, const ScanRequest& request, Report& beside) {
  if (arguments.has("write-lock") && !arguments.has("lock")) return std::optional<Lock>();
  return find_lock(arguments.text("lock"), request.paths, beside);
}

int run(const Arguments& arguments, const World& world) {
  if (arguments.has("explain")) return explain_rule(arguments.text("explain"));
  if (arguments.has("import-advisories")) return import_and_say(arguments, world);
  const auto limits = limits_of(arguments);
  if (!limits) return usage_error(limits.error());
  const auto policy = policy_from(arguments);
  if (!policy) return usage_error(policy.error());
  auto request = request_of(arguments);
  if (!request) return usage_error(request.error());
  const auto baseline = baseline_of(arguments);
  if (!baseline) return usage_error(baseline.error());
  Report beside;
  const auto lock = lock_of(arguments, *request, beside);
  if (!lock) return usage_error(lock.error());
  request->agent_texts = lock->has_value() || arguments.has("write-lock");
  const auto packages = package_facts_of(arguments, world.today);
  if (!packages) return usage_error(packages.error());

  auto fingerprint = fingerprint_of(arguments);
  if (!fingerprint) return usage_error(fingerprint.error());

  os::catch_interrupts();
  const scan::Options options{
      .trace = arguments.has("trace"),
      .deep = arguments.has("deep"),
      .advisories = packages->advisories ? &packages->advisories->database : nullptr,
      .allowed_packages = packages->allowed ? &*packages->allowed : nullptr,
      .now = std::chrono::sys_days(world.today).time_since_epoch().count() * std::int64_t{86'400},
      .fingerprint = std::move(*fingerprint)};
  const scan::Engine engine(scan::builtin_inspectors(), *limits, options, world.clock);
  ScanResult result = scan_all(arguments, *request, engine, *limits);
  const bool dry = arguments.has("show-fixes");
  if ((dry || arguments.has("fix")) && !os::interrupted()) {
    const Fixes fixes = apply_fixes(result.report, dry);
    if (!show_fixes(arguments, fixes, dry)) return kUsage;
    if (!dry && fixes.files > 0) result = scan_all(arguments, *request, engine, *limits);
  }
  if (arguments.has("history") && !os::interrupted())
    scan_history(*request, *limits, options, world.clock, result);
  if (os::interrupted()) {
    complain("interrupted; no report was written");
    os::die_interrupted();
  }
  if (result.files == 0 && result.report.gaps.empty()) {
    complain("nothing to scan: no file below the given paths (after --include and --exclude)");
    return kUsage;
  }
  result.report.append(std::move(beside));
  if (*lock) compare_with_lock(**lock, result);
  if (arguments.has("write-lock"))
    if (const auto approved = approve(arguments, result); !approved) return usage_error(approved.error());

  const policy::Verdict verdict = policy::decide(*policy, result.report, world.today, *baseline);
  if (arguments.has("write-baseline")) {
    const auto text = new_baseline(arguments, result.report, verdict, *baseline, world.today);
    if (!text) return usage_error(text.error());
    const auto written = os::write_durably(arguments.text("write-baseline"), *text);
    if (!written) return usage_error(written.error());
  }
  const report::Run judged{.report = result.report,
                           .verdict = verdict,
                           .version = BULWARK_VERSION,
                           .files = result.files,
                           .digests = std::move(result.digests),
                           .working_folder = working_folder(),
                           .colour = wants_colour(arguments),
                           .columns = os::columns(STDOUT_FILENO),
                           .verbose = arguments.has("verbose")};
  if (!deliver_report(arguments, judged)) return kUsage;
  return exit_of(verdict.outcome);
}

}  // namespace

const Verb scan{
    .name = "scan",
    .summary = "inspect models and repositories: what would run, where it stands, what to do",
    .operands = "PATH",
    .operands_help = "files, directories, or - for standard input",
    .flags = kFlags,
    .examples =
        "  bulwark scan model.pt\n"
        "  bulwark scan . --exclude '.git/**' --format sarif --output bulwark.sarif\n"
        "  bulwark scan downloads --policy policy.yaml --fail-on medium\n"
        "  bulwark scan model.pkl --trace\n"
        "  bulwark scan . --history",
    .run = run,
};

}  // namespace bulwark::cli::commands
