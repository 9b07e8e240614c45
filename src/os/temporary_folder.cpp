#include "os/temporary_folder.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "os/error.h"

namespace bulwark::os {

Result<TemporaryFolder> TemporaryFolder::make(const std::string& parent) {
  std::string path = parent + "/bulwark-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) return system_error("cannot make a folder in " + parent);
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

TemporaryFolder::~TemporaryFolder() {
  // Who wants to know whether it worked has called it before.
  (void)remove();
}

Result<void> TemporaryFolder::remove() {
  if (path_.empty()) return {};
  std::error_code error;
  std::filesystem::remove_all(path_, error);
  if (error) return fail(Code::Unavailable, "cannot remove " + path_ + ": " + error.message());
  path_.clear();
  return {};
}

std::string temporary_parent() {
  // Nobody changes the environment of this process. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* named = std::getenv("TMPDIR");
  return named != nullptr && named[0] == '/' ? named : "/tmp";
}

}  // namespace bulwark::os
