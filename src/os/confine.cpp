#include "os/confine.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "os/error.h"
#include "os/sanitized.h"

namespace bulwark::os {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
#else
#error "no system call filter for this machine"
#endif

// Memory, time, waiting, ending, and the descriptors that are open. What opens, connects, starts, signals or
// changes something outside is not among them.
constexpr std::uint32_t kAllowed[] = {
    __NR_read,
    __NR_write,
    __NR_readv,
    __NR_writev,
    __NR_close,
    __NR_fstat,
    __NR_lseek,
    __NR_ppoll,
    __NR_brk,
    __NR_munmap,
    __NR_mremap,
    __NR_madvise,
    __NR_futex,
    __NR_clock_gettime,
    __NR_clock_getres,
    __NR_nanosleep,
    __NR_clock_nanosleep,
    __NR_gettimeofday,
    __NR_sched_yield,
    __NR_sched_getaffinity,
    __NR_getcpu,
    __NR_getpid,
    __NR_gettid,
    __NR_getrandom,
    __NR_getrusage,
    __NR_sysinfo,
    __NR_uname,
    __NR_rt_sigreturn,
    __NR_rt_sigaction,
    __NR_rt_sigprocmask,
    __NR_sigaltstack,
    __NR_exit,
    __NR_exit_group,
    __NR_restart_syscall,
    __NR_membarrier,
    __NR_set_robust_list,
};
// Allowed unless the memory is to be executable.
constexpr std::uint32_t kMemory[] = {__NR_mmap, __NR_mprotect};

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
// Skips the next instruction unless the loaded word is `value`.
sock_filter if_equal(std::uint32_t value) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
}
sock_filter answer_with(std::uint32_t what) {
  return BPF_STMT(BPF_RET | BPF_K, what);
}

std::vector<sock_filter> filter() {
  constexpr std::uint32_t kRefuse = SECCOMP_RET_ERRNO | EPERM;
  // The word of the third argument that holds the protection; the machines above are little-endian.
  constexpr std::size_t kProtection = offsetof(seccomp_data, args) + 2 * sizeof(std::uint64_t);
  std::vector<sock_filter> program = {
      load(offsetof(seccomp_data, arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMachine, 1, 0),
      answer_with(SECCOMP_RET_KILL_PROCESS), load(offsetof(seccomp_data, nr))};
  const auto allow = [&](std::uint32_t call) {
    program.push_back(if_equal(call));
    program.push_back(answer_with(SECCOMP_RET_ALLOW));
  };
  for (const std::uint32_t call : kAllowed) allow(call);
  if (kSanitized) allow(__NR_pipe2);
  for (const std::uint32_t call : kMemory) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4));
    program.push_back(load(kProtection));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1));
    program.push_back(answer_with(kRefuse));
    program.push_back(answer_with(SECCOMP_RET_ALLOW));
  }
  program.push_back(answer_with(kRefuse));
  return program;
}

}  // namespace

Result<void> confine_to_computing() {
  std::vector<sock_filter> program = filter();
  const sock_fprog whole{.len = static_cast<unsigned short>(program.size()), .filter = program.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_error("cannot give up rights");
  if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &whole) != 0)
    return system_error("cannot confine the process");
  return {};
}

}  // namespace bulwark::os
