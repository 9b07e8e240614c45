#include "os/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "os/descriptor.h"
#include "os/error.h"

namespace bulwark::os {
namespace {

Result<void> flush_directory(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder =
      slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
  const Descriptor opened(open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (opened.number() < 0) return system_error("cannot open " + folder);
  // Some file systems cannot flush a directory; the rename has happened all the same.
  if (fsync(opened.number()) != 0 && errno != EINVAL) return system_error("cannot flush " + folder);
  return {};
}

// A device or a pipe (/dev/stdout, a process substitution) cannot be replaced; it is written to.
bool is_replaceable(const std::string& path) {
  struct stat about{};
  return stat(path.c_str(), &about) != 0 || S_ISREG(about.st_mode);
}

}  // namespace

Result<std::vector<std::uint8_t>> read_stream(int descriptor, std::uint64_t limit) {
  std::vector<std::uint8_t> content;
  std::size_t have = 0;
  for (;;) {
    if (have == content.size()) content.resize(std::max<std::size_t>(std::size_t{64} << 10, have * 2));
    const ssize_t got = ::read(descriptor, content.data() + have, content.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot read");
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
    if (have > limit) return fail(Code::LimitReached, "more than " + std::to_string(limit) + " bytes");
  }
  content.resize(have);
  return content;
}

Result<std::string> read_text(const std::string& path, std::uint64_t limit) {
  const Descriptor opened(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.number() < 0) return system_error("cannot open " + path);
  auto content = read_stream(opened.number(), limit);
  if (!content) return std::unexpected(std::move(content).error().within(path));
  return std::string(content->begin(), content->end());
}

Result<void> write_stream(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t put = ::write(descriptor, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error("cannot write");
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> write_durably(const std::string& path, std::string_view content) {
  if (!is_replaceable(path)) {
    const Descriptor target(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (target.number() < 0) return system_error("cannot open " + path);
    return write_stream(target.number(), content);
  }
  std::string beside = path + ".XXXXXX";
  const Descriptor file(mkostemp(beside.data(), O_CLOEXEC));
  if (file.number() < 0) return system_error("cannot write beside " + path);
  const auto undo = [&](Error error) {
    unlink(beside.c_str());
    return std::unexpected(std::move(error));
  };
  auto written = write_stream(file.number(), content);
  if (!written) return undo(std::move(written).error().within(path));
  constexpr mode_t kReadable = 0644;
  if (fchmod(file.number(), kReadable) != 0 || fsync(file.number()) != 0)
    return undo(system_error("cannot flush " + path).error());
  if (rename(beside.c_str(), path.c_str()) != 0) return undo(system_error("cannot replace " + path).error());
  return flush_directory(path);
}

}  // namespace bulwark::os
