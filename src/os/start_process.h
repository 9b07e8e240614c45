#pragma once
// How every child begins: fork, limits, a group and pipes of its own, then the program. For os/process.h,
// whose children answer once, and os/worker_process.h, whose children answer often.

#include <sys/types.h>

#include <csignal>

#include "base/result.h"
#include "os/descriptor.h"
#include "os/process.h"

namespace bulwark::os {

struct Started {
  pid_t leader = 0;       // of the group; not reaped yet
  bool isolated = false;  // it has no network
  Descriptor input;       // our ends of its three streams
  Descriptor output;
  Descriptor errors;
};

// Reads arguments, environment, folder, network, processor, memory and file_bytes of `child`. The child dies
// with the thread that calls this. Errors: InvalidInput, NotFound and Denied (program or folder),
// Unavailable.
[[nodiscard]] Result<Started> start_process(const Child& child);

// While it lives, a write to a child that has closed its input is an error and does not end us.
class NoBrokenPipe {
 public:
  NoBrokenPipe();
  ~NoBrokenPipe();
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace bulwark::os
