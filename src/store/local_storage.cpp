#include "store/local_storage.h"

#include <array>
#include <utility>

#include "base/text.h"

namespace bulwark::store {
namespace {

constexpr std::string_view kTemporaries = "temp";
constexpr std::string_view kLocks = "lock";

std::string parent_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

class LocalLock : public StorageLock {
 public:
  explicit LocalLock(std::unique_ptr<FileLock> lock) : lock_(std::move(lock)) {}

 private:
  std::unique_ptr<FileLock> lock_;
};

Result<void> check_name(const std::string& name) {
  if (is_storage_name(name)) return {};
  return fail(Code::InvalidInput, "'" + printable(name, 80) + "' is no name of a stored blob");
}

}  // namespace

LocalStorage::LocalStorage(FileSystem& files, Random& random, std::string folder, std::function<bool()> wait)
    : files_(files), random_(random), folder_(std::move(folder)), wait_(std::move(wait)) {}

// Makes the folders above `name` and syncs each into its parent: a blob is only as durable as its path.
Result<void> LocalStorage::make_folders_to(const std::string& name) {
  const std::lock_guard guard(making_);
  for (std::size_t end = name.find('/'); end != std::string::npos; end = name.find('/', end + 1)) {
    const std::string folder = path(name.substr(0, end));
    if (made_.contains(folder)) continue;
    TRY(files_.make_directory(folder));
    TRY(files_.sync_directory(parent_of(folder)));
    made_.insert(folder);
  }
  return {};
}

Result<std::string> LocalStorage::write_temporary(Bytes content) {
  std::array<std::uint8_t, 12> number{};
  random_.fill(number);
  const std::string name = std::string(kTemporaries) + "/" + hex(number);
  TRY(make_folders_to(name));
  const std::string temporary = path(name);
  const auto written = [&]() -> Result<void> {
    const auto file = TRY(files_.create(temporary));
    TRY(file->append(content));
    TRY(file->sync());
    return {};
  }();
  if (written) return temporary;
  // A full disk must not stay full of our half a blob. If it cannot be removed either, sweep() will.
  (void)files_.remove(temporary);
  return std::unexpected(written.error());
}

Result<void> LocalStorage::publish(const std::string& temporary, const std::string& name) {
  const std::string target = path(name);
  auto renamed = files_.rename(temporary, target);
  if (!renamed) {
    (void)files_.remove(temporary);
    return renamed;
  }
  TRY(files_.sync_directory(parent_of(target)));
  return {};
}

Result<std::unique_ptr<FileLock>> LocalStorage::commit_lock() {
  const std::string name = std::string(kLocks) + "/commit";
  TRY(make_folders_to(name));
  for (;;) {
    auto lock = files_.lock(path(name));
    if (lock || lock.error().code != Code::Unavailable || !wait_ || !wait_()) return lock;
  }
}

Result<bool> LocalStorage::put(const std::string& name, Bytes content) {
  TRY(check_name(name));
  TRY(make_folders_to(name));
  const std::string temporary = TRY(write_temporary(content));
  const std::lock_guard guard(committing_);
  auto published = [&]() -> Result<bool> {
    const auto lock = TRY(commit_lock());
    if (const auto existing = files_.open(path(name)); existing || existing.error().code != Code::NotFound) {
      TRY(files_.remove(temporary));
      if (existing) return false;
      return std::unexpected(existing.error());
    }
    TRY(publish(temporary, name));
    return true;
  }();
  return published;
}

Result<void> LocalStorage::replace(const std::string& name, Bytes content) {
  TRY(check_name(name));
  TRY(make_folders_to(name));
  const std::string temporary = TRY(write_temporary(content));
  const std::lock_guard guard(committing_);
  const auto lock = TRY(commit_lock());
  return publish(temporary, name);
}

Result<std::unique_ptr<ReadableFile>> LocalStorage::open(const std::string& name) {
  TRY(check_name(name));
  return files_.open(path(name));
}

// Content is synced before it gets its name, so that only the way to it is in question.
Result<void> LocalStorage::settle(const std::string& name) {
  TRY(make_folders_to(name));
  return files_.sync_directory(parent_of(path(name)));
}

Result<void> LocalStorage::remove(const std::string& name) {
  TRY(check_name(name));
  const auto removed = files_.remove(path(name));
  if (!removed && removed.error().code == Code::NotFound) return {};
  if (!removed) return removed;
  return files_.sync_directory(parent_of(path(name)));
}

Result<void> LocalStorage::list(const std::string& folder,
                                const std::function<Result<void>(const std::string& name)>& each) {
  const auto entries = files_.list(path(folder));
  if (!entries && entries.error().code == Code::NotFound) return {};
  if (!entries) return std::unexpected(entries.error());
  for (const DirectoryEntry& entry : *entries) {
    const std::string name = folder + "/" + entry.name;
    // As deep as names go; what somebody else put deeper is none of ours.
    const bool deeper = entry.kind == EntryKind::Directory && split(name, '/').size() < 4;
    if (deeper) TRY(list(name, each));
    if (!deeper) TRY(each(name));
  }
  return {};
}

Result<std::unique_ptr<StorageLock>> LocalStorage::lock(const std::string& name) {
  const std::string file = std::string(kLocks) + "/" + name;
  TRY(check_name(file));
  TRY(make_folders_to(file));
  auto held = TRY(files_.lock(path(file)));
  return std::make_unique<LocalLock>(std::move(held));
}

Result<std::uint64_t> LocalStorage::sweep() {
  const std::string folder = path(std::string(kTemporaries));
  const auto entries = files_.list(folder);
  if (!entries && entries.error().code == Code::NotFound) return 0;
  if (!entries) return std::unexpected(entries.error());
  std::uint64_t removed = 0;
  for (const DirectoryEntry& entry : *entries) {
    TRY(files_.remove(folder + "/" + entry.name));
    ++removed;
  }
  if (removed > 0) TRY(files_.sync_directory(folder));
  return removed;
}

}  // namespace bulwark::store
