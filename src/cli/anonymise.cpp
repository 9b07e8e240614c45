#include "cli/anonymise.h"

#include <charconv>
#include <functional>
#include <utility>

#include "assay/anonymise/plan.h"
#include "assay/anonymise/run.h"
#include "assay/anonymise/suggest.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/jobs.h"
#include "cli/key_source.h"
#include "cli/secret_source.h"
#include "cli/table_copy.h"
#include "crypto/hash.h"
#include "os/files.h"
#include "tables/write_csv.h"

namespace bulwark::cli {
namespace {

namespace anon = assay::anonymise;

constexpr std::size_t kKeyBytes = 32;

// What a key of the keyring is asked to wrap. Wrapping (RFC 5649) has no randomness in it, so that a version
// always gives the same bytes, which nobody can tell without the key.
constexpr std::string_view kWrapped = "bulwark anonymise: pseudonym key";
static_assert(kWrapped.size() == kKeyBytes);

Result<crypto::Secret> from_keyring(const Arguments& arguments, const World& world,
                                    const std::string& reference) {
  const std::size_t at = is_on_token(reference) ? std::string::npos : reference.rfind('@');
  const auto key = TRY(open_key_encryption(arguments, world, reference.substr(0, at)));
  std::uint32_t version = TRY(key->current());
  if (at != std::string::npos) {
    const std::string_view digits = std::string_view(reference).substr(at + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
    if (error != std::errc() || end != digits.data() + digits.size())
      return fail(Code::InvalidInput, "expected NAME@VERSION");
  } else {
    // Another version gives other tokens: the report of this run must say which one it was.
    complain("note: tokens are made with version " + std::to_string(version) + " of key " +
             printable(reference, 80) + "; write " + printable(reference, 80) + "@" +
             std::to_string(version) + " to keep to it");
  }
  std::vector<std::uint8_t> wrapped = TRY(key->wrap(version, bytes_of(kWrapped)));
  const crypto::Hash256 derived = crypto::sha256_bytes(wrapped);
  crypto::wipe(wrapped);
  return crypto::Secret(Bytes(derived));
}

anon::KeyOf key_source(const Arguments& arguments, const World& world) {
  return [&arguments, &world](const std::string& reference) -> Result<crypto::Secret> {
    auto key = [&]() -> Result<crypto::Secret> {
      if (!is_reference(reference)) return from_keyring(arguments, world, reference);
      const crypto::Secret content = TRY(read_content(reference));
      return symmetric_key(content);
    }();
    if (key) return key;
    Error error = std::move(key).error().within("key " + printable(reference, 80));
    // Denied says of a plan that it does not protect.
    if (error.code == Code::Denied) error.code = Code::Unavailable;
    return std::unexpected(std::move(error));
  };
}

std::string counts_path(const std::string& output, const std::string& name) {
  return output.substr(0, output.size() - 4) + "." + name + ".csv";
}

Result<void> write_counts(const World& world, const std::string& output, const tables::Dataset& dataset,
                          const anon::PublishedCounts& counts) {
  const std::string path = counts_path(output, counts.name);
  TRY(check_not_input(path, dataset));
  NewFile file(world, path);
  TRY(file.open());
  tables::CsvWriter writer({}, [&file](std::string_view text) { return file.append(text); });
  std::vector<std::string_view> cells(counts.columns.begin(), counts.columns.end());
  cells.emplace_back("count");
  TRY(writer.row(cells));
  for (std::size_t i = 0; i < counts.counts.size(); ++i) {
    const std::string count = std::to_string(counts.counts[i]);
    cells.assign(counts.cells[i].begin(), counts.cells[i].end());
    cells.emplace_back(count);
    TRY(writer.row(cells));
  }
  TRY(writer.finish());
  return file.publish();
}

Result<assay::Settings> settings_for(const Arguments& arguments) {
  assay::Settings settings;
  settings.jobs = TRY(jobs_from(arguments));
  return settings;
}

// Nothing if the plan cannot be kept; that was said.
Result<std::optional<anon::Summary>> make_copy(const Arguments& arguments, const World& world,
                                               const tables::Dataset& dataset) {
  const std::string plan_path = arguments.text("anonymise");
  const std::string output = arguments.text("output");
  if (output.empty()) return fail(Code::InvalidInput, "--anonymise needs --output FILE for the copy");
  const std::string text = TRY(os::read_text(plan_path, anon::PlanLimits{}.bytes));
  auto plan = anon::read_plan(text);
  if (!plan) return std::unexpected(std::move(plan).error().within(printable(plan_path)));
  TRY(check_table_output(output, dataset));
  const assay::Settings settings = TRY(settings_for(arguments));
  const tables::CsvDialect dialect = TRY(dialect_for(output, dataset));
  NewFile file(world, output);
  TRY(file.open());
  tables::CsvWriter writer(dialect, [&file](std::string_view piece) { return file.append(piece); });
  const anon::Surroundings around{
      .key_of = key_source(arguments, world), .random = world.random, .writer = writer};
  auto summary = anon::run(dataset, *plan, settings, around);
  if (!summary && summary.error().code == Code::Denied) {
    complain(summary.error().message + "; nothing was written");
    return std::nullopt;
  }
  if (!summary) return std::unexpected(std::move(summary).error());
  for (const anon::PublishedCounts& counts : summary->counts) {
    TRY(write_counts(world, output, dataset, counts));
  }
  TRY(file.publish());
  return std::move(*summary);
}

}  // namespace

Result<int> anonymise(const Arguments& arguments, const World& world, const tables::Dataset& dataset) {
  const std::string format = arguments.text("format", "text");
  if (format != "text" && format != "json")
    return fail(Code::Unsupported, "--format: the report of an anonymisation is text or json");
  const std::optional<anon::Summary> summary = TRY(make_copy(arguments, world, dataset));
  if (!summary) return kRefused;
  if (!print(format == "json" ? pretty_json(anon::report_json(*summary)) : anon::report_text(*summary)))
    return fail(Code::Unavailable, "the report could not be written to standard output");
  return summary->gaps.empty() ? kAccepted : kIncomplete;
}

Result<int> suggest_plan(const Arguments& arguments, const World&, const tables::Dataset& dataset) {
  const assay::Settings settings = TRY(settings_for(arguments));
  const std::string plan = TRY(anon::suggest_plan(dataset, settings));
  const std::string output = arguments.text("output");
  if (!output.empty()) {
    TRY(check_not_input(output, dataset));
    TRY(os::write_durably(output, plan));
    return kAccepted;
  }
  if (!print(plan)) return fail(Code::Unavailable, "the plan could not be written to standard output");
  return kAccepted;
}

}  // namespace bulwark::cli
