// bulwark bom: the bill of materials of a model. The first operand is a path to describe, or what to do with
// a document that is there: show, validate, score, diff.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "base/json_text.h"
#include "base/text.h"
#include "base/text_format.h"
#include "cli/advisories.h"
#include "cli/bom.h"
#include "cli/bom_text.h"
#include "cli/commands/list.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/interrupt.h"
#include "os/random.h"
#include "trust/bom_read.h"
#include "trust/bom_schema.h"
#include "trust/bom_write.h"

namespace bulwark::cli::commands {
namespace {

constexpr std::uint64_t kBomBytes = 256'000'000;  // Limits::document_bytes: no larger JSON is read

constexpr auto kFlags = std::to_array<Flag>({
    {.name = "format",
     .letter = 'f',
     .value = "FORMAT",
     .help = "cyclonedx (default for a path); text (default) or json for show, validate, score and diff",
     .choices = "cyclonedx text json spdx"},
    {.name = "output", .letter = 'o', .value = "FILE", .help = "write to FILE instead of standard output"},
    {.name = "spec-version",
     .value = "VERSION",
     .help = "CycloneDX 1.6 (default) or 1.7",
     .choices = "1.6 1.7"},
    {.name = "score",
     .help = "say how complete the document is and what is missing, instead of the document"},
    {.name = "require",
     .value = "PROFILE",
     .help = "exit with 1 below basic (40), standard (70), advanced (85), or a number of points"},
    {.name = "diff",
     .value = "OLD",
     .help = "say what changed since the document OLD, instead of the document"},
    {.name = "strict", .help = "validate: references that lead nowhere and names used twice count, too"},
    {.name = "quiet", .letter = 'q', .help = "no summary on standard error"},
    {.name = "facts",
     .value = "FILE",
     .help = "what no file of the model tells: supplier, version, data sets with owners … (docs/bom.md)",
     .group = "Facts"},
    {.name = "dataset",
     .value = "PATH",
     .help = "a file or directory that the model was trained on (repeatable)",
     .repeats = true},
    {.name = "advisories",
     .value = "PATH",
     .help = "look vulnerabilities up here instead of in the imported database"},
    {.name = "exclude", .value = "GLOB", .help = "leave out what matches (repeatable)", .repeats = true},
    {.name = "timestamp",
     .value = "TIME",
     .help = "RFC 3339, or none (default: SOURCE_DATE_EPOCH, else now)",
     .group = "Document"},
    {.name = "serial-number",
     .value = "URN",
     .help = "urn:uuid:…, or random (default: derived from the content)"},
    {.name = "jobs", .letter = 'j', .value = "N", .help = "files read at once (default: one per processor)"},
});

int refuse(std::string_view text) {
  complain(text);
  return kUsage;
}
int refuse(const Error& error) {
  return refuse(error.message);
}

bool wants_json(const Arguments& arguments) {
  return arguments.text("format") == "json";
}

// `code` once the text is delivered.
int put(const Arguments& arguments, std::string_view text, int code) {
  if (!arguments.has("output")) return print(text) ? code : int{kUsage};
  const auto written = os::write_durably(arguments.text("output"), text);
  return written ? code : refuse(written.error());
}

struct Loaded {
  std::string text;
  trust::Bom bom;
};

Result<Loaded> load(const std::string& path) {
  Loaded loaded;
  if (path == "-") {
    const auto content = TRY(os::read_stream(STDIN_FILENO, kBomBytes));
    loaded.text = text_of(content);
  } else {
    loaded.text = TRY(os::read_text(path, kBomBytes));
  }
  auto read = trust::read_bom(loaded.text);
  if (!read) return std::unexpected(std::move(read).error().within(printable(path, 500)));
  loaded.bom = std::move(*read);
  return loaded;
}

std::string rfc3339(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const auto two = [](auto number) {
    const std::string digits = std::to_string(static_cast<unsigned>(number));
    return digits.size() < 2 ? "0" + digits : digits;
  };
  return std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())) +
         "-" + two(static_cast<unsigned>(date.day())) + "T" + two(clock.hours().count()) + ":" +
         two(clock.minutes().count()) + ":" + two(clock.seconds().count()) + "Z";
}

Result<std::string> timestamp_of(const Arguments& arguments) {
  const std::string given = arguments.text("timestamp");
  if (given == "none") return std::string();
  if (!given.empty()) {
    if (!fits_format("date-time", given).value_or(false))
      return fail(Code::InvalidInput,
                  "--timestamp: '" + printable(given, 60) +
                      "' is no time of RFC 3339, such as 2026-11-20T15:00:00Z; or write none");
    return given;
  }
  // reproducible-builds.org; NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment
  if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH"); epoch != nullptr && *epoch != 0) {
    const std::string_view text(epoch);
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    constexpr std::int64_t kLatest = 253'402'300'799;  // the end of the year 9999
    if (error != std::errc{} || end != text.data() + text.size() || seconds < 0 || seconds > kLatest)
      return fail(Code::InvalidInput, "SOURCE_DATE_EPOCH is no number of seconds since 1970");
    return rfc3339(std::chrono::sys_seconds(std::chrono::seconds(seconds)));
  }
  return rfc3339(std::chrono::floor<std::chrono::seconds>(os::SystemWallClock().now()));
}

Result<std::string> serial_of(const Arguments& arguments) {
  const std::string given = arguments.text("serial-number");
  if (given.empty()) return std::string();
  if (given == "random") {
    std::array<std::uint8_t, 16> bytes{};
    os::SystemRandom().fill(bytes);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);  // RFC 9562, version 4
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
    const std::string digits = hex(bytes);
    return "urn:uuid:" + digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4) + "-" +
           digits.substr(16, 4) + "-" + digits.substr(20);
  }
  constexpr std::string_view kPrefix = "urn:uuid:";
  if (!given.starts_with(kPrefix) || lower(given) != given ||
      !fits_format("uuid", std::string_view(given).substr(kPrefix.size())).value_or(false))
    return fail(Code::InvalidInput, "--serial-number: '" + printable(given, 80) +
                                        "' is not of the form urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79");
  return given;
}

// Points that --require asks for; below zero: nothing is asked for.
Result<double> required(const Arguments& arguments) {
  if (!arguments.has("require")) return -1.0;
  const std::string text = arguments.text("require");
  for (const trust::BomProfile& profile : trust::kBomProfiles)
    if (profile.name == text) return profile.least;
  unsigned points = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), points);
  if (error != std::errc{} || end != text.data() + text.size() || points > 100)
    return fail(Code::InvalidInput,
                "--require: '" + printable(text, 40) + "' is none of basic, standard, advanced, or 0 to 100");
  return static_cast<double>(points);
}

int put_score(const Arguments& arguments, const Document& bom, double least) {
  const trust::BomScore score = trust::score_bom(bom);
  const std::string text = wants_json(arguments) ? pretty_json(score_json(score)) : score_text(score);
  return put(arguments, text, score.points >= least ? kAccepted : kRefused);
}

int put_diff(const Arguments& arguments, const Document& before, const Document& after) {
  const auto differences = trust::diff_boms(before, after);
  const std::string text =
      wants_json(arguments) ? pretty_json(diff_json(differences)) : diff_text(differences);
  return put(arguments, text, differences.empty() ? kAccepted : kRefused);
}

int show(const Arguments& arguments) {
  if (arguments.operands.size() != 2) return refuse("bom show: one FILE, or - for standard input");
  const auto loaded = load(arguments.operands[1]);
  if (!loaded) return refuse(loaded.error());
  const Document& root = loaded->bom.root;
  return put(arguments, wants_json(arguments) ? pretty_json(root) : bom_text(root), kAccepted);
}

int validate(const Arguments& arguments) {
  if (arguments.operands.size() != 2) return refuse("bom validate: one FILE, or - for standard input");
  const auto loaded = load(arguments.operands[1]);
  if (!loaded) {
    // What is no bill of materials is refused; what cannot be opened, or is of a kind that is not read, is an
    // error.
    complain(loaded.error().message);
    return loaded.error().code == Code::InvalidInput ? kRefused : kUsage;
  }
  const auto problems = trust::validate_bom(loaded->bom.root, loaded->bom.spec_version);
  if (!problems) return refuse(problems.error());
  const std::vector<SchemaProblem> warnings = trust::broken_references(loaded->bom.root);
  const bool good = problems->empty() && (warnings.empty() || !arguments.has("strict"));
  const int code = good ? kAccepted : kRefused;
  if (wants_json(arguments)) {
    return put(arguments,
               pretty_json(problems_json(*problems, warnings, loaded->text, loaded->bom.spec_version)), code);
  }
  return put(arguments,
             printable(arguments.operands[1], 500) + ": " + (problems->empty() ? "valid" : "NOT valid") +
                 " CycloneDX " + loaded->bom.spec_version + "\n" +
                 problems_text(*problems, "", loaded->text) +
                 problems_text(warnings, "warning, ", loaded->text),
             code);
}

int score(const Arguments& arguments) {
  if (arguments.operands.size() != 2) return refuse("bom score: one FILE, or - for standard input");
  const auto least = required(arguments);
  if (!least) return refuse(least.error());
  const auto loaded = load(arguments.operands[1]);
  return loaded ? put_score(arguments, loaded->bom.root, *least) : refuse(loaded.error());
}

int diff(const Arguments& arguments) {
  if (arguments.operands.size() != 3) return refuse("bom diff: OLD and NEW");
  const auto before = load(arguments.operands[1]);
  if (!before) return refuse(before.error());
  const auto after = load(arguments.operands[2]);
  if (!after) return refuse(after.error());
  return put_diff(arguments, before->bom.root, after->bom.root);
}

struct Made {
  Document bom;
  std::size_t gaps = 0;
};

Result<Made> make(const Arguments& arguments, const World& world) {
  trust::BomOptions options;
  options.spec_version = arguments.text("spec-version", "1.6");
  options.tool_version = BULWARK_VERSION;
  options.timestamp = TRY(timestamp_of(arguments));
  options.serial_number = TRY(serial_of(arguments));
  const auto advisories = TRY(open_advisories(arguments.text("advisories"), world.today));
  if (advisories) options.advisories = &advisories->database;
  BomRequest request;
  request.path = arguments.operands[0];
  request.exclude = arguments.all("exclude");
  request.facts = arguments.text("facts");
  request.datasets = arguments.all("dataset");
  request.progress = !arguments.has("quiet");
  request.advisories = options.advisories;
  request.now = std::chrono::sys_days(world.today).time_since_epoch().count() * std::int64_t{86'400};
  request.jobs = std::max(1U, std::thread::hardware_concurrency());
  if (arguments.has("jobs")) {
    const std::string text = arguments.text("jobs");
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), request.jobs);
    if (error != std::errc{} || end != text.data() + text.size() || request.jobs < 1 || request.jobs > 1024)
      return fail(Code::InvalidInput, "--jobs: must be 1 to 1024");
  }
  const trust::BomSubject subject = TRY(subject_of(request, world.clock));
  if (subject.files.empty() && subject.report.gaps.empty())
    return fail(Code::NotFound, "no file below '" + printable(request.path, 500) + "' (after --exclude)");
  Made made;
  made.bom = TRY(trust::write_bom(subject, options));
  made.gaps = subject.report.gaps.size();
  return made;
}

int describe(const Arguments& arguments, const World& world) {
  if (arguments.operands.size() != 1) return refuse("bom: one PATH, or show, validate, score, diff");
  const auto least = required(arguments);
  if (!least) return refuse(least.error());
  std::optional<Loaded> before;
  if (arguments.has("diff")) {
    auto loaded = load(arguments.text("diff"));
    if (!loaded) return refuse(loaded.error());
    before = std::move(*loaded);
  }
  os::catch_interrupts();
  const auto made = make(arguments, world);
  if (os::interrupted()) {
    complain("interrupted; no bill of materials was written");
    os::die_interrupted();
  }
  if (!made) return refuse(made.error());
  if (before) return put_diff(arguments, before->bom.root, made->bom);
  if (arguments.has("score")) return put_score(arguments, made->bom, *least);

  const trust::BomScore score = trust::score_bom(made->bom);
  if (!arguments.has("quiet")) {
    complain(bom_summary(made->bom));
    std::string said = score_text(score);
    said = said.substr(0, said.find('\n'));
    complain(said + (score.missing.empty() ? "" : "; --score says what is missing"));
    if (made->gaps > 0)
      complain(std::to_string(made->gaps) + " gap" + (made->gaps == 1 ? "" : "s") +
               ": what could not be seen is listed under \"compositions\" and in 'bulwark scan'");
  }
  int code = made->gaps > 0 ? kIncomplete : kAccepted;
  if (score.points < *least) code = kRefused;
  const bool as_text = arguments.text("format") == "text";
  return put(arguments, as_text ? bom_text(made->bom) : pretty_json(made->bom), code);
}

int run(const Arguments& arguments, const World& world) {
  if (arguments.text("format") == "spdx")
    return refuse("--format spdx: SPDX is not implemented; CycloneDX 1.6 and 1.7 are written");
  if (arguments.operands.empty())
    return refuse("bom needs a path to describe, or show, validate, score or diff; see 'bulwark bom --help'");
  const std::string& what = arguments.operands[0];
  if (what == "show") return show(arguments);
  if (what == "validate") return validate(arguments);
  if (what == "score") return score(arguments);
  if (what == "diff") return diff(arguments);
  return describe(arguments, world);
}

}  // namespace

const Verb bom{
    .name = "bom",
    .summary = "bill of materials of a model: write, read, judge and compare CycloneDX",
    .operands = "PATH|SUBCOMMAND [FILE…]",
    .operands_help =
        "a model's directory or file to describe; or\n"
        "show FILE       what a document says\n"
        "validate FILE   against the published schema of its version, formats included\n"
        "score FILE      how complete it is, and what is missing\n"
        "diff OLD NEW    what changed; exit code 0: nothing, 1: something",
    .flags = kFlags,
    .examples =
        "  bulwark bom models/bert --output bert.cdx.json\n"
        "  bulwark bom models/bert --facts bert.yaml --score --require advanced\n"
        "  bulwark bom models/bert --diff bert.cdx.json\n"
        "  bulwark bom validate bert.cdx.json\n"
        "  bulwark bom show bert.cdx.json\n"
        "  A directory of the name of a sub-command is written ./show",
    .run = run,
};

}  // namespace bulwark::cli::commands
