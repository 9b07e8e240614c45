// bulwark sigstore-conformance: the command line that the conformance suite of Sigstore drives its clients
// with (docs/cli_protocol.md of sigstore/sigstore-conformance).

#include <algorithm>
#include <array>

#include "base/text.h"
#include "cli/commands/list.h"
#include "os/files.h"
#include "os/mapping.h"
#include "trust/fields.h"
#include "trust/limits.h"
#include "trust/sigstore.h"

namespace bulwark::cli::commands {
namespace {

constexpr auto kFlags = std::to_array<Flag>({
    {.name = "bundle", .value = "FILE", .help = "the Sigstore bundle"},
    {.name = "certificate-identity",
     .value = "IDENTITY",
     .help = "who must have signed: the certificate's subject alternative name, exactly"},
    {.name = "certificate-oidc-issuer", .value = "URL", .help = "whom the signer must have signed in with"},
    {.name = "key", .value = "FILE", .help = "public key (PEM) instead of identity and issuer"},
    {.name = "trusted-root", .value = "FILE", .help = "trusted_root.json; there is no default one"},
    {.name = "staging", .help = "refused: give the trusted root of the staging instance"},
    {.name = "in-toto", .help = "of sign-bundle, see there"},
    {.name = "identity-token", .value = "TOKEN", .help = "of sign-bundle, see there"},
    {.name = "signing-config", .value = "FILE", .help = "of sign-bundle, see there"},
});

constexpr std::string_view kDigestPrefix = "sha256:";

int usage(const std::string& text) {
  complain(text);
  return kUsage;
}

// "sha256:…" is a digest if it has the right length and is not the name of a file.
std::optional<crypto::Hash256> digest_of(const std::string& operand) {
  if (!operand.starts_with(kDigestPrefix)) return {};
  const auto bytes = trust::bytes_of_hex(lower(operand.substr(kDigestPrefix.size())));
  crypto::Hash256 digest{};
  if (!bytes || bytes->size() != digest.size() || os::Mapping::open(operand, true)) return {};
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

// What is to be verified, read from files; an error is one of usage or environment.
struct Inputs {
  std::string bundle;
  std::string trusted_root;
  std::string key;
  std::shared_ptr<os::Mapping> mapping;
  std::optional<trust::SignedArtifact> artifact;
};

Result<Inputs> read_inputs(const Arguments& arguments, const std::string& operand) {
  Inputs inputs;
  inputs.bundle = TRY(os::read_text(arguments.text("bundle"), trust::TrustLimits::kBundleBytes));
  if (arguments.has("trusted-root"))
    inputs.trusted_root =
        TRY(os::read_text(arguments.text("trusted-root"), trust::TrustLimits::kTrustedRootBytes));
  if (arguments.has("key"))
    inputs.key = TRY(os::read_text(arguments.text("key"), trust::TrustLimits::kTrustedRootBytes));
  if (const auto digest = digest_of(operand)) {
    inputs.artifact = trust::SignedArtifact::of_sha256(*digest);
    return inputs;
  }
  auto mapping = os::Mapping::open(operand, true);
  if (!mapping) return std::unexpected(std::move(mapping).error().within(printable(operand)));
  inputs.mapping = std::move(*mapping);
  inputs.artifact = trust::SignedArtifact::of_bytes(inputs.mapping->bytes());
  return inputs;
}

Result<trust::VerifiedBundle> verify(const Arguments& arguments, const Inputs& inputs) {
  const trust::Bundle bundle = TRY(trust::read_bundle(inputs.bundle));
  const trust::TrustedRoot root = TRY(trust::read_trusted_root(inputs.trusted_root));
  if (!arguments.has("key"))
    return trust::verify_keyless(
        bundle, &*inputs.artifact,
        {.name = arguments.text("certificate-identity"), .issuer = arguments.text("certificate-oidc-issuer")},
        root);
  const crypto::PublicKey key = TRY(crypto::PublicKey::from_pem(inputs.key));
  return trust::verify_with_key(bundle, &*inputs.artifact, key, &root);
}

int verify_bundle(const Arguments& arguments) {
  if (arguments.operands.size() != 2)
    return usage("verify-bundle takes one file or digest ('sha256:…'); see --help");
  if (!arguments.has("bundle")) return usage("verify-bundle needs --bundle FILE");
  if (arguments.has("staging"))
    return usage(
        "there is no built-in trusted root; give the one of the staging instance with --trusted-root");
  if (!arguments.has("trusted-root"))
    return usage(
        "verify-bundle needs --trusted-root FILE: whom to believe is not built in; "
        "docs/howto/verify-keyless.md says where to get one and how to check it");
  const bool named = arguments.has("certificate-identity") && arguments.has("certificate-oidc-issuer");
  const bool half = arguments.has("certificate-identity") != arguments.has("certificate-oidc-issuer");
  if (half || named == arguments.has("key"))
    return usage("give either --key, or both --certificate-identity and --certificate-oidc-issuer");
  const auto inputs = read_inputs(arguments, arguments.operands[1]);
  if (!inputs) return usage(inputs.error().message);
  const auto verified = verify(arguments, *inputs);
  if (!verified) {
    complain("refused: " + verified.error().message);
    return kRefused;
  }
  if (inputs->mapping && inputs->mapping->changed())
    return usage(printable(arguments.operands[1]) + " changed while it was read");
  std::string text;
  for (const trust::VerifiedStep& step : verified->steps)
    text += std::string(name_of(step.step)) + ": " + step.text + "\n";
  for (const std::string& left_out : verified->not_verified) text += "not verified: " + left_out + "\n";
  return print(text) ? kAccepted : kUsage;
}

int run(const Arguments& arguments, const World&) {
  const std::string what = arguments.operands.empty() ? "" : arguments.operands.front();
  if (what == "verify-bundle") return verify_bundle(arguments);
  if (what == "sign-bundle")
    return usage(
        "sign-bundle is not implemented: keyless signing needs Sigstore's services on the network; "
        "'bulwark sign' signs offline with a key");
  return usage(what.empty() ? "which? verify-bundle; see --help"
                            : "no '" + printable(what) + "'; there is verify-bundle");
}

}  // namespace

const Verb sigstore_conformance{
    .name = "sigstore-conformance",
    .summary = "verify a Sigstore bundle, in the protocol of the public conformance suite",
    .operands = "verify-bundle FILE_OR_DIGEST",
    .operands_help = "the artifact, or 'sha256:' and its digest",
    .flags = kFlags,
    .examples =
        "  bulwark sigstore-conformance verify-bundle --bundle model.sigstore.json \\\n"
        "    --certificate-identity who@example.org --certificate-oidc-issuer https://issuer.example \\\n"
        "    --trusted-root trusted_root.json model.safetensors\n"
        "  bulwark sigstore-conformance verify-bundle --bundle model.sigstore.json --key key.pub \\\n"
        "    --trusted-root trusted_root.json "
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    .run = run};

}  // namespace bulwark::cli::commands
