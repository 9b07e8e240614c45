#include "cli/profile_files.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/text.h"
#include "cli/attestations.h"
#include "cli/jobs.h"
#include "cli/secret_source.h"
#include "cli/signing_options.h"
#include "os/files.h"
#include "os/mapping.h"
#include "trust/attestation.h"
#include "trust/dsse.h"

namespace bulwark::cli {
namespace {

constexpr std::uint64_t kContractBytes = 64'000'000;
constexpr std::size_t kLookedAt = 4'096;  // bytes that tell a profile from data

bool is_signed(std::string_view text) {
  return text.find("application/vnd.dev.sigstore.bundle") != std::string_view::npos ||
         text.find("\"dsseEnvelope\"") != std::string_view::npos ||
         text.find("\"payloadType\"") != std::string_view::npos;
}

std::unexpected<Error> about(const std::string& path, Error error) {
  return std::unexpected(std::move(error).within(printable(path, 200)));
}

Result<assay::profile::Profile> verified(const Arguments& arguments, const World& world,
                                         const std::string& path, std::string_view text) {
  const auto trust = TRY(key_trust_from(arguments, world, arguments.text("profile-key")));
  const trust::VerifiedAttestation result = trust::verify_attestation(
      text, *trust, {},
      {.path = path, .predicate_type = std::string(assay::profile::kPredicateType), .builder = {}});
  if (result.verification.refused() || !result.statement)
    return fail(Code::Denied,
                "the signature does not hold, or is about something else: 'bulwark verify "
                "--attestation' says what is wrong");
  return assay::profile::profile_from(result.statement->predicate);
}

Result<std::string> signed_text(const Arguments& arguments, const World& world,
                                const assay::profile::Profile& profile, const std::string& dataset) {
  const auto signer = TRY(open_signer(arguments, world, arguments.text("sign-profile")));
  const std::size_t jobs = TRY(jobs_from(arguments));
  trust::VerificationMaterial material = TRY(signer_material_from(arguments, signer->public_key()));
  const trust::Artifact artifact = TRY(artifact_at(dataset, arguments.text("write-profile"), jobs));
  const trust::Bundle bundle =
      TRY(trust::attest({artifact}, assay::profile::kPredicateType, assay::profile::profile_document(profile),
                        *signer, std::move(material)));
  TRY(trust::verify_envelope(*bundle.envelope, signer->public_key()));
  return trust::write_bundle(bundle);
}

}  // namespace

bool is_profile_file(const std::string& path) {
  const auto file = os::Mapping::open(path, true);
  if (!file) return false;
  const Bytes bytes = (*file)->bytes();
  const std::string_view start = trim(text_of(bytes.first(std::min(bytes.size(), kLookedAt))));
  if (!start.starts_with('{')) return false;
  return start.find("\"bulwark.profile/") != std::string_view::npos || is_signed(start);
}

Result<assay::profile::Profile> read_profile_file(const Arguments& arguments, const World& world,
                                                  const std::string& path) {
  const std::string text = TRY(os::read_text(path, kSignatureBytes));
  const bool with_key = arguments.has("profile-key");
  const bool signature = is_signed(std::string_view(text).substr(0, kLookedAt));
  if (signature && !with_key)
    return fail(Code::Denied,
                printable(path, 200) + " is signed: --profile-key says whose signature is believed");
  if (!signature && with_key)
    return fail(Code::Denied,
                printable(path, 200) + " is not signed, and --profile-key asks for a signature");
  auto profile = signature ? verified(arguments, world, path, text) : assay::profile::read_profile(text);
  if (!profile) return about(path, std::move(profile).error());
  return profile;
}

Result<assay::profile::Contract> read_contract_file(const std::string& path) {
  const std::string text = TRY(os::read_text(path, kContractBytes));
  auto contract = assay::profile::read_contract(text);
  if (!contract) return about(path, std::move(contract).error());
  return contract;
}

Result<void> write_profile_files(const Arguments& arguments, const World& world,
                                 const assay::profile::Profile& profile, const std::string& dataset) {
  if (arguments.has("write-contract"))
    TRY(os::write_durably(arguments.text("write-contract"), assay::profile::write_contract(profile)));
  if (!arguments.has("write-profile")) return {};
  std::string text;
  if (arguments.has("sign-profile")) {
    text = TRY(signed_text(arguments, world, profile, dataset));
  } else {
    text = assay::profile::write_profile(profile);
  }
  TRY(os::write_durably(arguments.text("write-profile"), text));
  return {};
}

Result<int> merge_profile_files(const Arguments& arguments, const World& world) {
  if (arguments.operands.size() < 2)
    return fail(Code::InvalidInput, "--merge-profiles takes two profiles or more");
  if (!arguments.has("output")) return fail(Code::InvalidInput, "--merge-profiles needs --output FILE");
  assay::profile::Profile all = TRY(read_profile_file(arguments, world, arguments.operands.front()));
  for (std::size_t i = 1; i < arguments.operands.size(); ++i) {
    const assay::profile::Profile next = TRY(read_profile_file(arguments, world, arguments.operands[i]));
    if (auto merged = assay::profile::merge_profiles(all, next); !merged)
      return about(arguments.operands[i], std::move(merged).error());
  }
  TRY(os::write_durably(arguments.text("output"), assay::profile::write_profile(all)));
  return kAccepted;
}

}  // namespace bulwark::cli
