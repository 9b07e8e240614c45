#include "os/secret_input.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "os/descriptor.h"
#include "os/error.h"

namespace bulwark::os {
namespace {

constexpr std::uint8_t kInterrupt = 0x03;  // Ctrl-C
constexpr std::uint8_t kEnd = 0x04;        // Ctrl-D
constexpr std::uint8_t kBackspace = 0x08;
constexpr std::uint8_t kStartAnew = 0x15;  // Ctrl-U
constexpr std::uint8_t kDelete = 0x7F;

// The terminal neither shows what is typed nor turns Ctrl-C into a signal, which would end the process before
// the terminal is as it was.
class SilentTerminal {
 public:
  explicit SilentTerminal(int descriptor) : descriptor_(descriptor) {
    works_ = tcgetattr(descriptor_, &before_) == 0;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    silent.c_cc[VMIN] = 1;
    silent.c_cc[VTIME] = 0;
    works_ = works_ && tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (works_) tcsetattr(descriptor_, TCSAFLUSH, &before_);
  }
  [[nodiscard]] bool works() const { return works_; }

 private:
  int descriptor_;
  termios before_{};
  bool works_ = false;
};

// Who else than its owner may read or change it; empty: nobody that matters.
std::string exposure(const struct stat& about) {
  if ((about.st_mode & (S_IROTH | S_IWOTH)) != 0) return "every user";
  // An orchestrator mounts secrets as root's and lets us in through the group; of our own file the group has
  // no business.
  const mode_t group = about.st_uid == geteuid() ? S_IRGRP | S_IWGRP : S_IWGRP;
  return (about.st_mode & group) != 0 ? "its group" : "";
}

std::size_t without_last_character(std::span<const std::uint8_t> typed) {
  std::size_t size = typed.size();
  while (size > 0 && (typed[size - 1] & 0xC0U) == 0x80) --size;  // the rest of a UTF-8 sequence
  return size == 0 ? 0 : size - 1;
}

Result<std::size_t> read_line(int terminal, std::span<std::uint8_t> out) {
  std::size_t size = 0;
  for (;;) {
    std::uint8_t key = 0;
    const ssize_t got = ::read(terminal, &key, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot read from the terminal");
    if (got == 0 || key == kEnd || key == kInterrupt) return fail(Code::Denied, "cancelled");
    if (key == '\n' || key == '\r') return size;
    if (key == kStartAnew) {
      size = 0;
    } else if (key == kBackspace || key == kDelete) {
      size = without_last_character(out.first(size));
    } else if (size == out.size()) {
      return fail(Code::LimitReached, "longer than " + std::to_string(out.size()) + " bytes");
    } else {
      out[size++] = key;
    }
  }
}

}  // namespace

void keep_memory_private() {
  const rlimit none{0, 0};
  static_cast<void>(setrlimit(RLIMIT_CORE, &none));
  static_cast<void>(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

Result<std::size_t> read_private_stream(int descriptor, std::span<std::uint8_t> out) {
  std::size_t size = 0;
  for (;;) {
    std::uint8_t beyond = 0;
    const bool full = size == out.size();
    const ssize_t got = ::read(descriptor, full ? &beyond : out.data() + size, full ? 1 : out.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot read");
    if (got == 0) return size;
    if (full) return fail(Code::LimitReached, "larger than " + std::to_string(out.size()) + " bytes");
    size += static_cast<std::size_t>(got);
  }
}

Result<PrivateFile> read_private_file(const std::string& path, std::span<std::uint8_t> out) {
  // Not blocking, so that a FIFO in the place of the file cannot hold us.
  const Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!opened.is_open()) return system_error("cannot open " + path);
  struct stat about{};
  if (fstat(opened.number(), &about) != 0) return system_error("cannot look at " + path);
  if (!S_ISREG(about.st_mode)) return fail(Code::InvalidInput, path + " is no regular file");
  auto size = read_private_stream(opened.number(), out);
  if (!size) return std::unexpected(std::move(size).error().within(path));
  return PrivateFile{.size = *size, .exposed_to = exposure(about)};
}

Result<std::size_t> ask_hidden(std::string_view prompt, std::span<std::uint8_t> out) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal.is_open()) return fail(Code::Unavailable, "there is no terminal to ask on");
  const SilentTerminal silent(terminal.number());
  if (!silent.works())
    return fail(Code::Unavailable, "the terminal cannot be kept from showing what is typed");
  static_cast<void>(!::write(terminal.number(), prompt.data(), prompt.size()));
  auto size = read_line(terminal.number(), out);
  static_cast<void>(!::write(terminal.number(), "\n", 1));
  return size;
}

}  // namespace bulwark::os
