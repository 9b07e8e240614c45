// bulwark sign: a signature over every file of a model, in the format of OpenSSF Model Signing.

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "base/file_system.h"
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
#include "trust/dataset.h"
#include "trust/dsse.h"
#include "trust/model_signature.h"

namespace bulwark::cli::commands {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {.name = "key",
     .letter = 'k',
     .value = "KEY",
     .help = "the private key: a name in the keyring, a PEM file, env:NAME, file:PATH or pkcs11:…"},
    {.name = "certificate",
     .value = "FILE",
     .help = "sign as the holder of this certificate: PEM, the leaf first, then its authorities"},
    kPassphraseFlag,
    kHomeFlag,
    {.name = "signature", .value = "FILE", .help = "where to write it (default: model.sig)"},
    {.name = "method",
     .value = "METHOD",
     .help = "files (default), or shards: parts of large files that can be checked on their own",
     .choices = "files shards",
     .group = "What is signed"},
    {.name = "shard-size", .value = "BYTES", .help = "of shards (default: 1000000000)"},
    {.name = "hash",
     .value = "NAME",
     .help = "sha256 (default) or blake2b",
     .choices = "sha256 blake2b blake3"},
    {.name = "ignore-paths",
     .value = "PATH",
     .help = "a file or folder of the model to leave out; recorded in the signature (repeatable)",
     .repeats = true},
    {.name = "allow-symlinks", .help = "sign what links point to, as if it were there"},
    {.name = "records",
     .help = "also every record of .csv, .tsv, .jsonl and .ndjson files, so that changes can be named",
     .group = "Data sets"},
    {.name = "source", .value = "URL", .help = "where the data was got"},
    {.name = "publisher", .value = "NAME", .help = "who published it"},
    {.name = "licence", .value = "ID", .help = "under which it may be used, such as CC-BY-4.0"},
    {.name = "accept-source", .help = "the source delivered other bytes before, and that is fine"},
    {.name = "attest",
     .value = "TYPE",
     .help = "sign a statement about the operands instead: provenance, test-result, vulns, verdict, "
             "cyclonedx, profile or a URI",
     .group = "Attestations"},
    {.name = "predicate", .value = "FILE", .help = "what is stated, as JSON"},
    {.name = "format",
     .letter = 'f',
     .value = "FORMAT",
     .help = "text (default) or json",
     .choices = "text json",
     .group = "Output"},
    {.name = "jobs", .letter = 'j', .value = "N", .help = "threads (default: one per processor)"},
    {.name = "quiet", .letter = 'q', .help = "no progress bar"},
});

Result<trust::Serialization> serialization_from(const Arguments& arguments, const std::string& model) {
  trust::Serialization how;
  how.method = arguments.text("method") == "shards" ? trust::Method::Shards : trust::Method::Files;
  how.allow_symlinks = arguments.has("allow-symlinks");
  how.ignore_paths = TRY(ignore_paths_from(arguments, model));
  const std::string hash = arguments.text("hash", "sha256");
  if (hash == "blake3")
    return fail(Code::Unsupported,
                "--hash: blake3 is unsupported by this build; sha256 and blake2b are there");
  how.hash = hash == "sha256" ? crypto::HashAlgorithm::Sha256 : crypto::HashAlgorithm::Blake2b512;
  if (!arguments.has("shard-size")) return how;
  if (how.method != trust::Method::Shards)
    return fail(Code::InvalidInput, "--shard-size: only with --method shards");
  const std::string text = arguments.text("shard-size");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), how.shard_size);
  if (error != std::errc() || end != text.data() + text.size() || how.shard_size == 0 ||
      how.shard_size > (std::uint64_t{1} << 53U))
    return fail(Code::InvalidInput, "--shard-size: bytes, at least 1");
  return how;
}

std::string text_of_result(const std::string& model, const trust::ModelManifest& manifest,
                           const crypto::PublicKey& key, const std::string& path) {
  const std::string unit = manifest.serialization.method == trust::Method::Files ? "file" : "shard";
  const std::size_t count = manifest.resources.size();
  return "signed " + printable(model) + ": " + std::to_string(count) + " " + unit + (count == 1 ? "" : "s") +
         ", " + std::string(crypto::name_of(manifest.serialization.hash)) + "\n  root digest  sha256 " +
         hex(trust::root_digest(manifest.resources)) + "\n  key          " + trust::describe(key) +
         "\n  signature    " + printable(path) + "\n";
}

std::string json_of_result(const std::string& model, const trust::ModelManifest& manifest,
                           const crypto::PublicKey& key, const std::string& path) {
  return pretty_json(
      json_map({{"schema", json_string("bulwark.sign/1")},
                {"target", json_string(model)},
                {"signature", json_string(path)},
                {"subject", json_map({{"name", json_string(manifest.model_name)},
                                      {"sha256", json_string(hex(trust::root_digest(manifest.resources)))}})},
                {"resources", json_integer(static_cast<std::int64_t>(manifest.resources.size()))},
                {"key", json_map({{"type", json_string(std::string(crypto::name_of(key.type())))},
                                  {"hint", json_string(trust::key_hint(key))}})}}));
}

bool is_dataset(const Arguments& arguments) {
  return arguments.has("records") || arguments.has("source") || arguments.has("publisher") ||
         arguments.has("licence");
}

// For this user only: the record book holds the salt.
Result<void> write_private(const World& world, const std::string& path, Bytes content) {
  const std::size_t slash = path.rfind('/');
  const std::string folder =
      slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
  const std::string temporary = path + ".new";
  // What a crash left behind is of no use to anybody.
  if (const auto gone = world.files.remove(temporary); !gone && gone.error().code != Code::NotFound)
    return std::unexpected(gone.error());
  return replace_file(world.files, folder, path, temporary, content);
}

// What goes beside the signature of a data set. Nothing is written if the source is not to be believed.
Result<void> sign_records(const Arguments& arguments, const World& world, const ModelFiles& files,
                          const trust::ModelManifest& manifest, const crypto::Signer& signer,
                          trust::VerificationMaterial material, const std::string& path) {
  const trust::DatasetSource source{.url = arguments.text("source"),
                                    .publisher = arguments.text("publisher"),
                                    .licence = arguments.text("licence")};
  const std::size_t jobs = TRY(jobs_from(arguments));
  const trust::BuiltDataset built =
      TRY(trust::build_dataset(files, manifest, source, arguments.has("records"), world.random, jobs));
  if (!source.url.empty()) {
    const std::string at = TRY(source_history_path(arguments));
    trust::SourceHistory history(world.files, at);
    trust::Verification seen(arguments.operands.front());
    TRY(trust::check_source(seen, built.manifest, history, arguments.has("accept-source"), world.wall.now()));
    if (seen.refused())
      return fail(Code::Denied,
                  seen.checks().back().detail + "; if that is a new version, add --accept-source");
  }
  const trust::Bundle bundle = TRY(trust::sign_dataset(built.manifest, signer, std::move(material)));
  if (!built.book.empty()) TRY(write_private(world, records_file(path), built.book));
  return os::write_durably(dataset_file(path), trust::write_bundle(bundle));
}

Result<void> sign_one_model(const Arguments& arguments, const World& world) {
  const std::string& model = arguments.operands.front();
  const std::string path = arguments.text("signature", "model.sig");
  trust::Serialization how = TRY(serialization_from(arguments, model));
  const std::size_t jobs = TRY(jobs_from(arguments));
  std::error_code error;
  if (!std::filesystem::exists(model, error)) return fail(Code::NotFound, "no model at " + printable(model));
  // The key first: nobody wants to learn of a wrong passphrase after a terabyte.
  const auto signer = TRY(open_signer(arguments, world, arguments.text("key")));
  trust::VerificationMaterial material = TRY(signer_material_from(arguments, signer->public_key()));

  const ModelFiles files(model);
  HashProgress progress(files, !arguments.has("quiet"));
  const trust::BuiltManifest built = TRY(trust::build_manifest(
      files, {.how = std::move(how),
              .evidence = evidence_below({path, dataset_file(path), records_file(path)}, model),
              .jobs = jobs,
              .hashed = progress.counter()}));
  for (const std::string& warning : built.warnings) complain("warning: " + warning);
  const trust::Bundle bundle = TRY(trust::sign_model(built.manifest, *signer, material));
  // A token that signs with another key than it shows would leave a signature that nobody can verify.
  TRY(trust::verify_envelope(*bundle.envelope, signer->public_key()));
  if (is_dataset(arguments))
    TRY(sign_records(arguments, world, files, built.manifest, *signer, std::move(material), path));
  TRY(os::write_durably(path, trust::write_bundle(bundle)));
  const bool json = arguments.text("format") == "json";
  const std::string text = json ? json_of_result(model, built.manifest, signer->public_key(), path)
                                : text_of_result(model, built.manifest, signer->public_key(), path);
  if (!print(text)) return fail(Code::Unavailable, "standard output is closed");
  return {};
}

int run(const Arguments& arguments, const World& world) {
  if (!arguments.has("key")) {
    complain("sign: --key says what to sign with; 'bulwark key create' makes one");
    return kUsage;
  }
  if (arguments.has("attest")) return attest_artifacts(arguments, world);
  if (arguments.operands.size() != 1) {
    complain("sign: name the one model, a folder or a file");
    return kUsage;
  }
  const auto done = sign_one_model(arguments, world);
  if (!done && done.error().code == Code::Denied && arguments.has("source")) {
    complain(done.error().message);
    return kRefused;
  }
  return done ? int{kAccepted} : usage_error(done.error());
}

}  // namespace

const Verb sign{.name = "sign",
                .summary = "sign every file of a model or data set (OpenSSF Model Signing)",
                .operands = "MODEL",
                .operands_help = "a folder or a file",
                .flags = kFlags,
                .examples =
                    "  bulwark sign bert/ --key release\n"
                    "  bulwark sign bert/ --key ./release.pem --certificate chain.pem --signature bert.sig\n"
                    "  bulwark sign llama/ --key 'pkcs11:token=prod;object=models' --method shards\n"
                    "  bulwark sign faces/ --key release --records --source https://data.example/faces "
                    "--licence CC-BY-4.0\n"
                    "  bulwark sign bert/ --key ci --attest provenance --predicate run.json",
                .run = run};

}  // namespace bulwark::cli::commands
