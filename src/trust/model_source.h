#pragma once
// The files of a model or data set as an interface: trust hashes them and never touches a disk.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::trust {

// An opened file. Threads: safe from many at once.
class Content {
 public:
  virtual ~Content() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Bytes start … end - 1 once, front to back, in pieces; end is at most size().
  // Errors: Unavailable; Corrupt: the file changed while it was read.
  [[nodiscard]] virtual Result<void> read(std::uint64_t start, std::uint64_t end,
                                          const std::function<void(Bytes)>& each) const = 0;
};

enum class EntryType : std::uint8_t {
  File,
  Link,   // a symbolic link that was not followed
  Loop,   // a followed link to a folder that holds it: not entered
  Other,  // device, FIFO, socket, dangling link, folder that cannot be listed
};

struct ModelEntry {
  std::string path;  // below the model, '/' between parts; of a model that is one file: its name
  EntryType type = EntryType::File;
  std::uint64_t size = 0;
  bool outside = false;  // reached through a link that leaves the model
  std::string why;       // of Other: for people
};

struct ModelTree {
  std::string name;                 // last part of the model's path
  bool single_file = false;         // then there is one entry
  std::vector<ModelEntry> entries;  // sorted by path, no directories
};

enum class Links : std::uint8_t { Keep, Follow };

class ModelSource {
 public:
  virtual ~ModelSource() = default;
  // Errors: NotFound, Denied, LimitReached, Unavailable: nothing can be said about the model.
  [[nodiscard]] virtual Result<ModelTree> list(Links links) const = 0;
  // `path` as list() gave it. Threads: safe from many at once.
  [[nodiscard]] virtual Result<std::shared_ptr<const Content>> open(const std::string& path,
                                                                    Links links) const = 0;
};

}  // namespace bulwark::trust
