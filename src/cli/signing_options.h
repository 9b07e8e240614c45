#pragma once
// What `bulwark sign` and `bulwark verify` share: paths, threads, progress, and whom to believe.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "trust/model_source.h"
#include "trust/signer_trust.h"

namespace bulwark::cli {

// A signature file that is read: a bundle, an envelope, a certificate, a predicate.
inline constexpr std::uint64_t kSignatureBytes = std::uint64_t{192} << 20;

// --ignore-paths as paths below the model: given so, or as paths from here that lie in it.
// Errors: InvalidInput: a glob, the model itself, something outside.
[[nodiscard]] Result<std::vector<std::string>> ignore_paths_from(const Arguments& arguments,
                                                                 const std::string& model);

// Of `files` (paths of the signature and what goes with it) those that lie in the model, as paths below it.
[[nodiscard]] std::vector<std::string> evidence_below(const std::vector<std::string>& files,
                                                      const std::string& model);
// What goes with the signature of a data set: FILE.dataset and FILE.records.
[[nodiscard]] inline std::string dataset_file(const std::string& signature) {
  return signature + ".dataset";
}
[[nodiscard]] inline std::string records_file(const std::string& signature) {
  return signature + ".records";
}
// Where the history of sources is kept, below --home. Its folder is made. Errors: those of the disk.
[[nodiscard]] Result<std::string> source_history_path(const Arguments& arguments);

// A bar over the bytes of a model, on a terminal.
class HashProgress {
 public:
  HashProgress(const trust::ModelSource& source, bool wanted);
  // For HashOptions::hashed; must not outlive the bar.
  [[nodiscard]] std::function<void(std::size_t)> counter();

 private:
  std::atomic<std::uint64_t> bytes_{0};
  std::unique_ptr<Progress> bar_;
};

// How a bundle names the signer: by --certificate, or by the hint of the key.
// Errors: InvalidInput: the certificate is for another key, or may not sign.
[[nodiscard]] Result<trust::VerificationMaterial> signer_material_from(const Arguments& arguments,
                                                                       const crypto::PublicKey& key);

// Whoever signed with a version of that key: a name in the keyring, a PEM file, env:NAME …
[[nodiscard]] Result<std::unique_ptr<trust::SignerTrust>> key_trust_from(const Arguments& arguments,
                                                                         const World& world,
                                                                         std::string_view key);

// --key, --certificate-chain, or --identity with --issuer: exactly one of them.
// Errors: InvalidInput (none, several, half of one), and what reading them gives.
[[nodiscard]] Result<std::unique_ptr<trust::SignerTrust>> signer_trust_from(const Arguments& arguments,
                                                                            const World& world);

}  // namespace bulwark::cli
