#pragma once
// The files of a model on this machine, for trust: a folder or one file.

#include <string>

#include "trust/model_source.h"

namespace bulwark::cli {

// Does not read anything until it is asked.
class ModelFiles : public trust::ModelSource {
 public:
  explicit ModelFiles(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] Result<trust::ModelTree> list(trust::Links links) const override;
  [[nodiscard]] Result<std::shared_ptr<const trust::Content>> open(const std::string& path,
                                                                   trust::Links links) const override;

 private:
  std::string path_;
};

// The part of `path` below the folder `model`, with '/' between parts, or empty if it lies elsewhere or
// `model` is a file. Neither needs to exist.
[[nodiscard]] std::string path_below(const std::string& path, const std::string& model);
// The last part of a path, of "." and ".." too.
[[nodiscard]] std::string base_name(const std::string& path);

}  // namespace bulwark::cli
