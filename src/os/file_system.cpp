#include "os/file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "os/descriptor.h"
#include "os/error.h"

namespace bulwark::os {
namespace {

constexpr mode_t kOwnFile = 0600;
constexpr mode_t kOwnFolder = 0700;

// Repeats a call that a signal interrupted before it had done anything.
template <class Call>
auto uninterrupted(Call call) {
  decltype(call()) result{};
  do result = call();
  while (result < 0 && errno == EINTR);
  return result;
}

Result<Descriptor> open_path(const std::string& path, int flags, mode_t mode = 0) {
  Descriptor opened(uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); }));
  if (opened.number() < 0) return system_error("cannot open " + path);
  return opened;
}

// Of a file: its content and length. A failure is final: the kernel may have dropped what it could not write,
// and says so only once.
Result<void> sync_file(int descriptor, const std::string& path) {
  if (uninterrupted([&] { return ::fdatasync(descriptor); }) != 0) return system_error("cannot sync " + path);
  return {};
}

class RealReadable : public ReadableFile {
 public:
  RealReadable(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Result<std::uint64_t> size() const override {
    struct stat about{};
    if (fstat(file_.number(), &about) != 0) return system_error("cannot look at " + path_);
    return static_cast<std::uint64_t>(about.st_size);
  }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    std::size_t have = 0;
    while (have < out.size()) {
      const ssize_t got = uninterrupted([&] {
        return ::pread(file_.number(), out.data() + have, out.size() - have,
                       static_cast<off_t>(offset + have));
      });
      if (got < 0) return system_error("cannot read " + path_);
      if (got == 0) break;
      have += static_cast<std::size_t>(got);
    }
    return have;
  }

 private:
  Descriptor file_;
  std::string path_;
};

class RealWritable : public WritableFile {
 public:
  RealWritable(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Result<void> append(Bytes bytes) override {
    while (!bytes.empty()) {
      const ssize_t put = uninterrupted([&] { return ::write(file_.number(), bytes.data(), bytes.size()); });
      if (put < 0) return system_error("cannot write " + path_);
      // A regular file that takes nothing and gives no reason would be asked for ever.
      if (put == 0) return fail(Code::Unavailable, "cannot write " + path_ + ": the disk takes nothing");
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
  }

  Result<void> sync() override { return sync_file(file_.number(), path_); }

 private:
  Descriptor file_;
  std::string path_;
};

class RealLock : public FileLock {
 public:
  explicit RealLock(Descriptor file) : file_(std::move(file)) {}
  // Closing would give it back as well, unless closing fails: then we would wait for ourselves for ever.
  ~RealLock() override { (void)::flock(file_.number(), LOCK_UN); }

 private:
  Descriptor file_;
};

EntryKind kind_of(int folder, const dirent& entry) {
  if (entry.d_type == DT_REG) return EntryKind::File;
  if (entry.d_type == DT_DIR) return EntryKind::Directory;
  struct stat about{};
  if (entry.d_type != DT_UNKNOWN || fstatat(folder, entry.d_name, &about, AT_SYMLINK_NOFOLLOW) != 0)
    return EntryKind::Other;
  if (S_ISREG(about.st_mode)) return EntryKind::File;
  return S_ISDIR(about.st_mode) ? EntryKind::Directory : EntryKind::Other;
}

Result<std::vector<DirectoryEntry>> entries_of(DIR* folder, const std::string& path) {
  std::vector<DirectoryEntry> entries;
  for (;;) {
    errno = 0;
    // One stream, one thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
    const dirent* entry = readdir(folder);
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..")
      entries.push_back({.name = std::string(name), .kind = kind_of(dirfd(folder), *entry)});
  }
  if (errno != 0) return system_error("cannot list " + path);
  std::ranges::sort(entries, {}, &DirectoryEntry::name);
  return entries;
}

}  // namespace

Result<std::unique_ptr<ReadableFile>> RealFileSystem::open(const std::string& path) {
  Descriptor file = TRY(open_path(path, O_RDONLY | O_NONBLOCK));
  struct stat about{};
  if (fstat(file.number(), &about) != 0) return system_error("cannot look at " + path);
  if (!S_ISREG(about.st_mode)) return fail(Code::Unsupported, "cannot open " + path + ": no regular file");
  return std::make_unique<RealReadable>(std::move(file), path);
}

Result<std::unique_ptr<WritableFile>> RealFileSystem::create(const std::string& path) {
  Descriptor file = TRY(open_path(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, kOwnFile));
  return std::make_unique<RealWritable>(std::move(file), path);
}

Result<std::unique_ptr<WritableFile>> RealFileSystem::append_to(const std::string& path) {
  Descriptor file = TRY(open_path(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK));
  return std::make_unique<RealWritable>(std::move(file), path);
}

Result<void> RealFileSystem::truncate(const std::string& path, std::uint64_t size) {
  const Descriptor file = TRY(open_path(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK));
  if (uninterrupted([&] { return ::ftruncate(file.number(), static_cast<off_t>(size)); }) != 0)
    return system_error("cannot cut " + path);
  return sync_file(file.number(), path);
}

Result<void> RealFileSystem::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return system_error("cannot rename " + from + " to " + to);
  return {};
}

Result<void> RealFileSystem::remove(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return {};
  if (errno == EISDIR && ::rmdir(path.c_str()) == 0) return {};
  return system_error("cannot remove " + path);
}

Result<void> RealFileSystem::make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), kOwnFolder) == 0) return {};
  const int number = errno;
  struct stat about{};
  if (number == EEXIST && ::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode)) return {};
  errno = number;
  return system_error("cannot make the folder " + path);
}

Result<void> RealFileSystem::sync_directory(const std::string& path) {
  const Descriptor folder = TRY(open_path(path, O_RDONLY | O_DIRECTORY));
  // EINVAL: a file system that cannot sync a directory; its names are as durable as it can make them.
  if (uninterrupted([&] { return ::fsync(folder.number()); }) != 0 && errno != EINVAL)
    return system_error("cannot sync " + path);
  return {};
}

Result<std::vector<DirectoryEntry>> RealFileSystem::list(const std::string& path) {
  Descriptor opened = TRY(open_path(path, O_RDONLY | O_DIRECTORY));
  const std::unique_ptr<DIR, decltype([](DIR* folder) { closedir(folder); })> folder(
      fdopendir(opened.number()));
  if (folder == nullptr) return system_error("cannot list " + path);
  (void)opened.release();  // the stream closes it
  return entries_of(folder.get(), path);
}

Result<std::unique_ptr<FileLock>> RealFileSystem::lock(const std::string& path) {
  Descriptor file = TRY(open_path(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, kOwnFile));
  if (uninterrupted([&] { return ::flock(file.number(), LOCK_EX | LOCK_NB); }) == 0)
    return std::make_unique<RealLock>(std::move(file));
  if (errno == EWOULDBLOCK)
    return fail(Code::Unavailable, path + ": somebody else holds the lock; try again when they are done");
  return system_error("cannot lock " + path);
}

}  // namespace bulwark::os
