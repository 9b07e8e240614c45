#pragma once
// The disk.

#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"

namespace bulwark::os {

// Reading follows links (secrets are mounted as links by orchestrators) but opens regular files only, so that
// a FIFO cannot block it; writing, cutting and locking never follow a link in the last component.
// sync() is fdatasync(2), which covers the length; the lock is flock(2), bound to the open file.
class RealFileSystem : public FileSystem {
 public:
  [[nodiscard]] Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<WritableFile>> create(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<WritableFile>> append_to(const std::string& path) override;
  [[nodiscard]] Result<void> truncate(const std::string& path, std::uint64_t size) override;
  [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] Result<void> remove(const std::string& path) override;
  [[nodiscard]] Result<void> make_directory(const std::string& path) override;
  [[nodiscard]] Result<void> sync_directory(const std::string& path) override;
  [[nodiscard]] Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;
};

}  // namespace bulwark::os
