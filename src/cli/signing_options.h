#pragma once
// What `bulwark sign` and `bulwark verify` share: paths, threads, progress, and whom to believe.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "trust/model_source.h"
#include "trust/signer_trust.h"

namespace bulwark::cli {

// A signature file that is read: a bundle, an envelope, a certificate, a predicate.
inline constexpr std::uint64_t kSignatureBytes = std::uint64_t{192} << 20;

// --jobs, or one per processor. Errors: InvalidInput.
[[nodiscard]] Result<std::size_t> jobs_from(const Arguments& arguments);
// --ignore-paths as paths below the model: given so, or as paths from here that lie in it.
// Errors: InvalidInput: a glob, the model itself, something outside.
[[nodiscard]] Result<std::vector<std::string>> ignore_paths_from(const Arguments& arguments,
                                                                 const std::string& model);

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

// --key, --certificate-chain, or --identity with --issuer: exactly one of them.
// Errors: InvalidInput (none, several, half of one), and what reading them gives.
[[nodiscard]] Result<std::unique_ptr<trust::SignerTrust>> signer_trust_from(const Arguments& arguments,
                                                                            const World& world);

}  // namespace bulwark::cli
