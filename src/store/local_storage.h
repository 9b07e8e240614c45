#pragma once
// A folder of this machine as the place of a store.
//
// A blob is written below temp/, synced, renamed to its name, and the folder synced: a crash leaves the name
// absent (or old) or whole, never in part.

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/file_system.h"
#include "base/random.h"
#include "store/storage.h"

namespace bulwark::store {

class LocalStorage : public Storage {
 public:
  // `folder` exists. `files` and `random` (names of temporary files) outlive the storage. `wait`: called
  // while another process commits (for some milliseconds), before the next attempt: sleeps a little, and
  // returns false to give up. Without it the first refusal is an error.
  LocalStorage(FileSystem& files, Random& random, std::string folder, std::function<bool()> wait = {});

  [[nodiscard]] Result<bool> put(const std::string& name, Bytes content) override;
  [[nodiscard]] Result<void> replace(const std::string& name, Bytes content) override;
  [[nodiscard]] Result<std::unique_ptr<ReadableFile>> open(const std::string& name) override;
  [[nodiscard]] Result<void> settle(const std::string& name) override;
  [[nodiscard]] Result<void> remove(const std::string& name) override;
  [[nodiscard]] Result<void> list(const std::string& folder,
                                  const std::function<Result<void>(const std::string& name)>& each) override;
  [[nodiscard]] Result<std::unique_ptr<StorageLock>> lock(const std::string& name) override;
  [[nodiscard]] Result<std::uint64_t> sweep() override;
  [[nodiscard]] std::string place() const override { return folder_; }

 private:
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] Result<void> make_folders_to(const std::string& name);
  [[nodiscard]] Result<std::string> write_temporary(Bytes content);
  [[nodiscard]] Result<void> publish(const std::string& temporary, const std::string& name);
  [[nodiscard]] Result<std::unique_ptr<FileLock>> commit_lock();

  FileSystem& files_;
  Random& random_;
  const std::string folder_;
  const std::function<bool()> wait_;
  std::mutex making_;           // guards `made_`
  std::set<std::string> made_;  // folders that are known to be durable
  std::mutex committing_;       // with the lock file: check and rename in put are one step
};

}  // namespace bulwark::store
