#include "os/folders.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "os/error.h"

namespace bulwark::os {
namespace {

std::string absolute(const char* variable) {
  // Nobody changes the environment of this process. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* value = std::getenv(variable);
  return value != nullptr && *value == '/' ? std::string(value) : std::string();
}

}  // namespace

std::string base_folder(const char* variable, std::string_view below_home) {
  std::string folder = absolute(variable);
  if (!folder.empty()) return folder;
  const std::string home = absolute("HOME");
  return home.empty() ? std::string() : home + "/" + std::string(below_home);
}

Result<void> make_folders_to(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    constexpr mode_t kOwnerOnly = 0700;
    if (mkdir(folder.c_str(), kOwnerOnly) != 0 && errno != EEXIST)
      return system_error("cannot make " + folder);
  }
  return {};
}

}  // namespace bulwark::os
