#include "support/soft_token.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "os/process.h"

namespace bulwark::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTool = "/usr/bin/softhsm2-util";

}  // namespace

std::string SoftToken::library() {
  for (const char* path : {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm.so",
                           "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"})
    if (fs::exists(path)) return path;
  return {};
}

SoftToken::SoftToken() {
  if (library().empty() || !fs::exists(kTool)) {
    missing_ = "SoftHSM is not installed (script/bootstrap --all)";
    return;
  }
  std::string name = (fs::temp_directory_path() / "bulwark-token-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    missing_ = "no temporary folder";
    return;
  }
  folder_ = name;
  fs::create_directory(folder_ + "/tokens");
  std::ofstream(folder_ + "/conf") << "directories.tokendir = " << folder_ << "/tokens\nlog.level = ERROR\n";
  setenv("SOFTHSM2_CONF", (folder_ + "/conf").c_str(), 1);
  const auto made = os::run_child({.arguments = {kTool, "--init-token", "--free", "--label", "bulwark",
                                                 "--pin", "123456", "--so-pin", "12345678"},
                                   .environment = {"SOFTHSM2_CONF=" + folder_ + "/conf"},
                                   .folder = folder_});
  if (!made || !made->succeeded())
    missing_ = "softhsm2-util failed: " + (made ? made->errors : made.error().message);
}

SoftToken::~SoftToken() {
  if (!folder_.empty()) fs::remove_all(folder_);
}

std::string SoftToken::uri(const std::string& object) const {
  return "pkcs11:token=bulwark;object=" + object + "?module-path=" + library();
}

void SoftToken::remove() {
  fs::remove_all(folder_ + "/tokens");
}

}  // namespace bulwark::test
