#pragma once
// Where a store keeps its blobs: a folder or a bucket, behind a few operations on named bytes.
//
// A store writes two kinds of names. Most are written once and never changed (put); small records are
// replaced as a whole (replace). Nothing is appended, nothing is changed in place, nothing is renamed, so
// that any object store can take the place of the disk.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "base/file_system.h"
#include "base/result.h"

namespace bulwark::store {

// Names are 1 to 4 components of a-z 0-9 '.' '_' '-', joined by '/', at most 200 bytes; no component starts
// with '.'.
[[nodiscard]] bool is_storage_name(std::string_view name);

// What is held until this is destroyed; also ends with the process (at the latest after a lease of the
// implementation's).
class StorageLock {
 public:
  virtual ~StorageLock() = default;
  // False once it may have been lost (a lease that could not be renewed): what it protected must not be
  // committed any more.
  [[nodiscard]] virtual bool held() const { return true; }
};

// Threads: safe from many at once; also from many processes and machines that use the same place.
//
// Durable and consistent: when put, replace or remove returns, its effect outlives a crash and everybody sees
// it. When it fails or the process dies in between, everybody sees the old or the new state, whole; which of
// both is not known.
//
// Errors everywhere: Denied (read-only, no permission), LimitReached (no space, quota), Unavailable (the disk
// or the network fails); Corrupt where the implementation itself can tell that bytes were damaged.
class Storage {
 public:
  virtual ~Storage() = default;

  // False, and nothing written, if the name exists: of several at once exactly one gets true.
  [[nodiscard]] virtual Result<bool> put(const std::string& name, Bytes content) = 0;
  // Writes the name anew, whether it exists or not. For records of some kilobytes.
  [[nodiscard]] virtual Result<void> replace(const std::string& name, Bytes content) = 0;
  // The content as it is now; later changes of the name may or may not be seen through it. NotFound.
  [[nodiscard]] virtual Result<std::unique_ptr<ReadableFile>> open(const std::string& name) = 0;
  // What is seen under the name now is durable when this returns: somebody else may have written it a moment
  // ago, and may not be done. For places where seen is durable there is nothing to do.
  [[nodiscard]] virtual Result<void> settle(const std::string& name) {
    (void)name;
    return {};
  }
  // No error if the name does not exist.
  [[nodiscard]] virtual Result<void> remove(const std::string& name) = 0;
  // Calls `each` with every name that starts with `folder` and '/', in order of name; what is put or removed
  // meanwhile may or may not be among them. `each` may use the storage. An error of `each` ends the listing
  // and is returned. A folder that does not exist is empty.
  [[nodiscard]] virtual Result<void> list(
      const std::string& folder, const std::function<Result<void>(const std::string& name)>& each) = 0;
  // One holder at a time among all that use this place. Does not wait: Unavailable if somebody holds it.
  [[nodiscard]] virtual Result<std::unique_ptr<StorageLock>> lock(const std::string& name) = 0;
  // Removes what interrupted writes left behind; returns how much it was. Only while nobody else writes.
  [[nodiscard]] virtual Result<std::uint64_t> sweep() = 0;
  // For messages: a folder, a URL.
  [[nodiscard]] virtual std::string place() const = 0;
};

// Everything under a name. Errors: those of open; LimitReached above `limit` bytes.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_all(Storage& storage, const std::string& name,
                                                         std::uint64_t limit);

}  // namespace bulwark::store
