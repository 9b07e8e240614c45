#pragma once
// Signing the records of a data set, and naming the ones that changed.

#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/instant.h"
#include "base/random.h"
#include "base/result.h"
#include "trust/dataset_manifest.h"
#include "trust/model_signature.h"

namespace bulwark::trust {

struct BuiltDataset {
  DatasetManifest manifest;
  std::vector<std::uint8_t> book;  // to be kept beside the signature; empty: there are no tables
};

// `files`: the signed manifest of the same source. `with_records`: hash the records of every table in it.
// Errors: LimitReached (a record that is none), and those of the source.
[[nodiscard]] Result<BuiltDataset> build_dataset(const ModelSource& source, const ModelManifest& files,
                                                 const DatasetSource& origin, bool with_records,
                                                 Random& random, std::size_t jobs);
[[nodiscard]] Result<Bundle> sign_dataset(const DatasetManifest& manifest, const crypto::Signer& signer,
                                          VerificationMaterial material);

// What else belongs to a signed data set.
struct DatasetEvidence {
  std::string_view bundle_json;  // of sign_dataset
  Bytes book;
  std::size_t jobs = 1;
};

// After verify_model: adds the lines "dataset" and "records" and their findings. Only the tables of files
// that changed are read again: the digest of an unchanged file covers its records. Does nothing if the model
// signature did not hold. The manifest, once its signature holds.
std::optional<DatasetManifest> verify_dataset(ModelVerification& result, const DatasetEvidence& evidence,
                                              const SignerTrust& trust, const ModelSource& source);

// Which bytes a source has delivered, as far as this machine has seen: lines of JSON, append only.
class SourceHistory {
 public:
  // `path`: the file; its folder exists.
  SourceHistory(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}

  struct Seen {
    std::string sha256;  // root digest of the files, hex
    std::string time;    // RFC 3339
  };
  // The last delivery of that URL, or nothing. Errors: Corrupt (a line cannot be read), LimitReached.
  [[nodiscard]] Result<std::optional<Seen>> last(const std::string& url) const;
  // Durable when it returns.
  [[nodiscard]] Result<void> remember(const std::string& url, const crypto::Hash256& root, Instant now);

 private:
  FileSystem& files_;
  std::string path_;
};

// Adds the line "source": whether the source has delivered other bytes before. Remembers what it has seen
// now, unless that is a finding. `accept`: the other bytes are fine from now on.
[[nodiscard]] Result<void> check_source(Verification& out, const DatasetManifest& manifest,
                                        SourceHistory& history, bool accept, Instant now);

}  // namespace bulwark::trust
