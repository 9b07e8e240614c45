#pragma once
// A regular file that is read piece by piece, so that memory does not grow with it.
//
// Where a view of the whole is wanted, see os/mapping.h; pieces are for one pass over something large.

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "os/descriptor.h"

namespace bulwark::os {

class InputFile {
 public:
  // Links are followed. Never blocks on FIFOs and devices: they are Unsupported.
  // Errors: NotFound, Denied, Unsupported (no regular file), Unavailable.
  [[nodiscard]] static Result<std::shared_ptr<const InputFile>> open(const std::string& path);

  [[nodiscard]] std::uint64_t size() const { return static_cast<std::uint64_t>(opened_.st_size); }
  // Fills `space` from byte `offset` on; fewer bytes come only at the end of the file. Threads: safe from
  // many.
  [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, std::span<char> space) const;
  // A name under which libraries can open this very file, as long as this object lives.
  [[nodiscard]] std::string alias() const { return "/proc/self/fd/" + std::to_string(descriptor_.number()); }
  // True if the file was cut, grown or rewritten since it was opened. Ask after the last read.
  [[nodiscard]] bool changed() const;

 private:
  InputFile(Descriptor descriptor, const struct stat& opened)
      : descriptor_(std::move(descriptor)), opened_(opened) {}

  Descriptor descriptor_;
  struct stat opened_;
};

}  // namespace bulwark::os
