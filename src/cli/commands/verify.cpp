// bulwark verify: whether a model is the one that somebody signed, and what that proves.

#include <unistd.h>

#include <array>
#include <filesystem>

#include "base/json_text.h"
#include "base/text.h"
#include "cli/attestations.h"
#include "cli/commands/list.h"
#include "cli/jobs.h"
#include "cli/judging.h"
#include "cli/model_files.h"
#include "cli/secret_source.h"
#include "cli/signing_options.h"
#include "os/files.h"
#include "os/mapping.h"
#include "os/terminal.h"
#include "report/verification.h"
#include "trust/dataset.h"
#include "trust/model_signature.h"

namespace bulwark::cli::commands {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {.name = "signature",
     .value = "FILE",
     .help = "the signature (default: model.sig here, else in the model)"},
    {.name = "key",
     .value = "KEY",
     .help = "believe this public key: a PEM file, or a key of the keyring",
     .group = "Whom to believe (one of them)"},
    {.name = "certificate-chain",
     .value = "FILE",
     .help = "believe whom these authorities (PEM) have certified (repeatable)",
     .repeats = true},
    {.name = "identity", .value = "NAME", .help = "believe this identity (keyless), with --issuer"},
    {.name = "issuer", .value = "URL", .help = "who vouches for the identity"},
    {.name = "trusted-root",
     .value = "FILE",
     .help = "keys of the Sigstore instance, with --identity; none is built in"},
    {.name = "cert-time",
     .value = "WHEN",
     .help = "judge a certificate by the time now (default) or of its issue",
     .choices = "now issue"},
    {.name = "ignore-paths",
     .value = "PATH",
     .help = "a file or folder of the model that need not be signed (repeatable)",
     .repeats = true,
     .group = "What to accept"},
    {.name = "ignore-unsigned-files", .help = "accept files that the signature does not cover"},
    {.name = "accept-source",
     .help = "the source of a data set delivered other bytes before, and that is fine"},
    {.name = "legacy-v0.2", .help = "accept signatures of release 0.2.0 of the reference implementation"},
    {.name = "attestation",
     .value = "FILE",
     .help = "verify this attestation, and that it is about the operands",
     .group = "Attestations"},
    {.name = "predicate-type",
     .value = "TYPE",
     .help = "that is expected: a URI, or a name as in 'sign --attest'"},
    {.name = "builder", .value = "URI", .help = "the only builder that is believed, of provenance"},
    {.name = "format",
     .letter = 'f',
     .value = "FORMAT",
     .help = "text (default) or json",
     .choices = "text json",
     .group = "Output"},
    {.name = "jobs", .letter = 'j', .value = "N", .help = "threads (default: one per processor)"},
    {.name = "no-color", .help = "no colours"},
    {.name = "quiet", .letter = 'q', .help = "no progress bar"},
    kHomeFlag,
});

std::string default_signature(const std::string& model) {
  std::error_code error;
  if (std::filesystem::exists("model.sig", error)) return "model.sig";
  if (std::filesystem::exists(model + "/model.sig", error)) return model + "/model.sig";
  return "model.sig";
}

std::vector<Document::Entry> facts_of(const trust::ModelVerification& result) {
  std::vector<Document::Entry> facts;
  if (!result.manifest) return facts;
  const trust::ModelManifest& manifest = *result.manifest;
  const trust::Serialization& how = manifest.serialization;
  facts.emplace_back("subject",
                     json_map({{"name", json_string(manifest.model_name)},
                               {"sha256", json_string(hex(trust::root_digest(manifest.resources)))}}));
  Document serialization =
      json_map({{"method", json_string(how.method == trust::Method::Files ? "files" : "shards")},
                {"hash", json_string(std::string(crypto::name_of(how.hash)))},
                {"allow_symlinks", json_boolean(how.allow_symlinks)}});
  if (how.method == trust::Method::Shards)
    serialization.map.emplace_back("shard_size", json_integer(static_cast<std::int64_t>(how.shard_size)));
  facts.emplace_back("serialization", std::move(serialization));
  const auto number = [](std::size_t count) { return json_integer(static_cast<std::int64_t>(count)); };
  facts.emplace_back("files", json_map({{"signed", number(result.files.signed_files)},
                                        {"unchanged", number(result.files.unchanged)},
                                        {"changed", number(result.files.changed)},
                                        {"missing", number(result.files.missing)},
                                        {"unsigned", number(result.files.unsigned_files)},
                                        {"ignored", number(result.files.ignored)}}));
  return facts;
}

int exit_of(const trust::Verification& verification) {
  if (verification.refused()) return kRefused;
  return verification.complete() ? kAccepted : kIncomplete;
}

Result<void> verify_the_dataset(const Arguments& arguments, const World& world, const std::string& path,
                                const trust::SignerTrust& trust, const ModelFiles& files, std::size_t jobs,
                                trust::ModelVerification& result) {
  const std::string bundle = TRY(os::read_text(dataset_file(path), kSignatureBytes));
  // Its absence is for the verification to judge: a data set may have no tables.
  const auto book = os::Mapping::open(records_file(path), true);
  const auto manifest = trust::verify_dataset(
      result, {.bundle_json = bundle, .book = book ? (*book)->bytes() : Bytes(), .jobs = jobs}, trust, files);
  if (!manifest || manifest->source.url.empty() || result.verification.refused()) return {};
  const std::string at = TRY(source_history_path(arguments));
  trust::SourceHistory history(world.files, at);
  return trust::check_source(result.verification, *manifest, history, arguments.has("accept-source"),
                             world.wall.now());
}

int verify_one_model(const Arguments& arguments, const World& world) {
  const std::string& model = arguments.operands.front();
  const std::string path = arguments.text("signature", default_signature(model));
  const auto jobs = jobs_from(arguments);
  if (!jobs) return usage_error(jobs.error());
  const auto trust = signer_trust_from(arguments, world);
  if (!trust) return usage_error(trust.error());
  auto ignores = ignore_paths_from(arguments, model);
  if (!ignores) return usage_error(ignores.error());
  std::error_code error;
  if (!std::filesystem::exists(model, error)) {
    complain("no model at " + printable(model));
    return kUsage;
  }
  const auto bundle = os::read_text(path, kSignatureBytes);
  if (!bundle) {
    complain(bundle.error().message + "; --signature names the file");
    return kUsage;
  }
  const ModelFiles files(model);
  HashProgress progress(files, !arguments.has("quiet"));
  const bool dataset = std::filesystem::exists(dataset_file(path), error);
  std::vector<std::string> evidence{path};
  if (dataset) evidence.insert(evidence.end(), {dataset_file(path), records_file(path)});
  trust::ModelVerification result =
      trust::verify_model(*bundle, **trust, files,
                          {.path = model,
                           .evidence = evidence_below(evidence, model),
                           .ignore_paths = std::move(*ignores),
                           .ignore_unsigned_files = arguments.has("ignore-unsigned-files"),
                           .legacy = arguments.has("legacy-v0.2"),
                           .jobs = *jobs,
                           .hashed = progress.counter()});
  if (dataset) {
    const auto done = verify_the_dataset(arguments, world, path, **trust, files, *jobs, result);
    if (!done) return usage_error(done.error());
  }
  const report::VerificationRun run{.verification = result.verification,
                                    .version = BULWARK_VERSION,
                                    .kind = dataset ? "dataset" : "model",
                                    .signature = path,
                                    .method = result.method,
                                    .facts = facts_of(result),
                                    .colour = !arguments.has("no-color") && os::likes_colour(STDOUT_FILENO)};
  const bool json = arguments.text("format") == "json";
  if (!print(json ? report::verification_json(run) : report::verification_text(run))) return kUsage;
  return exit_of(result.verification);
}

int run(const Arguments& arguments, const World& world) {
  if (arguments.has("attestation")) return verify_one_attestation(arguments, world);
  if (arguments.operands.size() != 1) {
    complain("verify: name the one model, a folder or a file");
    return kUsage;
  }
  return verify_one_model(arguments, world);
}

}  // namespace

const Verb verify{
    .name = "verify",
    .summary = "check that a model or data set is the one that was signed",
    .operands = "MODEL",
    .operands_help = "a folder or a file",
    .flags = kFlags,
    .examples =
        "  bulwark verify bert/ --signature model.sig --key publisher.pub.pem\n"
        "  bulwark verify bert/ --certificate-chain company-ca.pem --format json\n"
        "  bulwark verify bert/ --identity ci@example.com --issuer https://accounts.example.com",
    .run = run};

}  // namespace bulwark::cli::commands
