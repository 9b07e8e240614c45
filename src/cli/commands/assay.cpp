// bulwark assay: what is in the data before a model learns it?

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "cli/assay_run.h"
#include "cli/commands/list.h"
#include "cli/jobs.h"
#include "cli/judging.h"
#include "os/interrupt.h"
#include "os/terminal.h"
#include "report/assay.h"

namespace bulwark::cli::commands {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {.name = "label",
     .letter = 'l',
     .value = "COLUMN",
     .help = "what a model is to learn",
     .group = "Columns"},
    {.name = "text",
     .value = "COLUMN",
     .help = "documents (repeatable; default: columns of long texts)",
     .repeats = true},
    {.name = "source", .value = "COLUMN", .help = "who contributed the row"},
    {.name = "group", .value = "COLUMN", .help = "what belongs together: patient, session, document"},
    {.name = "time", .value = "COLUMN", .help = "when the row was made: ISO 8601 or a number"},
    {.name = "id", .value = "COLUMN", .help = "names the row; never a feature"},
    {.name = "ignore", .value = "COLUMN", .help = "no feature (repeatable)", .repeats = true},
    {.name = "only",
     .value = "PARTS",
     .help = "of profile, pii, labels, leakage, poison, text, drift; separated by commas",
     .group = "What is looked at"},
    {.name = "against",
     .value = "REFERENCE",
     .help = "compare with this data set: drift, and rows that are in both"},
    {.name = "probabilities",
     .value = "P.npy",
     .help = "out-of-sample class probabilities, rows × classes (default: made by cross-validation)"},
    {.name = "embeddings", .value = "E.npy", .help = "what a model makes of each row, rows × width"},
    {.name = "model",
     .value = "M.onnx",
     .help = "a model to ask; it runs in a child process without network"},
    {.name = "label-filter",
     .value = "NAME",
     .help = "which rows count as mislabelled (default: prune_by_noise_rate)",
     .choices = "prune_by_noise_rate prune_by_class both confident_learning predicted_neq_given "
                "low_self_confidence low_normalized_margin"},
    {.name = "allow-in-sample",
     .help = "judge labels even if the probabilities look like those of training rows"},
    {.name = "sample",
     .value = "ROWS",
     .help = "parts that hold rows in memory look at so many, drawn by the seed; the report states what that "
             "can miss"},
    {.name = "seed", .value = "N", .help = "of everything that is drawn (default: 0)"},
    {.name = "data-format",
     .value = "FORMAT",
     .help = "of the data, where it is not to be recognised",
     .choices = "csv tsv jsonl parquet npy npz images text",
     .group = "Input"},
    {.name = "delimiter", .value = "C", .help = "of a CSV: one character, or 'tab'"},
    {.name = "header",
     .value = "yes|no",
     .help = "whether the first row names the columns",
     .choices = "yes no"},
    {.name = "format",
     .letter = 'f',
     .value = "FORMAT",
     .help = "text (default), json, sarif, markdown or html",
     .choices = "text json sarif markdown html",
     .group = "Report"},
    {.name = "output",
     .letter = 'o',
     .value = "FILE",
     .help = "write the report to FILE instead of standard output"},
    {.name = "explain", .value = "RULE", .help = "say why a rule exists and what to do, and exit"},
    {.name = "color", .help = "colours even if the output is no terminal"},
    {.name = "no-color", .help = "no colours"},
    {.name = "quiet", .letter = 'q', .help = "no text report, only errors and the exit code"},
    {.name = "verbose", .letter = 'v', .help = "everything: notes, all rows, what no part can see"},
    {.name = "fail-on",
     .value = "SEVERITY",
     .help = "lowest severity that refuses: info, low, medium, high (default), critical",
     .choices = "info low medium high critical",
     .group = "Verdict"},
    {.name = "policy", .value = "FILE", .help = "what is accepted here: docs/howto/policy.md"},
    {.name = "jobs",
     .letter = 'j',
     .value = "N",
     .help = "threads (default: one per processor)",
     .group = "Limits"},
});

Result<std::uint64_t> number_from(const Arguments& arguments, std::string_view flag) {
  const std::string text = arguments.text(flag, "0");
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return fail(Code::InvalidInput,
                "--" + std::string(flag) + ": '" + printable(text, 40) + "' is no whole number");
  return value;
}

Result<char> delimiter_from(const Arguments& arguments) {
  const std::string text = arguments.text("delimiter");
  if (text.empty()) return '\0';
  if (text == "tab" || text == "\\t") return '\t';
  if (text.size() == 1) return text.front();
  return fail(Code::InvalidInput, "--delimiter: one character, or 'tab'");
}

Result<std::vector<std::string>> parts_from(const Arguments& arguments) {
  std::vector<std::string> parts;
  for (const std::string_view word : split(arguments.text("only"), ',')) {
    const std::string_view name = trim(word);
    if (name.empty()) continue;
    if (std::ranges::find(assay_parts(), name) == assay_parts().end()) {
      const std::string_view guess = nearest(name, assay_parts());
      return fail(Code::InvalidInput, "--only: no part '" + printable(name, 40) + "'; " +
                                          (guess.empty() ? std::string("see --help")
                                                         : "did you mean '" + std::string(guess) + "'?"));
    }
    parts.emplace_back(name);
  }
  return parts;
}

Result<AssayRequest> request_from(const Arguments& arguments) {
  if (arguments.operands.empty())
    return fail(Code::InvalidInput,
                "assay needs a data set: a CSV, JSON lines, Parquet or NumPy file, or a folder of images");
  AssayRequest request;
  request.dataset.jobs = request.settings.jobs = TRY(jobs_from(arguments));
  request.dataset.format = arguments.text("data-format");
  request.dataset.delimiter = TRY(delimiter_from(arguments));
  if (arguments.has("header")) request.dataset.header = arguments.text("header") == "yes";
  request.only = TRY(parts_from(arguments));
  assay::Settings& settings = request.settings;
  settings.seed = TRY(number_from(arguments, "seed"));
  settings.sample = TRY(number_from(arguments, "sample"));
  settings.details = arguments.text("format") == "json";
  settings.roles = {.label = arguments.text("label"),
                    .group = arguments.text("group"),
                    .source = arguments.text("source"),
                    .time = arguments.text("time"),
                    .id = arguments.text("id"),
                    .texts = arguments.all("text"),
                    .ignored = arguments.all("ignore")};
  request.against = arguments.text("against");
  request.probabilities = arguments.text("probabilities");
  request.embeddings = arguments.text("embeddings");
  request.model = arguments.text("model");
  request.label_filter = arguments.text("label-filter", "prune_by_noise_rate");
  request.allow_in_sample = arguments.has("allow-in-sample");
  request.progress = !arguments.has("quiet");
  return request;
}

std::string written(const std::string& format, const report::AssayRun& run) {
  if (format == "json") return report::assay_json(run);
  if (format == "sarif") return report::write_sarif(run.run);
  if (format == "markdown") return report::assay_markdown(run);
  if (format == "html") return report::assay_html(run);
  return report::assay_text(run);
}

int run(const Arguments& arguments, const World& world) {
  if (arguments.has("explain")) return explain_rule(arguments.text("explain"));
  const auto policy = policy_from(arguments);
  if (!policy) return usage_error(policy.error());
  auto request = request_from(arguments);
  if (!request) return usage_error(request.error());
  os::catch_interrupts();
  Report report;
  std::vector<report::AssayedData> data;
  bool undecided = false;
  for (const std::string& path : arguments.operands) {
    request->path = path;
    auto outcome = assay_data(*request);
    if (os::interrupted()) {
      complain("interrupted; no report was written");
      os::die_interrupted();
    }
    if (!outcome) return usage_error(outcome.error());
    undecided = undecided || outcome->undecided;
    report.append(std::move(outcome->report));
    data.push_back(std::move(outcome->data));
  }
  report.normalise();
  policy::Verdict verdict = policy::decide(*policy, report, world.today);
  // What nobody could decide is not accepted, whatever the findings say.
  if (undecided && verdict.outcome == policy::Outcome::Accepted)
    verdict.outcome = policy::Outcome::Incomplete;
  const report::Run judged{.report = report,
                           .verdict = verdict,
                           .version = BULWARK_VERSION,
                           .files = data.size(),
                           .working_folder = working_folder(),
                           .colour = wants_colour(arguments),
                           .columns = os::columns(1),
                           .verbose = arguments.has("verbose")};
  const std::string format = arguments.text("format", "text");
  const bool silent = arguments.has("quiet") && format == "text" && !arguments.has("output");
  if (!silent &&
      !deliver(arguments, written(format, {.run = judged, .data = data, .seed = request->settings.seed})))
    return kUsage;
  return exit_of(verdict.outcome);
}

}  // namespace

const Verb assay{
    .name = "assay",
    .summary = "what is in data before a model learns it: personal data, wrong labels, poison, leaks, drift",
    .operands = "FILE",
    .operands_help =
        "CSV, TSV, JSON lines, Parquet, .npy, .npz, text, or a folder of images; each is one data set",
    .flags = kFlags,
    .examples =
        "  bulwark assay train.csv --label diagnosis\n"
        "  bulwark assay train.csv --label y --probabilities oos.npy --only labels --format json\n"
        "  bulwark assay images.npz --only poison --embeddings activations.npy\n"
        "  bulwark assay june.parquet --against may.parquet --only drift,leakage\n"
        "  bulwark assay train.csv --label y --format html --output assay.html",
    .run = run,
};

}  // namespace bulwark::cli::commands
