#pragma once
// The few operations on files that durable formats are built from, as an interface: the crash simulation
// takes the place of the disk (tests/sim). os::RealFileSystem is the disk.
//
// The contract is POSIX at its most careless: what is written may be lost, or kept in part, until sync(); a
// name that was created, renamed or removed may come back or vanish until its folder is synced. After a
// failed sync nothing is known of what it should have kept: never retry it, treat it as fatal.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark {

// Reads at positions. Threads: safe from many at once.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
  // Fills `out` from `offset`; fewer bytes only at the end of the file. Errors: Unavailable.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset,
                                                    std::span<std::uint8_t> out) const = 0;
};

// Grows at its end. Used by one thread at a time. Closed when destroyed, without sync().
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  // Errors: LimitReached (no space, quota), Unavailable. After an error the tail is unknown.
  [[nodiscard]] virtual Result<void> append(Bytes bytes) = 0;
  // Content and length are on the disk when it returns. Errors: Unavailable, see above.
  [[nodiscard]] virtual Result<void> sync() = 0;
};

// Held until destroyed; also ends with the process.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class EntryKind : std::uint8_t { File, Directory, Other };

struct DirectoryEntry {
  std::string name;  // no path
  EntryKind kind = EntryKind::File;
};

// Paths are the operating system's. Threads: safe from many at once.
// Errors everywhere: NotFound, Denied, LimitReached (no space), Unavailable.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<ReadableFile>> open(const std::string& path) = 0;
  // A new file, for this user only (0600). InvalidInput if the name exists.
  [[nodiscard]] virtual Result<std::unique_ptr<WritableFile>> create(const std::string& path) = 0;
  // An existing file, to write behind its end.
  [[nodiscard]] virtual Result<std::unique_ptr<WritableFile>> append_to(const std::string& path) = 0;
  // Cuts a file to `size` bytes and syncs it: only recovery drops a torn tail.
  [[nodiscard]] virtual Result<void> truncate(const std::string& path, std::uint64_t size) = 0;
  // Replaces `to` if it exists, at once or not at all.
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;  // a file, or an empty directory
  // For this user only (0700). No error if it exists.
  [[nodiscard]] virtual Result<void> make_directory(const std::string& path) = 0;
  [[nodiscard]] virtual Result<void> sync_directory(const std::string& path) = 0;
  // In order of name.
  [[nodiscard]] virtual Result<std::vector<DirectoryEntry>> list(const std::string& path) = 0;
  // One holder at a time, across processes. Does not wait: Unavailable if somebody holds it. Creates the
  // file.
  [[nodiscard]] virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

// Everything in a file. Errors: LimitReached above `limit` bytes, and those above.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_file(FileSystem& files, const std::string& path,
                                                          std::uint64_t limit);
// Writes `temporary`, syncs it, renames it to `path` and syncs `folder`, which holds both: after a crash
// `path` has the old or the new content. `temporary` must not exist.
[[nodiscard]] Result<void> replace_file(FileSystem& files, const std::string& folder, const std::string& path,
                                        const std::string& temporary, Bytes content);

}  // namespace bulwark
