#pragma once
// The predicate of OpenSSF Model Signing v1.0: which files or shards a model consists of, and how they were
// found and hashed.
//
// Everything read here has been signed by somebody, who may still be hostile: a manifest can name a path out
// of the model, or exclude the one file that matters.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/hash.h"
#include "trust/statement.h"

namespace bulwark::trust {

inline constexpr std::string_view kModelSignatureType = "https://model_signing/signature/v1.0";
inline constexpr std::string_view kLegacyModelSignatureType = "https://model_signing/Digests/v0.1";
inline constexpr std::uint64_t kDefaultShardSize = 1'000'000'000;

enum class Method : std::uint8_t { Files, Shards };

struct Serialization {
  Method method = Method::Files;
  crypto::HashAlgorithm hash = crypto::HashAlgorithm::Sha256;  // Sha256 or Blake2b512
  std::uint64_t shard_size = kDefaultShardSize;                // bytes; only for Shards
  bool allow_symlinks = false;
  std::vector<std::string> ignore_paths;  // relative, exact, with everything below; recorded, not defaults
};

// A file, or bytes start … end - 1 of it.
struct Resource {
  std::string path;  // relative, '/' between parts; "." for a model that is one file, by old signers
  std::uint64_t start = 0;
  std::uint64_t end = 0;  // 0 for Files
  std::vector<std::uint8_t> digest;

  friend bool operator==(const Resource&, const Resource&) = default;
};

struct ModelManifest {
  std::string model_name;  // informational
  Serialization serialization;
  std::vector<Resource> resources;  // sorted by name_of(), no name twice, at least one
};

// "path" or "path:start:end".
[[nodiscard]] std::string name_of(const Resource& resource, Method method);
// Sorts as a signer must: by the code points of name_of().
void sort_resources(ModelManifest& manifest);
// SHA-256 over all digests in order: identifies the model, whatever `hash` is.
[[nodiscard]] crypto::Hash256 root_digest(const std::vector<Resource>& resources);

// A path as the format wants it: relative, normalised, UTF-8. InvalidInput, saying what is wrong.
[[nodiscard]] Result<void> check_resource_path(std::string_view path);
// As above, and no glob; never the whole model.
[[nodiscard]] Result<void> check_ignore_path(std::string_view path);
// What every signer leaves out at the top of a model: ".git", ".gitignore", ".gitattributes", ".github".
[[nodiscard]] bool ignored_by_default(std::string_view path);
// Paths with everything below them, to ask about many files.
class IgnoreRules {
 public:
  void add(std::string_view path);  // that check_ignore_path accepts
  [[nodiscard]] bool empty() const { return paths_.empty(); }
  // The rule that `path` is or lies below, or empty. Costs one look-up a part.
  [[nodiscard]] std::string_view covering(std::string_view path) const;

 private:
  std::set<std::string, std::less<>> paths_;  // without '/' at the end
};

// Why a manifest is refused.
enum class ManifestFault : std::uint8_t {
  Type,         // another kind of statement
  Malformed,    // a field missing or contradictory
  Path,         // a path that leaves the model or is not normalised
  Ignore,       // an ignore rule that hides too much
  RootDigest,   // the subject is not the digest of the resources
  Unsupported,  // a hash that we do not have
};

struct ManifestError {
  ManifestFault fault = ManifestFault::Malformed;
  std::string message;
};

// Checks everything that the format demands, see ManifestFault. A manifest that is sorted by the parts of its
// paths and by shard, as the reference implementation does it, is accepted, too.
[[nodiscard]] std::expected<ModelManifest, ManifestError> read_model_manifest(const Statement& statement);
// Predicate Digests/v0.1 of release 0.2.0: the files are the subjects.
[[nodiscard]] std::expected<ModelManifest, ManifestError> read_legacy_manifest(const Statement& statement);
[[nodiscard]] Statement model_statement(const ModelManifest& manifest);

}  // namespace bulwark::trust
