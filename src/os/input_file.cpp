#include "os/input_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "os/error.h"

namespace bulwark::os {

Result<std::shared_ptr<const InputFile>> InputFile::open(const std::string& path) {
  // O_NONBLOCK: opening a FIFO without a writer must not hang.
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!descriptor.is_open()) return system_error("cannot open");
  struct stat opened{};
  if (fstat(descriptor.number(), &opened) != 0) return system_error("cannot stat");
  if (!S_ISREG(opened.st_mode)) return fail(Code::Unsupported, "not a regular file");
  (void)posix_fadvise(descriptor.number(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::shared_ptr<const InputFile>(new InputFile(std::move(descriptor), opened));
}

Result<std::size_t> InputFile::read(std::uint64_t offset, std::span<char> space) const {
  std::size_t have = 0;
  while (have < space.size()) {
    const ssize_t got = pread(descriptor_.number(), space.data() + have, space.size() - have,
                              static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot read");
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return have;
}

bool InputFile::changed() const {
  struct stat now{};
  return fstat(descriptor_.number(), &now) != 0 || now.st_size != opened_.st_size ||
         now.st_mtim.tv_sec != opened_.st_mtim.tv_sec || now.st_mtim.tv_nsec != opened_.st_mtim.tv_nsec;
}

}  // namespace bulwark::os
