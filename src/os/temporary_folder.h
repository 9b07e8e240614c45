#pragma once
// A folder of our own that is gone when we are.

#include <string>

#include "base/result.h"

namespace bulwark::os {

class TemporaryFolder {
 public:
  // Below `parent`, readable by this user only. Errors: NotFound, Denied, Unavailable.
  [[nodiscard]] static Result<TemporaryFolder> make(const std::string& parent);
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] const std::string& path() const { return path_; }
  // Removes it with everything in it now, and says if something could not be removed. Errors: Unavailable.
  [[nodiscard]] Result<void> remove();

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;  // empty: removed
};

// $TMPDIR, or /tmp.
[[nodiscard]] std::string temporary_parent();

}  // namespace bulwark::os
