// bulwark assay: what is in the data before a model learns it?

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>

#include "assay/assay.h"
#include "base/one_of.h"
#include "base/text.h"
#include "cli/anonymise.h"
#include "cli/commands/list.h"
#include "cli/jobs.h"
#include "cli/judging.h"
#include "cli/profile_files.h"
#include "cli/progress.h"
#include "cli/secret_source.h"
#include "cli/table_copy.h"
#include "models/onnx.h"
#include "os/interrupt.h"
#include "os/terminal.h"
#include "report/assay.h"

namespace bulwark::cli::commands {
namespace {

constexpr auto kOwnFlags = std::to_array<Flag>({
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
    {.name = "tier",
     .value = "SOURCE=TIER",
     .help = "how far a source of documents is trusted: untrusted, standard or trusted; '*' stands for all "
             "others (repeatable)",
     .repeats = true},
    {.name = "group", .value = "COLUMN", .help = "what belongs together: patient, session, document"},
    {.name = "time", .value = "COLUMN", .help = "when the row was made: ISO 8601 or a number"},
    {.name = "id", .value = "COLUMN", .help = "names the row; never a feature"},
    {.name = "ignore", .value = "COLUMN", .help = "no feature (repeatable)", .repeats = true},
    {.name = "only",
     .value = "PARTS",
     .help = "of profile, pii, labels, leakage, poison, text, drift; separated by commas; feedback judges a "
             "batch against the trusted data of --against, and runs only if it is named",
     .group = "What is looked at"},
    {.name = "against",
     .value = "REFERENCE",
     .help = "compare with this data set: drift, and rows that are in both; or with a profile"},
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
    {.name = "clean",
     .value = "OUT.csv",
     .help = "also write a copy without the rows that are mislabelled, poisoned or repeated",
     .group = "Clean copy"},
    {.name = "format",
     .letter = 'f',
     .value = "FORMAT",
     .help = "text (default), json, sarif, markdown or html",
     .choices = "text json sarif markdown html",
     .group = "Report"},
    kOutputFlag,
    kExplainFlag,
    kColorFlag,
    kNoColorFlag,
    kQuietFlag,
    {.name = "verbose", .letter = 'v', .help = "everything: notes, all rows, what no part can see"},
    kFailOnFlag,
    kPolicyFlag,
    {.name = "jobs",
     .letter = 'j',
     .value = "N",
     .help = "threads (default: one per processor)",
     .group = "Limits"},
});

// With those that write a copy, and open the keys it is made with.
constexpr auto kFlags = [] {
  constexpr std::array<Flag, 2> kKeyFlags = {kHomeFlag, kPassphraseFlag};
  std::array<Flag, kOwnFlags.size() + kProfileFlags.size() + kAnonymiseFlags.size() + kKeyFlags.size()> all{};
  auto end = std::ranges::copy(kOwnFlags, all.begin()).out;
  end = std::ranges::copy(kProfileFlags, end).out;
  end = std::ranges::copy(kAnonymiseFlags, end).out;
  std::ranges::copy(kKeyFlags, end);
  return all;
}();

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
  const std::string named = arguments.text("only");
  for (const std::string_view word : split(named, ',')) {
    const std::string_view name = trim(word);
    if (name.empty()) continue;
    if (std::ranges::find(assay::part_names(), name) == assay::part_names().end()) {
      const std::string_view guess = nearest(name, assay::part_names());
      return fail(Code::InvalidInput, "--only: no part '" + printable(name, 40) + "'; " +
                                          (guess.empty() ? std::string("see --help")
                                                         : "did you mean '" + std::string(guess) + "'?"));
    }
    parts.emplace_back(name);
  }
  return parts;
}

Result<tables::DatasetOptions> dataset_options_from(const Arguments& arguments) {
  tables::DatasetOptions options;
  options.jobs = TRY(jobs_from(arguments));
  options.format = arguments.text("data-format");
  options.delimiter = TRY(delimiter_from(arguments));
  if (arguments.has("header")) options.header = arguments.text("header") == "yes";
  return options;
}

Result<std::vector<std::pair<std::string, std::string>>> tiers_from(const Arguments& arguments) {
  std::vector<std::pair<std::string, std::string>> tiers;
  for (const std::string& text : arguments.all("tier")) {
    const std::size_t at = text.rfind('=');
    const std::string tier = at == std::string::npos ? "" : text.substr(at + 1);
    if (!is_one_of(tier, {"untrusted", "standard", "trusted"}))
      return fail(Code::InvalidInput, "--tier: '" + printable(text, 60) +
                                          "' is not SOURCE=untrusted, SOURCE=standard or SOURCE=trusted");
    tiers.emplace_back(text.substr(0, at), tier);
  }
  return tiers;
}

Result<assay::Settings> settings_from(const Arguments& arguments) {
  assay::Settings settings;
  settings.jobs = TRY(jobs_from(arguments));
  settings.seed = TRY(number_from(arguments, "seed"));
  settings.sample = TRY(number_from(arguments, "sample"));
  settings.details = arguments.text("format") == "json";
  settings.roles = {.label = arguments.text("label"),
                    .group = arguments.text("group"),
                    .source = arguments.text("source"),
                    .time = arguments.text("time"),
                    .id = arguments.text("id"),
                    .texts = arguments.all("text"),
                    .ignored = arguments.all("ignore"),
                    .tiers = {}};
  settings.roles.tiers = TRY(tiers_from(arguments));
  return settings;
}

Result<tables::Array> array_from(const Arguments& arguments, std::string_view flag) {
  const std::string path = arguments.text(flag);
  const auto dataset = TRY(tables::open_dataset(path));
  const std::vector<tables::ArrayInfo>& arrays = dataset->about().arrays;
  if (arrays.size() != 1)
    return fail(Code::InvalidInput, printable(path, 200) +
                                        " must hold one array of two dimensions, and holds " +
                                        std::to_string(arrays.size()));
  return dataset->array(arrays.front().name);
}

// What the options name, opened; it outlives the request.
struct Given {
  std::unique_ptr<tables::Dataset> reference;
  std::optional<tables::Array> probabilities;
  std::optional<tables::Array> embeddings;
  std::unique_ptr<models::Predictor> model;
  std::optional<assay::profile::Contract> contract;
  std::optional<assay::profile::Profile> profile;
};

Result<Given> given_by(const Arguments& arguments, const World& world,
                       const tables::DatasetOptions& options) {
  Given given;
  const auto named = [](std::string_view flag, Error error) {
    return std::unexpected(std::move(error).within("--" + std::string(flag)));
  };
  if (arguments.has("contract")) given.contract = TRY(read_contract_file(arguments.text("contract")));
  if (arguments.has("against") && is_profile_file(arguments.text("against"))) {
    given.profile = TRY(read_profile_file(arguments, world, arguments.text("against")));
  } else if (arguments.has("against")) {
    auto reference = tables::open_dataset(arguments.text("against"), options);
    if (!reference) return named("against", std::move(reference).error());
    given.reference = std::move(*reference);
  }
  for (const auto& [flag, array] :
       {std::pair{"probabilities", &given.probabilities}, std::pair{"embeddings", &given.embeddings}}) {
    if (!arguments.has(flag)) continue;
    auto read = array_from(arguments, flag);
    if (!read) return named(flag, std::move(read).error());
    *array = std::move(*read);
  }
  if (arguments.has("model")) {
    auto model = models::open_onnx(arguments.text("model"), {.activations = true});
    if (!model) return named("model", std::move(model).error());
    given.model = std::move(*model);
  }
  return given;
}

// The copy for --clean, and a word about it.
Result<void> write_clean_copy(const Arguments& arguments, const World& world, const tables::Dataset& dataset,
                              const assay::Assayed& assayed) {
  const std::string output = arguments.text("clean");
  std::vector<std::uint64_t> rows;
  std::string parts;
  for (const assay::PartResult& part : assayed.parts) {
    if (part.rows.empty()) continue;
    rows.insert(rows.end(), part.rows.begin(), part.rows.end());
    parts += (parts.empty() ? "" : ", ") + part.part + " " + std::to_string(part.rows.size());
  }
  std::ranges::sort(rows);
  rows.erase(std::ranges::unique(rows).begin(), rows.end());
  const std::uint64_t left = TRY(write_without(world, dataset, rows, output));
  if (!arguments.has("quiet"))
    complain("wrote " + std::to_string(left) + " of " + std::to_string(assayed.rows) + " rows to " +
             printable(output, 200) + (parts.empty() ? std::string() : " (left out: " + parts + ")"));
  return {};
}

bool keeps_profile(const Arguments& arguments) {
  return arguments.has("write-profile") || arguments.has("write-contract");
}

// What can be known before anything is read.
Result<void> check_arguments(const Arguments& arguments) {
  if (arguments.operands.empty())
    return fail(Code::InvalidInput,
                "assay needs a data set: a CSV, JSON lines, Parquet or NumPy file, or a folder of images");
  if (keeps_profile(arguments) && arguments.operands.size() != 1)
    return fail(Code::InvalidInput, "--write-profile and --write-contract take one data set");
  if (arguments.has("sign-profile") && !arguments.has("write-profile"))
    return fail(Code::InvalidInput, "--sign-profile signs what --write-profile writes");
  if (!arguments.has("clean")) return {};
  if (arguments.operands.size() != 1) return fail(Code::InvalidInput, "--clean takes one data set");
  if (arguments.has("sample"))
    return fail(Code::InvalidInput, "--clean needs all rows to have been looked at; leave out --sample");
  return {};
}

// All data sets, one after the other. Errors: with the path.
Result<std::vector<assay::Assayed>> assay_all(const Arguments& arguments, const World& world) {
  TRY(check_arguments(arguments));
  const tables::DatasetOptions options = TRY(dataset_options_from(arguments));
  const Given given = TRY(given_by(arguments, world, options));
  assay::Request request;
  request.reference = given.reference.get();
  request.only = TRY(parts_from(arguments));
  request.settings = TRY(settings_from(arguments));
  request.extras = {.probabilities = given.probabilities ? &*given.probabilities : nullptr,
                    .embeddings = given.embeddings ? &*given.embeddings : nullptr,
                    .model = given.model.get(),
                    .label_filter = arguments.text("label-filter", "prune_by_noise_rate"),
                    .allow_in_sample = arguments.has("allow-in-sample")};
  request.contract = given.contract ? &*given.contract : nullptr;
  request.reference_profile = given.profile ? &*given.profile : nullptr;
  request.keep_profile = keeps_profile(arguments);
  const std::size_t parts = request.only.empty() ? assay::part_names().size() : request.only.size();
  Progress progress(parts * arguments.operands.size(), !arguments.has("quiet"), "parts");
  request.on_part = [&progress] { progress.step(); };
  std::vector<assay::Assayed> all;
  for (const std::string& path : arguments.operands) {
    const auto dataset = TRY(tables::open_dataset(path, options));
    request.dataset = dataset.get();
    auto assayed = assay::assay(request);
    if (!assayed) return std::unexpected(std::move(assayed).error().within(printable(path, 200)));
    if (os::interrupted()) break;
    if (assayed->profile) TRY(write_profile_files(arguments, world, *assayed->profile, path));
    if (arguments.has("clean")) TRY(write_clean_copy(arguments, world, *dataset, *assayed));
    all.push_back(std::move(*assayed));
  }
  return all;
}

std::string written(const std::string& format, const report::AssayRun& run) {
  if (format == "json") return report::assay_json(run);
  if (format == "sarif") return report::write_sarif(run.run);
  if (format == "markdown") return report::assay_markdown(run);
  if (format == "html") return report::assay_html(run);
  return report::assay_text(run);
}

// --anonymise and --suggest: a copy or a plan instead of a verdict.
Result<int> copy_or_plan(const Arguments& arguments, const World& world) {
  if (arguments.operands.size() != 1)
    return fail(Code::InvalidInput, "--anonymise and --suggest take one data set");
  if (arguments.has("anonymise") && arguments.has("suggest"))
    return fail(Code::InvalidInput, "--anonymise and --suggest exclude one another");
  const tables::DatasetOptions options = TRY(dataset_options_from(arguments));
  const auto dataset = TRY(tables::open_dataset(arguments.operands.front(), options));
  auto code = arguments.has("suggest") ? suggest_plan(arguments, world, *dataset)
                                       : anonymise(arguments, world, *dataset);
  return code;
}

int run(const Arguments& arguments, const World& world) {
  if (arguments.has("explain")) return explain_rule(arguments.text("explain"));
  if (arguments.has("anonymise") || arguments.has("suggest")) {
    const auto code = copy_or_plan(arguments, world);
    return code ? *code : usage_error(code.error());
  }
  if (arguments.has("merge-profiles")) {
    const auto code = merge_profile_files(arguments, world);
    return code ? *code : usage_error(code.error());
  }
  const auto policy = policy_from(arguments);
  if (!policy) return usage_error(policy.error());
  os::catch_interrupts();
  auto all = assay_all(arguments, world);
  if (os::interrupted()) {
    complain("interrupted; no report was written");
    os::die_interrupted();
  }
  if (!all) return usage_error(all.error());
  Report report;
  bool undecided = false;
  for (assay::Assayed& assayed : *all) {
    undecided = undecided || assayed.undecided;
    report.append(std::move(assayed.report));
  }
  report.normalise();
  policy::Verdict verdict = policy::decide(*policy, report, world.today);
  // What nobody could decide is not accepted, whatever the findings say.
  if (undecided && verdict.outcome == policy::Outcome::Accepted)
    verdict.outcome = policy::Outcome::Incomplete;
  const report::Run judged{.report = report,
                           .verdict = verdict,
                           .version = BULWARK_VERSION,
                           .files = all->size(),
                           .working_folder = working_folder(),
                           .colour = wants_colour(arguments),
                           .columns = os::columns(1),
                           .verbose = arguments.has("verbose")};
  const auto seed = number_from(arguments, "seed");  // was read before, without error
  const std::string format = arguments.text("format", "text");
  const bool silent = arguments.has("quiet") && format == "text" && !arguments.has("output");
  if (!silent &&
      !deliver(arguments, written(format, {.run = judged, .data = *all, .seed = seed.value_or(0)})))
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
        "  bulwark assay train.csv --label y --format html --output assay.html\n"
        "  bulwark assay train.csv --label y --clean clean.csv\n"
        "  bulwark assay people.csv --suggest --output plan.yaml\n"
        "  bulwark assay june.csv --contract contract.yaml --against may.profile.json\n"
        "  bulwark assay train.csv --write-contract contract.yaml --write-profile train.profile.json\n"
        "  bulwark assay people.csv --anonymise plan.yaml --output copy.csv",
    .run = run,
};

}  // namespace bulwark::cli::commands
