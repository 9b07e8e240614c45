#pragma once
// What lies beside an artifact, and what that says about it: a model's folder, a wheel, a repository.

#include <initializer_list>
#include <string>
#include <string_view>

#include "scan/inspector.h"

namespace bulwark::scan {

// The name under which a consumer would find the artifact: in an archive the member's, else the path.
[[nodiscard]] std::string_view name_of(const Artifact& artifact);

// Members of the same folder: a directory knows them by their last name, an archive by the whole one.
class Siblings {
 public:
  // `in` must outlive it.
  explicit Siblings(const Inspection& in);
  // The members of a directory itself.
  explicit Siblings(const Package& directory) : package_(&directory) {}

  [[nodiscard]] bool has(std::string_view name) const {
    return package_ != nullptr && package_->find(folder_ + std::string(name)) != nullptr;
  }
  [[nodiscard]] Result<Content> read(std::string_view name, Inspection& in) const;
  [[nodiscard]] bool has_any(std::initializer_list<std::string_view> names) const;
  // Whether a file of the folder itself, not of those below it, ends so.
  [[nodiscard]] bool has_ending(std::initializer_list<std::string_view> endings) const;

 private:
  const Package* package_;
  std::string folder_;
};

// Whether weights, or what loaders look for beside them, lie there.
[[nodiscard]] bool is_model_folder(const Siblings& siblings);

// The content of a .gz, .xz or the like that is no member of anything: it is the file, only smaller.
[[nodiscard]] bool is_compressed_file(const Artifact& artifact, const Package* package);

}  // namespace bulwark::scan
