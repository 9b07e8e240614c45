// What a confined process can still do, tried in a child of the test.

#include "os/confine.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <vector>

namespace bulwark::os {
namespace {

// 0 if everything is as it should be, else the number of what was not.
int tried() {
  if (!confine_to_computing()) return 1;
  const auto refused = [](auto result) { return result == decltype(result)(-1) && errno == EPERM; };
  if (!refused(open("/etc/passwd", O_RDONLY))) return 2;  // NOLINT(cppcoreguidelines-pro-type-vararg)
  if (!refused(socket(AF_INET, SOCK_STREAM, 0))) return 3;
  if (!refused(fork())) return 4;
  if (!refused(execl("/bin/true", "true", nullptr))) return 5;
  if (!refused(mkdir("/tmp/never", 0700))) return 6;
  if (!refused(kill(getppid(), 0))) return 7;
  void* code = mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (code != MAP_FAILED) return 8;
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return 9;
  if (!refused(mprotect(page, 4096, PROT_READ | PROT_EXEC))) return 10;
  const std::vector<int> large(1 << 22, 1);  // memory of its own is what it may have
  return large.back() == 1 ? 0 : 11;
}

TEST(Confine, OnlyComputingIsLeft) {
  EXPECT_EXIT(_exit(tried()), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace bulwark::os
