#include "cli/attestations.h"

#include <unistd.h>

#include "base/json_text.h"
#include "base/text.h"
#include "cli/jobs.h"
#include "cli/judging.h"
#include "cli/model_files.h"
#include "cli/secret_source.h"
#include "cli/signing_options.h"
#include "os/files.h"
#include "os/terminal.h"
#include "report/verification.h"
#include "trust/attestation.h"
#include "trust/dsse.h"
#include "trust/fields.h"
#include "trust/model_signature.h"

namespace bulwark::cli {
namespace {

constexpr std::string_view kDefaultFile = "attestation.json";

Result<std::vector<trust::Artifact>> artifacts_of(const Arguments& arguments,
                                                  const std::string& attestation) {
  const std::size_t jobs = TRY(jobs_from(arguments));
  std::vector<trust::Artifact> artifacts;
  for (const std::string& path : arguments.operands) {
    trust::Artifact artifact = TRY(artifact_at(path, attestation, jobs));
    artifacts.push_back(std::move(artifact));
  }
  return artifacts;
}

Result<std::string> type_from(const Arguments& arguments, std::string_view flag) {
  const std::string text = arguments.text(flag);
  std::string type = trust::predicate_type_from(text);
  if (!type.empty()) return type;
  std::string message =
      "--" + std::string(flag) + ": '" + printable(text, 60) + "' is neither a URI nor one of";
  for (const trust::PredicateName& known : trust::known_predicates())
    message += " " + std::string(known.name);
  return fail(Code::InvalidInput, message);
}

Result<std::string> attest_all(const Arguments& arguments, const World& world) {
  const std::string path = arguments.text("signature", kDefaultFile);
  const std::string type = TRY(type_from(arguments, "attest"));
  if (!arguments.has("predicate"))
    return fail(Code::InvalidInput, "--attest needs --predicate FILE: what is to be attested, as JSON");
  const std::string text = TRY(os::read_text(arguments.text("predicate"), kSignatureBytes));
  const Document predicate = TRY(trust::read_object(text, "predicate"));
  const auto signer = TRY(open_signer(arguments, world, arguments.text("key")));
  trust::VerificationMaterial material = TRY(signer_material_from(arguments, signer->public_key()));
  const auto artifacts = TRY(artifacts_of(arguments, path));
  const trust::Bundle bundle = TRY(trust::attest(artifacts, type, predicate, *signer, std::move(material)));
  TRY(trust::verify_envelope(*bundle.envelope, signer->public_key()));
  TRY(os::write_durably(path, trust::write_bundle(bundle)));
  std::string done = "attested " + type + "\n";
  for (const trust::Artifact& artifact : artifacts)
    done += "  subject      " + printable(artifact.name, 100) + " sha256 " + artifact.sha256 + "\n";
  return done + "  key          " + trust::describe(signer->public_key()) + "\n  attestation  " +
         printable(path) + "\n";
}

std::vector<Document::Entry> facts_of(const trust::VerifiedAttestation& result) {
  if (!result.statement) return {};
  std::vector<Document> subjects;
  for (const trust::Subject& subject : result.statement->subjects) {
    Document digests = json_map();
    for (const auto& [algorithm, digest] : subject.digests)
      digests.map.emplace_back(algorithm, json_string(digest));
    subjects.push_back(json_map({{"name", json_string(subject.name)}, {"digest", std::move(digests)}}));
  }
  return {{"predicate_type", json_string(result.statement->predicate_type)},
          {"subjects", json_list(std::move(subjects))}};
}

}  // namespace

Result<trust::Artifact> artifact_at(const std::string& path, const std::string& attestation,
                                    std::size_t jobs) {
  const ModelFiles files(path);
  const auto built =
      trust::build_manifest(files, {.how = {},
                                    .evidence = evidence_below({attestation, path + "/model.sig"}, path),
                                    .jobs = jobs,
                                    .hashed = {}});
  if (!built) return fail(built.error().code, printable(path) + ": " + built.error().message);
  const auto tree = TRY(files.list(trust::Links::Keep));
  const auto& resources = built->manifest.resources;
  if (resources.empty()) return fail(Code::InvalidInput, printable(path) + " holds no file");
  return trust::Artifact{
      .path = path,
      .name = tree.name,
      .sha256 = tree.single_file ? hex(resources.front().digest) : hex(trust::root_digest(resources))};
}

int attest_artifacts(const Arguments& arguments, const World& world) {
  if (arguments.operands.empty()) {
    complain("sign --attest: name at least one artifact, a file or a folder");
    return kUsage;
  }
  const auto done = attest_all(arguments, world);
  if (!done) return usage_error(done.error());
  return print(*done) ? kAccepted : kUsage;
}

int verify_one_attestation(const Arguments& arguments, const World& world) {
  trust::AttestationPolicy policy{
      .path = arguments.text("attestation"), .predicate_type = {}, .builder = arguments.text("builder")};
  if (arguments.has("predicate-type")) {
    auto type = type_from(arguments, "predicate-type");
    if (!type) return usage_error(type.error());
    policy.predicate_type = std::move(*type);
  }
  const auto trust = signer_trust_from(arguments, world);
  if (!trust) return usage_error(trust.error());
  const auto json = os::read_text(policy.path, kSignatureBytes);
  if (!json) return usage_error(json.error());
  const auto artifacts = artifacts_of(arguments, policy.path);
  if (!artifacts) return usage_error(artifacts.error());
  const trust::VerifiedAttestation result = trust::verify_attestation(*json, **trust, *artifacts, policy);
  const report::VerificationRun run{.verification = result.verification,
                                    .version = BULWARK_VERSION,
                                    .kind = "attestation",
                                    .signature = policy.path,
                                    .method = result.method,
                                    .facts = facts_of(result),
                                    .colour = !arguments.has("no-color") && os::likes_colour(STDOUT_FILENO)};
  const bool as_json = arguments.text("format") == "json";
  if (!print(as_json ? report::verification_json(run) : report::verification_text(run))) return kUsage;
  if (result.verification.refused()) return kRefused;
  return result.verification.complete() ? kAccepted : kIncomplete;
}

}  // namespace bulwark::cli
