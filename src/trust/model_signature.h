#pragma once
// Signing a model (or data set) and verifying it: OpenSSF Model Signing v1.0, in a Sigstore bundle.
//
// Where the reference implementation is laxer than the specification, the specification holds; see
// docs/decisions/20261120-model-signing.md.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/signing.h"
#include "trust/bundle.h"
#include "trust/model_hash.h"
#include "trust/model_manifest.h"
#include "trust/model_source.h"
#include "trust/signer_trust.h"
#include "trust/verification.h"

namespace bulwark::trust {

// P-256, P-384 and P-521, with SHA-256, SHA-384 and SHA-512.
[[nodiscard]] std::span<const crypto::KeyType> model_signature_keys();

struct ManifestOptions {
  Serialization how;                  // `ignore_paths`: what the user excludes
  std::vector<std::string> evidence;  // paths below the model of the signature and what goes with it
  std::size_t jobs = 1;
  std::function<void(std::size_t bytes)> hashed =
      {};  // called from several threads as bytes are hashed; may be empty
};

struct BuiltManifest {
  ModelManifest manifest;
  std::vector<std::string> warnings;  // links that leave the model, loops, empty files that shards leave out
};

// Hashes all files. The default exclusions, those of the user and the signature are recorded.
// Errors: InvalidInput (a link where none is allowed, a path that is no UTF-8, something that is no file),
// and those of the source.
[[nodiscard]] Result<BuiltManifest> build_manifest(const ModelSource& source, const ManifestOptions& options);

// `material`: what names the signer, see key_material(). Errors: InvalidInput (no file at all; a key of
// another type than model_signature_keys()), and those of the signer.
[[nodiscard]] Result<Bundle> sign_model(const ModelManifest& manifest, const crypto::Signer& signer,
                                        VerificationMaterial material);
// Names the key by its hint.
[[nodiscard]] VerificationMaterial key_material(const crypto::PublicKey& key);

struct VerifyOptions {
  std::string path;                       // of the model, for messages
  std::vector<std::string> evidence;      // as above
  std::vector<std::string> ignore_paths;  // besides those that are signed; each fits check_ignore_path
  bool ignore_unsigned_files = false;
  bool legacy = false;  // accept release 0.2.0
  std::size_t jobs = 1;
  std::function<void(std::size_t bytes)> hashed =
      {};  // called from several threads as bytes are hashed; may be empty
};

struct FileCounts {
  std::size_t signed_files = 0;  // that the manifest names
  std::size_t unchanged = 0;
  std::size_t changed = 0;
  std::size_t missing = 0;
  std::size_t unsigned_files = 0;
  std::size_t ignored = 0;  // present, and covered by an exclusion
};

struct ModelVerification {
  Verification verification;
  std::string method;                     // of the trust
  std::optional<ModelManifest> manifest;  // once the signature over it holds
  FileCounts files;
  std::vector<std::string> changed_files;  // paths below the model whose bytes are not the signed ones
};

// Every outcome is in the verification; it is accepted if it is neither refused() nor incomplete.
[[nodiscard]] ModelVerification verify_model(std::string_view bundle_json, const SignerTrust& trust,
                                             const ModelSource& source, const VerifyOptions& options);

}  // namespace bulwark::trust
