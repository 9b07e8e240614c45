// Threat: somebody puts another library where ours is looked for, or swaps it after it was checked. So one
// descriptor is opened, hashed through, and loaded through /proc/self/fd; the name plays no part any more.

#include "native/library.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "crypto/hash.h"
#include "os/descriptor.h"
#include "os/error.h"

namespace bulwark::native {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

// Of the program that runs; empty if the kernel does not tell.
std::string program_folder() {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0) return {};
  const std::string_view whole(path.data(), static_cast<std::size_t>(size));
  return std::string(whole.substr(0, whole.rfind('/')));
}

std::vector<std::string> folders() {
  std::vector<std::string> found;
  if (const char* named = std::getenv("BULWARK_LIBRARIES"); named != nullptr && *named != '\0')
    found.emplace_back(named);
  if (const std::string program = program_folder(); !program.empty()) {
    for (const char* below : {"/../lib/bulwark", "/lib", "/../lib"}) found.push_back(program + below);
  }
  return found;
}

Result<std::string> digest_of(const os::Descriptor& file) {
  crypto::Hasher hasher(crypto::HashAlgorithm::Sha256);
  std::vector<std::uint8_t> piece(kPiece);
  for (off_t at = 0;;) {
    const ssize_t got = pread(file.number(), piece.data(), piece.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os::system_error("cannot read");
    if (got == 0) return hex(hasher.finish256());
    hasher.update(Bytes(piece).first(static_cast<std::size_t>(got)));
    at += got;
  }
}

struct Loaded {
  void* library = nullptr;
  std::string path;
};

// The descriptor stays open for ever: its number is part of the name under which the loader remembers the
// library, and a second library under the same number would be taken for the first.
Result<Loaded> load(os::Descriptor file, const std::string& path) {
  const std::string name = "/proc/self/fd/" + std::to_string(file.number());
  void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = dlerror();
    return fail(Code::Unavailable,
                printable(path) + ": " + printable(reason == nullptr ? "cannot be loaded" : reason, 400));
  }
  (void)file.release();
  return Loaded{library, path};
}

std::unexpected<Error> not_there(std::string_view file, std::string_view sha256,
                                 const std::vector<std::string>& looked,
                                 const std::vector<std::string>& others) {
  std::string message = std::string(file);
  if (others.empty()) {
    message += " is missing in";
    for (const std::string& folder : looked) message += " " + printable(folder);
  } else {
    for (const std::string& path : others)
      message += (path == others.front() ? ": " : ", ") + printable(path);
    message += " is not the build that was tested (SHA-256 " + std::string(sha256.substr(0, 16)) + "…)";
  }
  message += "; run script/bootstrap and build again, or name its folder in BULWARK_LIBRARIES";
  return fail(others.empty() ? Code::NotFound : Code::Corrupt, std::move(message));
}

Result<Loaded> find(std::string_view file, std::string_view sha256) {
  const std::vector<std::string> looked = folders();
  std::vector<std::string> others;
  for (const std::string& folder : looked) {
    const std::string path = folder + "/" + std::string(file);
    // O_NONBLOCK: a FIFO of that name must not hang us.
    os::Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!opened.is_open()) continue;
    const auto digest = digest_of(opened);
    if (digest && *digest == sha256) return load(std::move(opened), path);
    others.push_back(path);
  }
  return not_there(file, sha256, looked, others);
}

}  // namespace

Result<Library> Library::open(std::string_view file, std::string_view sha256) {
  static std::mutex one_at_a_time;
  static std::map<std::string, Loaded, std::less<>> loaded;  // by digest
  const std::lock_guard lock(one_at_a_time);
  auto known = loaded.find(sha256);
  if (known == loaded.end()) {
    Loaded fresh = TRY(find(file, sha256));
    known = loaded.emplace(sha256, std::move(fresh)).first;
  }
  return Library(known->second.library, known->second.path);
}

Result<void*> Library::symbol(const char* name) const {
  void* address = dlsym(loaded_, name);
  if (address == nullptr) return fail(Code::NotFound, printable(path_) + " has no symbol " + name);
  return address;
}

}  // namespace bulwark::native
