#include "cli/signing_options.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "cli/model_files.h"
#include "cli/secret_source.h"
#include "crypto/certificate.h"
#include "os/files.h"
#include "os/folders.h"
#include "os/terminal.h"
#include "trust/certificate_trust.h"
#include "trust/identity_trust.h"
#include "trust/limits.h"
#include "trust/model_manifest.h"
#include "trust/model_signature.h"

namespace bulwark::cli {
namespace {

constexpr std::uint64_t kMegabyte = 1'000'000;

Result<std::unique_ptr<trust::SignerTrust>> by_certificate(const Arguments& arguments, const World& world) {
  std::vector<crypto::Certificate> authorities;
  for (const std::string& path : arguments.all("certificate-chain")) {
    const std::string pem = TRY(os::read_text(path, crypto::CertificateLimits::kPemBytes));
    auto read = crypto::Certificate::from_pem(pem);
    if (!read) return std::unexpected(std::move(read).error().within(printable(path)));
    std::ranges::move(*read, std::back_inserter(authorities));
  }
  const auto time = arguments.text("cert-time", "now") == "issue" ? trust::CertificateTime::Issue
                                                                  : trust::CertificateTime::Now;
  return std::make_unique<trust::CertificateTrust>(std::move(authorities), time, world.wall.now());
}

Result<std::unique_ptr<trust::SignerTrust>> by_identity(const Arguments& arguments) {
  if (!arguments.has("trusted-root"))
    return fail(Code::InvalidInput,
                "--identity needs --trusted-root FILE: whom to believe is not built in; "
                "docs/howto/verify-keyless.md says where to get one and how to check it");
  const std::string path = arguments.text("trusted-root");
  const std::string json = TRY(os::read_text(path, trust::TrustLimits::kTrustedRootBytes));
  auto root = trust::read_trusted_root(json);
  if (!root) return std::unexpected(std::move(root).error().within(printable(path)));
  return std::make_unique<trust::IdentityTrust>(
      trust::Identity{.name = arguments.text("identity"), .issuer = arguments.text("issuer")},
      std::move(*root));
}

// The versions of one key: the bundle says which of them it means, and that one must have signed.
class AnyVersion : public trust::SignerTrust {
 public:
  explicit AnyVersion(std::vector<crypto::PublicKey> versions) : versions_(std::move(versions)) {}
  [[nodiscard]] std::string_view method() const override { return "key"; }
  [[nodiscard]] std::expected<crypto::PublicKey, trust::Distrust> key_of(
      const trust::Bundle& bundle, trust::Verification& out) const override {
    const auto meant = std::ranges::find(versions_, bundle.material.hint, trust::key_hint);
    return trust::KeyTrust(meant == versions_.end() ? versions_.front() : *meant).key_of(bundle, out);
  }

 private:
  std::vector<crypto::PublicKey> versions_;  // at least one
};

}  // namespace

Result<std::vector<std::string>> ignore_paths_from(const Arguments& arguments, const std::string& model) {
  std::vector<std::string> paths;
  for (const std::string& given : arguments.all("ignore-paths")) {
    std::string path = given;
    while (path.starts_with("./")) path.erase(0, 2);
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    // As the reference implementation takes them: from here, if they lie in the model.
    std::error_code error;
    const std::string from_here = path_below(path, model);
    const bool here = std::filesystem::exists(path, error) && !from_here.empty();
    const bool below = std::filesystem::exists(model + "/" + path, error);
    if (here && !below) path = from_here;
    if (const auto fine = trust::check_ignore_path(path); !fine)
      return fail(Code::InvalidInput,
                  "--ignore-paths: " + fine.error().message + "; name a file or folder of the model exactly");
    paths.push_back(std::move(path));
  }
  return paths;
}

std::vector<std::string> evidence_below(const std::vector<std::string>& files, const std::string& model) {
  std::vector<std::string> below;
  for (const std::string& file : files)
    if (std::string path = path_below(file, model); !path.empty()) below.push_back(std::move(path));
  return below;
}

Result<std::string> source_history_path(const Arguments& arguments) {
  const std::string home = TRY(home_folder(arguments));
  std::string path = home + "/sources.jsonl";
  TRY(os::make_folders_to(path));
  return path;
}

HashProgress::HashProgress(const trust::ModelSource& source, bool wanted) {
  if (!wanted || !os::is_terminal(STDERR_FILENO)) return;
  const auto tree = source.list(trust::Links::Keep);
  if (!tree) return;
  std::uint64_t total = 0;
  for (const trust::ModelEntry& entry : tree->entries) total += entry.size;
  bar_ = std::make_unique<Progress>(total / kMegabyte, true, "MB");
}

std::function<void(std::size_t)> HashProgress::counter() {
  if (bar_ == nullptr) return {};
  return [this](std::size_t size) {
    const std::uint64_t before = bytes_.fetch_add(size, std::memory_order_relaxed);
    for (std::uint64_t at = before / kMegabyte; at < (before + size) / kMegabyte; ++at) bar_->step();
  };
}

Result<trust::VerificationMaterial> signer_material_from(const Arguments& arguments,
                                                         const crypto::PublicKey& key) {
  if (!arguments.has("certificate")) return trust::key_material(key);
  const std::string path = arguments.text("certificate");
  const std::string pem = TRY(os::read_text(path, crypto::CertificateLimits::kPemBytes));
  const auto chain = crypto::Certificate::from_pem(pem);
  if (!chain) return fail(chain.error().code, printable(path) + ": " + chain.error().message);
  return trust::chain_material(*chain, key);
}

Result<std::unique_ptr<trust::SignerTrust>> key_trust_from(const Arguments& arguments, const World& world,
                                                           std::string_view key) {
  auto keys = TRY(open_public_keys(arguments, world, key));
  return std::make_unique<AnyVersion>(std::move(keys));
}

Result<std::unique_ptr<trust::SignerTrust>> signer_trust_from(const Arguments& arguments,
                                                              const World& world) {
  const bool keyless = arguments.has("identity") || arguments.has("issuer");
  const int given = int{arguments.has("key")} + int{arguments.has("certificate-chain")} + int{keyless};
  if (given != 1)
    return fail(
        Code::InvalidInput,
        given == 0
            ? "say whom to believe: --key PUBLIC.pem, --certificate-chain AUTHORITY.pem, or --identity "
              "NAME with --issuer URL; nobody is believed by default"
            : "--key, --certificate-chain and --identity exclude each other");
  if (arguments.has("certificate-chain")) return by_certificate(arguments, world);
  if (arguments.has("key")) return key_trust_from(arguments, world, arguments.text("key"));
  if (arguments.text("identity").empty() || arguments.text("issuer").empty())
    return fail(Code::InvalidInput,
                "--identity and --issuer belong together: a name means nothing without who "
                "says so");
  return by_identity(arguments);
}

}  // namespace bulwark::cli
